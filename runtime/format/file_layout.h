// The location of everything in a .nog file, and the named limits of its content. spec/FORMAT.md says the same in
// prose. Writer, reader and tests take every offset from here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "spec/model_config.h"
#include "spec/quant.h"
#include "spec/tensor_table.h"
#include "spec/versions.h"

namespace noggin::format {

// --- Header: kHeaderBytes bytes, then the section table ---
inline constexpr std::array<std::uint8_t, 8> kMagic = {'N', 'O', 'G', 'G', 'I', 'N', 0x00, 0x1A};
inline constexpr std::size_t kHeaderHashOffset = 8;  // u64: XXH3-64 of [kHashedFrom, end of section table)
inline constexpr std::size_t kHashedFrom = 16;
inline constexpr std::size_t kLayoutVersionOffset = 16;    // u32
inline constexpr std::size_t kNumericsVersionOffset = 20;  // u32
inline constexpr std::size_t kHeaderSizeOffset = 24;       // u32: the section table starts here
inline constexpr std::size_t kSectionCountOffset = 28;     // u32
inline constexpr std::size_t kFileSizeOffset = 32;         // u64
inline constexpr std::size_t kReservedOffset = 40;         // zero up to kHeaderBytes
inline constexpr std::size_t kHeaderBytes = 64;            // a later header may be longer; never shorter

// --- One entry of the section table ---
inline constexpr std::size_t kEntryKindOffset = 0;          // u32
inline constexpr std::size_t kEntryFlagsOffset = 4;         // u32
inline constexpr std::size_t kEntryOffsetOffset = 8;        // u64, from the start of the file
inline constexpr std::size_t kEntrySizeOffset = 16;         // u64
inline constexpr std::size_t kEntryHashOffset = 24;         // u64: XXH3-64 of the content
inline constexpr std::size_t kEntryAlignmentOffset = 32;    // u32, a power of two
inline constexpr std::size_t kEntryNeedsLayoutOffset = 36;  // u32: the layout version that introduced this kind
inline constexpr std::size_t kEntryBytes = 40;

inline constexpr std::uint32_t kFlagRequired = 1;  // a reader that does not know the kind must refuse the file
inline constexpr std::uint32_t kSectionAlignment = 64;

// In file order, which is ascending; a file holds each section that its layout version knows exactly once, but those
// that are not `always` there at most once.
enum class SectionKind : std::uint32_t {
  kConfig = 1,        // spec::ModelConfig
  kTokenizer = 2,     // opaque here: tokenizer/wordpiece.h
  kTask = 3,          // labels, none_class
  kTensors = 4,       // spec::tensor_table, each at its TensorPlace
  kGolden = 5,        // golden vectors
  kProvenance = 6,    // JSON
  kDecision = 7,      // format::Decision
  kGoldenHashes = 8,  // more golden vectors, with a hash in place of logits
  kReference = 9,     // format/reference_counts.h
  kChecks = 10,       // spec::Check
};
inline constexpr std::uint32_t kLayoutOfChecks = 5;
struct KnownSection {
  SectionKind kind;
  const char* name;
  std::uint32_t flags;
  std::uint32_t needs_layout;  // the version that introduced it; of an optional section the oldest that may have it
  bool always = true;          // in each file of such a version
};
inline constexpr std::array<KnownSection, 10> kKnownSections = {{
    {SectionKind::kConfig, "config", kFlagRequired, 1},
    {SectionKind::kTokenizer, "tokenizer", kFlagRequired, 1},
    {SectionKind::kTask, "task", kFlagRequired, 1},
    {SectionKind::kTensors, "tensors", kFlagRequired, 1},
    {SectionKind::kGolden, "golden", 0, 1},
    {SectionKind::kProvenance, "provenance", 0, 1},
    {SectionKind::kDecision, "decision", kFlagRequired, 2},
    {SectionKind::kGoldenHashes, "golden hashes", 0, 1, false},
    {SectionKind::kReference, "reference", 0, 1, false},
    {SectionKind::kChecks, "checks", kFlagRequired, kLayoutOfChecks, false},
}};

// --- Config section ---
inline constexpr std::uint32_t kLayoutOfStaticModels = 4;  // the first that may have no layers
// The fields of the config, the number of layers, the fields of each layer. Every field is a u32 or an f32; those of
// layout version 1 come first, then those of each later version.
// Calls visit(member) for the stored fields of a ModelConfig or a LayerConfig, in this order.
template <class Config, class Visit>
void visit_stored_fields(Config& config, std::uint32_t layout, const Visit& visit) {
  for (std::uint32_t version = spec::kOldestLayoutVersion; version <= layout; ++version) {
    spec::visit_fields(config, [&](const spec::ConfigField& field, auto& member) {
      static_assert(sizeof(member) == 4);
      if (field.layout == version) visit(member);
    });
  }
}
template <class Config>
std::size_t stored_bytes(const Config& config, std::uint32_t layout) {
  std::size_t bytes = 0;
  visit_stored_fields(config, layout, [&](const auto& member) { bytes += sizeof(member); });
  return bytes;
}

// --- Limits ---
inline constexpr std::uint32_t kMaxSections = 32;
inline constexpr std::uint32_t kMaxHeaderBytes = 4096;
inline constexpr std::size_t kMaxTableEnd = kMaxHeaderBytes + kMaxSections * kEntryBytes;
inline constexpr std::uint32_t kMaxSectionAlignment = 4096;
inline constexpr std::uint32_t kMaxLabelBytes = 1024;
inline constexpr std::uint32_t kMaxGoldenVectors = 512;  // of both forms together
inline constexpr std::uint32_t kMaxGoldenTextBytes = 65536;
inline constexpr std::uint32_t kMostGoldenClasses = 512;  // with more, all vectors but the first are known by a hash
inline constexpr std::uint32_t kMaxProvenanceBytes = 1U << 20;
inline constexpr float kLowestTemperature = 0.05F;
inline constexpr float kHighestTemperature = 20.0F;
// Upper limits of scales and LayerNorm parameters: within them no step of a forward pass can reach infinity, so NaN
// never arises (LayerNorm sums at most 2^13 squares of values below 2^56).
inline constexpr float kLargestScale = 16777216.0F;     // 2^24
inline constexpr float kLargestProjectionScale = 1.0F;  // a row's scale of up to 2^24 is multiplied in afterwards
inline float largest_output_scale(const spec::TensorSpec& linear) {
  return linear.input_scale.empty() ? kLargestProjectionScale : kLargestScale;
}
inline constexpr float kLargestNormParameter = 16777216.0F;  // 2^24
// The lower limit of a linear layer's output scale, a product of two steps.
inline constexpr float kSmallestOutputScale = spec::kSmallestScale * spec::kSmallestScale;  // 2^-80

// --- Tensors section ---
// Where one tensor is stored, in bytes from the start of the section. All parts start at a multiple of
// spec::kTensorAlignment; the bytes between them are zero.
struct TensorPlace {
  std::uint64_t
      values;  // kEmbedding: packed rows (spec/weight_type.h); kLinear: panels, steps; others: float [columns]
  std::uint64_t values_bytes;
  std::uint64_t per_row;        // kEmbedding: float scale [rows]; kLinear: LinearColumn [padded_outputs(rows)]
  std::uint64_t per_row_bytes;  // 0 for the other kinds
  std::uint64_t end;            // where the next tensor starts
};

// Cannot overflow: `tensor` comes from a valid ModelConfig.
TensorPlace place_tensor(const spec::TensorSpec& tensor, std::uint64_t start);
std::uint64_t tensors_section_bytes(const spec::ModelConfig& config);

}  // namespace noggin::format
