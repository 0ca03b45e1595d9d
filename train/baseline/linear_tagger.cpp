#include "train/baseline/linear_tagger.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "data/encoding/align.h"
#include "tokenizer/windows.h"
#include "train/baseline/target_gradient.h"
#include "train/baseline/word_features.h"

namespace noggin::train {
namespace {

float value_of(std::size_t features) { return features == 0 ? 0.0F : 1.0F / std::sqrt(static_cast<float>(features)); }

}  // namespace

// State that only training needs: the words' features.
class LinearTaggerTrainer {
 public:
  LinearTaggerTrainer(const data::ExampleTable& rows, const LinearTaggerOptions& options, LinearTagger& tagger)
      : rows_(rows), options_(options), tagger_(tagger) {}

  void run() {
    for (std::size_t row = 0; row < rows_.rows(); ++row) find_features(row);
    tagger_.model_ = LinearModel(tagger_.index_.size(), rows_.classes);
    std::vector<SparseFeature> features;
    const auto features_of = [&](std::size_t i) {
      const auto indices =
          std::span<const std::uint32_t>(features_).subspan(offsets_[i], offsets_[i + 1] - offsets_[i]);
      const float value = value_of(indices.size());
      features.clear();
      for (const std::uint32_t index : indices) features.push_back({index, value});
      return std::span<const SparseFeature>(features);
    };
    TargetGradient gradient(rows_.classes, options_.gold_weight, false);
    learn(tagger_.model_, targets_.size(), options_, features_of,
          [&](std::size_t i, std::span<float> logits) { gradient(targets_[i], logits); });
  }

 private:
  // Tokenizes the row again, for the places of its words. A row that was cut has only the words of its tokens.
  void find_features(std::size_t row) {
    const std::size_t tokens = rows_.tokens_of(row).size();
    if (!rows_.has_gold(row) && !rows_.has_teacher(row)) return;
    ids_.resize(tokens);
    places_.resize(tokens);
    word_starts_.resize(tokens);
    const std::string_view text = rows_.text_of(row);
    const runtime::EncodedWords encoded = tagger_.tokenizer_.encode(text, ids_, places_, word_starts_);
    const std::vector<data::Word> words = data::words_of(places_, std::span(word_starts_).first(encoded.words + 1));
    std::vector<TextSpan> spans;
    for (const data::Word& word : words) spans.push_back({word.begin, word.end});
    WordFeatures features(text, spans, tagger_.index_.buckets(), tagger_.repetitions_);
    for (std::size_t w = 0; w < words.size(); ++w) {
      const Target target = target_of(rows_, row, words[w].token);
      if (!target.says_something()) continue;
      for (const std::uint32_t bucket : features.of(w)) features_.push_back(tagger_.index_.find_or_add(bucket));
      offsets_.push_back(features_.size());
      targets_.push_back(target);
    }
  }

  const data::ExampleTable& rows_;
  const LinearTaggerOptions& options_;
  LinearTagger& tagger_;
  std::vector<Target> targets_;            // [words that have one]
  std::vector<std::uint64_t> offsets_{0};  // [words + 1]: features of the i-th of these words
  std::vector<std::uint32_t> features_;    // rows of the weights
  std::vector<std::uint32_t> ids_, word_starts_;
  std::vector<TextSpan> places_;
};

LinearTagger::LinearTagger(const data::ExampleTable& rows, const runtime::WordPieceTokenizer& tokenizer,
                           std::uint32_t max_tokens, const LinearTaggerOptions& options)
    : tokenizer_(tokenizer),
      max_tokens_(max_tokens),
      repetitions_(spec::traits_of(rows.task).classes == spec::ClassNames::kKeepDelete),
      index_(std::max(options.buckets, 1U)) {}

LinearTagger LinearTagger::train(const data::ExampleTable& rows, const runtime::WordPieceTokenizer& tokenizer,
                                 std::uint32_t max_tokens, const LinearTaggerOptions& options) {
  LinearTagger tagger(rows, tokenizer, max_tokens, options);
  LinearTaggerTrainer(rows, options, tagger).run();
  return tagger;
}

std::vector<std::vector<float>> LinearTagger::logits(std::string_view text) const {
  std::vector<std::uint32_t> ids(max_tokens_), word_starts(max_tokens_);
  std::vector<TextSpan> places(max_tokens_), words;
  std::vector<SparseFeature> features;
  std::vector<std::vector<float>> windows;
  runtime::WindowReader reader(tokenizer_, text, {ids, places, word_starts});
  for (runtime::Window window; reader.next(window);) {
    std::vector<float>& logits = windows.emplace_back(window.ids.size() * classes());
    words.clear();
    for (std::size_t w = 0; w < window.words(); ++w) words.push_back(window.place(w));
    WordFeatures found(text, words, index_.buckets(), repetitions_);
    for (std::size_t w = 0; w < words.size(); ++w) {
      features.clear();
      for (const std::uint32_t bucket : found.of(w)) {
        const std::uint32_t index = index_.find(bucket);
        if (index != FeatureIndex::kUnseen) features.push_back({index, 0.0F});
      }
      for (SparseFeature& feature : features) feature.value = value_of(features.size());
      model_.logits(features, std::span(logits).subspan(window.word_starts[w] * classes(), classes()));
    }
  }
  return windows;
}

}  // namespace noggin::train
