#include "experiments/training_speed/loads.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "data/ingest/ingest_plan.h"
#include "data/shards/sampler.h"
#include "data/shards/shard.h"
#include "train/run/failure.h"

namespace noggin::experiments {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kTopK = 20;
constexpr std::size_t kSyntheticRows = 1024, kSyntheticTokens = 64;

void make_synthetic(const std::string& folder) {
  fs::create_directories(folder + "/synthetic/shards");
  data::ShardWriter writer = train::value_or_throw(
      data::ShardWriter::create(folder + "/synthetic/shards/train", kClasses, kTopK, 1, kSyntheticRows));
  std::uint64_t counter = 0;
  const auto below = [&counter](std::uint32_t limit) {
    return static_cast<std::uint32_t>(data::random_bits(1, 2, counter++) % limit);
  };
  for (std::size_t row = 0; row < kSyntheticRows; ++row) {
    data::Record record;
    record.id = record.text = fmt::format("row {}", row);
    record.label = static_cast<std::int32_t>(below(kClasses));
    record.teacher = {{record.label, (record.label + 1) % static_cast<std::int32_t>(kClasses)}, {0.8F, 0.15F}};
    std::vector<std::uint32_t> tokens(kSyntheticTokens);
    for (std::uint32_t& token : tokens) token = 5 + below(kVocabulary - 5);
    train::throw_unless_ok(writer.append(record, tokens));
  }
  train::value_or_throw(writer.finish());
}

void make_real(const std::string& folder, const std::string& clinc_folder) {
  data::IngestPlan plan;
  plan.labels = train::value_or_throw(data::LabelSet::create(
      train::value_or_throw(data::LabelSet::read_names(clinc_folder + "/labels.json")), {}, "oos"));
  data::Source source;
  source.path = clinc_folder + "/train.jsonl";
  plan.splits = {{"train", {source}, true}};
  plan.options.top_k = kTopK;
  data::VocabularyOptions vocabulary;
  vocabulary.size = kVocabulary;
  plan.tokenizer = vocabulary;
  plan.max_tokens = kMaxTokens;
  plan.output_folder = folder + "/real";
  plan.replace = true;
  train::value_or_throw(data::ingest(plan));
}

void write_rows(const std::string& folder, const std::string& load) {
  std::ofstream out(folder + "/" + load + ".rows");
  for (const std::string& path : shards_of(folder, load)) {
    const data::ExampleTable block = train::value_or_throw(data::read_shard(path));
    for (std::size_t row = 0; row < block.rows(); ++row) {
      out << block.label[row] << '|';
      for (const std::uint32_t token : block.tokens_of(row)) out << token << ' ';
      out << '|';
      const auto classes = block.teacher_classes_of(row);
      const auto probabilities = block.teacher_probabilities_of(row);
      for (std::size_t k = 0; k < classes.size() && classes[k] >= 0; ++k) {
        out << fmt::format("{}:{} ", classes[k], probabilities[k]);
      }
      out << '\n';
    }
  }
}

}  // namespace

void prepare_loads(const std::string& folder, const std::string& clinc_folder) {
  fs::create_directories(folder);
  make_synthetic(folder);
  write_rows(folder, "synthetic");
  if (!fs::exists(clinc_folder + "/train.jsonl")) return;
  make_real(folder, clinc_folder);
  write_rows(folder, "real");
}

std::vector<std::string> shards_of(const std::string& folder, const std::string& load) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(folder + "/" + load + "/shards"))
    paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace noggin::experiments
