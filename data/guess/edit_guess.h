// Whether rows are texts beside the same texts without some of their words: what the edit task learns from. Under any
// names, or as what a teacher was asked and answered.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/json/json_row.h"
#include "data/rows/deletion.h"

namespace noggin::data {

// How many pairs of texts are such: most of them, and some of them have lost words.
class EditCount {
 public:
  void add(std::string_view text, std::string_view target, const DeletionFinder& deletions);
  bool is_edit() const { return edits_ * 2 > pairs_ && shorter_ * 10 >= pairs_; }
  std::uint64_t edits() const { return edits_; }

 private:
  std::uint64_t pairs_ = 0, edits_ = 0, shorter_ = 0;
};

// Two fields of a file's rows.
class EditFields {
 public:
  void look_at(JsonValue row);
  struct Names {
    std::string text, target;  // "" for none
  };
  Names names() const;

 private:
  DeletionFinder deletions_;
  std::uint64_t rows_ = 0;
  std::map<std::pair<std::string, std::string>, EditCount> pairs_;  // by the names of text and target
};

// What a teacher was asked and what it answered, in one document or in two with the same id.
class EditAnswers {
 public:
  void add_asked(std::size_t file, std::string_view id, std::string_view text);
  void add_answered(std::string_view id, std::string_view answer);
  void add(std::size_t file, std::string_view text, std::string_view answer);
  // text_of: what a prompt of that file asks about (text_template.h).
  bool is_edit(const std::function<std::string(std::size_t file, const std::string& prompt)>& text_of) const;

 private:
  struct Asked {
    std::size_t file = 0;
    std::string text;
  };
  std::map<std::string, Asked, std::less<>> asked_;
  std::map<std::string, std::string, std::less<>> answered_;
  std::vector<std::pair<Asked, std::string>> pairs_;
};

}  // namespace noggin::data
