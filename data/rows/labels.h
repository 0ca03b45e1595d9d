// The classes of a task, in order, and the words a teacher uses for them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/rows/word_prefixes.h"
#include "noggin/result.h"
#include "spec/tag_scheme.h"

namespace noggin::data {

class LabelSet {
 public:
  // labels: class names in class order, unique, as a model file and a terminal can hold them (labels.cpp: check_name).
  // words: class name -> further spellings the teacher may emit ("A", " refund", ...), compared as class_name.h says; a
  // class's own name always counts. Words that differ only in ASCII case may belong to different classes ("m", "M"):
  // they are then told apart by it. A word claimed by two classes is an error that names both; so is an unknown class
  // in `words`.
  // none_label: the "none of these" class, or empty.
  // task: what the classes must be. single_label: at least two. multi_label: at least one. score: one (none given:
  // "score"). edit: "keep", "delete" (none given: these). tag: "O" and BIO tags (spec::make_tag_scheme); the missing
  // partner of a "B-x" or "I-x" is appended, in the order of the types, because a span that is one token in a
  // log may be several words here.
  static Result<LabelSet> create(std::vector<std::string> labels,
                                 const std::map<std::string, std::vector<std::string>>& words = {},
                                 const std::string& none_label = {},
                                 spec::TaskKind task = spec::TaskKind::kSingleLabel);
  // A UTF-8 file, with or without a byte order mark: a JSON array of strings, a JSON object {"labels": [...]} or
  // {"tags": [...]}, or a text file with one name per line.
  static Result<std::vector<std::string>> read_names(const std::string& path);

  // Equal for copies of one set, different for sets that were made apart: for who remembers what a set said.
  std::uint64_t identity() const { return identity_; }
  const std::vector<std::string>& names() const { return names_; }
  std::int32_t none_class() const { return none_class_; }
  // The class of a word, or kNoClass: without outer spaces; ASCII case counts only where it tells two classes apart. No
  // allocation for ASCII words up to 128 bytes.
  std::int32_t find(std::string_view word) const;
  // The same for a word of an answer, whose writer does not copy names by the letter: if find() knows none, also with
  // full-width and other compatibility forms, any case, and "_", "-", spaces and the space mark of a tokenizer's pieces
  // ("refund_status", "Refund status") taken as one; only where no two classes become one by it.
  std::int32_t find_loosely(std::string_view word) const;
  // Every spelling as it is compared, without folding case.
  const WordPrefixes& prefixes() const { return prefixes_; }
  // Whether a class is called by a number, in data.labels or data.label_words: then a number is a name, not a place.
  bool has_numbers() const { return has_numbers_; }
  // The name of a class that an unknown word looks like but is not (look_alike_key), for messages; or "".
  std::string look_alike(std::string_view word) const;

 private:
  struct WordHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view word) const { return std::hash<std::string_view>()(word); }
  };
  using ByWord = std::unordered_map<std::string, std::int32_t, WordHash, std::equal_to<>>;

  Status claim(std::string_view word, std::int32_t owner);
  void index_words();

  std::uint64_t identity_ = 0;
  std::vector<std::string> names_;
  ByWord exact_;        // class by exact_class_key
  ByWord folded_;       // by class_key; kSeveralClasses: only exact_ tells
  ByWord loose_;        // by loose_key; kSeveralClasses: no class
  ByWord look_alikes_;  // look_alike_key of each name
  WordPrefixes prefixes_;
  std::int32_t none_class_ = kNoClass;
  bool has_numbers_ = false;
};

}  // namespace noggin::data
