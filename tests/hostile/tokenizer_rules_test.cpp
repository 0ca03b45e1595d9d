// Rules of the tokenizer section, and that it fits the model: one hostile file each, hashes right, everything else
// valid.
#include <algorithm>

#include "bytes/little_endian.h"
#include "noggin/engine.h"
#include "tests/support/format_hostile_case.h"
#include "tests/support/hostile_whole_model.h"

namespace noggin::test {
namespace {

// Fields of the section's header (tokenizer/wordpiece.h), and where its parts start.
enum Field : std::size_t {
  kVersion,
  kVocabularySize,
  kSwitches,
  kUnknownId,
  kClsId,
  kSepId,
  kPadId,
  kMaxWordCharacters,
  kTrieUnits,
  kPieceBytes,
  kUnicodeBytes,
  kFields
};
constexpr std::size_t kTrie = 4 * kFields;
std::size_t starts_at(const Bytes& section) { return kTrie + 4 * std::size_t{load_u32(&section[4 * kTrieUnits])}; }
std::size_t pieces_at(const Bytes& section) {
  return starts_at(section) + 4 * ((std::size_t{load_u32(&section[4 * kVocabularySize])} + 15) / 16);
}
std::size_t unicode_at(const Bytes& section) { return section.size() - load_u32(&section[4 * kUnicodeBytes]); }

using Edit = std::function<void(Bytes& section)>;

HostileCase tokenizer(std::string name, Edit edit, std::string expected, ErrorCode code = ErrorCode::kCorrupt) {
  return {std::move(name),
          [edit = std::move(edit)] {
            std::vector<EditedSection> sections = take_apart(whole_model_file());
            edit(content_of(sections, format::SectionKind::kTokenizer));
            return put_together(whole_model_file(), sections);
          },
          std::move(expected), code};
}

HostileCase field(std::string name, Field which, std::uint32_t value, std::string expected,
                  ErrorCode code = ErrorCode::kCorrupt) {
  return tokenizer(
      std::move(name), [=](Bytes& section) { store_u32(&section[4 * which], value); }, std::move(expected), code);
}

// The first trie unit after the root for which `wanted` holds, changed.
HostileCase unit(std::string name, std::function<bool(std::uint32_t)> wanted,
                 std::function<std::uint32_t(std::uint32_t)> change, std::string expected) {
  return tokenizer(
      std::move(name),
      [=](Bytes& section) {
        std::size_t at = kTrie + 4;
        while (!wanted(load_u32(&section[at]))) at += 4;
        store_u32(&section[at], change(load_u32(&section[at])));
      },
      std::move(expected));
}
// tokenizer/trie.h
constexpr std::uint32_t kLeaf = 0x100, kEnd = 0x200, kValue = 0x400;
bool is_leaf(std::uint32_t unit) { return (unit & kLeaf) != 0; }
bool is_inner(std::uint32_t unit) { return unit != 0 && !is_leaf(unit); }
bool has_end(std::uint32_t unit) { return is_inner(unit) && (unit & kEnd) != 0; }

// The Unicode tables' six header fields are version, middles, leaves, records, shifts, sequence (unicode_tables.h).
HostileCase unicode(std::string name, std::function<void(std::byte* tables)> edit, std::string expected,
                    ErrorCode code = ErrorCode::kCorrupt) {
  return tokenizer(
      std::move(name), [=](Bytes& section) { edit(&section[unicode_at(section)]); }, std::move(expected), code);
}
struct UnicodeParts {
  std::size_t top = 24, middle, leaf, facts, shifts, sequence, lower;
  explicit UnicodeParts(const std::byte* tables)
      : middle(top + 2 * 1088),
        leaf(middle + 128 * load_u32(tables + 4)),
        facts(leaf + 32 * load_u32(tables + 8)),
        shifts(facts + 4 * load_u32(tables + 12)),
        sequence(shifts + 4 * load_u32(tables + 16)),
        lower(sequence + 4 * load_u32(tables + 20)) {}
};
HostileCase unicode_part(std::string name, std::size_t UnicodeParts::*part, std::uint32_t value, std::size_t bytes,
                         std::string expected) {
  return unicode(
      std::move(name),
      [=](std::byte* tables) {
        std::byte* at = tables + UnicodeParts(tables).*part;
        for (std::size_t i = 0; i < bytes; ++i) at[i] = static_cast<std::byte>(value >> (8 * i));
      },
      std::move(expected));
}
// The first record for which `wanted` holds, changed.
HostileCase record(std::string name, std::function<bool(std::uint32_t)> wanted,
                   std::function<std::uint32_t(std::uint32_t)> change, std::string expected) {
  return unicode(
      std::move(name),
      [=](std::byte* tables) {
        std::byte* at = tables + UnicodeParts(tables).facts;
        while (!wanted(load_u32(at))) at += 4;
        store_u32(at, change(load_u32(at)));
      },
      std::move(expected));
}
std::uint32_t replacements(std::uint32_t facts) { return facts >> 5 & 7U; }

class TokenizerRules : public testing::TestWithParam<HostileCase> {};
TEST_P(TokenizerRules, IsRefused) {
  const AlignedBytes file(GetParam().make());
  const Result<Model> model = Model::from_memory(file.span());
  ASSERT_FALSE(model) << "the model opened";
  EXPECT_NE(model.error().message.find(GetParam().expected), std::string::npos) << model.error().message;
  EXPECT_EQ(model.error().code, GetParam().code) << model.error().message;
}

std::vector<HostileCase> header_cases() {
  return {
      tokenizer(
          "Empty", [](Bytes& s) { s.clear(); }, "tokenizer section: shorter than its header"),
      tokenizer(
          "Short", [](Bytes& s) { s.resize(kTrie - 1); }, "shorter than its header"),
      field("Version", kVersion, 2, "tokenizer section: version 2", ErrorCode::kUnsupported),
      field("NoVocabulary", kVocabularySize, 0, "the vocabulary size is 0"),
      field("VocabularyHuge", kVocabularySize, spec::kMaxVocabulary + 1, "the vocabulary size is 1048577"),
      field("UnknownId", kUnknownId, 90, "the id of a special token is 90, must be 0..89"),
      field("ClsId", kClsId, 90, "the id of a special token is 90"),
      field("SepId", kSepId, ~0U, "the id of a special token is 4294967295"),
      field("PadId", kPadId, 90, "the id of a special token is 90"),
      field("NoWordCharacters", kMaxWordCharacters, 0, "max_word_characters is 0, must be 1..256"),
      field("ManyWordCharacters", kMaxWordCharacters, 257, "max_word_characters is 257"),
      field("Switches", kSwitches, 4, "a switch that this version does not know"),
      field("TrieUnits", kTrieUnits, 0x40000000U, "its size does not follow"),
      field("PieceBytes", kPieceBytes, ~0U, "its size does not follow"),
      field("UnicodeBytes", kUnicodeBytes, ~0U, "its size does not follow"),
      tokenizer(
          "Cut", [](Bytes& s) { s.pop_back(); }, "its size does not follow"),
      tokenizer(
          "BytesAfter", [](Bytes& s) { s.push_back({}); }, "its size does not follow"),
  };
}
INSTANTIATE_TEST_SUITE_P(Header, TokenizerRules, testing::ValuesIn(header_cases()), case_name);

std::vector<HostileCase> trie_cases() {
  return {
      tokenizer(
          "TooFewUnits",
          [](Bytes& s) {
            const std::size_t units = load_u32(&s[4 * kTrieUnits]);
            s.erase(s.begin() + kTrie, s.begin() + static_cast<std::ptrdiff_t>(kTrie + 4 * (units - 255)));
            store_u32(&s[4 * kTrieUnits], 255);
          },
          "the number of units, 255, is out of range"),
      tokenizer(
          "RootIsALeaf", [](Bytes& s) { s[kTrie + 1] |= std::byte{1}; }, "trie unit 0: a leaf cannot be the root"),
      unit(
          "LeafWithAnEnd", is_leaf, [](auto u) { return u | kEnd; }, "a leaf cannot be the root or have a further end"),
      unit(
          "IdOutsideTheVocabulary", is_leaf, [](auto u) { return (u & 0x3FFU) | 90 * kValue; },
          "its piece id 90 is not in the vocabulary"),
      unit(
          "NoChildren", is_inner, [](auto u) { return u & 0x3FFU; }, "its children would lie outside"),
      unit(
          "ChildrenOutside", is_inner, [](auto u) { return u | 0xFFFFFC00U; }, "its children would lie outside"),
      tokenizer(
          "NoEnd",
          [](Bytes& s) {
            std::size_t at = kTrie + 4;
            while (!has_end(load_u32(&s[at]))) at += 4;
            store_u32(&s[kTrie + 4 * (load_u32(&s[at]) / kValue)], 0);
          },
          "the piece that ends here is missing"),
      unit(
          "LeafMissing", [](auto u) { return is_leaf(u) && (u & 0xFFU) != 0; }, [](auto) { return 0U; },
          "it holds 89 pieces, the vocabulary 90"),
  };
}
INSTANTIATE_TEST_SUITE_P(Trie, TokenizerRules, testing::ValuesIn(trie_cases()), case_name);

std::vector<HostileCase> pieces_cases() {
  return {
      tokenizer(
          "WrongStart", [](Bytes& s) { s[starts_at(s) + 4] ^= std::byte{1}; },
          "piece 16 does not start where the index says"),
      tokenizer(
          "NoPieces",
          [](Bytes& s) {
            const auto begin = s.begin() + static_cast<std::ptrdiff_t>(pieces_at(s));
            s.erase(begin, s.begin() + static_cast<std::ptrdiff_t>(unicode_at(s)));
            store_u32(&s[4 * kPieceBytes], 0);
          },
          "piece 0 lies outside the section"),
      tokenizer(
          "EmptyPiece", [](Bytes& s) { s[pieces_at(s)] = {}; }, "piece 0 is empty or lies outside"),
      tokenizer(
          "PieceTooLong",
          [](Bytes& s) {
            std::size_t at = pieces_at(s);  // of the last piece
            for (std::size_t id = 0; id < 89; ++id) at += 1 + static_cast<std::size_t>(s[at]);
            s[at] = std::byte{255};
          },
          "piece 89 is empty or lies outside the section"),
      tokenizer(
          "OtherLetters", [](Bytes& s) { s[pieces_at(s) + 2] = std::byte{'X'}; }, "piece 0 is not what the trie finds"),
      tokenizer(
          "BytesAfterTheLast",
          [](Bytes& s) {
            s.insert(s.begin() + static_cast<std::ptrdiff_t>(unicode_at(s)), std::byte{});
            store_u32(&s[4 * kPieceBytes], load_u32(&s[4 * kPieceBytes]) + 1);
          },
          "bytes follow the last piece"),
  };
}
INSTANTIATE_TEST_SUITE_P(Pieces, TokenizerRules, testing::ValuesIn(pieces_cases()), case_name);

std::vector<HostileCase> unicode_cases() {
  return {
      tokenizer(
          "Short",
          [](Bytes& s) {
            s.resize(unicode_at(s) + 23);
            store_u32(&s[4 * kUnicodeBytes], 23);
          },
          "Unicode tables: shorter than their header"),
      unicode(
          "Version", [](std::byte* tables) { store_u32(tables, 2); }, "Unicode tables: version 2",
          ErrorCode::kUnsupported),
      unicode(
          "ManyMiddles", [](std::byte* tables) { store_u32(tables + 4, 65537); }, "a count is out of range"),
      unicode(
          "ManyLeaves", [](std::byte* tables) { store_u32(tables + 8, 65537); }, "a count is out of range"),
      unicode(
          "ManyRecords", [](std::byte* tables) { store_u32(tables + 12, 65537); }, "a count is out of range"),
      unicode(
          "ManyShifts", [](std::byte* tables) { store_u32(tables + 16, 257); }, "a count is out of range"),
      unicode(
          "LongSequence", [](std::byte* tables) { store_u32(tables + 20, 65537); }, "a count is out of range"),
      unicode(
          "OtherSize", [](std::byte* tables) { store_u32(tables + 4, load_u32(tables + 4) + 1); },
          "their size does not follow"),
      unicode_part("Top", &UnicodeParts::top, 0xFFFF, 2, "an index leads outside"),
      unicode_part("Middle", &UnicodeParts::middle, 0xFFFF, 2, "an index leads outside"),
      unicode_part("Leaf", &UnicodeParts::leaf, 0xFFFF, 2, "an index leads outside"),
      unicode_part("Lower", &UnicodeParts::lower, 0xFF, 1, "an index leads outside"),
      unicode_part("SequenceZero", &UnicodeParts::sequence, 0, 4, "a replacement is not a character"),
      unicode_part("SequenceSurrogate", &UnicodeParts::sequence, 0xD800, 4, "a replacement is not a character"),
      record(
          "ValueWithoutStripping", [](auto f) { return (f & 16U) == 0; }, [](auto f) { return f | 0x100U; },
          "a record leads outside"),
      record(
          "CountWithoutStripping", [](auto f) { return (f & 16U) == 0; }, [](auto f) { return f | 0x20U; },
          "a record leads outside"),
      record(
          "ReplacedByNothing", [](auto f) { return replacements(f) == 1; }, [](auto f) { return f & 0xFFU; },
          "a record leads outside"),
      record(
          "ReplacedBySurrogate", [](auto f) { return replacements(f) == 1; },
          [](auto f) { return (f & 0xFFU) | 0xD800U << 8; }, "a record leads outside"),
      record(
          "PastTheSequence", [](auto f) { return replacements(f) == 3; }, [](auto f) { return f + 0x100U; },
          "a record leads outside"),
  };
}
INSTANTIATE_TEST_SUITE_P(Unicode, TokenizerRules, testing::ValuesIn(unicode_cases()), case_name);

TEST(TokenizerRules, TheUnchangedFileOpens) {
  const AlignedBytes file(whole_model_file());
  const Result<Model> model = Model::from_memory(file.span());
  EXPECT_TRUE(model) << model.error().message;
}

// Each is right by itself; together they would read embedding rows that are not there.
TEST(TokenizerRules, AVocabularyOfAnotherSizeThanTheModelsIsRefused) {
  std::vector<EditedSection> sections = take_apart(whole_model_file());
  const Result<Bytes> other = runtime::serialize_tokenizer(tests::tiny_tokenizer(91));
  ASSERT_TRUE(other);
  content_of(sections, format::SectionKind::kTokenizer) = *other;
  const AlignedBytes file(put_together(whole_model_file(), sections));
  const Result<Model> model = Model::from_memory(file.span());
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(model.error().message.find("91 pieces, but the model config says 90"), std::string::npos);
}

}  // namespace
}  // namespace noggin::test
