#include "train/cli/shape_budget.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <utility>
#include <vector>

#include "data/pretrained/pretrained_folder.h"
#include "train/cli/budget.h"
#include "train/cli/known_texts.h"
#include "train/cli/model_plan.h"
#include "train/cli/recipe_check.h"
#include "train/recipe/adopt_pretrained.h"
#include "train/run/failure.h"
#include "train/run/progress.h"
#include "train/search/student_shape.h"
#include "train/search/training_plan.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;

// Of the texts' tokens: pieces that the rest is made of are rare, and wide rows are worth more than they are.
constexpr double kCovered = 0.97;
constexpr std::uint32_t kHundred = 100;
constexpr double kLeastOfRoom = 0.8;  // of a quarter of the budget, that words keep where layers need theirs, too

struct Cuts {
  std::uint32_t layers = 0;
  int removal = 0;  // a step of train::cut_at()
};

class ShapeFitter {
 public:
  ShapeFitter(const ShapeWishes& wishes, const std::string& folder, RecipeProposal& proposal)
      : wishes_(wishes), folder_(fs::absolute(folder).lexically_normal()), proposal_(proposal) {}

  void fit() {
    proposal_.recipe.budget = wishes_.budget;
    if (!wishes_.start.empty()) start_from_encoder();
    labels_ = train::value_or_throw(labels_of(absolute_recipe()));
    whole_ = absolute_recipe();
    if (!wishes_.start.empty()) {
      whole_.tokenizer.trim = true;
      whole_.tokenizer.training.size = encoder_pieces_;  // whatever the texts use
    }
    whole_ = adopted(std::move(whole_));
    texts_ = look_at_texts(whole_, labels_);
    texts_.largest_tokenizer.reset();  // tokenizer.size will be what was seen
    known_ = texts_;
    layers_ = whole_.student.layers;
    used_ = static_cast<std::uint32_t>(known_.tokenizer.vocabulary.size());
    choose();
  }

 private:
  void comment(std::string text) { proposal_.comments.push_back(std::move(text)); }

  train::Recipe absolute_recipe() const {
    train::Recipe recipe = proposal_.recipe;
    const auto complete = [&](std::string& path) {
      if (!path.empty()) path = (folder_ / path).lexically_normal().string();
    };
    for (auto* sources : {&recipe.data.train, &recipe.data.dev, &recipe.data.test})
      for (data::Source& source : *sources)
        for (std::string* path : {&source.path, &source.requests_path}) complete(*path);
    complete(recipe.init.folder);
    return recipe;
  }

  static train::Recipe adopted(train::Recipe recipe) {
    const train::Adoption adoption = train::adopt_pretrained(recipe);
    if (!adoption) throw train::Failure(adoption.problems.front().error);
    return recipe;
  }

  void start_from_encoder() {
    const data::PretrainedFolder encoder = train::value_or_throw(data::read_pretrained_folder(wishes_.start));
    train::Recipe& recipe = proposal_.recipe;
    recipe.init.folder = fs::absolute(wishes_.start).lexically_normal().lexically_relative(folder_).string();
    recipe.tokenizer.max_tokens = std::min(recipe.tokenizer.max_tokens, encoder.positions);
    recipe.tokenizer.training.min_frequency = 1;
    encoder_tokenizer_ = encoder.tokenizer;
    encoder_pieces_ = static_cast<std::uint32_t>(encoder.tokenizer.vocabulary.size());
    comment(fmt::format("the student starts as the encoder in init.folder: {} layers of width {}, {} pieces",
                        encoder.layers, encoder.width, train::format_count(encoder_pieces_)));
  }

  train::Recipe with(const Cuts& cuts) const {
    train::Recipe recipe = train::with_layers(whole_, cuts.layers);
    train::set_pruning(train::cut_at(cuts.removal), recipe);
    return recipe;
  }

  bool fits(const Cuts& cuts) const { return fits(with(cuts), known_); }
  bool fits(const train::Recipe& recipe, const KnownTexts& known) const {
    ModelPlan plan = plan_model(recipe, labels_, known);
    if (!fits_size(plan)) return false;
    if (wishes_.budget.latency_us <= 0.0) return true;
    time_plan(recipe, known, plan, kShortLook);
    return plan.timed->texts.front().median_us <= wishes_.budget.latency_us;
  }

  bool fits_size(const ModelPlan& plan) const {
    return wishes_.budget.size_mb <= 0.0 || plan.largest.parts.total <= budget_bytes(wishes_.budget);
  }

  // The least to remove of so many layers with which it fits; the most does.
  int least_removal(std::uint32_t layers) const {
    return train::least_cut(train::kMostCuts, [&](int step) { return fits({layers, step}); });
  }

  // The first form of which the whole student fits, else the smallest that its widths allow. What only the time forbids
  // is no matter of bits.
  void choose_form() {
    for (const train::QuantizeRecipe& form : train::weight_forms()) {
      if (!train::allows(whole_.student, form)) break;
      whole_.quantize = form;
      choose_words();
      if (fits_size(plan_model(with({layers_, 0}), labels_, known_))) return;
    }
  }

  // A new text has words that the training texts lack. An encoder that knows them whole answers better than one that
  // meets them in fragments (experiments/first_try), so words get a share of the budget.
  void choose_words() {
    whole_.student.embedding_width = 0;
    known_ = texts_;
    pieces_ = used_;
    if (wishes_.start.empty() || wishes_.budget.size_mb <= 0.0) return;
    whole_.tokenizer.fill = true;
    const std::uint64_t room = room_for_words(wishes_.budget);
    if (bytes_of_words(encoder_pieces_) <= room) {
      known_ = with_pieces(whole_, texts_, encoder_pieces_);
      return;
    }
    const std::uint32_t needed = pieces_that_cover();
    // A class needs what a word means, two thirds of an encoder's word directions; a tagger gains more from twice as
    // many words.
    whole_.student.embedding_width =
        train::narrow_words(whole_.student.width, spec::traits_of(whole_.task).per_token(), [&](std::uint32_t width) {
          whole_.student.embedding_width = width;
          return bytes_of_words(needed) <= room;
        });
    const std::uint32_t held =
        most_pieces(encoder_pieces_, kHundred, [&](std::uint32_t pieces) { return bytes_of_words(pieces) <= room; });
    pieces_ = std::min(used_, std::max(held, needed));
    known_ = with_pieces(whole_, texts_, std::max(held, needed));
  }

  // The fewest, in hundreds, that are kCovered of the texts' tokens.
  std::uint32_t pieces_that_cover() const {
    const auto too_few = [this](std::uint32_t pieces) { return covered(pieces) < kCovered; };
    return std::min(used_, most_pieces(used_, kHundred, too_few) + kHundred);
  }

  // The share of the texts' tokens that so many pieces are, those that are used most.
  double covered(std::uint32_t pieces) const {
    if (pieces >= used_ || !texts_.trimmer) return 1.0;
    const KnownTexts cut = with_pieces(whole_, texts_, pieces);
    if (cut.tokenizer.vocabulary.size() > pieces) return 0.0;  // they cannot spell
    const data::TrimCoverage coverage = texts_.trimmer->coverage(cut.tokenizer);
    return static_cast<double>(coverage.kept_tokens) /
           static_cast<double>(std::max<std::uint64_t>(coverage.corpus_tokens, 1));
  }

  std::uint64_t bytes_of_words(std::uint32_t pieces) const {
    const ModelPlan plan = plan_model(with({layers_, 0}), labels_, with_pieces(whole_, texts_, pieces));
    return plan.largest.parts.words + plan.largest.parts.vocabulary;
  }

  void choose() {
    choose_form();
    const std::uint32_t fewest = std::min(layers_, train::kFewestLayers);
    for (std::uint32_t layers = layers_; layers >= fewest; --layers)
      if (fits({layers, train::kCutsToHalf})) return take({layers, least_removal(layers)}, pieces_);
    for (std::uint32_t layers = fewest; layers > 0; --layers) {
      if (fits({layers, train::kMostCuts})) return take({layers, least_removal(layers)}, pieces_);
      if (take_fewer_pieces(layers)) return;
    }
    refuse({1, train::kMostCuts});
  }

  // With fewer pieces than the texts use, and the least to remove with which words keep their share; of one layer at
  // last as many pieces as fit. False: nothing fits.
  bool take_fewer_pieces(std::uint32_t layers) {
    if (wishes_.budget.size_mb <= 0.0) return false;
    const auto room = static_cast<std::uint64_t>(kLeastOfRoom * static_cast<double>(room_for_words(wishes_.budget)));
    for (int step = train::kCutsToHalf; step <= train::kMostCuts; ++step) {
      const Cuts cuts{layers, step};
      const std::uint32_t pieces = pieces_that_fit(with(cuts), labels_, known_, budget_bytes(wishes_.budget));
      if (pieces == 0 || !fits(with(cuts), with_pieces(with(cuts), known_, pieces))) continue;
      if (bytes_of_words(pieces) < room && (layers > 1 || step < train::kMostCuts)) continue;
      take(cuts, pieces);
      return true;
    }
    return false;
  }

  static std::string removed_text(const train::Cut& cut) {
    return fmt::format("{} % of its neurons and {} % of its heads", 5 * cut.neurons, 5 * cut.heads);
  }

  [[noreturn]] void refuse(const Cuts& least) const {
    const train::Recipe recipe = with(least);
    ModelPlan plan = plan_model(recipe, labels_, texts_);
    time_plan(recipe, texts_, plan, kShortLook);
    throw train::Failure(
        train::ExitCode::kUsage,
        fmt::format("nothing fits the budget: one layer without {}, and the {} pieces of the texts take {} ({}) and "
                    "{:.0f} us. Fix: a larger --budget-mb or --budget-us{}",
                    removed_text(train::cut_at(least.removal)), train::format_count(used_), plan.size_text(),
                    parts_text(plan.largest.parts), plan.timed->texts.front().median_us,
                    wishes_.start.empty() ? "" : ", or a narrower encoder"));
  }

  void take(const Cuts& cuts, std::uint32_t pieces) {
    train::Recipe& recipe = proposal_.recipe;
    const train::Recipe fitted = with(cuts);
    const bool random = wishes_.start.empty();
    train::set_pruning(train::cut_at(cuts.removal), recipe);
    recipe.quantize = whole_.quantize;
    recipe.student.embedding_width = whole_.student.embedding_width;
    if (recipe.quantize.weight_bits == 4) train::plan_four_bits(recipe);
    if (!random) train::scale_rates(train::kPlannedLayers, cuts.layers, recipe.phases);
    if (random)
      recipe.student.layers = cuts.layers;
    else if (cuts.layers < layers_)
      recipe.init.keep_layers = fitted.init.keep_layers;
    if (!random || pieces < pieces_) take_pieces(fitted, pieces);
    explain(cuts, pieces);
  }

  // An encoder's pieces beyond those that the texts use fill what the budget leaves.
  void take_pieces(const train::Recipe& fitted, std::uint32_t pieces) {
    train::TokenizerRecipe& tokenizer = proposal_.recipe.tokenizer;
    const std::uint64_t bytes = budget_bytes(wishes_.budget);
    if (!wishes_.start.empty() && pieces == pieces_ && planned_bytes(fitted, labels_, untrimmed()) <= bytes) return;
    tokenizer.training.size = pieces;
    if (wishes_.start.empty()) return;
    tokenizer.trim = true;
    if (pieces < pieces_) return;
    train::Recipe filled = fitted;
    filled.tokenizer.fill = true;
    const std::uint32_t most = pieces_that_fit(filled, labels_, with_pieces(filled, texts_, encoder_pieces_), bytes);
    if (most <= pieces) return;
    tokenizer.training.size = most;
    tokenizer.fill = most > used_;
  }

  // With all pieces of the encoder.
  KnownTexts untrimmed() const {
    KnownTexts known = known_;
    known.trimmer.reset();
    known.tokenizer = encoder_tokenizer_;
    return known;
  }

  void explain(const Cuts& cuts, std::uint32_t pieces) {
    train::Recipe recipe = adopted(absolute_recipe());
    const std::uint32_t taken = recipe.tokenizer.training.size;
    const bool trimmed = recipe.tokenizer.trim;
    const KnownTexts known = trimmed                  ? with_pieces(recipe, known_, taken)
                             : !wishes_.start.empty() ? untrimmed()
                             : pieces < pieces_       ? with_pieces(recipe, known_, pieces)
                                                      : known_;
    const ModelPlan plan = plan_model(recipe, labels_, known);
    const std::string goal = wishes_.budget.size_mb > 0.0 ? fmt::format("{} MB", wishes_.budget.size_mb)
                                                          : fmt::format("{} us", wishes_.budget.latency_us);
    if (recipe.quantize.embedding_bits == 4)
      comment(fmt::format("{} in four bits: with eight, the whole student would exceed {}",
                          recipe.quantize.weight_bits == 4 ? "words and layers" : "words", goal));
    if (recipe.student.embedding_width > 0)
      comment(
          fmt::format("word rows of width {}, widened by a matrix, so that a quarter of the budget holds more words: "
                      "new texts have some that the training texts lack",
                      recipe.student.embedding_width));
    if (cuts.layers == layers_)
      comment(fmt::format("all {} layers fit {}", layers_, goal));
    else
      comment(fmt::format("{} of {} layers: with more, {} removed, the file or its answers would exceed the budget",
                          cuts.layers, layers_,
                          cuts.layers < train::kFewestLayers ? removed_text(train::cut_at(train::kMostCuts))
                                                             : "half of the neurons and heads"));
    if (!wishes_.start.empty())
      comment(fmt::format("learning_rate {}: for a student of so many pretrained layers; fewer learn at a higher one",
                          recipe.phases.front().learning_rate));
    const train::Cut removed = train::cut_at(cuts.removal);
    if (!removed.any())
      comment("no prune phase: nothing has to be removed");
    else
      comment(fmt::format("ffn_share {:.2f} and heads_share {:.2f}: the least that fits {}; neurons go before heads",
                          removed.neurons / train::kTwentieths, removed.heads / train::kTwentieths, goal));
    explain_pieces(taken, trimmed);
    comment(fmt::format("model.nog will have {}: {}", plan.size_text(), parts_text(plan.largest.parts)));
  }

  void explain_pieces(std::uint32_t taken, bool trimmed) {
    const std::string size = train::format_count(taken), used = train::format_count(used_);
    if (wishes_.start.empty()) {
      if (taken < used_) comment(fmt::format("tokenizer.size {}: {} do not fit beside the layers", size, used));
    } else if (!trimmed) {
      comment(
          fmt::format("all {} pieces of the encoder; the texts use {}", train::format_count(encoder_pieces_), used));
    } else if (taken < used_) {
      comment(
          fmt::format("tokenizer.size {}: of the {} pieces that the texts use those that they use most, {:.1f} % of "
                      "their tokens; the rest is spelt with them, which leaves room for wider rows",
                      size, used, 100.0 * covered(taken)));
    } else {
      comment(fmt::format(
          "tokenizer.size {}: the {} pieces that the texts use{}", size, used,
          proposal_.recipe.tokenizer.fill ? ", and as many others of the encoder as fit, for other words" : ""));
    }
  }

  const ShapeWishes& wishes_;
  fs::path folder_;
  RecipeProposal& proposal_;
  data::LabelSet labels_;
  train::Recipe whole_;       // before anything is cut; adopted, with absolute paths
  KnownTexts texts_, known_;  // with the pieces that they use; with those that the student is to have
  runtime::TokenizerContents encoder_tokenizer_;
  std::uint32_t encoder_pieces_ = 0, layers_ = 0;
  std::uint32_t used_ = 0, pieces_ = 0;  // those that the texts use; of them those that the student is to have at least
};

}  // namespace

void fit_shape(const ShapeWishes& wishes, const std::string& folder, RecipeProposal& proposal) {
  ShapeFitter(wishes, folder, proposal).fit();
}

}  // namespace noggin::tool
