#include "data/guess/log_guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <span>

#include "data/answers/bare_answer.h"
#include "data/guess/class_guess.h"
#include "data/guess/field_guess.h"
#include "data/guess/question_guess.h"
#include "data/json/json_path.h"
#include "data/json/json_row.h"
#include "data/lines/line_reader.h"
#include "data/logs/class_fields.h"
#include "data/logs/field_aliases.h"
#include "data/logs/inner_rows.h"
#include "data/logs/quarantine.h"
#include "data/logs/row_fields.h"
#include "data/logs/row_finder.h"
#include "data/logs/span_answer.h"
#include "data/logs/span_fields.h"
#include "data/logs/tag_tools.h"
#include "data/logs/text_template.h"
#include "data/rows/class_name.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

using spec::TaskKind;

// A field of own rows with the values it was seen with.
struct FieldFacts {
  std::uint64_t strings = 0, numbers = 0, arrays = 0, bytes = 0;
  WordCounts values;  // strings and numbers, as long as they are few
  bool many_values = false;
};

using Fields = std::map<std::string, FieldFacts>;

constexpr std::size_t kMostValues = 4096;  // of one field
constexpr int kDeepestSpan = 6;
constexpr std::size_t kShownRefusals = 3, kShownFields = 8;
constexpr std::string_view kNumberedToken = "token_id:";
constexpr std::string_view kSpanNames[] = {"spans", "entities", "annotations", "tags", "ner_tags", "label", "labels"};
constexpr std::string_view kTypeNames[] = {"type", "label", "tag", "entity_type", "entity_group"};
constexpr std::string_view kDistributionNames[] = {"logprobs", "probs", "logits", "probabilities"};

bool is_among(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

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

// What is seen of one file.
struct FileFacts {
  Fields fields;  // of own rows
  std::uint64_t own_rows = 0, documents = 0;
  bool has_spans = false;
  std::uint64_t span_answers = 0;
  std::uint64_t paired_rows = 0;  // {"labels": [...], "scores": [...]}
  FieldFinder finder;             // of own rows
  bool has_choices = false;       // as tools for tagging keep them
  CommonTemplate prompts;
};

class Guess {
 public:
  explicit Guess(const GuessOptions& options) : options_(options) {}

  Status look_at(const std::string& path) {
    Result<LineReader> reader = LineReader::open_any(path);
    if (!reader) return reader.error();
    guess_.files.push_back({path, {}});
    guess_.sources.emplace_back().path = path;
    FileFacts& facts = files_.emplace_back();
    WordCounts families;
    std::uint64_t documents = 0, tagged_tokens = 0;
    const std::uint64_t typed = typed_, choices = choices_;
    for (; documents < options_.max_documents; ++documents) {
      const Result<std::optional<Line>> line = reader->next();
      if (!line) return line.error();
      if (!line->has_value()) break;
      const Checked<JsonValue> root = json_.parse(**line);
      if (std::holds_alternative<JsonValue>(root))
        look_at_document(**line, std::get<JsonValue>(root), facts, families);
      else if (note_tagged_token((*line)->text))
        ++tagged_tokens;
      else
        refuse(**line, not_an_object(**line, std::get<Rejection>(root)));
    }
    if (reader->cut()) cut_.push_back(fmt::format("{} {}", path, reader->cut_reason()));
    if (tagged_tokens * 2 > documents) {
      guess_.sources.back().adapter = Adapter::kConll;
      ++tag_files_;
      guess_.has_gold = true;
      families["conll"] = documents;
    }
    facts.documents = documents;
    facts.has_spans = typed_ > typed && holds_spans(facts.fields);
    facts.has_choices = choices_ > choices;
    guess_.documents += documents;
    guess_.files.back().family = most_frequent(families);
    return {};
  }

  Result<LogGuess> finish() {
    if (Status status = choose_question(); !status) return status.error();
    for (std::size_t i = 0; i < files_.size(); ++i)
      if (files_[i].own_rows > 0 && files_[i].own_rows * 2 >= files_[i].documents)
        look_at_fields(guess_.sources[i], files_[i]);
    for (const FileFacts& file : files_) {
      if (file.span_answers * 2 <= file.documents) continue;
      ++tag_files_;
      guess_.has_gold = true;
    }
    for (std::size_t i = 0; i < files_.size(); ++i) take_template(guess_.sources[i], files_[i]);
    choose_task();
    choose_classes();
    if (guess_.documents == 0 || (needs_classes() && guess_.classes.size() < 2)) return nothing_found();
    pair_files();
    return std::move(guess_);
  }

 private:
  static std::string most_frequent(const WordCounts& counts) {
    const auto most = std::max_element(counts.begin(), counts.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == counts.end() ? std::string() : most->first;
  }

  // A list of spans; "label" is one in some tools, and a name in most.
  static bool holds_spans(const Fields& fields) {
    return std::ranges::any_of(kSpanNames, [&fields](std::string_view name) {
      const auto found = fields.find(std::string(name));
      return found != fields.end() && (!name.starts_with("label") || found->second.arrays > 0);
    });
  }

  // The first documents that are of no use, for a message.
  void refuse(const Line& line, const Rejection& why) {
    if (refusals_.size() < kShownRefusals) refusals_.push_back(describe(guess_.files.back().path, line.number, why));
  }

  void look_at_document(const Line& line, JsonValue root, FileFacts& facts, WordCounts& families) {
    finder_.find(root, found_);
    if (found_.is_own_row && !has_usual_text(root))
      if (const std::vector<std::string> rows = inner_rows(root); !rows.empty())
        return look_at_rows(line, rows, facts, families);
    if (questions_.look_at(files_.size() - 1, root, found_, finder_.inner(), line.text)) {
      ++families[found_.is_own_row ? std::string("typed decisions")
                                   : fmt::format("typed decisions ({})", found_.family)];
      return;
    }
    if (found_.is_own_row) {
      const TagTool* tool = find_tag_tool(root);
      ++families[std::string(tool != nullptr ? tool->name : found_.family)];
      ++facts.own_rows;
      facts.finder.look_at(root);
      if (root.is_object() && note_paired(root)) ++facts.paired_rows;
      return look_at_row(root, facts.fields);
    }
    ++families[std::string(found_.family)];
    if (found_.has_text) facts.prompts.add(found_.text);
    if (found_.answer_trouble) return refuse(line, *found_.answer_trouble);
    if (found_.has_answer && !look_at_spans(facts)) look_at_answer();
  }

  // The rows inside a document.
  void look_at_rows(const Line& line, const std::vector<std::string>& rows, FileFacts& facts, WordCounts& families) {
    for (const std::string& row : rows) {
      const Line inner{.text = row, .number = line.number, .offset = line.offset};
      const Checked<JsonValue> parsed = json_.parse(inner);
      if (std::holds_alternative<JsonValue>(parsed))
        look_at_document(inner, std::get<JsonValue>(parsed), facts, families);
    }
  }

  // A row of ours or of a tool: an object, or spaCy's ["text", {"entities": ...}].
  void look_at_row(JsonValue root, Fields& fields) {
    JsonObject object;
    JsonArray pair;
    if (root.get_array().get(pair) == simdjson::SUCCESS && pair.size() == 2) {
      const JsonValue text = pair.at(0).value_unsafe();
      if (text.is_string()) note_value(fields["text"], text);
      root = pair.at(1).value_unsafe();
    }
    if (root.get_object().get(object) != simdjson::SUCCESS) return;
    inner_.clear();
    for (const auto field : object) {
      if (!field.value.is_null()) note_value(fields[std::string(field.key)], field.value);
      if (is_among(field.key, kSpanNames)) note_types(inner_.open(field.value), 0);
      if (is_among(field.key, kDistributionNames)) note_classes(inner_.open(field.value));
    }
  }

  // An answer that lists spans.
  bool look_at_spans(FileFacts& facts) {
    const Checked<std::string> json = json_in_answer(found_.answer);
    if (!std::holds_alternative<std::string>(json)) return false;
    std::string padded = std::get<std::string>(json);
    padded.reserve(padded.size() + kLinePadding);
    const Checked<JsonValue> root = answer_json_.parse({.text = padded});
    const auto types =
        std::holds_alternative<JsonValue>(root) ? spans_in_answer(std::get<JsonValue>(root)) : std::nullopt;
    if (!types) return false;
    ++facts.span_answers;
    for (const std::string_view type : *types) note_type(type, true);
    return true;
  }

  void look_at_answer() {
    guess_.has_teacher = true;
    const LoggedAnswer& answer = found_.answer;
    std::string tokens;
    for (const TokenPosition& position : answer.positions) tokens += position.token;
    const std::string& text = answer.has_text ? answer.text : tokens;
    const bool cut = answer.finish_reason == "length" || answer.finish_reason == "max_tokens";
    const bool numbered = tokens.starts_with(kNumberedToken);
    const bool spelt = tokens.empty() || numbered || tokens.find(bare_answer(text)) != std::string::npos;
    answers_.add(text, cut || !spelt);
    if (numbered && answer.positions.size() == 1 && numbers_.size() < kMostClasses)
      ++numbers_[std::string(class_key(bare_answer(text)))][tokens];
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
      const auto value_of_tool = field_of(value, "value");  // Label Studio's, which has a type of its own
      if (value_of_tool && value_of_tool->is_object()) return note_types(*value_of_tool, depth + 1);
      for (const auto field : object) {
        if (field.key == "choices")
          for_each_string(field.value, [this](std::string_view name) { note_choice(name); });
        else if (is_among(field.key, kTypeNames))
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
    if ((!is_tag && !is_type) || name.empty() || types_.size() >= kMostClasses) return;
    ++types_[std::string(name)];
    ++typed_;
  }
  void note_choice(std::string_view name) {
    if (name.size() > kLongestClassBytes || label_words_.size() >= kMostClasses) return;
    ++label_words_[std::string(name)];
    ++choices_;
    guess_.has_gold = true;
  }
  template <typename Visit>
  static void for_each_string(JsonValue value, const Visit& visit) {
    JsonArray array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return;
    for (const JsonValue item : array)
      if (item.is_string()) visit(string_of(item));
  }
  // Two lists side by side, of classes and their probabilities.
  bool note_paired(JsonValue root) {
    if (!field_of(root, "labels") || !field_of(root, "scores")) return false;
    const auto classes = list_of_classes(root);
    if (!classes) return false;
    for (const std::string_view name : *classes)
      if (listed_.size() < kMostClasses) ++listed_[std::string(name)];
    return true;
  }
  // The classes of a map of probabilities.
  void note_classes(JsonValue value) {
    JsonObject map;
    if (value.get_object().get(map) != simdjson::SUCCESS) return;
    for (const auto field : map)
      if (field.key.size() <= kLongestClassBytes && listed_.size() < kMostClasses) ++listed_[std::string(field.key)];
  }

  static bool have_usual_text(const Fields& fields) {
    return std::ranges::any_of(kUsualTextNames, [&fields](std::string_view name) {
      const auto found = fields.find(std::string(name));
      return found != fields.end() && found->second.strings > 0;
    });
  }

  // The first of the usual names that the rows have as strings; else the string that is longest on average.
  static std::string text_field(const Fields& fields) {
    for (const std::string_view name : kUsualTextNames)
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

  // The question that is to be learnt, if a column is named so; the first of the usual names; else the field with the
  // fewest values that are shared by many rows.
  std::string label_field(const Fields& fields, const std::string& text) const {
    if (!guess_.question.empty() && has(fields, guess_.question)) return guess_.question;
    for (const std::string_view name : kUsualLabelNames) {
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

  // Whether the rows have fields of the usual names that say what is asked and answered.
  static bool have_usual_fields(const Fields& fields) {
    for (const char* name : {"logprobs", "probs", "logits", "prob", "labels", "score", "target"})
      if (has(fields, name)) return true;
    return std::ranges::any_of(kUsualLabelNames, [&fields](std::string_view name) {
      const auto found = fields.find(std::string(name));
      return found != fields.end() && !found->second.many_values && found->second.values.size() > 1;
    });
  }

  // Fields of other names, or in other places.
  bool take_fields(Source& source, const FileFacts& file) {
    const FieldGuess found = file.finder.guess();
    if (found.text.empty() || (found.label.empty() && found.probs.empty() && found.spans.empty())) return false;
    for (const auto& [field, path] : {std::pair("text", &found.text),
                                      {"label", &found.label},
                                      {"probs", &found.probs},
                                      {"spans", &found.spans},
                                      {"confidence", &found.confidence},
                                      {"id", &found.id}}) {
      if (path->empty()) continue;
      source.fields[field] = *path;
      if (std::string_view(field) != "id")
        guess_.notes.push_back(fmt::format("{}: {} is taken from \"{}\"", source.path, field, *path));
    }
    if (!found.spans.empty()) {
      for (const auto& [type, count] : found.classes) types_[type] += count;
      ++tag_files_;
    }
    const bool has_gold = (!found.label.empty() && found.confidence.empty()) || !found.spans.empty();
    guess_.has_gold = guess_.has_gold || has_gold;
    guess_.has_teacher = guess_.has_teacher || !found.probs.empty() || !found.confidence.empty();
    if (!found.spans.empty()) return true;
    WordCounts& classes = found.probs.empty() ? label_words_ : listed_;
    for (const auto& [name, count] : found.classes) classes[name] += count;
    return true;
  }

  // What all prompts of a file share is not learnt.
  void take_template(Source& source, const FileFacts& file) {
    source.text_template = file.prompts.written();
    if (!source.text_template.empty())
      guess_.notes.push_back(fmt::format(
          "{}: the text is what stands at {{text}} in the template; the student is asked with it alone", source.path));
  }

  void look_at_fields(Source& source, const FileFacts& file) {
    const Fields& fields = file.fields;
    if (file.paired_rows * 2 > file.own_rows) {
      guess_.has_teacher = true;
      return;
    }
    if (!file.has_spans && !file.has_choices && guess_.question.empty() &&
        (!have_usual_fields(fields) || !have_usual_text(fields)) && take_fields(source, file))
      return;
    const std::string text = text_field(fields);
    if (!text.empty() && text != "text") source.fields["text"] = text;
    if (file.has_spans) {
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
    const std::string field = guess_.question.empty() || guess_.task == TaskKind::kSingleLabel ? "label" : "score";
    if (label != field) source.fields[field] = label;
    const bool confident = label == "label" && has(fields, "confidence");
    guess_.has_gold = guess_.has_gold || !confident;
    guess_.has_teacher = guess_.has_teacher || confident;
    for (const auto& [word, count] : fields.at(label).values) label_words_[word] += count;
    // Fields with a name of their own switch recognition off: name what is read beside them too.
    if (!source.fields.empty())
      guess_.notes.push_back(
          fmt::format("{}: the text is taken from \"{}\", the label from \"{}\"", source.path, text, label));
  }

  // A log of typed decisions is learnt by one of its questions.
  Status choose_question() {
    guess_.questions = questions_.questions();
    if (guess_.questions.empty()) {
      if (options_.question.empty()) return {};
      return Error{
          ErrorCode::kInvalidArgument,
          fmt::format("no row asks the typed question {}. Fix: leave the question out", excerpt(options_.question))};
    }
    const auto asked = std::ranges::find(guess_.questions, options_.question, &ProposedQuestion::name);
    if (!options_.question.empty() && asked == guess_.questions.end()) {
      std::string names;
      for (const ProposedQuestion& question : guess_.questions) names += (names.empty() ? "" : ", ") + question.name;
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("no row asks the question {}. Fix: take one of {}", excerpt(options_.question), names)};
    }
    const ProposedQuestion& chosen = asked == guess_.questions.end() ? guess_.questions.front() : *asked;
    guess_.question = chosen.name;
    guess_.task = options_.task != nullptr ? *options_.task : chosen.task;
    guess_.has_teacher = true;
    return {};
  }

  void choose_task() {
    if (options_.task != nullptr) {
      guess_.task = *options_.task;
    } else if (!guess_.question.empty()) {
      return;
    } else if (tag_files_ > 0) {
      guess_.task = TaskKind::kTag;
    } else if (multi_label_files_ > 0 && label_words_.empty()) {
      guess_.task = TaskKind::kMultiLabel;
    } else if (score_files_ > 0 && label_words_.empty() && answers_.answers() == 0) {
      guess_.task = TaskKind::kScore;
    } else if (edit_files_ > 0 && label_words_.empty() && answers_.answers() == 0) {
      guess_.task = TaskKind::kEdit;
    }
  }

  bool needs_classes() const { return guess_.task == TaskKind::kSingleLabel || guess_.task == TaskKind::kTag; }

  void choose_classes() {
    if (!guess_.question.empty()) return take_options();
    if (guess_.task == TaskKind::kTag) return take_types();
    if (spec::traits_of(guess_.task).is_classification() || guess_.task == TaskKind::kMultiLabel) take_words();
  }

  // Each option is a class, whether it was answered or not.
  void take_options() {
    if (guess_.task != TaskKind::kSingleLabel) return;
    const auto chosen = std::ranges::find(guess_.questions, guess_.question, &ProposedQuestion::name);
    if (chosen->type == QuestionType::kYesNo) guess_.classes = {{"no", 0}, {"yes", 0}};
    for (const std::string& name : chosen->classes) guess_.classes.emplace_back(name, 0);
  }

  void take_types() {
    guess_.classes = {{"O", 0}};
    for (const auto& [type, count] : types_) {
      guess_.classes.emplace_back("B-" + type, count);
      guess_.classes.emplace_back("I-" + type, 0);
    }
  }

  // Labels are classes; answers in words are, where there are no labels.
  void take_words() {
    WordCounts classes = merge_spellings(label_words_);
    std::set<std::string> known;
    for (const auto& [name, count] : classes) known.insert(class_key(name));
    for (const auto& [word, count] : merge_spellings(listed_))
      if (known.insert(class_key(word)).second) classes.emplace(word, 0);
    if (classes.empty()) classes = answers_.classes(guess_.unread_answers);
    if (answers_.answers() > 0 && classes.size() * 2 > std::max<std::uint64_t>(answers_.answers(), 24) &&
        label_words_.empty()) {
      guess_.notes.push_back(fmt::format("{} different answers among {}: this looks like text, not like classes",
                                         classes.size(), answers_.answers()));
      classes.clear();
    }
    if (classes.size() > kMostClasses) classes.clear();
    guess_.classes.assign(classes.begin(), classes.end());
    for (const auto& [name, count] : classes) name_number(name);
  }

  // The number of the one token with which a class was always answered.
  void name_number(const std::string& name) {
    const auto found = numbers_.find(class_key(name));
    if (found == numbers_.end() || found->second.size() != 1) return;
    const std::string& number = found->second.begin()->first;
    const bool shared = std::ranges::any_of(
        numbers_, [&](const auto& other) { return other.first != found->first && other.second.contains(number); });
    if (!shared) guess_.label_words[name] = {number};
  }

  // Answers without ids, each file beside the one with its requests.
  void pair_files() {
    std::vector<std::size_t> taken;
    for (const auto& [requests, answers] : questions_.side_by_side()) {
      guess_.sources[answers].requests_path = guess_.sources[requests].path;
      taken.push_back(requests);
    }
    for (auto at = taken.rbegin(); at != taken.rend(); ++at)
      guess_.sources.erase(guess_.sources.begin() + static_cast<std::ptrdiff_t>(*at));
  }

  std::string fields_of(std::size_t file) const {
    std::string names;
    std::size_t shown = 0;
    for (const auto& [name, facts] : files_[file].fields)
      if (shown++ < kShownFields) names += (names.empty() ? " with the fields " : ", ") + excerpt(name);
    return names;
  }

  Error nothing_found() const {
    std::string text = "no recipe can be proposed: ";
    for (std::size_t i = 0; i < guess_.files.size(); ++i)
      text +=
          fmt::format("{}{}: {}{}", i == 0 ? "" : "; ", guess_.files[i].path,
                      guess_.files[i].family.empty() ? "nothing that is known" : guess_.files[i].family, fields_of(i));
    text += fmt::format(". {} documents, {} answers in words, {} classes", guess_.documents, answers_.answers(),
                        guess_.classes.size());
    for (const std::string& note : guess_.notes) text += ". " + note;
    for (const std::string& cut : cut_) text += ". " + cut;
    for (const std::string& refusal : refusals_) text += "\n  " + refusal;
    text += refusals_.empty() ? ". " : "\n";
    return Error{ErrorCode::kBadData, text +
                                          "Fix: give all files of the log (requests too), or say what it is: --task, "
                                          "or a recipe with fields: {text: path, label: path}"};
  }

  const GuessOptions& options_;
  LogGuess guess_;
  std::vector<FileFacts> files_;
  JsonRow json_, answer_json_;
  RowFinder finder_;
  FoundRow found_;
  EmbeddedJson inner_;
  QuestionGuess questions_;
  AnswerWords answers_;
  WordCounts label_words_, listed_, types_;
  std::map<std::string, WordCounts> numbers_;  // class_key of an answer -> tokens that are numbers
  std::vector<std::string> refusals_, cut_;
  std::uint64_t typed_ = 0, choices_ = 0;  // spans and tags with a type; choices of a tool
  int tag_files_ = 0, multi_label_files_ = 0, score_files_ = 0, edit_files_ = 0;
};

}  // namespace

Result<LogGuess> guess_logs(const std::vector<std::string>& paths, const GuessOptions& options) {
  Guess guess(options);
  for (const std::string& path : paths)
    if (Status status = guess.look_at(path); !status) return status.error();
  return guess.finish();
}

}  // namespace noggin::data
