// The classes of a task, in order, and the words a teacher uses for them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "noggin/result.h"
#include "spec/tag_scheme.h"

namespace noggin::data {

class LabelSet {
 public:
  // labels: class names in class order, unique, as a model file and a terminal can hold them (labels.cpp: check_name).
  // words: class name -> further spellings the teacher may emit ("A", " refund", ...), compared as class_name.h says; a
  // class's own name always counts. A word claimed by two classes is an error that names both; so is an unknown class
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

  const std::vector<std::string>& names() const { return names_; }
  std::int32_t none_class() const { return none_class_; }
  std::int32_t find(std::string_view word) const;  // class, or -1. No allocation for ASCII words up to 128 bytes
  // Whether a class is called by a number, in data.labels or data.label_words: then a number is a name, not a place.
  bool has_numbers() const { return has_numbers_; }
  // The name of a class that an unknown word looks like but is not (look_alike_key), for messages; or "".
  std::string look_alike(std::string_view word) const;

 private:
  std::vector<std::string> names_;
  struct WordHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view word) const { return std::hash<std::string_view>()(word); }
  };
  std::unordered_map<std::string, std::int32_t, WordHash, std::equal_to<>> classes_;  // by folded word
  std::unordered_map<std::string, std::int32_t> look_alikes_;                         // look_alike_key of each name
  std::int32_t none_class_ = -1;
  bool has_numbers_ = false;
};

}  // namespace noggin::data
