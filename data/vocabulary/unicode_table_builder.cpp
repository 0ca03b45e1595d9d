// The Unicode facts of utf8proc in the form that the runtime reads (runtime/tokenizer/unicode_tables.h).
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "data/vocabulary/vocabulary.h"
#include "tokenizer/unicode_tables.h"

namespace noggin::data {
namespace {

struct Range {
  std::uint32_t first, last;
};

// The ideographs that BERT surrounds with spaces, as in Hugging Face's normalizer. It starts extension E at U+2B920,
// while Google's original says U+2B820; equality with the library that made most of today's checkpoints matters more.
constexpr Range kCjkRanges[] = {{0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F},
                                {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};

bool is_cjk(std::uint32_t code_point) {
  for (const Range& range : kCjkRanges) {
    if (code_point >= range.first && code_point <= range.last) return true;
  }
  return false;
}

std::uint32_t classes_of(std::uint32_t code_point, int category) {
  const std::uint32_t cjk = is_cjk(code_point) ? std::uint32_t{runtime::kCjk} : 0;
  switch (category) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return runtime::kWhitespace;
    case UTF8PROC_CATEGORY_CC:  // U+0085 is White_Space too, but cleaning removes it first
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CO:
      return runtime::kDropped;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
      return cjk | runtime::kPunctuation;
    default:
      return cjk;
  }
}

// The last character from this one on that is in the same of these ranges, or in none, as this one.
std::uint32_t end_of_range(std::uint32_t code_point) {
  std::uint32_t end = kLastCodePoint;
  for (const Range& range : kCjkRanges) {
    if (code_point < range.first) end = std::min(end, range.first - 1);
    if (code_point >= range.first && code_point <= range.last) end = std::min(end, range.last);
  }
  return end;
}

bool is_hangul_syllable(std::uint32_t code_point) { return code_point >= 0xAC00 && code_point <= 0xD7A3; }

// An index in utf8proc's facts that leads nowhere.
constexpr std::uint16_t kNoSequence = 0xFFFF;

// Whether strip() would give the character itself, as it does of nearly all.
bool stays_whole(const utf8proc_property_t& known) {
  return known.decomp_seqindex == kNoSequence && known.category != UTF8PROC_CATEGORY_MN;
}

// The canonical decomposition without nonspacing marks.
std::vector<std::uint32_t> strip(std::uint32_t code_point) {
  std::array<utf8proc_int32_t, 32> parts;
  int boundary = 0;
  const utf8proc_ssize_t count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(code_point), parts.data(),
                                                         parts.size(), UTF8PROC_DECOMPOSE, &boundary);
  std::vector<std::uint32_t> kept;
  for (utf8proc_ssize_t i = 0; i < count; ++i) {
    const utf8proc_int32_t part = parts[static_cast<std::size_t>(i)];
    if (utf8proc_category(part) != UTF8PROC_CATEGORY_MN) kept.push_back(static_cast<std::uint32_t>(part));
  }
  return kept;
}

// Most characters are in long runs that utf8proc knows one thing of: unassigned, ideographs, private use.
std::uint32_t end_of_run(std::uint32_t code_point, const utf8proc_property_t& known) {
  const std::uint32_t end = end_of_range(code_point);
  while (code_point < end && code_point + 1 != kReplacementCharacter &&
         utf8proc_get_property(static_cast<utf8proc_int32_t>(code_point + 1)) == &known)
    ++code_point;
  return code_point;
}

runtime::CharacterFacts facts_of(std::uint32_t code_point) {
  runtime::CharacterFacts facts;
  const utf8proc_property_t& known = *utf8proc_get_property(static_cast<utf8proc_int32_t>(code_point));
  facts.classes = classes_of(code_point, known.category);
  if (code_point == kReplacementCharacter) facts.classes = runtime::kDropped;
  const bool says_all = stays_whole(known) && known.lowercase_seqindex == kNoSequence;
  if (says_all && code_point != kReplacementCharacter) facts.last = end_of_run(code_point, known);
  if ((facts.classes & (runtime::kDropped | runtime::kWhitespace)) != 0) return facts;
  if (!is_hangul_syllable(code_point) && !stays_whole(known)) {
    facts.stripped = strip(code_point);
    facts.strips = facts.stripped != std::vector{code_point};
    if (!facts.strips) facts.stripped.clear();
  }
  if (known.lowercase_seqindex == kNoSequence) return facts;
  const auto lower = static_cast<std::uint32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(code_point)));
  if (lower != code_point) facts.lowercase = lower;
  return facts;
}

}  // namespace

std::vector<std::byte> build_unicode_tables() {
  // Unicode's facts always fit the format; walking 1.1 million code points takes a while, so it is done once.
  static const std::vector<std::byte> tables = *runtime::encode_unicode_tables(facts_of);
  return tables;
}

}  // namespace noggin::data
