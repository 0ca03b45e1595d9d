// Where the fields of a row seem to stand in documents that nothing else recognises: {"event": {"query": "...",
// "result": {"top": "A", "ranking": [{"category": "A", "confidenceScore": 0.9}, ...]}}}. By what the values are like in
// all documents; names only decide between places that are alike.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/json/json_path.h"
#include "data/json/json_row.h"

namespace noggin::data {

// Paths (json_path.h), "" for none. Together they are what a source's `fields` needs.
struct FieldGuess {
  std::string text, id;
  std::string label, confidence;                   // a class, and how sure its writer was of it
  std::string probs;                               // a distribution; "prob_*" for one in several fields
  std::string spans;                               // typed spans of the text
  std::map<std::string, std::uint64_t> classes{};  // of the label, the distribution or the spans -> documents
};

class FieldFinder {
 public:
  // Counts one document.
  void look_at(JsonValue root);
  FieldGuess guess() const;

 private:
  struct Facts {
    std::uint64_t documents = 0;  // that have something here
    std::uint64_t texts = 0, bytes = 0, blanks = 0, shares = 0, distributions = 0, span_lists = 0;
    std::uint64_t held_spans = 0;  // texts of spans that occur in the text here
    std::map<std::string, std::uint64_t> values{}, classes{}, types{};
    bool too_many_values = false, has_several = false;
    int depth = 0;
    std::string name{}, parent{};  // the last step of the path, and the path before it
  };
  using ByPath = std::map<std::string, Facts, std::less<>>;

  void look_at_columns(JsonObject object);
  void walk(JsonValue value, const std::string& path, std::string_view name, const std::string& parent, int depth);
  bool is_text(const Facts& facts) const;
  bool is_label(const std::string& path, const Facts& facts) const;
  const ByPath::value_type* find_text() const;
  const ByPath::value_type* find_distribution() const;
  const ByPath::value_type* find_spans() const;
  // distribution: null if there is none.
  const ByPath::value_type* find_label(const std::string& text, const ByPath::value_type* distribution) const;
  const ByPath::value_type* confidence_beside(const Facts& label) const;

  EmbeddedJson inner_;
  ByPath paths_;
  ByPath columns_;  // by prefix: distributions, one field for each class
  std::uint64_t documents_ = 0;
  // Of the document that is looked at; views of it.
  std::vector<std::pair<Facts*, std::string_view>> texts_;
  std::vector<std::string_view> span_texts_;
};

}  // namespace noggin::data
