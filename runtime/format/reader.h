// Reads a .nog file without copying: validates every rule first, then returns views into the caller's bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/decision.h"
#include "noggin/result.h"
#include "spec/encoder/layer.h"
#include "spec/layout.h"
#include "spec/model_config.h"
#include "spec/tag_scheme.h"

namespace noggin::format {

// Views of one encoder layer.
using LayerView = spec::EncoderLayerOf<spec::ScaledLinearView, spec::NormView, float>;

struct GoldenView {
  std::string_view text;
  std::span<const std::uint32_t> token_ids;
  std::span<const float> logits;  // [R, C], R = spec::logit_rows(config, token_ids.size()); or empty: known by a hash
  std::uint64_t logits_hash = 0;  // bytes/float_hash.h of the logits, if they are empty here
};

// Everything a session needs. All pointers point into the bytes given to read_model.
struct ModelView {
  spec::ModelConfig config;
  spec::EmbeddingView word, position;  // word: [V, E] where config.encoder.embedding_width is set
  spec::LinearView word_projection;    // [D, E]; bound only if that is set
  spec::NormView embedding_norm;
  std::vector<LayerView> layers;
  spec::ScaledLinearView classifier;
  spec::EmbeddingView ngrams;            // family kNgram has this and the next two, and none of the above tensors
  const float *head_scale, *head_bias;   // [C]
  std::span<const std::byte> tokenizer;  // bound and validated by tokenizer/wordpiece.h or tokenizer/ngram_tokenizer.h
  std::vector<std::string_view> labels;
  std::int32_t none_class;
  Decision decision;
  spec::TagScheme tags;  // for kTag and kEdit; else empty
  std::vector<GoldenView> golden;
  std::string_view provenance;             // JSON
  std::span<const std::byte> reference{};  // for counts_of() of reference_counts.h; empty: the file has none
  std::uint64_t content_hash;              // identifies this exact file in reports
};

// `bytes` must start at a 64-byte boundary and outlive the view. Checks every rule of FORMAT.md before use; hostile
// input gives an Error, never a crash, a hang or a large allocation (at most 64 KiB + size / 8 + 20 bytes per label).
// The tokenizer section's content is not checked here: its tokenizer's bind() checks it, and the code that opens the
// model compares its vocabulary size with the config's.
// kUnsupported: another layout or numerics version or an unknown required section (the message names the version it
// needs); kInvalidArgument: not aligned; kCorrupt: a violated rule.
Result<ModelView> read_model(std::span<const std::byte> bytes);

// For `inspect` and `--info`: the section table of a readable file.
struct SectionInfo {
  std::string name;
  bool required;
  std::uint64_t offset, size, hash;
};
Result<std::vector<SectionInfo>> list_sections(std::span<const std::byte> bytes);

}  // namespace noggin::format
