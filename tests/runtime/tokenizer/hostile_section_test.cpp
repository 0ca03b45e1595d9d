// Bytes that are no tokenizer section, or nearly one: an Error or a working tokenizer, never a crash. Run under
// AddressSanitizer this also shows that nothing outside the bytes is read.
#include <gtest/gtest.h>

#include <random>

#include "tests/support/tokenizer_tiny.h"
#include "tokenizer/wordpiece.h"

namespace noggin::runtime {
namespace {

constexpr std::size_t kHeaderBytes = 44;
constexpr std::string_view kTexts[] = {"", "where is my parcel, 42?", "caf\u00E9 \u0130\uAC01\u4E2D\U0001F600\u037E",
                                       "\xFF\xF0\x9F\x00zzz##ab[SEP]"};

// Tables that use every part of the form, so that damage to each part is tried.
CharacterFacts rich_facts(std::uint32_t code_point) {
  if (code_point == 0xE9) return {0, true, {'e'}, 0};
  if (code_point == 0x130) return {0, true, {'I', 0x41, 0x42}, 'i'};
  if (code_point == 0x37E) return {kPunctuation, true, {';'}, 0};
  if (code_point > 0x10FF00) return {kDropped, false, {}, 0};
  return {code_point == 0x4E2D ? std::uint32_t{kCjk} : 0U, false, {}, 0};
}

const std::vector<std::byte>& valid_section() {
  static const std::vector<std::byte> section = [] {
    runtime::TokenizerContents contents = tests::tiny_tokenizer(300);
    contents.unicode_tables = *encode_unicode_tables(rich_facts);
    return *serialize_tokenizer(contents);
  }();
  return section;
}

// Binds an exact copy on the heap, so that a read past its end is seen; uses it if it binds.
bool binds_and_works(const std::vector<std::byte>& section) {
  const std::vector<std::byte> exact(section);
  const Result<WordPieceTokenizer> tokenizer = WordPieceTokenizer::bind(exact);
  if (!tokenizer) {
    EXPECT_FALSE(tokenizer.error().message.empty());
    return false;
  }
  std::vector<std::uint32_t> ids(16);
  for (const std::string_view text : kTexts) {
    const std::size_t count = tokenizer->encode(text, ids);
    EXPECT_GE(count, 2U);
    EXPECT_LE(count, ids.size());
    for (std::size_t i = 0; i < count; ++i) EXPECT_LT(ids[i], tokenizer->vocabulary_size());
  }
  for (std::uint32_t id = 0; id < tokenizer->vocabulary_size(); ++id) EXPECT_FALSE(tokenizer->piece(id).empty());
  return true;
}

void set_field(std::vector<std::byte>& section, std::size_t field, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) section[4 * field + i] = static_cast<std::byte>(value >> (8 * i));
}

TEST(HostileSection, TheUndamagedOneWorks) { EXPECT_TRUE(binds_and_works(valid_section())); }

TEST(HostileSection, EveryCutIsRefused) {
  const std::vector<std::byte>& whole = valid_section();
  for (std::size_t size = 0; size < whole.size(); size += size < 2000 ? 1 : 37) {
    EXPECT_FALSE(binds_and_works({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)})) << size;
  }
  std::vector<std::byte> longer = whole;
  longer.push_back({});
  EXPECT_FALSE(binds_and_works(longer));
}

TEST(HostileSection, EachHeaderFieldIsChecked) {
  const auto with = [](std::size_t field, std::uint32_t value) {
    std::vector<std::byte> section = valid_section();
    set_field(section, field, value);
    return binds_and_works(section);
  };
  for (std::size_t field = 0; field < 11; ++field) EXPECT_FALSE(with(field, 0xFFFFFFFFU)) << field;
  EXPECT_FALSE(with(0, 2));    // a version of tomorrow
  EXPECT_FALSE(with(1, 0));    // no vocabulary
  EXPECT_FALSE(with(1, 299));  // one piece less than there is
  EXPECT_FALSE(with(2, 4));    // an unknown switch
  for (std::size_t field = 3; field < 7; ++field) EXPECT_FALSE(with(field, 300)) << field;
  EXPECT_FALSE(with(7, 0));
  EXPECT_FALSE(with(7, kMaxWordCharacters + 1));
  EXPECT_TRUE(with(7, kMaxWordCharacters));
}

TEST(HostileSection, AVersionOfTomorrowIsUnsupported) {
  std::vector<std::byte> section = valid_section();
  set_field(section, 0, 2);
  EXPECT_EQ(WordPieceTokenizer::bind(section).error().code, ErrorCode::kUnsupported);
  set_field(section, 0, 1);
  set_field(section, 2, 9);
  EXPECT_EQ(WordPieceTokenizer::bind(section).error().code, ErrorCode::kCorrupt);
}

TEST(HostileSection, ATrieThatLiesIsRefused) {
  // Swap the ids of two leaves: every index stays in range, but "a" would become "b".
  std::vector<std::byte> section = valid_section();
  std::vector<std::size_t> leaves;
  for (std::size_t at = kHeaderBytes; leaves.size() < 2; at += 4) {
    if ((load_little_endian<std::uint32_t>(section.data() + at) & 0x1FFU) > 0x100U) leaves.push_back(at);
  }
  for (std::size_t i = 1; i < 4; ++i) std::swap(section[leaves[0] + i], section[leaves[1] + i]);
  EXPECT_FALSE(binds_and_works(section));
}

TEST(HostileSection, RandomDamageNeverCrashes) {
  std::mt19937 random(11);
  for (int round = 0; round < 4000; ++round) {
    std::vector<std::byte> section = valid_section();
    const int damages = 1 + static_cast<int>(random() % 8);
    for (int i = 0; i < damages; ++i) {
      const std::size_t at = random() % (round % 2 == 0 ? section.size() : std::size_t{3000});
      section[at] = static_cast<std::byte>(random() % 3 == 0 ? 0xFF : random());
    }
    binds_and_works(section);
  }
}

TEST(HostileSection, RandomBytesNeverCrash) {
  std::mt19937 random(12);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::byte> section(random() % 400);
    for (std::byte& byte : section) byte = static_cast<std::byte>(random());
    if (section.size() >= 4 && round % 2 == 0) set_field(section, 0, 1);
    EXPECT_FALSE(binds_and_works(section));
  }
}

TEST(HostileSection, AReplacementMayNotRunPastTheSequence) {
  std::vector<std::byte> bytes = *encode_unicode_tables(rich_facts);
  const auto field = [&](std::size_t at) { return load_little_endian<std::uint32_t>(bytes.data() + at); };
  std::size_t facts = 24 + 2 * std::size_t{1088 + field(4) * 64 + field(8) * 16};
  while ((field(facts) >> 5 & 7U) != 3) facts += 4;  // the record of U+0130, whose three replacements fill the sequence
  ASSERT_EQ(field(20), 3U);
  ASSERT_EQ(field(facts) >> 8, 0U);
  for (const unsigned start : {1U, 3U, 4U, 255U}) {
    bytes[facts + 1] = static_cast<std::byte>(start);
    EXPECT_FALSE(UnicodeTables::bind(bytes)) << start;
  }
  bytes[facts + 1] = {};
  EXPECT_TRUE(UnicodeTables::bind(bytes));
}

TEST(HostileSection, TablesAloneSurviveDamage) {
  const std::vector<std::byte> valid = *encode_unicode_tables(rich_facts);
  std::mt19937 random(13);
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::byte> bytes = valid;
    bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    const Result<UnicodeTables> tables = UnicodeTables::bind(bytes);
    if (!tables) continue;
    WordReader reader(*tables, {}, kTexts[2]);
    while (reader.next()) EXPECT_TRUE(is_valid_utf8(reader.word()));
  }
}

}  // namespace
}  // namespace noggin::runtime
