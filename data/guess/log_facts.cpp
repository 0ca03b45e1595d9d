#include "data/guess/log_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "data/answers/stated_score.h"
#include "data/guess/document_sample.h"
#include "data/json/json_row.h"
#include "data/lines/line_reader.h"
#include "data/logs/class_fields.h"
#include "data/logs/field_aliases.h"
#include "data/logs/inner_rows.h"
#include "data/logs/quarantine.h"
#include "data/logs/row_finder.h"
#include "data/logs/tag_tools.h"
#include "data/logs/written_answer.h"

namespace noggin::data {
namespace {

constexpr std::size_t kShownRefusals = 3;

std::string most_frequent(const WordCounts& counts) {
  const auto most = std::ranges::max_element(counts, {}, &WordCounts::value_type::second);
  return most == counts.end() ? std::string() : most->first;
}

class FactCollector {
 public:
  explicit FactCollector(std::uint64_t dense_documents) : sample_(dense_documents) {}

  Status look_at(const std::string& path) {
    Result<LineReader> reader = LineReader::open_any(path);
    if (!reader) return reader.error();
    file_ = &facts_.files.emplace_back();
    file_->path = path;
    families_.clear();
    std::uint64_t tagged_tokens = 0;
    const std::uint64_t types = facts_.types.types_seen(), choices = facts_.types.choices_seen();
    for (std::uint64_t number = 0; number < sample_.end(); ++number) {
      const Result<std::optional<Line>> line = reader->next();
      if (!line) return line.error();
      if (!line->has_value()) break;
      if (!sample_.takes(number)) {
        facts_.is_sample = true;
        continue;
      }
      ++file_->documents;
      const Checked<JsonValue> root = json_.parse(**line);
      if (std::holds_alternative<JsonValue>(root))
        look_at_document(**line, std::get<JsonValue>(root));
      else if (facts_.types.look_at_line((*line)->text))
        ++tagged_tokens;
      else
        refuse(**line, not_an_object(**line, std::get<Rejection>(root)));
    }
    if (reader->cut()) facts_.cut.push_back(fmt::format("{} {}", path, reader->cut_reason()));
    file_->is_conll = tagged_tokens * 2 > file_->documents;
    if (file_->is_conll) families_["conll"] = file_->documents;
    file_->has_spans = facts_.types.types_seen() > types && file_->fields.has_spans();
    file_->has_choices = facts_.types.choices_seen() > choices;
    file_->family = most_frequent(families_);
    return {};
  }

  LogFacts take() { return std::move(facts_); }

 private:
  // The first documents that are of no use, for a message.
  void refuse(const Line& line, const Rejection& why) {
    if (facts_.refusals.size() < kShownRefusals) facts_.refusals.push_back(describe(file_->path, line.number, why));
  }
  std::size_t number_of_file() const { return facts_.files.size() - 1; }

  void look_at_document(const Line& line, JsonValue root) {
    finder_.find(root, found_);
    if (found_.is_own_row && !has_usual_text(root))
      if (const std::vector<std::string> rows = inner_rows(root); !rows.empty()) return look_at_rows(line, rows);
    if (facts_.questions.look_at(number_of_file(), root, found_, finder_.inner(), line.text)) {
      ++families_[found_.is_own_row ? std::string("typed decisions")
                                    : fmt::format("typed decisions ({})", found_.family)];
      return;
    }
    if (found_.is_own_row) {
      const TagTool* tool = find_tag_tool(root);
      ++families_[std::string(tool != nullptr ? tool->name : found_.family)];
      ++file_->own_rows;
      file_->finder.look_at(root);
      file_->edits.look_at(root);
      if (root.is_object() && note_paired(root)) ++file_->paired_rows;
      return look_at_row(root);
    }
    ++families_[std::string(found_.family)];
    if (found_.has_text) file_->prompts.add(found_.text);
    if (found_.answer_trouble) return refuse(line, *found_.answer_trouble);
    look_for_edit();
    if (!found_.has_answer) return;
    if (facts_.types.look_at_answer(found_.answer)) return void(++file_->span_answers);
    note_score();
    facts_.answers.add(found_.answer);
  }

  void note_score() {
    const Checked<double> score = read_stated_score(found_.answer);
    if (!std::holds_alternative<double>(score)) return;
    ++facts_.scores;
    facts_.has_levels = facts_.has_levels || (std::get<double>(score) > 0.0 && std::get<double>(score) < 1.0);
  }

  // The teacher may have been asked to leave words out.
  void look_for_edit() {
    const std::size_t file = number_of_file();
    if (!found_.has_answer) {
      if (found_.has_text && found_.id) facts_.edited.add_asked(file, *found_.id, found_.text);
      return;
    }
    const Checked<std::string> written = text_in_answer(found_.answer);
    const auto* answer = std::get_if<std::string>(&written);
    if (answer == nullptr) return;
    if (found_.has_text)
      facts_.edited.add(file, found_.text, *answer);
    else if (found_.id)
      facts_.edited.add_answered(*found_.id, *answer);
  }

  // The rows inside a document.
  void look_at_rows(const Line& line, const std::vector<std::string>& rows) {
    for (const std::string& row : rows) {
      const Line inner{.text = row, .number = line.number, .offset = line.offset};
      const Checked<JsonValue> parsed = json_.parse(inner);
      if (std::holds_alternative<JsonValue>(parsed)) look_at_document(inner, std::get<JsonValue>(parsed));
    }
  }

  // A row of ours or of a tool: an object, or spaCy's ["text", {"entities": ...}].
  void look_at_row(JsonValue root) {
    JsonObject object;
    JsonArray pair;
    if (root.get_array().get(pair) == simdjson::SUCCESS && pair.size() == 2) {
      const JsonValue text = pair.at(0).value_unsafe();
      if (text.is_string()) file_->fields.add("text", text);
      root = pair.at(1).value_unsafe();
    }
    if (root.get_object().get(object) != simdjson::SUCCESS) return;
    inner_.clear();
    for (const auto field : object) {
      if (!field.value.is_null()) file_->fields.add(field.key, field.value);
      if (is_name_of_spans(field.key)) facts_.types.look_at(inner_.open(field.value));
      if (std::ranges::find(kUsualDistributionNames, field.key) != std::end(kUsualDistributionNames))
        note_classes(inner_.open(field.value));
    }
  }

  // Two lists side by side, of classes and their probabilities.
  bool note_paired(JsonValue root) {
    if (!field_of(root, "labels") || !field_of(root, "scores")) return false;
    const auto classes = list_of_classes(root);
    if (!classes) return false;
    for (const std::string_view name : *classes)
      if (facts_.listed.size() < kMostClasses) ++facts_.listed[std::string(name)];
    return true;
  }
  // The classes of a distribution: a map of numbers, or what else looks like one.
  void note_classes(JsonValue value) {
    const auto note = [this](std::string_view name) {
      if (name.size() <= kLongestClassBytes && facts_.listed.size() < kMostClasses) ++facts_.listed[std::string(name)];
    };
    JsonObject map;
    if (value.get_object().get(map) == simdjson::SUCCESS) {
      for (const auto field : map) note(field.key);
    } else if (const auto listed = list_of_classes(value)) {
      for (const std::string_view name : *listed) note(name);
    }
  }

  const DocumentSample sample_;
  LogFacts facts_;
  FileFacts* file_ = nullptr;  // that is looked at
  WordCounts families_;        // of its documents
  JsonRow json_;
  RowFinder finder_;
  FoundRow found_;
  EmbeddedJson inner_;
};

}  // namespace

Result<LogFacts> look_at_logs(const std::vector<std::string>& paths, std::uint64_t dense_documents) {
  FactCollector collector(dense_documents);
  for (const std::string& path : paths)
    if (Status status = collector.look_at(path); !status) return status.error();
  return collector.take();
}

}  // namespace noggin::data
