// vocab.txt -> TokenizerContents, and the hash of a vocabulary.
#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

#include "bytes/content_hash.h"
#include "data/files/input_file.h"
#include "data/vocabulary/vocabulary.h"
#include "data/vocabulary/vocabulary_lines.h"
#include "tokenizer/wordpiece.h"

namespace noggin::data {
namespace {

Error at_line(const std::string& path, std::size_t line, const std::string& what) {
  std::string message = path;
  message += ":" + std::to_string(line) + ": " + what + ". Fix: remove the line if no weights belong to this file";
  message += ", for every later piece gets another id; otherwise fetch the file again";
  return {ErrorCode::kBadData, message};
}

}  // namespace

Result<std::vector<std::string>> read_vocabulary_lines(const std::string& path) {
  const Result<std::string> text = read_input_file(path);
  if (!text) return text.error();
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text->size();) {
    const std::size_t end = std::min(text->find('\n', begin), text->size());
    lines.push_back(text->substr(begin, end - begin));
    if (lines.back().ends_with('\r')) lines.back().pop_back();
    begin = end + 1;
  }
  return lines;
}

Result<runtime::TokenizerContents> contents_of(std::vector<std::string> pieces, const std::string& where,
                                               const VocabularyOptions& options, const std::string& fix) {
  runtime::TokenizerContents contents;
  contents.vocabulary = std::move(pieces);
  const std::array<std::pair<const char*, std::uint32_t*>, 4> specials{{{"[UNK]", &contents.unknown_id},
                                                                        {"[CLS]", &contents.cls_id},
                                                                        {"[SEP]", &contents.sep_id},
                                                                        {"[PAD]", &contents.pad_id}}};
  for (const auto& [name, id] : specials) {
    const auto found = std::find(contents.vocabulary.begin(), contents.vocabulary.end(), name);
    if (found == contents.vocabulary.end()) {
      return Error{ErrorCode::kBadData, where + ": the special piece " + name + " is missing. " + fix};
    }
    *id = static_cast<std::uint32_t>(found - contents.vocabulary.begin());
  }
  contents.lowercase = options.lowercase;
  contents.strip_accents = options.strip_accents;
  contents.max_word_characters = options.max_word_characters;
  contents.unicode_tables = build_unicode_tables();
  // The serializer checks the remaining rules (UTF-8, lengths, sizes).
  if (const auto section = runtime::serialize_tokenizer(contents); !section) {
    return Error{ErrorCode::kBadData, where + ": " + section.error().message + " " + fix};
  }
  return contents;
}

Result<runtime::TokenizerContents> contents_of(std::vector<std::string> pieces, const std::string& where,
                                               const VocabularyOptions& options) {
  return contents_of(std::move(pieces), where, options, "Fix: correct it, or use another vocabulary");
}

Result<runtime::TokenizerContents> read_vocabulary(const std::string& path, const VocabularyOptions& options) {
  Result<std::vector<std::string>> pieces = read_vocabulary_lines(path);
  if (!pieces) return pieces.error();
  std::unordered_map<std::string_view, std::size_t> numbers;  // piece -> line, from 1
  for (std::size_t i = 0; i < pieces->size(); ++i) {
    const std::string& piece = (*pieces)[i];
    if (piece.empty()) return at_line(path, i + 1, "an empty line, but each line is one piece");
    const auto [place, added] = numbers.try_emplace(piece, i + 1);
    if (!added) {
      return at_line(path, i + 1,
                     "the piece \"" + piece + "\" is already in line " + std::to_string(place->second) +
                         ", but a piece has one id");
    }
  }
  return contents_of(*std::move(pieces), path, options);
}

std::uint64_t vocabulary_hash(const runtime::TokenizerContents& contents) {
  ContentHasher hasher;
  const auto add_number = [&](std::uint64_t number) {
    std::array<unsigned char, 8> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(number >> (8 * i));
    hasher.update(bytes.data(), bytes.size());
  };
  add_number(contents.vocabulary.size());
  for (const std::string& piece : contents.vocabulary) {
    add_number(piece.size());
    hasher.update(piece.data(), piece.size());
  }
  for (const std::uint32_t number :
       {contents.unknown_id, contents.cls_id, contents.sep_id, contents.pad_id, contents.max_word_characters}) {
    add_number(number);
  }
  add_number(contents.lowercase ? 1 : 0);
  add_number(contents.strip_accents ? 1 : 0);
  hasher.update(contents.unicode_tables.data(), contents.unicode_tables.size());
  return hasher.digest();
}

}  // namespace noggin::data
