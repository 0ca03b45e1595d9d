#include "data/guess/log_guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "data/answers/stated_score.h"
#include "data/guess/class_guess.h"
#include "data/guess/document_sample.h"
#include "data/guess/edit_guess.h"
#include "data/guess/field_guess.h"
#include "data/guess/own_fields.h"
#include "data/guess/question_guess.h"
#include "data/guess/type_guess.h"
#include "data/json/json_path.h"
#include "data/json/json_row.h"
#include "data/lines/line_reader.h"
#include "data/logs/class_fields.h"
#include "data/logs/field_aliases.h"
#include "data/logs/inner_rows.h"
#include "data/logs/quarantine.h"
#include "data/logs/row_finder.h"
#include "data/logs/tag_tools.h"
#include "data/logs/text_template.h"
#include "data/logs/written_answer.h"
#include "data/rows/class_name.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

using spec::TaskKind;

constexpr std::size_t kShownRefusals = 3;

// What is seen of one file.
struct FileFacts {
  OwnFields fields;  // of own rows
  std::uint64_t own_rows = 0, span_answers = 0, documents = 0;
  bool has_spans = false;
  std::uint64_t paired_rows = 0;  // {"labels": [...], "scores": [...]}
  FieldFinder finder;             // of own rows
  EditFields edits;               // of own rows
  bool has_choices = false;       // as tools for tagging keep them
  CommonTemplate prompts;
};

std::string most_frequent(const WordCounts& counts) {
  const auto most = std::ranges::max_element(counts, {}, &WordCounts::value_type::second);
  return most == counts.end() ? std::string() : most->first;
}

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
    const std::uint64_t types = types_.types_seen(), choices = types_.choices_seen();
    const DocumentSample sample(options_.dense_documents);
    for (std::uint64_t number = 0; number < sample.end(); ++number) {
      const Result<std::optional<Line>> line = reader->next();
      if (!line) return line.error();
      if (!line->has_value()) break;
      if (!sample.takes(number)) {
        guess_.is_sample = true;
        continue;
      }
      ++documents;
      const Checked<JsonValue> root = json_.parse(**line);
      if (std::holds_alternative<JsonValue>(root))
        look_at_document(**line, std::get<JsonValue>(root), facts, families);
      else if (types_.look_at_line((*line)->text))
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
    facts.has_spans = types_.types_seen() > types && facts.fields.has_spans();
    facts.has_choices = types_.choices_seen() > choices;
    guess_.has_gold = guess_.has_gold || facts.has_choices;
    guess_.documents += documents;
    guess_.files.back().family = most_frequent(families);
    return {};
  }

  Result<LogGuess> finish() {
    if (Status status = choose_question(); !status) return status.error();
    for (const auto& [name, count] : types_.choices()) label_words_[name] += count;
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
    note_answers();
    choose_classes();
    const bool needs_classes = guess_.task == TaskKind::kSingleLabel || guess_.task == TaskKind::kTag;
    if (guess_.documents == 0 || (needs_classes && guess_.classes.size() < 2)) return nothing_found();
    pair_files();
    return std::move(guess_);
  }

 private:
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
      facts.edits.look_at(root);
      if (root.is_object() && note_paired(root)) ++facts.paired_rows;
      return look_at_row(root, facts.fields);
    }
    ++families[std::string(found_.family)];
    if (found_.has_text) facts.prompts.add(found_.text);
    if (found_.answer_trouble) return refuse(line, *found_.answer_trouble);
    look_for_edit();
    if (!found_.has_answer) return;
    if (types_.look_at_answer(found_.answer)) return void(++facts.span_answers);
    note_score();
    answers_.add(found_.answer);
  }

  void note_score() {
    const Checked<double> score = read_stated_score(found_.answer);
    if (!std::holds_alternative<double>(score)) return;
    ++scores_;
    has_levels_ = has_levels_ || (std::get<double>(score) > 0.0 && std::get<double>(score) < 1.0);
  }

  // Nearly all answers are numbers from 0 to 1, some of them between.
  bool are_scores() const { return has_levels_ && scores_ * 10 >= answers_.answers() * 9; }

  // The teacher may have been asked to leave words out.
  void look_for_edit() {
    const std::size_t file = files_.size() - 1;
    if (!found_.has_answer) {
      if (found_.has_text && found_.id) edited_.add_asked(file, *found_.id, found_.text);
      return;
    }
    const Checked<std::string> written = text_in_answer(found_.answer);
    const auto* answer = std::get_if<std::string>(&written);
    if (answer == nullptr) return;
    if (found_.has_text)
      edited_.add(file, found_.text, *answer);
    else if (found_.id)
      edited_.add_answered(*found_.id, *answer);
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
  void look_at_row(JsonValue root, OwnFields& fields) {
    JsonObject object;
    JsonArray pair;
    if (root.get_array().get(pair) == simdjson::SUCCESS && pair.size() == 2) {
      const JsonValue text = pair.at(0).value_unsafe();
      if (text.is_string()) fields.add("text", text);
      root = pair.at(1).value_unsafe();
    }
    if (root.get_object().get(object) != simdjson::SUCCESS) return;
    inner_.clear();
    for (const auto field : object) {
      if (!field.value.is_null()) fields.add(field.key, field.value);
      if (is_name_of_spans(field.key)) types_.look_at(inner_.open(field.value));
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
      if (listed_.size() < kMostClasses) ++listed_[std::string(name)];
    return true;
  }
  // The classes of a distribution: a map of numbers, or what else looks like one.
  void note_classes(JsonValue value) {
    const auto note = [this](std::string_view name) {
      if (name.size() <= kLongestClassBytes && listed_.size() < kMostClasses) ++listed_[std::string(name)];
    };
    JsonObject map;
    if (value.get_object().get(map) == simdjson::SUCCESS) {
      for (const auto field : map) note(field.key);
    } else if (const auto listed = list_of_classes(value)) {
      for (const std::string_view name : *listed) note(name);
    }
  }

  bool wants_score() const { return options_.task == nullptr || *options_.task == TaskKind::kScore; }

  // Fields of other names, or in other places.
  bool take_fields(Source& source, const FileFacts& file) {
    const FieldGuess found = file.finder.guess();
    if (found.text.empty() || (found.label.empty() && found.probs.empty() && found.spans.empty())) return false;
    const bool levels = !found.label.empty() && found.probs.empty() && wants_score() && are_levels(found.classes);
    for (const auto& [field, path] : {std::pair("text", &found.text),
                                      {levels ? "score" : "label", &found.label},
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
      if (!file.has_spans) types_.add(found.classes);  // else they were seen with the rows
      ++tag_files_;
    }
    const bool has_gold = (!found.label.empty() && found.confidence.empty()) || !found.spans.empty();
    guess_.has_gold = guess_.has_gold || has_gold;
    guess_.has_teacher = guess_.has_teacher || !found.probs.empty() || !found.confidence.empty();
    if (!found.spans.empty()) return true;
    if (levels) {
      ++score_files_;
      return true;
    }
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

  // Texts beside the same texts without some words, unless a field of a usual name has classes.
  bool take_edit(Source& source, const FileFacts& file) {
    const bool asked = options_.task != nullptr && *options_.task == TaskKind::kEdit;
    if (!asked && (options_.task != nullptr || file.fields.has_usual_classes())) return false;
    const EditFields::Names names = file.edits.names();
    if (names.text.empty()) {
      const bool is_own = asked && file.fields.has("target");
      guess_.has_gold = guess_.has_gold || is_own;
      return is_own;
    }
    guess_.has_gold = true;
    ++edit_files_;
    if (names.text == "text" && names.target == "target") return true;
    source.fields["text"] = names.text;
    source.fields["target"] = names.target;
    guess_.notes.push_back(
        fmt::format("{}: \"{}\" is taken as the text, \"{}\" as what is left of it without the "
                    "words that go",
                    source.path, names.text, names.target));
    return true;
  }

  // Under no name that rows are read by.
  static bool has_distribution_elsewhere(const FileFacts& file) {
    return !file.fields.has_usual_distribution() && !file.finder.guess().probs.empty();
  }

  void look_at_fields(Source& source, const FileFacts& file) {
    const OwnFields& fields = file.fields;
    if (file.paired_rows * 2 > file.own_rows) {
      guess_.has_teacher = true;
      return;
    }
    if (!file.has_spans && !file.has_choices && guess_.question.empty() && take_edit(source, file)) return;
    if (file.has_spans && !fields.has_usual_text() && !file.finder.guess().spans.empty() && take_fields(source, file))
      return;
    if (!file.has_spans && !file.has_choices && guess_.question.empty() &&
        (!fields.has_usual_answer() || !fields.has_usual_text() || has_distribution_elsewhere(file)) &&
        take_fields(source, file))
      return;
    const std::string text = fields.text();
    if (!text.empty() && text != "text") source.fields["text"] = text;
    const bool distribution = fields.has_usual_distribution();
    guess_.has_teacher = guess_.has_teacher || distribution || (!file.has_spans && fields.has("prob"));
    if (file.has_spans) {
      ++tag_files_;
      guess_.has_gold = true;
      return;
    }
    if (fields.has_arrays("labels")) ++multi_label_files_;
    if (fields.has_numbers("score") && !fields.has("label")) ++score_files_;
    const std::string label = fields.label(text, guess_.question);
    if (label.empty() || (distribution && names_an_answer(label))) return;
    const std::string field = guess_.question.empty() || guess_.task == TaskKind::kSingleLabel ? "label" : "score";
    if (label != field) source.fields[field] = label;
    const bool confident = label == "label" && fields.has("confidence");
    guess_.has_gold = guess_.has_gold || !confident;
    guess_.has_teacher = guess_.has_teacher || confident;
    for (const auto& [word, count] : fields.values_of(label)) label_words_[word] += count;
    // Fields with a name of their own switch recognition off: name what is read beside them too.
    if (!source.fields.empty())
      guess_.notes.push_back(
          fmt::format("{}: the text is taken from \"{}\", the label from \"{}\"", source.path, text, label));
  }

  // A log of typed decisions is learnt by one of its questions.
  Status choose_question() {
    guess_.questions = questions_.questions();
    if (guess_.questions.empty()) return options_.question.empty() ? Status() : no_such_question();
    const auto asked = std::ranges::find(guess_.questions, options_.question, &ProposedQuestion::name);
    if (!options_.question.empty() && asked == guess_.questions.end()) return no_such_question();
    const ProposedQuestion& chosen = asked == guess_.questions.end() ? guess_.questions.front() : *asked;
    guess_.question = chosen.name;
    guess_.task = options_.task != nullptr ? *options_.task : chosen.task;
    guess_.has_teacher = true;
    return {};
  }

  Error no_such_question() const {
    const std::string asked = excerpt(options_.question);
    if (guess_.questions.empty())
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("no row asks the typed question {}. Fix: leave the question out", asked)};
    std::string names;
    for (const ProposedQuestion& question : guess_.questions) names += (names.empty() ? "" : ", ") + question.name;
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("no row asks the question {}. Fix: take one of {}", asked, names)};
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
    } else if (label_words_.empty() && are_scores()) {
      guess_.task = TaskKind::kScore;
    } else if (label_words_.empty() && (answers_.answers() == 0 ? edit_files_ > 0 : are_edited_texts())) {
      guess_.task = TaskKind::kEdit;
    }
  }

  bool are_edited_texts() const {
    return edited_.is_edit([this](std::size_t file, const std::string& prompt) {
      std::string text = prompt;
      if (const auto known = TextTemplate::parse(guess_.sources[file].text_template)) (void)known->take_text(text);
      return text;
    });
  }

  // An edited text says nothing of the teacher's doubts, so it is taken as gold.
  void note_answers() {
    if (answers_.answers() == 0) return;
    (guess_.task == TaskKind::kEdit ? guess_.has_gold : guess_.has_teacher) = true;
  }

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
    for (const auto& [type, count] : types_.types()) {
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
    for (const auto& [name, count] : classes)
      if (std::string number = answers_.number_of(name); !number.empty())
        guess_.label_words[name] = {std::move(number)};
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

  Error nothing_found() const {
    std::string text = "no recipe can be proposed: ";
    for (std::size_t i = 0; i < guess_.files.size(); ++i)
      text += fmt::format("{}{}: {}{}", i == 0 ? "" : "; ", guess_.files[i].path,
                          guess_.files[i].family.empty() ? "nothing that is known" : guess_.files[i].family,
                          files_[i].fields.described());
    text += fmt::format(". {} documents, {} answers in words, {} classes", guess_.documents, answers_.answers(),
                        guess_.classes.size());
    for (const auto* told : {&guess_.notes, &cut_})
      for (const std::string& note : *told) text += ". " + note;
    for (const std::string& refusal : refusals_) text += "\n  " + refusal;
    text += refusals_.empty() ? ". " : "\n";
    return Error{ErrorCode::kBadData, text +
                                          "Fix: give all files of the log (requests too), or say what it is: --task, "
                                          "or a recipe with fields: {text: path, label: path}"};
  }

  const GuessOptions& options_;
  LogGuess guess_;
  std::vector<FileFacts> files_;
  JsonRow json_;
  RowFinder finder_;
  FoundRow found_;
  EmbeddedJson inner_;
  QuestionGuess questions_;
  EditAnswers edited_;
  AnswerWords answers_;
  TypeGuess types_;
  WordCounts label_words_, listed_;
  std::vector<std::string> refusals_, cut_;
  std::uint64_t scores_ = 0;  // answers that state one
  bool has_levels_ = false;
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
