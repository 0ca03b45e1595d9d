// The rules for single values of a model, shared by the writer's validate() and the reader: each rule has one home and
// one message. `where` names the tensor or part, as in "tensor layers.0.ffn.up".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bytes/message.h"
#include "format/decision.h"
#include "format/file_layout.h"
#include "noggin/result.h"
#include "spec/layout.h"
#include "spec/model_config.h"
#include "spec/tag_scheme.h"

namespace noggin::format {

// kCorrupt: "<where>: <what>". read_model and validate append what to do about it.
Error broken_rule(std::string_view where, MessageParts what);

Status check_scale(const std::string& where, float scale, float smallest, float largest = kLargestScale);
Status check_scales(const std::string& where, std::span<const float> scales, float smallest);
Status check_norm_parameters(const std::string& where, std::span<const float> values);  // |v| <= kLargestNormParameter
// One weight a byte: each in its type's range.
Status check_weights(const std::string& where, std::span<const std::int8_t> weights,
                     spec::WeightType type = spec::WeightType::kInt8);
// Rows of an int4 table as a file holds them: any four bits are a weight, so only the bits after the last of an odd
// number of columns can be wrong.
Status check_int4_rows(const std::string& where, const spec::EmbeddingView& table);
Status check_steps(const std::string& where, std::span<const std::int8_t> steps);  // 1..127
Status check_bias(const std::string& where, std::int32_t bias);                    // |bias| <= spec::kBiasLimit
Status check_logits(const std::string& where, std::span<const float> logits);      // finite
Status check_token_ids(const std::string& where, std::span<const std::uint32_t> ids,
                       const spec::ModelConfig& config);  // min_tokens(config)..max_tokens ids, each < V
// Valid UTF-8 of 1..kMaxLabelBytes bytes without control characters (a label is printed on a line of its own).
Status check_label(const std::string& where, std::string_view label);
Status check_unique_labels(std::span<const std::string_view> labels);
Status check_none_class(std::int32_t none_class, std::uint32_t classes);  // -1 or a class
// Checks the values, and that kind, classes, pooling and none_class (which has passed check_none_class) fit each other.
Status check_decision(const Decision& decision, std::int32_t none_class, const spec::ModelConfig& config);
Result<spec::TagScheme> tag_scheme(spec::TaskKind kind, std::span<const std::string_view> labels);  // per-token kinds
// Only for tag; known kinds (kUnsupported), each at most once, types that there are.
Status check_checks(std::span<const spec::Check> checks, spec::TaskKind kind, const spec::TagScheme& tags);
Status check_golden_text(const std::string& where, std::string_view text);  // any bytes, at most kMaxGoldenTextBytes
Status check_provenance(std::string_view json);  // UTF-8, starts with {, ends with }, at most kMaxProvenanceBytes

bool is_utf8(std::string_view text);  // as in RFC 3629: shortest forms, no surrogates, at most U+10FFFF

// One packed linear layer: weights in range, padding zero, columns in range (scales up to `largest_scale`),
// bias_minus_offset correct.
Status check_linear(const std::string& where, const spec::LinearView& linear, float largest_scale);

}  // namespace noggin::format
