// vocab.txt -> TokenizerContents, and the hash of a vocabulary.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <unordered_map>

#include "bytes/byte_order_mark.h"
#include "bytes/content_hash.h"
#include "data/vocabulary/vocabulary.h"
#include "tokenizer/wordpiece.h"

namespace noggin::data {
namespace {

Error at_line(const std::string& path, std::size_t line, const std::string& what) {
  return {ErrorCode::kBadData, path + ":" + std::to_string(line) + ": " + what};
}

using LineNumbers = std::unordered_map<std::string, std::size_t>;  // piece -> line, from 1

Status read_lines(const std::string& path, std::vector<std::string>& pieces, LineNumbers& numbers) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const ErrorCode code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
    return Error{code, "cannot open the vocabulary " + path + ": " + std::strerror(errno) + ". Check the path."};
  }
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    const std::size_t number = pieces.size() + 1;
    if (number == 1) line.erase(0, line.size() - without_byte_order_mark(line).size());
    if (line.empty()) return at_line(path, number, "an empty line. Each line is one piece; remove it.");
    const auto [place, added] = numbers.try_emplace(line, number);
    if (!added) {
      return at_line(path, number,
                     "the piece \"" + line + "\" is already in line " + std::to_string(place->second) +
                         ". A piece has one id; remove one of the two lines.");
    }
    pieces.push_back(line);
  }
  if (file.bad()) return Error{ErrorCode::kIo, "reading the vocabulary " + path + " failed. Check the disk."};
  return {};
}

}  // namespace

Result<runtime::TokenizerContents> contents_of(std::vector<std::string> pieces, const std::string& where,
                                               const VocabularyOptions& options) {
  runtime::TokenizerContents contents;
  contents.vocabulary = std::move(pieces);
  const std::array<std::pair<const char*, std::uint32_t*>, 4> specials{{{"[UNK]", &contents.unknown_id},
                                                                        {"[CLS]", &contents.cls_id},
                                                                        {"[SEP]", &contents.sep_id},
                                                                        {"[PAD]", &contents.pad_id}}};
  for (const auto& [name, id] : specials) {
    const auto found = std::find(contents.vocabulary.begin(), contents.vocabulary.end(), name);
    if (found == contents.vocabulary.end()) {
      return Error{ErrorCode::kBadData, where + ": the special piece " + name +
                                            " is missing. Add it as a line of its own, or use another vocabulary."};
    }
    *id = static_cast<std::uint32_t>(found - contents.vocabulary.begin());
  }
  contents.lowercase = options.lowercase;
  contents.strip_accents = options.strip_accents;
  contents.max_word_characters = options.max_word_characters;
  contents.unicode_tables = build_unicode_tables();
  // The serializer checks the remaining rules (UTF-8, lengths, sizes).
  if (const auto section = runtime::serialize_tokenizer(contents); !section) {
    return Error{ErrorCode::kBadData, where + ": " + section.error().message};
  }
  return contents;
}

Result<runtime::TokenizerContents> read_vocabulary(const std::string& path, const VocabularyOptions& options) {
  std::vector<std::string> pieces;
  LineNumbers numbers;
  if (Status read = read_lines(path, pieces, numbers); !read) return read.error();
  return contents_of(std::move(pieces), path, options);
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
