#include "data/ingest/log_guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "data/answers/bare_answer.h"
#include "data/json/json_path.h"
#include "data/json/json_row.h"
#include "data/lines/line_reader.h"
#include "data/logs/row_fields.h"
#include "data/logs/row_finder.h"
#include "data/rows/class_name.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

using spec::TaskKind;

// Names that logs use for our fields, the usual ones first.
constexpr std::string_view kTextNames[] = {"text",    "sentence", "utterance", "query",   "question", "input",
                                           "content", "message",  "document",  "review",  "tweet",    "title",
                                           "prompt",  "body",     "comment",   "sequence"};
constexpr std::string_view kLabelNames[] = {"label",       "intent", "category", "class",      "label_text",
                                            "labels_text", "answer", "target",   "topic",      "sentiment",
                                            "tag",         "gold",   "y",        "prediction", "output"};

// A field of own rows with the values it was seen with.
struct FieldFacts {
  std::uint64_t strings = 0, numbers = 0, arrays = 0, bytes = 0;
  std::map<std::string, std::uint64_t> values;  // strings and numbers, as long as they are few
  bool many_values = false;
};

using Fields = std::map<std::string, FieldFacts>;
using WordCounts = std::map<std::string, std::uint64_t>;

constexpr std::size_t kMostValues = 4096;  // of one field
constexpr std::size_t kLongestClassBytes = 80;
constexpr std::size_t kMostClasses = 2000;
constexpr int kDeepestSpan = 6;
constexpr std::string_view kSpanNames[] = {"spans", "entities", "annotations", "tags", "ner_tags", "label", "labels"};
constexpr std::string_view kDistributionNames[] = {"logprobs", "probs", "logits", "probabilities"};

void note_value(FieldFacts& facts, JsonValue value) {
  if (value.is_array()) ++facts.arrays;
  if (value.is_number()) ++facts.numbers;
  if (value.is_string()) {
    ++facts.strings;
    facts.bytes += string_of(value).size();
  }
  if (!value.is_string() && !value.is_number()) return;
  const std::string word = value.is_string() ? std::string(string_of(value)) : simdjson::minify(value);
  if (facts.many_values || word.size() > kLongestClassBytes) {
    facts.many_values = true;
    return;
  }
  ++facts.values[word];
  facts.many_values = facts.values.size() > kMostValues;
}

// One spelling for each class: the most frequent one.
WordCounts merge_spellings(const WordCounts& words) {
  std::map<std::string, std::pair<std::string, std::uint64_t>> best;
  WordCounts sums;
  for (const auto& [word, count] : words) {
    const std::string key = class_key(word);
    if (key.empty()) continue;
    sums[key] += count;
    auto& kept = best[key];
    if (count > kept.second) kept = {std::string(trimmed_name(word)), count};
  }
  WordCounts merged;
  for (const auto& [key, kept] : best) merged[kept.first] += sums[key];
  return merged;
}

class Guess {
 public:
  explicit Guess(const TaskKind* task) : task_(task) {}

  Status look_at(const std::string& path, std::uint64_t max_documents) {
    Result<LineReader> reader = LineReader::open_any(path);
    if (!reader) return reader.error();
    Source& source = guess_.sources.emplace_back();
    source.path = path;
    Fields fields;
    WordCounts families;
    std::uint64_t documents = 0, tagged_tokens = 0;
    for (; documents < max_documents; ++documents) {
      const Result<std::optional<Line>> line = reader->next();
      if (!line) return line.error();
      if (!line->has_value()) break;
      const Checked<JsonValue> root = json_.parse(**line);
      if (std::holds_alternative<JsonValue>(root))
        look_at_document(std::get<JsonValue>(root), fields, families);
      else if (note_tagged_token((*line)->text))
        ++tagged_tokens;
    }
    if (tagged_tokens * 2 > documents) {
      source.adapter = Adapter::kConll;
      ++tag_files_;
      guess_.has_gold = true;
      families["conll"] = documents;
    }
    guess_.documents += documents;
    guess_.families.push_back(most_frequent(families));
    if (!fields.empty()) look_at_fields(source, fields);
    return {};
  }

  Result<LogGuess> finish() {
    choose_task();
    choose_classes();
    if (guess_.documents == 0 || (needs_classes() && guess_.classes.size() < 2)) return nothing_found();
    return std::move(guess_);
  }

 private:
  static std::string most_frequent(const WordCounts& counts) {
    const auto most = std::max_element(counts.begin(), counts.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == counts.end() ? std::string() : most->first;
  }

  void look_at_document(JsonValue root, Fields& fields, WordCounts& families) {
    finder_.find(root, found_);
    ++families[std::string(found_.family)];
    if (found_.is_own_row) {
      JsonObject object;
      if (root.get_object().get(object) != simdjson::SUCCESS) return;
      for (const auto field : object) {
        if (!field.value.is_null()) note_value(fields[std::string(field.key)], field.value);
        if (std::ranges::find(kSpanNames, field.key) != std::end(kSpanNames)) note_types(field.value, 0);
        if (std::ranges::find(kDistributionNames, field.key) != std::end(kDistributionNames)) note_classes(field.value);
      }
      return;
    }
    if (!found_.has_answer || found_.answer_trouble) return;
    guess_.has_teacher = true;
    ++answers_;
    std::string text = found_.answer.text;
    if (!found_.answer.has_text)
      for (const TokenPosition& position : found_.answer.positions) text += position.token;
    const std::string word = bare_answer(text);
    if (word.empty() || word.size() > kLongestClassBytes)
      ++guess_.unread_answers;
    else
      ++answer_words_[word];
  }

  // "Bern NNP I-NP B-LOC": a line of columns whose last is a tag.
  bool note_tagged_token(std::string_view line) {
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t')) line.remove_suffix(1);
    const std::size_t gap = line.find_last_of(" \t");
    if (gap == std::string_view::npos) return false;
    const std::string_view tag = line.substr(gap + 1);
    const bool is_tag =
        tag.size() > 2 && tag[1] == '-' && std::string_view("BIESUL").find(tag[0]) != std::string_view::npos;
    if (is_tag && types_.size() < kMostClasses) ++types_[std::string(tag.substr(2))];
    return is_tag || tag == "O";
  }

  // Types of spans, wherever a tool puts them: "type" or "label" of an object, the third of [start, end, type], a tag.
  void note_types(JsonValue value, int depth) {
    JsonArray array;
    JsonObject object;
    if (depth > kDeepestSpan) return;
    if (value.get_array().get(array) == simdjson::SUCCESS) {
      const bool is_triple =
          array.size() == 3 && JsonValue(array.at(0)).is_number() && JsonValue(array.at(2)).is_string();
      for (const JsonValue item : array) {
        if (item.is_string())
          note_type(string_of(item), is_triple);
        else
          note_types(item, depth + 1);
      }
    } else if (value.get_object().get(object) == simdjson::SUCCESS) {
      for (const auto field : object) {
        if (field.key == "type" || field.key == "label" || field.key == "tag")
          note_type(string_of(field.value), true);
        else if (field.key == "labels")
          for_each_string(field.value, [this](std::string_view name) { note_type(name, true); });
        else if (!field.value.is_string())
          note_types(field.value, depth + 1);
      }
    }
  }
  void note_type(std::string_view name, bool is_type) {
    const bool is_tag = name.starts_with("B-") || name.starts_with("I-");
    if (is_tag) name.remove_prefix(2);
    if ((is_tag || is_type) && !name.empty() && types_.size() < kMostClasses) ++types_[std::string(name)];
  }
  template <typename Visit>
  static void for_each_string(JsonValue value, const Visit& visit) {
    JsonArray array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return;
    for (const JsonValue item : array)
      if (item.is_string()) visit(string_of(item));
  }
  // The classes of a map of probabilities.
  void note_classes(JsonValue value) {
    JsonObject map;
    if (value.get_object().get(map) != simdjson::SUCCESS) return;
    for (const auto field : map)
      if (field.key.size() <= kLongestClassBytes && listed_.size() < kMostClasses) ++listed_[std::string(field.key)];
  }

  // The first of the usual names that the rows have as strings; else the string that is longest on average.
  static std::string text_field(const Fields& fields) {
    for (const std::string_view name : kTextNames)
      if (const auto found = fields.find(std::string(name)); found != fields.end() && found->second.strings > 0)
        return found->first;
    std::string best;
    double longest = 0.0;
    for (const auto& [name, facts] : fields) {
      if (facts.strings == 0 || facts.values.size() * 2 < facts.strings) continue;
      const double length = static_cast<double>(facts.bytes) / static_cast<double>(facts.strings);
      if (length > longest) {
        longest = length;
        best = name;
      }
    }
    return best;
  }

  // The first of the usual names; else the field with the fewest values that are shared by many rows.
  static std::string label_field(const Fields& fields, const std::string& text) {
    for (const std::string_view name : kLabelNames) {
      const auto found = fields.find(std::string(name));
      if (found != fields.end() && found->first != text && !found->second.many_values &&
          found->second.strings + found->second.numbers > 0)
        return found->first;
    }
    for (const auto& [name, facts] : fields)
      if (name != text && name != "id" && facts.strings > 0 && !facts.many_values && facts.values.size() > 1 &&
          facts.values.size() * 2 <= facts.strings)
        return name;
    return {};
  }

  static bool has(const Fields& fields, std::string_view name) { return fields.contains(std::string(name)); }

  void look_at_fields(Source& source, const Fields& fields) {
    const std::string text = text_field(fields);
    if (!text.empty() && text != "text") source.fields["text"] = text;
    const bool has_spans = !types_.empty() && (has(fields, "spans") || has(fields, "tags") || has(fields, "entities") ||
                                               has(fields, "annotations") || has(fields, "ner_tags"));
    if (has_spans) {
      ++tag_files_;
      guess_.has_gold = true;
      return;
    }
    const bool distribution = has(fields, "logprobs") || has(fields, "probs") || has(fields, "logits");
    guess_.has_teacher = guess_.has_teacher || distribution || has(fields, "prob");
    if (has(fields, "labels") && fields.at("labels").arrays > 0) ++multi_label_files_;
    if (has(fields, "score") && fields.at("score").numbers > 0 && !has(fields, "label")) ++score_files_;
    const std::string label = label_field(fields, text);
    if (label.empty() || (label == "target" && !has(fields, "label"))) {
      edit_files_ += label == "target" ? 1 : 0;
      return;
    }
    if (label != "label") source.fields["label"] = label;
    const bool confident = label == "label" && has(fields, "confidence");
    guess_.has_gold = guess_.has_gold || !confident;
    guess_.has_teacher = guess_.has_teacher || confident;
    for (const auto& [word, count] : fields.at(label).values) label_words_[word] += count;
    // Fields with a name of their own switch recognition off: name what is read beside them too.
    if (!source.fields.empty())
      guess_.notes.push_back(
          fmt::format("{}: the text is taken from \"{}\", the label from \"{}\"", source.path, text, label));
  }

  void choose_task() {
    if (task_ != nullptr) {
      guess_.task = *task_;
    } else if (tag_files_ > 0) {
      guess_.task = TaskKind::kTag;
    } else if (multi_label_files_ > 0 && label_words_.empty()) {
      guess_.task = TaskKind::kMultiLabel;
    } else if (score_files_ > 0 && label_words_.empty() && answer_words_.empty()) {
      guess_.task = TaskKind::kScore;
    } else if (edit_files_ > 0 && label_words_.empty() && answer_words_.empty()) {
      guess_.task = TaskKind::kEdit;
    }
  }

  bool needs_classes() const { return guess_.task == TaskKind::kSingleLabel || guess_.task == TaskKind::kTag; }

  // Labels are classes; answers in words are, where they are frequent enough to be no accident.
  void choose_classes() {
    if (guess_.task == TaskKind::kTag) {
      guess_.classes = {{"O", 0}};
      for (const auto& [type, count] : types_) {
        guess_.classes.emplace_back("B-" + type, count);
        guess_.classes.emplace_back("I-" + type, 0);
      }
      return;
    }
    if (!spec::traits_of(guess_.task).is_classification() && guess_.task != TaskKind::kMultiLabel) return;
    WordCounts classes = merge_spellings(label_words_);
    std::set<std::string> known;
    for (const auto& [name, count] : classes) known.insert(class_key(name));
    for (const auto& [word, count] : merge_spellings(listed_))
      if (known.insert(class_key(word)).second) classes.emplace(word, 0);
    const bool has_names = !classes.empty();
    const std::uint64_t rare = answers_ < 200 ? 1 : std::max<std::uint64_t>(2, answers_ / 2000);
    for (const auto& [word, count] : has_names ? WordCounts() : merge_spellings(answer_words_)) {
      if (count >= rare)
        classes[word] = count;
      else
        guess_.unread_answers += count;
    }
    if (answers_ > 0 && classes.size() * 2 > std::max<std::uint64_t>(answers_, 24) && label_words_.empty()) {
      guess_.notes.push_back(fmt::format("{} different answers among {}: this looks like text, not like classes",
                                         classes.size(), answers_));
      classes.clear();
    }
    if (classes.size() > kMostClasses) classes.clear();
    guess_.classes.assign(classes.begin(), classes.end());
  }

  Error nothing_found() const {
    std::string text = "no recipe can be proposed: ";
    for (std::size_t i = 0; i < guess_.sources.size(); ++i)
      text += fmt::format("{}{}: {}", i == 0 ? "" : "; ", guess_.sources[i].path,
                          guess_.families[i].empty() ? "nothing that is known" : guess_.families[i]);
    text += fmt::format(". {} documents, {} answers in words, {} classes", guess_.documents, answers_,
                        guess_.classes.size());
    for (const std::string& note : guess_.notes) text += ". " + note;
    return Error{ErrorCode::kBadData, text +
                                          ". Fix: give all files of the log (requests too), or say what it is: --task, "
                                          "or a recipe with fields: {text: path, label: path}"};
  }

  const TaskKind* task_;
  LogGuess guess_;
  JsonRow json_;
  RowFinder finder_;
  FoundRow found_;
  WordCounts label_words_, listed_, answer_words_, types_;
  std::uint64_t answers_ = 0;
  int tag_files_ = 0, multi_label_files_ = 0, score_files_ = 0, edit_files_ = 0;
};

}  // namespace

Result<LogGuess> guess_logs(const std::vector<std::string>& paths, std::uint64_t max_documents,
                            const spec::TaskKind* task) {
  Guess guess(task);
  for (const std::string& path : paths)
    if (Status status = guess.look_at(path, max_documents); !status) return status.error();
  return guess.finish();
}

}  // namespace noggin::data
