// Which bytes of the new file are described by which bytes of the old one.
#include <zstd.h>

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>

#include "bytes/message.h"
#include "export/publish/delta_maker.h"
#include "format/file_layout.h"
#include "format/reader.h"
#include "format/section_table.h"
#include "noggin/engine.h"
#include "spec/layout.h"
#include "tokenizer/wordpiece.h"

namespace noggin::publish {
namespace {

using update::Segment;
using update::SegmentKind;

// A part of the new file that is like a part of the old one, of as many bytes.
struct Likeness {
  std::uint64_t at = 0, old_at = 0, bytes = 0;
  SegmentKind kind = SegmentKind::kBytes;
};

struct Tensor {
  spec::TensorSpec spec;
  format::TensorPlace place;  // from the start of the file
};

struct File {
  std::span<const std::byte> bytes;
  format::SectionTable sections;
  Model model;
  std::vector<Tensor> tensors;
};

Result<File> read_file(std::span<const std::byte> bytes) {
  Result<Model> model = Model::from_memory(bytes);
  if (!model) return model.error();
  Result<format::SectionTable> sections = format::read_section_table(bytes);
  if (!sections) return sections.error();
  File file{bytes, *std::move(sections), *std::move(model), {}};
  std::uint64_t at = file.sections.entry(format::SectionKind::kTensors).offset;
  spec::for_each_tensor(file.model.view().config, [&](spec::TensorSpec&& tensor) {
    const format::TensorPlace place = format::place_tensor(tensor, at);
    at = place.end;
    file.tensors.push_back({std::move(tensor), place});
  });
  return file;
}

SegmentKind kind_of(spec::WeightType type) {
  return type == spec::WeightType::kInt4 ? SegmentKind::kNibbles : SegmentKind::kBytes;
}

bool is_same_shape(const spec::TensorSpec& a, const spec::TensorSpec& b) {
  return a.kind == b.kind && a.rows == b.rows && a.columns == b.columns && a.type == b.type && a.group == b.group;
}

// Both have the same shape.
void add_tensor(const Tensor& now, const Tensor& old, std::vector<Likeness>& likenesses) {
  const bool floats = now.spec.kind == spec::TensorKind::kVector || now.spec.kind == spec::TensorKind::kActivationScale;
  std::uint64_t weights = now.place.values_bytes;
  if (now.spec.kind == spec::TensorKind::kLinear)
    weights = spec::panels_bytes(now.spec.type, now.spec.rows, now.spec.columns);
  likenesses.push_back(
      {now.place.values, old.place.values, weights, floats ? SegmentKind::kWords : kind_of(now.spec.type)});
  if (const std::uint64_t steps = now.place.values_bytes - weights; steps > 0)
    likenesses.push_back({now.place.values + weights, old.place.values + weights, steps, SegmentKind::kBytes});
  likenesses.push_back({now.place.per_row, old.place.per_row, now.place.per_row_bytes, SegmentKind::kWords});
}

// For each word row of the new file the row of the same piece in the old one, or -1.
std::vector<std::int64_t> old_rows(const File& now, const File& old) {
  std::unordered_map<std::string_view, std::int64_t> rows;
  const auto &pieces = now.model.tokenizer(), &old_pieces = old.model.tokenizer();
  for (std::uint32_t id = 0; id < old_pieces.vocabulary_size(); ++id) rows.emplace(old_pieces.piece(id), id);
  std::vector<std::int64_t> result(pieces.vocabulary_size(), -1);
  for (std::uint32_t id = 0; id < result.size(); ++id) {
    if (const auto found = rows.find(pieces.piece(id)); found != rows.end()) result[id] = found->second;
  }
  return result;
}

// The rows of a word table whose vocabulary has changed, run by run.
void add_word_rows(const Tensor& now, const Tensor& old, const std::vector<std::int64_t>& rows,
                   std::vector<Likeness>& likenesses) {
  const std::uint64_t row_bytes = spec::packed_bytes(now.spec.type, now.spec.columns);
  std::vector<Likeness> scales;  // they lie behind all values
  for (std::uint64_t row = 0; row < rows.size();) {
    std::uint64_t end = row + 1;
    while (end < rows.size() && rows[row] >= 0 && rows[end] == rows[end - 1] + 1) ++end;
    if (rows[row] >= 0) {
      const auto from = static_cast<std::uint64_t>(rows[row]), count = end - row;
      likenesses.push_back({now.place.values + row * row_bytes, old.place.values + from * row_bytes, count * row_bytes,
                            kind_of(now.spec.type)});
      scales.push_back({now.place.per_row + row * sizeof(float), old.place.per_row + from * sizeof(float),
                        count * sizeof(float), SegmentKind::kWords});
    }
    row = end;
  }
  likenesses.insert(likenesses.end(), scales.begin(), scales.end());
}

bool is_word_table(const Tensor& now, const Tensor& old, const File& file, const File& old_file) {
  const auto is_encoder = [](const File& any) { return any.model.view().config.family != spec::Family::kNgram; };
  return now.spec.kind == spec::TensorKind::kEmbedding && old.spec.kind == now.spec.kind &&
         now.spec.columns == old.spec.columns && now.spec.type == old.spec.type && is_encoder(file) &&
         is_encoder(old_file) && now.spec.rows == file.model.view().config.vocabulary_size &&
         old.spec.rows == old_file.model.view().config.vocabulary_size;
}

void add_tensors(const File& now, const File& old, std::vector<Likeness>& likenesses) {
  std::map<std::string, const Tensor*> by_name;
  for (const Tensor& tensor : old.tensors) by_name[tensor.spec.name] = &tensor;
  for (const Tensor& tensor : now.tensors) {
    const auto found = by_name.find(tensor.spec.name);
    if (found == by_name.end()) continue;
    if (is_word_table(tensor, *found->second, now, old)) {
      add_word_rows(tensor, *found->second, old_rows(now, old), likenesses);
    } else if (is_same_shape(tensor.spec, found->second->spec)) {
      add_tensor(tensor, *found->second, likenesses);
    }
  }
}

// Sections of the same size; the tensors' are looked at one by one.
void add_sections(const File& now, const File& old, std::vector<Likeness>& likenesses) {
  for (const format::SectionEntry& entry : now.sections.entries) {
    const auto kind = static_cast<format::SectionKind>(entry.kind);
    const format::SectionEntry* before = old.sections.find(kind);
    if (kind == format::SectionKind::kTensors || before == nullptr || before->size != entry.size) continue;
    likenesses.push_back({entry.offset, before->offset, entry.size, SegmentKind::kBytes});
  }
}

// How many bytes zstd makes of them, quickly.
std::size_t compressed_bytes(std::span<const std::byte> bytes) {
  std::vector<std::byte> out(ZSTD_compressBound(bytes.size()));
  const std::size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3);
  return ZSTD_isError(size) != 0 ? bytes.size() : size;
}

// A weight of another seed is nearer to nothing than to the old weight: then the difference is larger than the bytes.
bool is_worth_it(const File& now, const File& old, const Likeness& like) {
  const auto part = now.bytes.subspan(like.at, like.bytes);
  std::vector<std::byte> data(part.begin(), part.end()), scratch(part.size());
  update::subtract_old(like.kind, old.bytes.subspan(like.old_at, like.bytes), data, scratch);
  return compressed_bytes(data) < compressed_bytes(part);
}

class Segments {
 public:
  explicit Segments(std::uint64_t bytes) : bytes_(bytes) {}
  // In ascending order of `at`; what lies between is literal.
  void add(const Likeness& like) {
    fill(like.at);
    append(like.bytes, like.kind, like.old_at);
  }
  std::vector<Segment> finish() {
    fill(bytes_);
    return std::move(segments_);
  }

 private:
  void fill(std::uint64_t to) { append(to - at_, SegmentKind::kLiteral, 0); }
  void append(std::uint64_t bytes, SegmentKind kind, std::uint64_t old_at) {
    at_ += bytes;
    while (bytes > 0) {
      const auto part = static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes, update::kMostSegmentBytes));
      segments_.push_back({old_at, part, kind});
      bytes -= part;
      if (kind != SegmentKind::kLiteral) old_at += part;
    }
  }
  std::uint64_t bytes_, at_ = 0;
  std::vector<Segment> segments_;
};

}  // namespace

Result<std::vector<Segment>> plan_segments(std::span<const std::byte> old_file, std::span<const std::byte> new_file) {
  const Result<File> old = read_file(old_file), now = read_file(new_file);
  if (!old) return old.error();
  if (!now) return now.error();
  std::vector<Likeness> likenesses;
  add_sections(*now, *old, likenesses);
  add_tensors(*now, *old, likenesses);
  std::erase_if(likenesses, [](const Likeness& like) { return like.bytes == 0; });
  std::sort(likenesses.begin(), likenesses.end(), [](const Likeness& a, const Likeness& b) { return a.at < b.at; });
  Segments segments(new_file.size());
  for (const Likeness& like : likenesses)
    if (is_worth_it(*now, *old, like)) segments.add(like);
  return segments.finish();
}

}  // namespace noggin::publish
