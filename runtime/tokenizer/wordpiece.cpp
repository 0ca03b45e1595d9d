#include "tokenizer/wordpiece.h"

#include <algorithm>
#include <string>

#include "bytes/little_endian.h"
#include "bytes/message.h"
#include "bytes/utf8.h"
#include "spec/model_config.h"

namespace noggin::runtime {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderFields = 11;
constexpr std::uint32_t kLowercaseBit = 1, kStripAccentsBit = 2, kAllSwitches = 3;
constexpr std::uint32_t kPiecesPerStart = 16;

constexpr std::size_t starts_of(std::size_t pieces) { return (pieces + kPiecesPerStart - 1) / kPiecesPerStart; }

Error invalid(MessageParts what) { return {ErrorCode::kInvalidArgument, "tokenizer: " + message(what)}; }

Error corrupt(std::string_view what) {
  return {ErrorCode::kCorrupt, message({"tokenizer section: ", what, ". The file is damaged; export it again."})};
}

std::string in_range(const char* name, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  if (value >= low && value <= high) return {};
  return message({name, " is ", value, ", must be ", low, "..", high});
}

// The rule that these numbers violate, or nothing; shared by writer and reader.
std::string broken_rule(std::uint64_t vocabulary_size, std::span<const std::uint32_t> special_ids,
                        std::uint32_t max_word_characters) {
  std::string broken = in_range("the vocabulary size", vocabulary_size, 1, spec::kMaxVocabulary);
  for (std::size_t i = 0; broken.empty() && i < special_ids.size(); ++i) {
    broken = in_range("the id of a special token", special_ids[i], 0, vocabulary_size - 1);
  }
  if (broken.empty()) broken = in_range("max_word_characters", max_word_characters, 1, kMaxWordCharacters);
  return broken;
}

Status check_contents(const runtime::TokenizerContents& contents) {
  const std::uint32_t ids[] = {contents.unknown_id, contents.cls_id, contents.sep_id, contents.pad_id};
  const std::string broken = broken_rule(contents.vocabulary.size(), ids, contents.max_word_characters);
  if (!broken.empty()) return invalid({broken, "."});
  for (std::size_t id = 0; id < contents.vocabulary.size(); ++id) {
    const std::string& piece = contents.vocabulary[id];
    if (piece.size() > kMaxPieceBytes || !is_valid_utf8(piece)) {
      return invalid({"vocabulary piece ", id, " is ",
                      piece.size() > kMaxPieceBytes ? "longer than 255 bytes" : "not UTF-8", "."});
    }
  }
  if (Result<UnicodeTables> tables = UnicodeTables::bind(contents.unicode_tables); !tables) {
    return invalid({"TokenizerContents::unicode_tables is not from build_unicode_tables: ", tables.error().message});
  }
  return {};
}

std::uint32_t size32(std::size_t size) { return static_cast<std::uint32_t>(size); }

}  // namespace

Result<std::vector<std::byte>> serialize_tokenizer(const runtime::TokenizerContents& contents) {
  if (Status checked = check_contents(contents); !checked) return checked.error();
  const Result<std::vector<std::uint32_t>> trie = build_trie(contents.vocabulary);
  if (!trie) return trie.error();
  std::vector<std::byte> pieces, starts;
  for (std::size_t id = 0; id < contents.vocabulary.size(); ++id) {
    if (id % kPiecesPerStart == 0) append_little_endian(starts, size32(pieces.size()));
    append_little_endian(pieces, static_cast<std::uint8_t>(contents.vocabulary[id].size()));
    for (const char c : contents.vocabulary[id]) pieces.push_back(static_cast<std::byte>(c));
  }
  const std::uint32_t switches =
      (contents.lowercase ? kLowercaseBit : 0U) | (contents.strip_accents ? kStripAccentsBit : 0U);
  const std::uint32_t header[kHeaderFields] = {kVersion,
                                               size32(contents.vocabulary.size()),
                                               switches,
                                               contents.unknown_id,
                                               contents.cls_id,
                                               contents.sep_id,
                                               contents.pad_id,
                                               contents.max_word_characters,
                                               size32(trie->size()),
                                               size32(pieces.size()),
                                               size32(contents.unicode_tables.size())};
  std::vector<std::byte> section;
  for (const std::uint32_t field : header) append_little_endian(section, field);
  for (const std::uint32_t unit : *trie) append_little_endian(section, unit);
  section.insert(section.end(), starts.begin(), starts.end());
  section.insert(section.end(), pieces.begin(), pieces.end());
  section.insert(section.end(), contents.unicode_tables.begin(), contents.unicode_tables.end());
  return section;
}

Result<WordPieceTokenizer> WordPieceTokenizer::bind(std::span<const std::byte> section) {
  if (section.size() < 4 * kHeaderFields) return corrupt("shorter than its header");
  const auto field = [&](std::size_t i) { return load_little_endian<std::uint32_t>(section.data() + 4 * i); };
  if (field(0) != kVersion) {
    return Error{ErrorCode::kUnsupported, message({"tokenizer section: version ", field(0),
                                                   ", but this build reads version 1. Update Noggin."})};
  }
  const std::uint32_t ids[] = {field(3), field(4), field(5), field(6)};
  if (std::string broken = broken_rule(field(1), ids, field(7)); !broken.empty()) return corrupt(broken);
  if (field(2) > kAllSwitches) return corrupt("a switch that this version does not know is on");
  const std::uint64_t trie_bytes = 4 * std::uint64_t{field(8)}, start_bytes = 4 * starts_of(field(1));
  if (4 * kHeaderFields + trie_bytes + start_bytes + field(9) + field(10) != section.size()) {
    return corrupt("its size does not follow from its header");
  }
  const auto trie_bytes_at = section.subspan(4 * kHeaderFields);
  const auto starts_at = trie_bytes_at.subspan(trie_bytes);
  const auto pieces_at = starts_at.subspan(start_bytes);

  Result<Trie> trie = Trie::bind(trie_bytes_at.first(trie_bytes), field(1));
  if (!trie) return trie.error();
  Result<UnicodeTables> unicode = UnicodeTables::bind(pieces_at.subspan(field(9)));
  if (!unicode) return unicode.error();
  WordPieceTokenizer tokenizer;
  tokenizer.vocabulary_size_ = field(1);
  tokenizer.unknown_id_ = ids[0];
  tokenizer.cls_id_ = ids[1];
  tokenizer.sep_id_ = ids[2];
  tokenizer.pad_id_ = ids[3];
  tokenizer.normalizer_ = {(field(2) & kLowercaseBit) != 0, (field(2) & kStripAccentsBit) != 0, field(7)};
  tokenizer.unicode_ = *unicode;
  tokenizer.trie_ = *trie;
  tokenizer.continuation_ = trie->descend(kContinuation);
  tokenizer.piece_starts_ = starts_at.data();
  tokenizer.pieces_ = pieces_at.data();
  if (Status checked = tokenizer.check_pieces(pieces_at.first(field(9))); !checked) return checked.error();
  return tokenizer;
}

// Every piece is inside the section, starts where piece_starts says, and is found by the trie under its own id. The
// last proves that pieces are unique and that the trie is right, since a built trie holds as many pieces as there are.
Status WordPieceTokenizer::check_pieces(std::span<const std::byte> pieces) const {
  std::size_t position = 0;
  for (std::uint32_t id = 0; id < vocabulary_size_; ++id) {
    const auto broken = [id](const char* what) { return corrupt(message({"piece ", id, what})); };
    if (id % kPiecesPerStart == 0 &&
        load_little_endian<std::uint32_t>(piece_starts_ + 4 * (id / kPiecesPerStart)) != position) {
      return broken(" does not start where the index says");
    }
    if (position >= pieces.size()) return broken(" lies outside the section");
    const auto length = static_cast<std::size_t>(pieces[position]);
    if (length == 0 || length >= pieces.size() - position) return broken(" is empty or lies outside the section");
    const std::string_view text(reinterpret_cast<const char*>(pieces.data() + position + 1), length);
    const Trie::Match match = trie_.longest_match(trie_.root(), text);
    if (match.id != id || match.length != length) return broken(" is not what the trie finds");
    position += 1 + length;
  }
  return position == pieces.size() ? Status() : corrupt("bytes follow the last piece");
}

std::string_view WordPieceTokenizer::piece(std::uint32_t id) const {
  std::size_t position = load_little_endian<std::uint32_t>(piece_starts_ + 4 * (id / kPiecesPerStart));
  for (std::uint32_t skipped = id % kPiecesPerStart; skipped > 0; --skipped) {
    position += 1 + static_cast<std::size_t>(pieces_[position]);
  }
  return {reinterpret_cast<const char*>(pieces_ + position + 1), static_cast<std::size_t>(pieces_[position])};
}

// Writes the pieces of one word to room; further ones are only counted. Returns how many the word has. A word with any
// part that no piece matches is unknown as a whole, so it is matched to its end even when buffer is full.
// place(i, begin, end): piece i of the buffer is bytes begin .. end - 1 of the word.
template <typename Place>
std::size_t WordPieceTokenizer::encode_word(std::string_view word, std::span<std::uint32_t> buffer,
                                            const Place& place) const {
  std::size_t count = 0, begin = 0;
  std::uint32_t base = trie_.root();
  while (begin < word.size()) {
    const Trie::Match match = base == Trie::kNothing ? Trie::Match{} : trie_.longest_match(base, word.substr(begin));
    if (match.length == 0) {
      buffer[0] = unknown_id_;
      place(std::size_t{0}, std::size_t{0}, word.size());
      return 1;
    }
    if (count < buffer.size()) {
      place(count, begin, begin + match.length);
      buffer[count] = match.id;
    }
    ++count;
    begin += match.length;
    base = continuation_;
  }
  return count;
}

// place(i, begin, end): token i is bytes begin .. end - 1 of the current word; all of it if end is 0. new_word(i): the
// current word starts at token i.
template <typename Words, typename Place, typename NewWord>
WordPieceTokenizer::Cut WordPieceTokenizer::encode_words(Words& words, std::span<std::uint32_t> ids, const Place& place,
                                                         const NewWord& new_word) const {
  const std::size_t last = ids.size() - 1;  // reserved for [SEP]
  std::size_t count = 0;
  bool cut = false;
  ids[count++] = cls_id_;
  while (count < last && words.next()) {
    new_word(count);
    if (words.too_long()) {
      place(count, std::size_t{0}, std::size_t{0});
      ids[count++] = unknown_id_;
      continue;
    }
    const std::size_t capacity = last - count;
    const std::size_t pieces =
        encode_word(words.word(), ids.subspan(count, capacity),
                    [&](std::size_t i, std::size_t begin, std::size_t end) { place(count + i, begin, end); });
    cut = pieces > capacity;
    count += std::min(pieces, capacity);
  }
  ids[count++] = sep_id_;
  return {count, cut};
}

std::size_t WordPieceTokenizer::encode(std::string_view text, std::span<std::uint32_t> ids) const {
  WordReader words(unicode_, normalizer_, text);
  return encode_words(words, ids, [](std::size_t, std::size_t, std::size_t) {}, [](std::size_t) {}).tokens;
}

std::size_t WordPieceTokenizer::encode(std::string_view text, std::span<std::uint32_t> ids,
                                       std::span<TextSpan> spans) const {
  return encode(text, ids, spans, {}).tokens;
}

EncodedWords WordPieceTokenizer::encode(std::string_view text, std::span<std::uint32_t> ids, std::span<TextSpan> spans,
                                        std::span<std::uint32_t> word_starts) const {
  WordSources sources;
  WordReader words(unicode_, normalizer_, text, &sources);
  spans[0] = {};
  std::size_t starts = 0, end_before = 0;
  const Cut found = encode_words(
      words, ids,
      [&](std::size_t i, std::size_t begin, std::size_t end) {
        spans[i] = end == 0 ? words.place() : TextSpan{sources.bytes[begin].begin, sources.bytes[end - 1].end};
      },
      [&](std::size_t i) {
        const bool shares_no_byte = words.place().begin >= end_before;
        if (!word_starts.empty() && shares_no_byte) word_starts[starts++] = static_cast<std::uint32_t>(i);
        end_before = words.place().end;
      });
  spans[found.tokens - 1] = {};
  if (word_starts.empty()) return {found.tokens, 0, !found.cut};  // the caller does not want words
  word_starts[starts] = static_cast<std::uint32_t>(found.tokens - 1);
  const bool full = found.tokens == ids.size();
  return {found.tokens, starts, !found.cut && !(full && words.next())};
}

}  // namespace noggin::runtime
