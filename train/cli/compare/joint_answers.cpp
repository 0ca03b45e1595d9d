#include "train/cli/compare/joint_answers.h"

#include <algorithm>
#include <chrono>

#include "bytes/content_hash.h"
#include "bytes/float_hash.h"
#include "bytes/hex.h"
#include "engine/answer.h"
#include "format/reader.h"
#include "kernels/float_environment.h"
#include "prediction/predictor.h"
#include "tokenizer/wordpiece.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

constexpr std::size_t kWarmTexts = 16, kMostTimedTexts = 5000;

bool has_tokenizer(const Model& model) { return model.view().config.family == spec::Family::kEncoder; }

const char* family_of(const Model& model) {
  if (!has_tokenizer(model)) return "linear (hashed n-grams)";
  return model.view().layers.empty() ? "static (mean of word rows)" : "transformer";
}

// One of the two models, while it answers.
class Answerer {
 public:
  Answerer(const Model& model, const ClassMap& map, std::size_t joint_classes)
      : model_(model),
        map_(map),
        classes_(joint_classes),
        session_(train::value_or_throw(Session::create(model))),
        predictor_(model, session_) {}

  // Microseconds of the answer; it is kept if `answers` is given.
  double answer(std::string_view text, exporter::ModelAnswers* answers) {
    const auto keep = [&](std::size_t, const train::Prediction& answer, std::span<const float> logits) {
      answer_ = answer;  // what a caller would do with it, too
      logits_.assign(logits.begin(), logits.end());
    };
    const auto start = std::chrono::steady_clock::now();
    train::throw_unless_ok(predictor_.predict(std::span(&text, 1), keep, !traits().per_token()));
    const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
    if (answers != nullptr) add(*answers);
    return time.count();
  }

  exporter::ModelFacts facts() const {
    exporter::ModelFacts facts;
    facts.content_hash = hex(model_.content_hash());
    facts.family = family_of(model_);
    facts.kernels = session_.kernel_set();
    facts.memory_bytes = session_.memory_bytes();
    facts.max_tokens = model_.max_tokens();
    facts.temperature = model_.temperature();
    facts.abstain_below = model_.abstain_below();
    facts.labels.assign(model_.labels().begin(), model_.labels().end());
    for (std::size_t c = 0; traits().has_thresholds && c < facts.labels.size(); ++c) {
      facts.thresholds[facts.labels[c]] = model_.threshold(c);
    }
    facts.vocabulary_hash = hex(content_hash(model_.view().tokenizer));
    return facts;
  }

 private:
  const spec::TaskTraits& traits() const { return spec::traits_of(model_.task()); }

  void add(exporter::ModelAnswers& answers) {
    answers.predictions.push_back(in_joint_classes(answer_, map_));
    if (const auto* spans = std::get_if<runtime::SpanAnswer>(&answers.predictions.back())) {
      joint_logits_.clear();
      for (const TaggedSpan& span : spans->spans) joint_logits_.push_back(span.probability);
      answers.bits.push_back(float_hash(joint_logits_));
      return;
    }
    joint_logits_.assign(classes_, 0.0F);
    for (std::size_t c = 0; c < logits_.size(); ++c) joint_logits_[joint(c)] = logits_[c];
    answers.bits.push_back(float_hash(joint_logits_));
    if (traits().activation != spec::Activation::kSigmoid) return;
    probabilities_.resize(logits_.size());
    const runtime::FloatEnvironment environment;
    runtime::probabilities_of(logits_, model_.view().decision, probabilities_.data());
    joint_logits_.assign(classes_, 0.0F);  // a class that the model does not know is never stated
    for (std::size_t c = 0; c < probabilities_.size(); ++c) joint_logits_[joint(c)] = probabilities_[c];
    answers.probabilities.insert(answers.probabilities.end(), joint_logits_.begin(), joint_logits_.end());
  }

  std::size_t joint(std::size_t c) const { return static_cast<std::size_t>(map_.classes[c]); }

  const Model& model_;
  const ClassMap& map_;
  std::size_t classes_;
  Session session_;
  runtime::Predictor predictor_;
  train::Prediction answer_;  // the last one
  std::vector<float> logits_, joint_logits_, probabilities_;
};

// Tokens of each text by both models.
class TokenCounter {
 public:
  TokenCounter(const Model& before, const Model& after)
      : before_(before), after_(after), measured_(has_tokenizer(after) || !has_tokenizer(before) ? after : before) {}

  void add(std::string_view text, JointAnswers& answers) {
    const bool both = has_tokenizer(before_) && has_tokenizer(after_);
    if (both) {
      ids_of(before_, text, old_ids_);
      ids_of(after_, text, ids_);
      ++answers.tokenized;
      if (!same_pieces()) note_change(text, answers);
    }
    if (!has_tokenizer(measured_)) return;
    if (!both) ids_of(measured_, text, ids_);  // else it is `after`
    const std::uint32_t unknown = measured_.tokenizer().unknown_id();
    answers.facts.tokens.push_back(static_cast<std::uint32_t>(ids_.size()));
    answers.facts.unknown_words.push_back(static_cast<std::uint32_t>(std::ranges::count(ids_, unknown)));
  }

 private:
  // Vocabularies may number the same pieces differently.
  bool same_pieces() const {
    return std::ranges::equal(old_ids_, ids_, [&](std::uint32_t old_id, std::uint32_t id) {
      return before_.tokenizer().piece(old_id) == after_.tokenizer().piece(id);
    });
  }

  void note_change(std::string_view text, JointAnswers& answers) const {
    ++answers.other_tokens;
    if (answers.token_changes.size() == exporter::Comparison::kMostTokenChanges) return;
    exporter::TokenChange change;
    change.row = answers.tokenized - 1;
    change.text = text;
    change.before = pieces(before_, old_ids_);
    change.after = pieces(after_, ids_);
    const auto [old_rest, rest] = std::ranges::mismatch(change.before, change.after);
    change.place = static_cast<std::size_t>(old_rest - change.before.begin());
    change.before.erase(change.before.begin(), old_rest);
    change.after.erase(change.after.begin(), rest);
    answers.token_changes.push_back(std::move(change));
  }

  static std::vector<std::string> pieces(const Model& model, const std::vector<std::uint32_t>& ids) {
    std::vector<std::string> pieces;
    for (const std::uint32_t id : ids) pieces.emplace_back(model.tokenizer().piece(id));
    return pieces;
  }

  static void ids_of(const Model& model, std::string_view text, std::vector<std::uint32_t>& ids) {
    ids.resize(model.max_tokens());
    ids.resize(model.encode(text, ids));
  }

  const Model &before_, &after_, &measured_;
  std::vector<std::uint32_t> old_ids_, ids_;
};

// Both models take turns on each text, and in who begins, so that nothing else of the machine favours one.
exporter::Latency latency_of(const std::vector<double>& before, const std::vector<double>& after) {
  exporter::Latency latency;
  latency.texts = before.size();
  latency.before_us = exporter::median(before);
  latency.after_us = exporter::median(after);
  latency.difference_us = exporter::bootstrap_figure(before.size(), {}, [&](std::span<const std::uint32_t> drawn) {
    std::vector<double> differences;
    for (const std::uint32_t text : drawn) differences.push_back(after[text] - before[text]);
    return exporter::median(std::move(differences));
  });
  return latency;
}

}  // namespace

JointAnswers answer_rows(const Model& before, const Model& after, const JointTask& joint,
                         const data::ExampleTable& rows, train::Progress& progress) {
  JointAnswers answers;
  const std::size_t classes = joint.class_names().size();
  Answerer old_model(before, joint.from_old, classes), new_model(after, joint.from_new, classes);
  TokenCounter tokens(before, after);
  for (std::size_t row = 0; row < std::min(rows.rows(), kWarmTexts); ++row) {
    old_model.answer(rows.text_of(row), nullptr);
    new_model.answer(rows.text_of(row), nullptr);
  }
  std::vector<double> old_us, new_us;
  progress.begin("compare", rows.rows(), "rows");
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const std::string_view text = rows.text_of(row);
    const bool old_first = row % 2 == 0;
    double old_time = 0.0;
    if (old_first) old_time = old_model.answer(text, &answers.before);
    const double new_time = new_model.answer(text, &answers.after);
    if (!old_first) old_time = old_model.answer(text, &answers.before);
    if (row < kMostTimedTexts) {
      old_us.push_back(old_time);
      new_us.push_back(new_time);
    }
    tokens.add(text, answers);
    progress.update(row + 1);
  }
  progress.end();
  answers.before_facts = old_model.facts();
  answers.after_facts = new_model.facts();
  answers.latency = latency_of(old_us, new_us);
  return answers;
}

}  // namespace noggin::tool
