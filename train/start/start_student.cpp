#include "train/start/start_student.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "data/pretrained/pretrained_folder.h"
#include "train/checkpoint/checkpoint.h"
#include "train/pretrained/bert_folder.h"
#include "train/pretrained/narrow_table.h"
#include "train/run/failure.h"
#include "train/start/class_match.h"

namespace noggin::train {
namespace {

std::string name_of(const std::string& checkpoint, const nlohmann::ordered_json& history) {
  const auto dev = history.find("dev");
  const bool measured = dev != history.end() && dev->is_object() && dev->contains("quality");
  return fmt::format("{} ({}{})", checkpoint, history.value("phase", "unknown phase"),
                     measured ? fmt::format(", quality {:.4f} on dev then", dev->at("quality").get<double>()) : "");
}

Result<Start> of_checkpoint(StartSource source) {
  Result<StudentBundle> bundle = read_bundle(source.path);
  if (!bundle) return bundle.error();
  Start start{{}, std::move(bundle->student)};
  StartDescription& is = start.description;
  is.name = name_of(source.path, bundle->history);
  is.source = std::move(source);
  is.config = start.student.config;
  if (is.config.pooling != spec::Pooling::kEveryToken) is.pooling = is.config.pooling;
  is.tokenizer = std::move(bundle->tokenizer);
  is.labels = std::move(bundle->task.labels);
  is.task = bundle->task.kind;
  return start;
}

std::optional<spec::Pooling> pooling_of(const data::PretrainedPooling& pooling) {
  using Kind = data::PretrainedPooling::Kind;
  if (pooling.kind == Kind::kMean) return spec::Pooling::kMean;
  if (pooling.kind == Kind::kFirstToken) return spec::Pooling::kFirstToken;
  return std::nullopt;
}

spec::ModelConfig config_of(const data::PretrainedFolder& folder, std::optional<spec::Pooling> pooling) {
  spec::ModelConfig config;
  config.vocabulary_size = static_cast<std::uint32_t>(folder.tokenizer.vocabulary.size());
  config.max_tokens = std::min(folder.positions, spec::kMaxTokens);
  config.classes = std::max(1U, static_cast<std::uint32_t>(folder.classifier.labels.size()));
  config.pooling = folder.classifier.of_tokens ? spec::Pooling::kEveryToken : pooling.value_or(spec::Pooling::kMean);
  config.encoder.width = folder.width;
  config.encoder.head_width = folder.width / folder.heads;
  config.encoder.layer_norm_epsilon = static_cast<float>(folder.layer_norm_epsilon);
  config.encoder.layers.assign(folder.layers, {folder.heads, folder.ffn_width});
  return config;
}

Result<Start> of_folder(StartSource source) {
  Result<data::PretrainedFolder> folder = data::read_pretrained_folder(source.path);
  if (!folder) return folder.error();
  const std::optional<spec::Pooling> pooling = pooling_of(folder->pooling);
  const spec::ModelConfig config = config_of(*folder, pooling);
  if (const Status valid = spec::validate(config); !valid) {
    return Error{ErrorCode::kBadData,
                 fmt::format("{}: {}. Fix: take a smaller encoder", source.path, valid.error().message)};
  }
  std::vector<std::uint32_t> layers;
  for (std::uint32_t i = 0; i < folder->layers; ++i) layers.push_back(i);
  Student student = make_student(config, 0.0, 0);
  if (Status loaded = load_pretrained(*folder, layers, folder->tokenizer, student); !loaded) return loaded.error();
  if (!folder->classifier.labels.empty()) {
    if (Status loaded = load_classifier(*folder, student); !loaded) return loaded.error();
  }
  const std::string name = source.path;
  return Start{{std::move(source), config, pooling, std::move(folder->tokenizer), std::move(folder->classifier.labels),
                folder->classifier.task, name, std::move(folder->notes)},
               std::move(student)};
}

Error unfit(const StartDescription& start, const std::string& what) {
  return {ErrorCode::kInvalidArgument, fmt::format("init.from: {} {}", start.source.path, what)};
}

// Whether the student is the start with other words, positions, classes and forms on a device.
Status check_shape(const StartDescription& start, const spec::ModelConfig& config) {
  const spec::EncoderConfig &from = start.config.encoder, &to = config.encoder;
  bool same = from.width == to.width && from.head_width == to.head_width &&
              (from.embedding_width == to.embedding_width || narrows_words(start, config)) &&
              from.layers.size() == to.layers.size() && from.layer_norm_epsilon == to.layer_norm_epsilon;
  for (std::size_t i = 0; same && i < to.layers.size(); ++i)
    same = from.layers[i].heads == to.layers[i].heads && from.layers[i].ffn_width == to.layers[i].ffn_width;
  if (!same) return unfit(start, "has another shape than the student. Fix: leave out the student.* keys");
  if (config.max_tokens <= start.config.max_tokens) return {};
  return unfit(start, fmt::format("has {} positions, the student {}. Fix: set tokenizer.max_tokens to at most {}",
                                  start.config.max_tokens, config.max_tokens, start.config.max_tokens));
}

// Row of each piece in the start's table, [V].
Result<Tensor> rows_of(const StartDescription& start, const runtime::TokenizerContents& tokenizer) {
  std::unordered_map<std::string_view, std::int64_t> rows;
  for (std::size_t row = 0; row < start.tokenizer.vocabulary.size(); ++row)
    rows.emplace(start.tokenizer.vocabulary[row], static_cast<std::int64_t>(row));
  std::vector<std::int64_t> indices;
  for (const std::string& piece : tokenizer.vocabulary) {
    const auto row = rows.find(piece);
    if (row == rows.end()) return unfit(start, fmt::format("lacks the piece \"{}\". Fix: ingest again", piece));
    indices.push_back(row->second);
  }
  return torch::tensor(indices, torch::kInt64);
}

void take_classes(const Start& start, const format::TaskContents& task, Linear& classifier) {
  const ClassMatch match = match_classes(start.description, task.kind, task.labels);
  for (std::size_t i = 0; i < match.rows.size(); ++i) {
    if (match.rows[i] < 0) continue;
    const auto row = static_cast<std::int64_t>(i);
    classifier.weight[row].copy_(start.student.classifier.weight[match.rows[i]]);
    classifier.bias[row].copy_(start.student.classifier.bias[match.rows[i]]);
  }
}

}  // namespace

Result<Start> read_start(const std::string& path) {
  Result<StartSource> source = find_start(path);
  if (!source) return source.error();
  return source->is_folder ? of_folder(*std::move(source)) : of_checkpoint(*std::move(source));
}

Result<StartDescription> describe_start(const std::string& path) {
  Result<Start> start = read_start(path);
  if (!start) return start.error();
  return std::move(start->description);
}

bool narrows_words(const StartDescription& start, const spec::ModelConfig& student) {
  return student.encoder.embedding_width > 0 && student.encoder.embedding_width < spec::word_width(start.config);
}

Status take_start(const Start& start, const runtime::TokenizerContents& tokenizer, const format::TaskContents& task,
                  Student& student, const Tensor& counts) {
  torch::NoGradGuard no_grad;
  if (Status fits = check_shape(start.description, student.config); !fits) return fits;
  const Result<Tensor> rows = rows_of(start.description, tokenizer);
  if (!rows) return rows.error();
  const bool narrow = narrows_words(start.description, student.config);
  std::map<std::string, Tensor> from;
  visit_tensors(start.student, [&](const std::string& name, const Tensor& tensor, TensorRole) { from[name] = tensor; });
  visit_tensors(student, [&](const std::string& name, Tensor& tensor, TensorRole) {
    const bool of_classes = &tensor == &student.classifier.weight || &tensor == &student.classifier.bias;
    if (of_classes || (narrow && (&tensor == &student.word || &tensor == &student.word_projection))) return;
    if (&tensor == &student.word)
      tensor.copy_(from.at(name).index_select(0, *rows));
    else if (&tensor == &student.position)
      tensor.copy_(from.at(name).slice(0, 0, tensor.size(0)));
    else
      tensor.copy_(from.at(name));
  });
  if (narrow) {
    take_narrow_words(whole_words(start.student).index_select(0, *rows), counts, student);
  }
  take_classes(start, task, student.classifier);
  return {};
}

}  // namespace noggin::train
