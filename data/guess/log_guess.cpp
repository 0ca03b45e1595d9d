#include "data/guess/log_guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "data/guess/log_facts.h"
#include "data/json/json_path.h"
#include "data/rows/class_name.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

using spec::TaskKind;

class Guess {
 public:
  Guess(LogFacts facts, const GuessOptions& options) : options_(options), facts_(std::move(facts)) {}

  Result<LogGuess> conclude() {
    guess_.is_sample = facts_.is_sample;
    for (const FileFacts& file : facts_.files) {
      guess_.files.push_back({file.path, file.family});
      guess_.sources.emplace_back().path = file.path;
      guess_.documents += file.documents;
    }
    if (Status status = choose_question(); !status) return status.error();
    label_words_ = facts_.types.choices();
    for (std::size_t i = 0; i < facts_.files.size(); ++i) conclude_from(facts_.files[i], guess_.sources[i]);
    choose_task();
    note_answers();
    choose_classes();
    const bool needs_classes = guess_.task == TaskKind::kSingleLabel || guess_.task == TaskKind::kTag;
    if (guess_.documents == 0 || (needs_classes && guess_.classes.size() < 2)) return nothing_found();
    pair_files();
    return std::move(guess_);
  }

 private:
  void conclude_from(const FileFacts& file, Source& source) {
    if (file.is_conll) source.adapter = Adapter::kConll;
    guess_.has_gold = guess_.has_gold || file.is_conll || file.has_choices || file.has_span_answers();
    tag_files_ += file.is_conll + file.has_span_answers();
    if (file.has_own_rows()) look_at_fields(source, file);
    take_template(source, file);
  }

  bool wants_score() const { return options_.task == nullptr || *options_.task == TaskKind::kScore; }

  // Fields of other names, or in other places.
  bool take_fields(Source& source, const FileFacts& file, const FieldGuess& found) {
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
      if (!file.has_spans) facts_.types.add(found.classes);  // else they were seen with the rows
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
    WordCounts& classes = found.probs.empty() ? label_words_ : facts_.listed;
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

  void look_at_fields(Source& source, const FileFacts& file) {
    const OwnFields& fields = file.fields;
    if (file.paired_rows * 2 > file.own_rows) {
      guess_.has_teacher = true;
      return;
    }
    const bool may_hold_classes = !file.has_spans && !file.has_choices && guess_.question.empty();
    if (may_hold_classes && take_edit(source, file)) return;
    const FieldGuess found = file.finder.guess();
    const bool spans_elsewhere = file.has_spans && !fields.has_usual_text() && !found.spans.empty();
    const bool distribution_elsewhere = !fields.has_usual_distribution() && !found.probs.empty();
    const bool classes_elsewhere =
        may_hold_classes && (!fields.has_usual_answer() || !fields.has_usual_text() || distribution_elsewhere);
    if (spans_elsewhere || classes_elsewhere)
      if (take_fields(source, file, found)) return;
    take_usual_fields(source, file);
  }

  void take_usual_fields(Source& source, const FileFacts& file) {
    const OwnFields& fields = file.fields;
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
    guess_.questions = facts_.questions.questions();
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
    } else if (score_files_ > 0 && label_words_.empty() && facts_.answers.answers() == 0) {
      guess_.task = TaskKind::kScore;
    } else if (label_words_.empty() && facts_.are_scores()) {
      guess_.task = TaskKind::kScore;
    } else if (label_words_.empty() && (facts_.answers.answers() == 0 ? edit_files_ > 0 : are_edited_texts())) {
      guess_.task = TaskKind::kEdit;
    }
  }

  bool are_edited_texts() const {
    return facts_.edited.is_edit([this](std::size_t file, const std::string& prompt) {
      std::string text = prompt;
      if (const auto known = TextTemplate::parse(guess_.sources[file].text_template)) (void)known->take_text(text);
      return text;
    });
  }

  // An edited text says nothing of the teacher's doubts, so it is taken as gold.
  void note_answers() {
    if (facts_.answers.answers() == 0) return;
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
    for (const auto& [type, count] : facts_.types.types()) {
      guess_.classes.emplace_back("B-" + type, count);
      guess_.classes.emplace_back("I-" + type, 0);
    }
  }

  // Labels are classes; answers in words are, where there are no labels.
  void take_words() {
    WordCounts classes = merge_spellings(label_words_);
    std::set<std::string> known;
    for (const auto& [name, count] : classes) known.insert(class_key(name));
    for (const auto& [word, count] : merge_spellings(facts_.listed))
      if (known.insert(class_key(word)).second) classes.emplace(word, 0);
    if (classes.empty()) classes = facts_.answers.classes(guess_.unread_answers);
    if (facts_.answers.answers() > 0 && classes.size() * 2 > std::max<std::uint64_t>(facts_.answers.answers(), 24) &&
        label_words_.empty()) {
      guess_.notes.push_back(fmt::format("{} different answers among {}: this looks like text, not like classes",
                                         classes.size(), facts_.answers.answers()));
      classes.clear();
    }
    if (classes.size() > kMostClasses) classes.clear();
    guess_.classes.assign(classes.begin(), classes.end());
    for (const auto& [name, count] : classes)
      if (std::string number = facts_.answers.number_of(name); !number.empty())
        guess_.label_words[name] = {std::move(number)};
  }

  // Answers without ids, each file beside the one with its requests.
  void pair_files() {
    std::vector<std::size_t> taken;
    for (const auto& [requests, answers] : facts_.questions.side_by_side()) {
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
                          facts_.files[i].fields.described());
    text += fmt::format(". {} documents, {} answers in words, {} classes", guess_.documents, facts_.answers.answers(),
                        guess_.classes.size());
    for (const auto* told : {&guess_.notes, &facts_.cut})
      for (const std::string& note : *told) text += ". " + note;
    for (const std::string& refusal : facts_.refusals) text += "\n  " + refusal;
    text += facts_.refusals.empty() ? ". " : "\n";
    return Error{ErrorCode::kBadData, text +
                                          "Fix: give all files of the log (requests too), or say what it is: --task, "
                                          "or a recipe with fields: {text: path, label: path}"};
  }

  const GuessOptions& options_;
  LogFacts facts_;
  LogGuess guess_;
  WordCounts label_words_;
  int tag_files_ = 0, multi_label_files_ = 0, score_files_ = 0, edit_files_ = 0;
};

}  // namespace

Result<LogGuess> guess_logs(const std::vector<std::string>& paths, const GuessOptions& options) {
  Result<LogFacts> facts = look_at_logs(paths, options.dense_documents);
  if (!facts) return facts.error();
  return Guess(std::move(*facts), options).conclude();
}

}  // namespace noggin::data
