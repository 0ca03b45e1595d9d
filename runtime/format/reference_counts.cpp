#include "format/reference_counts.h"

#include <iterator>

#include "bytes/little_endian.h"
#include "format/value_checks.h"

namespace noggin::format {
namespace {

constexpr std::size_t kHeadBytes = 16;  // the numbers of answers and bins
constexpr std::uint32_t kBins[] = {kProbabilityBins, kTokenBins, kUnknownBins};

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
  for (const std::uint32_t bins : kBins) append_little_endian(bytes, bins);
  Counts copy = counts;
  each_count(copy, [&](std::uint64_t count) { append_little_endian(bytes, count); });
  return bytes;
}

Status check_reference(std::span<const std::byte> section, std::size_t answers) {
  constexpr const char* kWhere = "reference";
  if (section.size() != section_bytes(answers)) {
    return broken_rule(kWhere, {"has ", section.size(), " bytes, ", answers, " answers need ", section_bytes(answers)});
  }
  if (load_u32(section.data()) != answers) {
    return broken_rule(kWhere, {"counts ", load_u32(section.data()), " answers, the model has ", answers});
  }
  for (std::size_t i = 0; i < std::size(kBins); ++i) {
    const std::uint32_t bins = load_u32(section.data() + 4 + 4 * i);
    if (bins != kBins[i]) return broken_rule(kWhere, {"histogram ", i, " has ", bins, " bins, must be ", kBins[i]});
  }
  std::uint64_t requests = 0, unanswered = 0, texts_by_tokens = 0, texts_by_unknown = 0;
  const std::size_t first_tokens = 3 + answers + kProbabilityBins, first_unknown = first_tokens + kTokenBins;
  for (std::size_t i = 0; i < (section.size() - kHeadBytes) / 8; ++i) {
    const std::uint64_t count = load_u64(section.data() + kHeadBytes + 8 * i);
    if (count > kLargestCount) return broken_rule(kWhere, {"count ", i, " is ", count, ", must be at most 2^48"});
    if (i == 0) requests = count;
    if (i == 1) unanswered = count;
    if (i >= first_unknown)
      texts_by_unknown += count;
    else if (i >= first_tokens)
      texts_by_tokens += count;
  }
  if (texts_by_tokens != requests || texts_by_unknown != requests) {
    return broken_rule(kWhere, {requests, " requests, but ", texts_by_tokens, " texts by length and ", texts_by_unknown,
                                " by unknown words"});
  }
  if (unanswered <= requests) return {};
  return broken_rule(kWhere, {unanswered, " of ", requests, " requests are unanswered"});
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
