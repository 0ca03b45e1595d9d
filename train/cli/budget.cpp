#include "train/cli/budget.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "train/recipe/word_widths.h"
#include "train/run/failure.h"
#include "train/run/progress.h"
#include "train/search/student_shape.h"

namespace noggin::tool {
namespace {

constexpr std::uint32_t kPieceStep = 50;   // numbers of pieces that are tried
constexpr std::uint32_t kShareSteps = 20;  // fractions of neurons that are tried: 0.05, 0.10, ...

// Fewer cannot spell: of a trimmed vocabulary special pieces and each ASCII character, at the beginning and inside of a
// word; of a trained one the usual characters.
constexpr std::uint32_t kFewestTrimmed = 250, kFewestTrained = 100;

// The same student with a larger fraction of its neurons removed, by its last prune phase or a new one.
train::Recipe with_ffn_fraction(train::Recipe recipe, double fraction) {
  const auto is_prune = [](const train::Phase& phase) { return phase.kind == train::PhaseKind::kPrune; };
  const auto last = std::find_if(recipe.phases.rbegin(), recipe.phases.rend(), is_prune);
  if (last != recipe.phases.rend()) {
    last->ffn_fraction = fraction;
    return recipe;
  }
  train::Phase prune;
  prune.kind = train::PhaseKind::kPrune;
  prune.ffn_fraction = fraction;
  recipe.phases.push_back(prune);
  return recipe;
}

double ffn_fraction_of(const train::Recipe& recipe) {
  double fraction = 0.0;
  for (const train::Phase& phase : recipe.phases)
    if (phase.kind == train::PhaseKind::kPrune) fraction = phase.ffn_fraction;
  return fraction;
}

// Single changes of the recipe, each of which would do.
class Remedies {
 public:
  Remedies(const train::Recipe& recipe, const data::LabelSet& labels, const KnownTexts& known, std::uint64_t bytes)
      : recipe_(recipe), labels_(labels), known_(known), bytes_(bytes) {}

  std::string text() {
    try_bits();
    try_pieces();
    try_words();
    try_layers();
    try_pruning();
    if (found_.empty()) return "no single change is enough: fewer layers, fewer pieces and more pruning together";
    return fmt::format("{}", fmt::join(found_, ", or "));
  }

 private:
  bool fits(const train::Recipe& recipe) const { return planned_bytes(recipe, labels_, known_) <= bytes_; }

  void try_bits() {
    for (const train::QuantizeRecipe& form : train::weight_forms()) {
      train::Recipe recipe = recipe_;
      recipe.quantize = form;
      if (form.embedding_bits == 8 || !train::allows(recipe_.student, form) || !fits(recipe)) continue;
      found_.push_back(form.weight_bits == 8
                           ? std::string("quantize.embedding_bits: 4")
                           : fmt::format("quantize: {{embedding_bits: 4, weight_bits: 4, group: {}}}", form.group));
      return;
    }
  }

  void try_pieces() {
    const std::uint32_t pieces = pieces_that_fit(recipe_, labels_, known_, bytes_);
    if (pieces == 0) return;
    const bool given = !recipe_.tokenizer.vocabulary_file.empty() || recipe_.init.given();
    found_.push_back(fmt::format("{}tokenizer.size: {} ({} pieces now)",
                                 given && !recipe_.tokenizer.trim ? "tokenizer.trim: true with " : "", pieces,
                                 train::format_count(known_.tokenizer.vocabulary.size())));
  }

  void try_words() {
    if (recipe_.student.layers == 0) return;
    train::Recipe narrow = recipe_;
    const std::uint32_t now = train::word_width(recipe_.student);
    const auto fit = [&](std::uint32_t width) {
      narrow.student.embedding_width = width;
      return width < now && fits(narrow);
    };
    const std::uint32_t width =
        train::narrow_words(recipe_.student.width, spec::traits_of(recipe_.task).per_token(), fit);
    if (width > 0 && fit(width)) found_.push_back(fmt::format("student.embedding_width: {} ({} now)", width, now));
  }

  void try_layers() {
    if (!recipe_.init.from.empty()) return;  // its layers are those of the start
    for (std::uint32_t layers = recipe_.student.layers; --layers > 0;) {
      if (!fits(with_layers(recipe_, layers))) continue;
      found_.push_back(
          recipe_.init.folder.empty()
              ? fmt::format("student.layers: {} ({} now)", layers, recipe_.student.layers)
              : fmt::format("init.keep_layers with {} of the layers ({} now)", layers, recipe_.student.layers));
      return;
    }
  }

  void try_pruning() {
    for (std::uint32_t step = 1; step < kShareSteps; ++step) {
      const double fraction = static_cast<double>(step) / kShareSteps;
      if (fraction <= ffn_fraction_of(recipe_) || !fits(with_ffn_fraction(recipe_, fraction))) continue;
      found_.push_back(
          fmt::format("ffn_share: {:.2f} in a prune phase ({:.2f} now)", fraction, ffn_fraction_of(recipe_)));
      return;
    }
  }

  const train::Recipe& recipe_;
  const data::LabelSet& labels_;
  const KnownTexts& known_;
  std::uint64_t bytes_;
  std::vector<std::string> found_;
};

void judge_size(const train::Recipe& recipe, const data::LabelSet& labels, const KnownTexts& known,
                const ModelPlan& plan, BudgetFindings& findings) {
  if (recipe.budget.size_mb <= 0.0) return;
  const std::uint64_t bytes = budget_bytes(recipe.budget);
  if (plan.smallest.parts.total > bytes) {
    findings.problems.push_back(
        {"budget.size_mb",
         fmt::format("the file will have {}, budget.size_mb allows {}. Of these {}. Fix: {}; or a larger budget",
                     plan.size_text(), train::format_count(bytes), parts_text(plan.smallest.parts),
                     Remedies(recipe, labels, known, bytes).text())});
  } else if (plan.largest.parts.total > bytes) {
    findings.warnings.push_back(
        fmt::format("the file will have {}, budget.size_mb allows {}: whether it fits depends on {}", plan.size_text(),
                    train::format_count(bytes), fmt::join(plan.unknown, "; ")));
  }
}

void judge_time(const train::Recipe& recipe, const ModelPlan& plan, BudgetFindings& findings) {
  const double budget = recipe.budget.latency_us;
  if (budget <= 0.0 || !plan.timed || plan.timed->texts.empty()) return;
  const exporter::TimedText& text = plan.timed->texts.front();
  const std::string measured = fmt::format(
      "a text of {} tokens takes {:.0f} us (quartiles {:.0f} and {:.0f}; {}, one thread, measured now on this "
      "machine), "
      "budget.latency_us allows {:.0f}",
      text.tokens, text.median_us, text.lower_quartile_us, text.upper_quartile_us, plan.timed->kernel_set, budget);
  if (text.lower_quartile_us > budget) {
    findings.problems.push_back(
        {"budget.latency_us",
         measured + ". Fix: fewer layers, or a larger heads_share and ffn_share in a prune phase; or a larger budget"});
  } else if (text.upper_quartile_us > budget) {
    findings.warnings.push_back(measured + ": it may not be met");
  }
}

}  // namespace

std::uint64_t budget_bytes(const train::BudgetRecipe& budget) {
  return static_cast<std::uint64_t>(budget.size_mb * 1e6);
}

std::uint64_t room_for_words(const train::BudgetRecipe& budget) {
  constexpr double kShare = 0.25;
  return static_cast<std::uint64_t>(kShare * static_cast<double>(budget_bytes(budget)));
}

BudgetFindings judge_budget(const train::Recipe& recipe, const data::LabelSet& labels, const KnownTexts& known,
                            const ModelPlan& plan) {
  BudgetFindings findings;
  judge_size(recipe, labels, known, plan, findings);
  judge_time(recipe, plan, findings);
  return findings;
}

KnownTexts with_pieces(const train::Recipe& recipe, const KnownTexts& known, std::uint32_t pieces) {
  KnownTexts cut = known;
  cut.largest_tokenizer.reset();
  if (known.trimmer) {
    auto trimmed = known.trimmer->trim(pieces, recipe.tokenizer.training.min_frequency, recipe.tokenizer.fill);
    if (trimmed) cut.tokenizer = *std::move(trimmed);
    return cut;
  }
  const auto& ids = cut.tokenizer;
  const std::uint32_t last_special = std::max({ids.unknown_id, ids.cls_id, ids.sep_id, ids.pad_id});
  if (cut.tokenizer.vocabulary.size() > pieces && last_special < pieces) cut.tokenizer.vocabulary.resize(pieces);
  return cut;
}

std::uint64_t planned_bytes(const train::Recipe& recipe, const data::LabelSet& labels, const KnownTexts& known) {
  return plan_model(recipe, labels, known).largest.parts.total;
}

std::uint32_t most_pieces(std::uint32_t all, std::uint32_t step, const std::function<bool(std::uint32_t)>& fits) {
  std::uint32_t low = 0, high = all / step + 1;  // low fits, high does not
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    (fits(middle * step) ? low : high) = middle;
  }
  return low * step;
}

std::uint32_t pieces_that_fit(const train::Recipe& recipe, const data::LabelSet& labels, const KnownTexts& known,
                              std::uint64_t bytes) {
  const auto all = static_cast<std::uint32_t>(known.largest_tokenizer.value_or(known.tokenizer).vocabulary.size());
  const std::uint32_t most = most_pieces(all, kPieceStep, [&](std::uint32_t pieces) {
    return planned_bytes(recipe, labels, with_pieces(recipe, known, pieces)) <= bytes;
  });
  return most < (known.trimmer ? kFewestTrimmed : kFewestTrained) ? 0 : most;
}

}  // namespace noggin::tool
