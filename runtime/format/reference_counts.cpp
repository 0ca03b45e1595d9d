#include "format/reference_counts.h"

#include <iterator>

#include "bytes/little_endian.h"
#include "format/value_checks.h"

namespace noggin::format {
namespace {

constexpr std::size_t kHeadBytes = 16;  // the numbers of answers and bins

// visit(count) for each count in the order of the file; `counts` has its answers already.
template <typename Visit>
void each_count(Counts& counts, const Visit& visit) {
  visit(counts.requests);
  visit(counts.unanswered);
  visit(counts.errors);
  for (std::uint64_t& count : counts.answers) visit(count);
  for (std::uint64_t& count : counts.probability) visit(count);
  for (std::uint64_t& count : counts.tokens) visit(count);
  for (std::uint64_t& count : counts.unknown) visit(count);
}

std::size_t section_bytes(std::size_t answers) {
  return kHeadBytes + 8 * (3 + answers + kProbabilityBins + kTokenBins + kUnknownBins);
}

}  // namespace

std::vector<std::byte> reference_section(const Counts& counts) {
  std::vector<std::byte> bytes;
  append_little_endian(bytes, static_cast<std::uint32_t>(counts.answers.size()));
  for (const std::size_t bins : {kProbabilityBins, kTokenBins, kUnknownBins})
    append_little_endian(bytes, static_cast<std::uint32_t>(bins));
  Counts copy = counts;
  each_count(copy, [&](std::uint64_t count) { append_little_endian(bytes, count); });
  return bytes;
}

Status check_reference(std::span<const std::byte> section, std::size_t answers) {
  constexpr const char* kWhere = "reference";
  const std::uint32_t sizes[] = {static_cast<std::uint32_t>(answers), kProbabilityBins, kTokenBins, kUnknownBins};
  if (section.size() != section_bytes(answers)) {
    return broken_rule(kWhere, {"has ", section.size(), " bytes, ", answers, " answers need ", section_bytes(answers)});
  }
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    const std::uint32_t stated = load_u32(section.data() + 4 * i);
    if (stated != sizes[i]) return broken_rule(kWhere, {"size ", i, " is ", stated, ", must be ", sizes[i]});
  }
  const auto count = [&](std::size_t i) { return load_u64(section.data() + kHeadBytes + 8 * i); };
  const std::size_t first_tokens = 3 + answers + kProbabilityBins, first_unknown = first_tokens + kTokenBins;
  const std::size_t end = first_unknown + kUnknownBins;
  std::uint64_t by_tokens = 0, by_unknown = 0;
  for (std::size_t i = 0; i < end; ++i) {
    if (count(i) > kLargestCount) return broken_rule(kWhere, {"count ", i, " is ", count(i), ", must be at most 2^48"});
    if (i >= first_tokens) (i < first_unknown ? by_tokens : by_unknown) += count(i);
  }
  if (by_tokens == count(0) && by_unknown == count(0) && count(1) <= count(0)) return {};
  return broken_rule(kWhere, {count(0), " requests, but ", by_tokens, " by length, ", by_unknown,
                              " by unknown words and ", count(1), " unanswered"});
}

Counts counts_of(std::span<const std::byte> section) {
  Counts counts;
  counts.answers.resize(load_u32(section.data()));
  const std::byte* next = section.data() + kHeadBytes;
  each_count(counts, [&](std::uint64_t& count) {
    count = load_u64(next);
    next += 8;
  });
  return counts;
}

}  // namespace noggin::format
