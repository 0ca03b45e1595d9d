#include "train/loop/training_fingerprint.h"

#include "bytes/content_hash.h"
#include "bytes/hex.h"
#include "data/pretrained/pretrained_folder.h"
#include "data/rows/content_key.h"
#include "train/recipe/recipe_fields.h"
#include "train/recipe/stage_sections.h"
#include "train/run/failure.h"
#include "train/run/file_hash.h"
#include "train/start/start_source.h"

namespace noggin::train {
namespace {

std::string hash_list(const std::string& title, const std::vector<std::string>& files) {
  std::string text = title + "\n";
  for (const std::string& file : files) text += hex(hash_file(file)) + "\n";
  return text;
}

}  // namespace

std::vector<TrainingFingerprint> fingerprints_of(const TrainJob& job) {
  std::string data = hash_list("train", job.train_shards) + hash_list("dev", job.dev_shards);
  data += "vocabulary\n" + hex(data::vocabulary_hash(job.tokenizer)) + "\nlabels\n";
  for (const std::string& label : job.task.labels) data += label + "\n";
  data += std::to_string(job.task.none_class) + "\n";
  for (const std::string& folder : {job.recipe.init.folder, job.recipe.online_teacher.folder}) {
    if (folder.empty()) continue;
    const data::PretrainedFiles files = value_or_throw(data::list_pretrained_files(folder));
    data += hash_list("pretrained", files.description) + hash_list("weights", files.weights);
  }
  if (!job.recipe.init.from.empty()) data += hash_list("start", value_or_throw(find_start(job.recipe.init.from)).files);
  if (asks_shipped_model(job.recipe)) data += hash_list("shipped", {job.recipe.shipped.model});
  const std::uint64_t data_hash = content_hash(data.data(), data.size());
  std::vector<TrainingFingerprint> fingerprints;
  for (std::size_t phases = 1; phases <= job.recipe.phases.size(); ++phases) {
    const std::string settings = stage_settings(Stage::kTrain, first_phases(job.recipe, phases));
    fingerprints.push_back({data::content_key(settings), data_hash});
  }
  return fingerprints;
}

}  // namespace noggin::train
