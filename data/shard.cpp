#include "data/shard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "data/content_hash.h"
#include "data/hdf5_file.h"

namespace noggin::data {
namespace {

constexpr std::uint64_t kShardVersion = 1;

std::string shard_path(const std::string& prefix, std::size_t number) {
  return fmt::format("{}-{:05}.h5", prefix, number);
}

Error corrupt(const std::string& path, const std::string& what) {
  return Error{ErrorCode::kCorrupt, fmt::format("{}: {}. Fix: make the shard again with `noggin ingest`", path, what)};
}

Status write_shard(const RowBlock& block, const std::string& path) {
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
  attribute("classes", block.classes);
  attribute("vocabulary_hash", block.vocabulary_hash);
  attribute("rows", rows);
  dataset("token_offsets", block.token_offsets, {rows + 1});
  dataset("token_ids", block.token_ids, {block.token_ids.size()});
  dataset("text_offsets", block.text_offsets, {rows + 1});
  dataset("text", block.text, {block.text.size()});
  dataset("id_offsets", block.id_offsets, {rows + 1});
  dataset("id", block.id, {block.id.size()});
  dataset("label", block.label, {rows});
  dataset("key", block.key, {rows});
  dataset("teacher_classes", block.teacher_classes, {rows, block.top_k});
  dataset("teacher_probabilities", block.teacher_probabilities, {rows, block.top_k});
  return status ? file->publish() : status;
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

// What is wrong with the offsets of one flat array, or "".
std::string check_offsets(const char* name, const std::vector<std::uint64_t>& offsets, std::uint64_t rows,
                          std::uint64_t end) {
  if (offsets.size() != rows + 1) return fmt::format("{} has {} entries for {} rows", name, offsets.size(), rows);
  if (offsets.front() != 0 || offsets.back() != end) return fmt::format("{} does not span its array", name);
  if (!std::is_sorted(offsets.begin(), offsets.end())) return fmt::format("{} goes backwards", name);
  return {};
}

std::string check_teacher(const RowBlock& block, std::size_t row) {
  const auto classes = block.teacher_classes_of(row);
  const auto probabilities = block.teacher_probabilities_of(row);
  double sum = 0;
  bool ended = false;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    ended = ended || classes[k] == -1;
    if (ended ? classes[k] != -1 || probabilities[k] != 0.0F
              : classes[k] < 0 || classes[k] >= std::int64_t{block.classes})
      return fmt::format("row {}: teacher class {} at place {}", row, classes[k], k);
    if (!(probabilities[k] >= 0.0F && probabilities[k] <= 1.0F))
      return fmt::format("row {}: teacher probability {} at place {}", row, probabilities[k], k);
    sum += static_cast<double>(probabilities[k]);
  }
  return sum <= 1.0 + 1e-3 ? std::string() : fmt::format("row {}: teacher probabilities sum to {}", row, sum);
}

// Every rule that ties the arrays together; "" when all hold.
std::string check_block(const RowBlock& block, std::uint64_t rows) {
  if (block.label.size() != rows || block.key.size() != rows)
    return fmt::format("label or key does not have {} rows", rows);
  for (const std::string& problem : {check_offsets("token_offsets", block.token_offsets, rows, block.token_ids.size()),
                                     check_offsets("text_offsets", block.text_offsets, rows, block.text.size()),
                                     check_offsets("id_offsets", block.id_offsets, rows, block.id.size())})
    if (!problem.empty()) return problem;
  for (std::size_t row = 0; row < rows; ++row) {
    if (block.label[row] < -1 || block.label[row] >= std::int64_t{block.classes})
      return fmt::format("row {}: label {} of {} classes", row, block.label[row], block.classes);
    if (block.key[row] != content_key(block.text_of(row)))
      return fmt::format("row {}: key is not the text's hash", row);
    if (std::string problem = check_teacher(block, row); !problem.empty()) return problem;
  }
  return {};
}

template <typename T>
void append_all(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void append_offsets(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
  const std::uint64_t base = to.back();
  for (std::size_t i = 1; i < from.size(); ++i) to.push_back(base + from[i]);
}

void append_block(RowBlock& to, const RowBlock& from) {
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
}

}  // namespace

struct ShardWriter::State {
  std::string prefix;
  std::uint64_t rows_per_shard;
  RowBlock block;
  std::vector<std::string> paths;

  Status flush() {
    const std::string path = shard_path(prefix, paths.size());
    if (Status status = write_shard(block, path); !status) return status;
    paths.push_back(path);
    RowBlock empty;
    empty.classes = block.classes;
    empty.top_k = block.top_k;
    empty.vocabulary_hash = block.vocabulary_hash;
    block = std::move(empty);
    return {};
  }
};

ShardWriter::ShardWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ShardWriter::ShardWriter(ShardWriter&&) noexcept = default;
ShardWriter& ShardWriter::operator=(ShardWriter&&) noexcept = default;
ShardWriter::~ShardWriter() = default;

Result<ShardWriter> ShardWriter::create(const std::string& prefix, std::uint32_t classes, std::uint32_t top_k,
                                        std::uint64_t vocabulary_hash, std::uint64_t rows_per_shard) {
  if (classes == 0 || top_k == 0 || rows_per_shard == 0)
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: a shard needs classes, top_k and rows_per_shard above 0, given {}, {}, {}", prefix,
                             classes, top_k, rows_per_shard)};
  auto state = std::make_unique<State>();
  state->prefix = prefix;
  state->rows_per_shard = rows_per_shard;
  state->block.classes = classes;
  state->block.top_k = std::min(top_k, classes);
  state->block.vocabulary_hash = vocabulary_hash;
  return ShardWriter(std::move(state));
}

Status ShardWriter::append(const Record& record, std::span<const std::uint32_t> tokens) {
  state_->block.append(record, tokens);
  return state_->block.rows() < state_->rows_per_shard ? Status() : state_->flush();
}

Result<std::vector<std::string>> ShardWriter::finish() {
  if (state_->block.rows() > 0)
    if (Status status = state_->flush(); !status) return status.error();
  return state_->paths;
}

Result<RowBlock> read_shard(const std::string& path) {
  const Result<Hdf5Reader> file = Hdf5Reader::open(path);
  if (!file) return file.error();
  ShardReader reader(*file);
  const std::uint64_t version = reader.attribute("noggin_shard");
  if (!reader.status()) return reader.status().error();
  if (version != kShardVersion)
    return Error{ErrorCode::kUnsupported,
                 fmt::format("{}: shard version {}, this program reads version {}. Fix: run `noggin "
                             "ingest` again with this program",
                             path, version, kShardVersion)};
  RowBlock block;
  const std::uint64_t classes = reader.attribute("classes");
  const std::uint64_t rows = reader.attribute("rows");
  block.vocabulary_hash = reader.attribute("vocabulary_hash");
  reader.read("token_offsets", block.token_offsets);
  reader.read("token_ids", block.token_ids);
  reader.read("text_offsets", block.text_offsets);
  reader.read("text", block.text);
  reader.read("id_offsets", block.id_offsets);
  reader.read("id", block.id);
  reader.read("label", block.label);
  reader.read("key", block.key);
  reader.read("teacher_classes", block.teacher_classes, 2);
  reader.read("teacher_probabilities", block.teacher_probabilities, 2);
  if (!reader.status()) return reader.status().error();

  const auto class_shape = file->shape("teacher_classes", ElementType::kInt32, 2);
  const auto probability_shape = file->shape("teacher_probabilities", ElementType::kFloat, 2);
  if (!class_shape || !probability_shape || *class_shape != *probability_shape || (*class_shape)[0] != rows ||
      (*class_shape)[1] == 0 || (*class_shape)[1] > classes || classes > 1U << 16)
    return corrupt(path, "the teacher arrays do not have one shape [rows, top_k]");
  block.classes = static_cast<std::uint32_t>(classes);
  block.top_k = static_cast<std::uint32_t>((*class_shape)[1]);
  if (const std::string problem = check_block(block, rows); !problem.empty()) return corrupt(path, problem);
  return block;
}

Result<RowBlock> read_shards(const std::vector<std::string>& paths) {
  if (paths.empty()) return Error{ErrorCode::kNotFound, "no shards to read. Fix: run `noggin ingest` first"};
  Result<RowBlock> all = read_shard(paths.front());
  for (std::size_t i = 1; all && i < paths.size(); ++i) {
    const Result<RowBlock> next = read_shard(paths[i]);
    if (!next) return next.error();
    if (next->classes != all->classes || next->top_k != all->top_k || next->vocabulary_hash != all->vocabulary_hash)
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("{}: was made with other classes, top_k or vocabulary than {}. "
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
