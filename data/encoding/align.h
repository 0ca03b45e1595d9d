// Maps gold spans and a log's tokens to our tokens, by bytes alone.
//
// A *word* is a token and the continuation pieces ("##...") that follow it without a gap in the text; its first piece
// decides for it, and the other pieces stay unused.
//   gold      the span that covers the word's first byte: B for the first word of the span, else I; outside: O
//   teacher   the log token that covers the word's first byte. If that token began in an earlier word, the mass of
//             B-x moves to I-x: one token of the log is several of ours
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bytes/text_unit.h"
#include "data/rows/record.h"
#include "data/rows/row_schema.h"
#include "data/shards/example_table.h"

namespace noggin::data {

// A span to show in a message.
struct LostSpan {
  std::string file{};
  std::uint64_t line = 0;
  std::string text{};
  TextSpan place{};  // bytes of the text
};

// Sums over rows.
struct AlignmentCounts {
  std::uint64_t words = 0;                  // of tag and edit rows, as stored
  std::uint64_t spans = 0;                  // gold
  std::uint64_t misaligned_spans = 0;       // begin or end inside a word, or hold no word: cannot be found exactly
  std::uint64_t cut_spans = 0;              // reach beyond the tokens of a row that was cut
  std::uint64_t rows_without_span = 0;      // gold rows
  std::uint64_t words_without_teacher = 0;  // in rows that have one
  // Of the misaligned spans, those that would be aligned if their offsets counted another unit (by TextUnit), or
  // without white space at their ends.
  std::array<std::uint64_t, kTextUnitNames.size()> misaligned_fit_in{};
  std::uint64_t misaligned_fit_trimmed = 0;
  LostSpan misaligned_example{}, cut_example{};  // the first of each
};

struct Word {
  std::size_t token;       // its first piece
  std::size_t begin, end;  // bytes of the text
};

// The words of a tokenized text, from the starts that WordPieceTokenizer::encode gives: the device groups tokens the
// same way.
std::vector<Word> words_of(std::span<const TextSpan> places, std::span<const std::uint32_t> word_starts);

// Targets [T], [T, K] of a tag or edit row with these words. cut: the text continues after the last token.
TokenTargets align(const Record& record, std::span<const Word> words, std::size_t tokens, bool cut,
                   const RowSchema& schema, AlignmentCounts& counts);

}  // namespace noggin::data
