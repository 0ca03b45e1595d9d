#include "data/shards/shard.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <utility>

#include "data/shards/hdf5_file.h"
#include "data/shards/row_checks.h"

namespace noggin::data {
namespace {

constexpr std::uint64_t kShardVersion = 2;
constexpr std::uint64_t kSingleLabelVersion = 1;  // had no task; otherwise the same
// After so many rows of a shard it is known how large its arrays become, with this much to spare: arrays that grow by
// copying touch as much memory again.
constexpr std::size_t kSampleRows = 1024;
constexpr double kRoom = 1.1;

std::string shard_path(const std::string& prefix, std::size_t number) {
  return fmt::format("{}-{:05}.h5", prefix, number);
}

// Reads in sequence and remembers the first Error, so that the list of datasets reads as a list.
class ShardReader {
 public:
  explicit ShardReader(const Hdf5Reader& file) : file_(file) {}
  template <typename Container>
  void read(const char* name, Container& values, std::size_t rank = 1) {
    if (!status_) return;
    Result<Container> result = file_.read<Container>(name, rank);
    if (result)
      values = *std::move(result);
    else
      status_ = result.error();
  }
  std::uint64_t attribute(const char* name) {
    if (!status_) return 0;
    const Result<std::uint64_t> value = file_.attribute(name);
    if (value) return *value;
    status_ = value.error();
    return 0;
  }
  const Status& status() const { return status_; }

 private:
  const Hdf5Reader& file_;
  Status status_;
};

template <typename T>
void append_all(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void append_offsets(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
  const std::uint64_t base = to.back();
  for (std::size_t i = 1; i < from.size(); ++i) to.push_back(base + from[i]);
}

void append_block(ExampleTable& to, const ExampleTable& from) {
  append_offsets(to.token_offsets, from.token_offsets);
  append_offsets(to.text_offsets, from.text_offsets);
  append_offsets(to.id_offsets, from.id_offsets);
  append_all(to.token_ids, from.token_ids);
  to.text += from.text;
  to.id += from.id;
  append_all(to.label, from.label);
  append_all(to.key, from.key);
  append_all(to.teacher_classes, from.teacher_classes);
  append_all(to.teacher_probabilities, from.teacher_probabilities);
  append_all(to.gold_values, from.gold_values);
  append_all(to.gold_rows, from.gold_rows);
  append_offsets(to.span_offsets, from.span_offsets);
  append_all(to.span_begin, from.span_begin);
  append_all(to.span_end, from.span_end);
  append_all(to.span_type, from.span_type);
  append_offsets(to.target_offsets, from.target_offsets);
  to.target += from.target;
}

// The rank of teacher arrays and gold values, which fixes K.
std::string check_shapes(const Hdf5Reader& file, const ExampleTable& block, std::uint64_t rows, std::uint32_t& top_k) {
  const auto classes = file.shape("teacher_classes", ElementType::kInt32, 2);
  const auto probabilities = file.shape("teacher_probabilities", ElementType::kFloat, 2);
  if (!classes || !probabilities || *classes != *probabilities || (*classes)[0] != block.label.size() ||
      (*classes)[1] == 0 || (*classes)[1] > block.classes)
    return "the teacher arrays do not have one shape [entries, top_k]";
  top_k = static_cast<std::uint32_t>((*classes)[1]);
  if (!block.has_values()) return {};
  const auto gold = file.shape("gold_values", ElementType::kFloat, 2);
  if (!gold || *gold != std::vector<std::uint64_t>{rows, block.classes}) return "gold_values is not [rows, classes]";
  return {};
}

}  // namespace

Status write_shard(const ExampleTable& block, const std::string& path) {
  Result<Hdf5Writer> file = Hdf5Writer::create(path);
  if (!file) return file.error();
  Status status;
  const auto attribute = [&](const char* name, std::uint64_t value) {
    if (status) status = file->attribute(name, value);
  };
  const auto dataset = [&](const char* name, const auto& values, std::vector<std::uint64_t> shape) {
    using Element = typename std::decay_t<decltype(values)>::value_type;
    if (status) status = file->dataset(name, std::span<const Element>(values.data(), values.size()), shape);
  };
  const std::uint64_t rows = block.rows();
  attribute("noggin_shard", kShardVersion);
  attribute("task", static_cast<std::uint64_t>(block.task));
  attribute("classes", block.classes);
  attribute("vocabulary_hash", block.vocabulary_hash);
  attribute("rows", rows);
  if (spec::traits_of(block.task).is_number())
    attribute("gold_threshold", std::bit_cast<std::uint32_t>(block.gold_threshold));
  dataset("token_offsets", block.token_offsets, {rows + 1});
  dataset("token_ids", block.token_ids, {block.token_ids.size()});
  dataset("text_offsets", block.text_offsets, {rows + 1});
  dataset("text", block.text, {block.text.size()});
  dataset("id_offsets", block.id_offsets, {rows + 1});
  dataset("id", block.id, {block.id.size()});
  dataset("key", block.key, {rows});
  const std::uint64_t entries = block.label.size();
  dataset("label", block.label, {entries});
  dataset("teacher_classes", block.teacher_classes, {entries, block.top_k});
  dataset("teacher_probabilities", block.teacher_probabilities, {entries, block.top_k});
  if (block.has_values()) dataset("gold_values", block.gold_values, {rows, block.classes});
  if (block.per_token()) {
    dataset("has_gold", block.gold_rows, {rows});
    dataset("span_offsets", block.span_offsets, {rows + 1});
    dataset("span_begin", block.span_begin, {block.span_begin.size()});
    dataset("span_end", block.span_end, {block.span_end.size()});
    dataset("span_type", block.span_type, {block.span_type.size()});
  }
  if (spec::traits_of(block.task).has_target) {
    dataset("target_offsets", block.target_offsets, {rows + 1});
    dataset("target", block.target, {block.target.size()});
  }
  return status ? file->publish() : status;
}

struct ShardWriter::State {
  std::string prefix;
  std::uint64_t rows_per_shard;
  ExampleTable block;
  std::vector<std::string> paths;
  std::vector<std::uint64_t> rows;  // of each path

  Status flush() {
    const std::string path = shard_path(prefix, paths.size());
    if (Status status = write_shard(block, path); !status) return status;
    paths.push_back(path);
    rows.push_back(block.rows());
    block.clear();
    return {};
  }
};

ShardWriter::ShardWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ShardWriter::ShardWriter(ShardWriter&&) noexcept = default;
ShardWriter& ShardWriter::operator=(ShardWriter&&) noexcept = default;
ShardWriter::~ShardWriter() = default;

Result<ShardWriter> ShardWriter::create(const std::string& prefix, std::uint32_t classes, std::uint32_t top_k,
                                        std::uint64_t vocabulary_hash, std::uint64_t rows_per_shard,
                                        spec::TaskKind task, float gold_threshold) {
  if (classes == 0 || top_k == 0 || rows_per_shard == 0)
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: a shard needs classes, top_k and rows_per_shard above 0, given {}, {}, {}", prefix,
                             classes, top_k, rows_per_shard)};
  auto state = std::make_unique<State>();
  state->prefix = prefix;
  state->rows_per_shard = rows_per_shard;
  state->block.task = task;
  state->block.classes = classes;
  state->block.top_k = std::min(top_k, classes);
  state->block.vocabulary_hash = vocabulary_hash;
  state->block.gold_threshold = gold_threshold;
  return ShardWriter(std::move(state));
}

Status ShardWriter::append(const Record& record, std::span<const std::uint32_t> tokens, const TokenTargets& targets) {
  ExampleTable& block = state_->block;
  block.append(record, tokens, targets);
  const std::size_t entries = block.label.size(), bytes = block.bytes();
  if (entries >= state_->rows_per_shard || bytes >= kMostBytes) return state_->flush();
  if (block.rows() != kSampleRows) return {};
  const double full = std::max(static_cast<double>(entries) / static_cast<double>(state_->rows_per_shard),
                               static_cast<double>(bytes) / static_cast<double>(kMostBytes));
  block.reserve_for(kRoom / full);
  return {};
}

Result<std::vector<std::string>> ShardWriter::finish() {
  if (state_->block.rows() > 0)
    if (Status status = state_->flush(); !status) return status.error();
  return state_->paths;
}

const std::vector<std::uint64_t>& ShardWriter::rows_of_shards() const { return state_->rows; }

Result<ExampleTable> read_shard(const std::string& path) {
  const Result<Hdf5Reader> file = Hdf5Reader::open(path);
  if (!file) return file.error();
  ShardReader reader(*file);
  const std::uint64_t version = reader.attribute("noggin_shard");
  if (!reader.status()) return reader.status().error();
  if (version != kShardVersion && version != kSingleLabelVersion)
    return Error{ErrorCode::kUnsupported,
                 fmt::format("{}: shard version {}, this program reads versions {} and {}. Fix: run `noggin "
                             "ingest` again with this program",
                             path, version, kSingleLabelVersion, kShardVersion)};
  ExampleTable block;
  if (version == kShardVersion) block.task = static_cast<spec::TaskKind>(reader.attribute("task"));
  const std::uint64_t classes = reader.attribute("classes");
  const std::uint64_t rows = reader.attribute("rows");
  block.vocabulary_hash = reader.attribute("vocabulary_hash");
  if (spec::traits_of(block.task).is_number()) {
    block.gold_threshold = std::bit_cast<float>(static_cast<std::uint32_t>(reader.attribute("gold_threshold")));
  }
  reader.read("token_offsets", block.token_offsets);
  reader.read("token_ids", block.token_ids);
  reader.read("text_offsets", block.text_offsets);
  reader.read("text", block.text);
  reader.read("id_offsets", block.id_offsets);
  reader.read("id", block.id);
  reader.read("key", block.key);
  reader.read("label", block.label);
  reader.read("teacher_classes", block.teacher_classes, 2);
  reader.read("teacher_probabilities", block.teacher_probabilities, 2);
  if (block.has_values()) reader.read("gold_values", block.gold_values, 2);
  if (block.per_token()) {
    reader.read("has_gold", block.gold_rows);
    reader.read("span_offsets", block.span_offsets);
    reader.read("span_begin", block.span_begin);
    reader.read("span_end", block.span_end);
    reader.read("span_type", block.span_type);
  }
  if (spec::traits_of(block.task).has_target) {
    reader.read("target_offsets", block.target_offsets);
    reader.read("target", block.target);
  }
  if (!reader.status()) return reader.status().error();

  if (!spec::is_known(block.task) || classes == 0 || classes > 1U << 16)
    return corrupt_shard(path, "its task or its number of classes is not valid");
  if (!(block.gold_threshold >= 0.0F && block.gold_threshold <= 1.0F))
    return corrupt_shard(path, "its score threshold is not in [0, 1]");
  block.classes = static_cast<std::uint32_t>(classes);
  if (const std::string problem = check_shapes(*file, block, rows, block.top_k); !problem.empty())
    return corrupt_shard(path, problem);
  if (const std::string problem = check_rows(block, rows); !problem.empty()) return corrupt_shard(path, problem);
  return block;
}

Result<ExampleTable> read_shards(const std::vector<std::string>& paths) {
  if (paths.empty()) return Error{ErrorCode::kNotFound, "no shards to read. Fix: run `noggin ingest` first"};
  Result<ExampleTable> all = read_shard(paths.front());
  for (std::size_t i = 1; all && i < paths.size(); ++i) {
    const Result<ExampleTable> next = read_shard(paths[i]);
    if (!next) return next.error();
    const bool same = next->task == all->task && next->gold_threshold == all->gold_threshold &&
                      next->classes == all->classes && next->top_k == all->top_k &&
                      next->vocabulary_hash == all->vocabulary_hash;
    if (!same)
      return Error{
          ErrorCode::kInvalidArgument,
          fmt::format(
              "{}: was made for another task or with different classes, top_k, score threshold or vocabulary than {}. "
              "Fix: ingest both with one recipe",
              paths[i], paths.front())};
    append_block(*all, *next);
  }
  return all;
}

std::vector<std::string> list_shards(const std::string& prefix) {
  std::vector<std::string> paths;
  while (std::filesystem::exists(shard_path(prefix, paths.size()))) paths.push_back(shard_path(prefix, paths.size()));
  return paths;
}

}  // namespace noggin::data
