// A tokenizer whose tables use every part of normalization, matching texts, and a second implementation of
// tokenization.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/tokenizer_tiny.h"
#include "tokenizer/unicode_tables.h"
#include "tokenizer/wordpiece.h"

namespace noggin::tests {

// A few characters represent their kinds. The entries of U+2460 and U+2461 are in no Unicode release: one character
// gives several words, alone or joined to its neighbours.
inline runtime::CharacterFacts rich_facts(std::uint32_t code_point) {
  using namespace runtime;
  switch (code_point) {
    case 0xA0:
    case 0x2003:
      return {kWhitespace, false, {}, 0};
    case 0xAD:
    case 0x200B:
      return {kDropped, false, {}, 0};
    case 0xE9:
      return {0, true, {'e'}, 0};
    case 0x301:
      return {0, true, {}, 0};  // combining acute accent
    case 0x37E:
      return {kPunctuation, true, {';'}, 0};
    case 0x2014:
      return {kPunctuation, false, {}, 0};
    case 0x2460:
      return {0, true, {'!', 'a', '!'}, 0};
    case 0x2461:
      return {0, true, {'a', '-', 'b', 'c'}, 0};
    default:
      return {code_point >= 0x4E00 && code_point < 0x9FFF ? std::uint32_t{kCjk} : 0U, false, {}, 0};
  }
}

struct RichTokenizer {
  std::vector<std::byte> section;
  Result<runtime::WordPieceTokenizer> tokenizer;
};

inline const runtime::WordPieceTokenizer& rich_tokenizer() {
  static const std::unique_ptr<RichTokenizer> rich = [] {
    runtime::TokenizerContents contents = tiny_tokenizer(100);
    // U+4E2D, and U+AC01 as its three letters: many pieces from one character.
    for (const char* piece : {"\u4E2D", "\u1100", "##\u1100", "##\u1161", "##\u11A8", ";", "##zz"}) {
      contents.vocabulary.emplace_back(piece);
    }
    contents.unicode_tables = *runtime::encode_unicode_tables(rich_facts);
    std::vector<std::byte> section = *runtime::serialize_tokenizer(contents);
    auto made = std::make_unique<RichTokenizer>(RichTokenizer{std::move(section), Error{}});
    made->tokenizer = runtime::WordPieceTokenizer::bind(made->section);
    return made;
  }();
  return *rich->tokenizer;
}

// Up to `parts` random parts: words, long words, accents, CJK, emoji, controls, broken bytes, with and without spaces.
inline std::string random_text(std::mt19937& random, std::size_t parts) {
  static const std::string_view kParts[] = {"the",
                                            "where",
                                            "parcel",
                                            "7",
                                            "42",
                                            "5550100",
                                            "a",
                                            "zzzzz",
                                            "X",
                                            ".",
                                            ",",
                                            "!?",
                                            "-",
                                            "'",
                                            "@",
                                            "caf\u00E9",
                                            "e\u0301e",
                                            "\u0301",
                                            "\u4E2D",
                                            "\u4E2D\u6587",
                                            "\uAC01",
                                            "\uAC01\uAC01",
                                            "\U0001F600",
                                            "\u00AD",
                                            "\u200B",
                                            "\u00A0",
                                            "\u2003",
                                            "\u037E",
                                            "\u2014",
                                            "\u2460",
                                            "\u2461",
                                            std::string_view("\0", 1),
                                            "\x01",
                                            "\x7F",
                                            "\xFF",
                                            "\xF0\x9F",
                                            "\xED\xA0\x80",
                                            "\xC3",
                                            "\n",
                                            "\t",
                                            "  "};
  std::string text;
  const std::size_t count = random() % (parts + 1);
  const std::size_t spaces = random() % 4;  // of 3: none to all
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t kind = random() % 40;
    if (kind == 0) {
      text.append(random() % 90, 'q');
    } else if (kind == 1) {
      text.append(90 + random() % 400, 'k');
    } else {
      text += kParts[random() % std::size(kParts)];
    }
    if (random() % 3 < spaces) text += ' ';
  }
  return text;
}

// Tokenizes a whole text at once, in its own memory.
struct WholeText {
  std::vector<std::uint32_t> ids, word_starts;
  std::vector<TextSpan> places;

  std::size_t words() const { return word_starts.size() - 1; }
  std::size_t pieces(std::size_t word) const { return word_starts[word + 1] - word_starts[word]; }
  TextSpan place(std::size_t word) const {
    return {places[word_starts[word]].begin, places[word_starts[word + 1] - 1].end};
  }
};

inline WholeText whole_text(const runtime::WordPieceTokenizer& tokenizer, std::string_view text) {
  const std::size_t capacity = 8 * text.size() + 3;
  WholeText whole{std::vector<std::uint32_t>(capacity), std::vector<std::uint32_t>(capacity),
                  std::vector<TextSpan>(capacity)};
  const runtime::EncodedWords found = tokenizer.encode(text, whole.ids, whole.places, whole.word_starts);
  whole.ids.resize(found.tokens);
  whole.places.resize(found.tokens);
  whole.word_starts.resize(found.words + 1);
  return whole;
}

}  // namespace noggin::tests
