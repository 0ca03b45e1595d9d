#include "engine/tag_decoder.h"

#include <limits>
#include <utility>

#include "engine/answer.h"

namespace noggin::runtime {
namespace {

constexpr float kWorst = -std::numeric_limits<float>::infinity();
constexpr float kForbidden = std::numeric_limits<float>::quiet_NaN();  // the sum of a class that is not allowed here

float add(float sum, float logit) {
  const float total = sum + logit;
  return total == total ? total : kWorst;
}

// Is the inside class of a type better reached from its begin class than from itself? At least one of them is allowed.
bool better_after_begin(const spec::TagScheme& scheme, std::size_t type, std::span<const float> sums) {
  const std::uint32_t begin = scheme.begin_class[type], inside = scheme.inside_class[type];
  const float from_begin = sums[begin], from_inside = sums[inside];
  if (from_begin == from_inside) return begin < inside;
  return from_begin > from_inside || from_inside != from_inside;
}

void first_sums(const spec::TagScheme& scheme, const float* logits, std::uint32_t from, std::span<float> sums) {
  for (std::uint32_t c = 0; c < sums.size(); ++c) {
    sums[c] = scheme.may_follow(from, c) ? add(0.0F, logits[c]) : kForbidden;
  }
}

// The sums of word w from those of the word before, and the predecessors that gave them.
void next_sums(const spec::TagScheme& scheme, const float* logits, std::span<const float> before, std::size_t w,
               const TagDecoderBuffers& buffers, std::span<float> sums) {
  const std::uint32_t best = argmax(before);
  buffers.best_before[w] = best;
  for (std::uint32_t c = 0; c < sums.size(); ++c) {
    const std::uint32_t type = scheme.type_of[c];
    if (type == spec::TagScheme::kOutside || scheme.begins(c)) {
      sums[c] = add(before[best], logits[c]);
      continue;
    }
    const bool after_begin = better_after_begin(scheme, type, before);
    buffers.after_begin[w * scheme.types.size() + type] = after_begin ? 1 : 0;
    sums[c] = add(before[after_begin ? scheme.begin_class[type] : c], logits[c]);
  }
}

// The class before class c of word w.
std::uint32_t before_class(const spec::TagScheme& scheme, const TagDecoderBuffers& buffers, std::size_t w,
                           std::uint32_t c) {
  const std::uint32_t type = scheme.type_of[c];
  if (type == spec::TagScheme::kOutside || scheme.begins(c)) return buffers.best_before[w];
  return buffers.after_begin[w * scheme.types.size() + type] != 0 ? scheme.begin_class[type] : c;
}

}  // namespace

void decode_tags(const spec::TagScheme& scheme, std::span<const float> logits, std::span<const std::uint32_t> rows,
                 std::uint32_t from, const TagDecoderBuffers& buffers, std::span<std::uint32_t> classes) {
  if (rows.empty()) return;
  const std::size_t count = scheme.type_of.size();  // C
  std::span<float> sums = buffers.sums.first(count), before = buffers.sums.subspan(count, count);
  first_sums(scheme, logits.data() + rows[0] * count, from, sums);
  for (std::size_t w = 1; w < rows.size(); ++w) {
    std::swap(sums, before);
    next_sums(scheme, logits.data() + rows[w] * count, before, w, buffers, sums);
  }
  std::uint32_t c = argmax(sums);
  for (std::size_t w = rows.size(); w-- > 0;) {
    classes[w] = c;
    if (w > 0) c = before_class(scheme, buffers, w, c);
  }
}

}  // namespace noggin::runtime
