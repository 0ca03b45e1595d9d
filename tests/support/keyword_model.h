// Linear models that answer by keywords, written as .nog files: what they say to a text is known without training.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "format/writer.h"
#include "tests/support/ngram_model.h"

namespace noggin::test {

struct KeywordModel {
  std::vector<std::string> labels;
  std::map<std::string, std::string>
      keywords;                  // label -> the word that stands for it; a label without one is never said
  std::int32_t none_class = -1;  // said where no keyword is
  spec::TaskKind kind = spec::TaskKind::kSingleLabel;
  float abstain_below = 0.0F;
  float temperature = 1.0F;

  void write(const std::string& path) const {
    constexpr std::int8_t kWeight = 100;
    constexpr float kScale = 8e-7F;  // a keyword gives a logit of about 9: values of a text are in steps of 2^-15
    std::vector<std::string> words;
    for (const auto& [label, word] : keywords) words.push_back(word);
    const auto classes = static_cast<std::uint32_t>(labels.size());
    format::FrozenModel model = random_ngram_model(words, classes, 1, kBuckets);
    auto& weight = model.tensors["ngrams.weight"];
    std::ranges::fill(weight.values, std::int8_t{0});
    std::ranges::fill(weight.floats, 1.0F);
    for (std::uint32_t c = 0; c < classes; ++c) {
      const auto word = keywords.find(labels[c]);
      if (word == keywords.end()) continue;
      runtime::for_each_ngram(word->second, model.ngrams.buckets, [&](std::uint32_t bucket, const TextSpan&) {
        const auto known = std::ranges::lower_bound(model.ngrams.known_buckets, bucket);
        const auto id = static_cast<std::size_t>(known - model.ngrams.known_buckets.begin());
        weight.values[id * classes + c] = kWeight;
        return true;
      });
    }
    std::ranges::fill(model.tensors["head.scale"].floats, kScale);
    std::ranges::fill(model.tensors["head.bias"].floats, kind == spec::TaskKind::kSingleLabel ? 0.0F : -2.0F);
    if (none_class >= 0) model.tensors["head.bias"].floats[static_cast<std::size_t>(none_class)] = 2.0F;
    model.task.labels = labels;
    model.task.none_class = none_class;
    model.task.kind = kind;
    model.task.abstain_below = abstain_below;
    model.task.temperature = temperature;
    const Status written = format::write_model(with_ngram_golden(std::move(model), words),
                                               *runtime::serialize_ngrams({kBuckets, known_of(words)}), path);
    ASSERT_TRUE(written) << written.error().message;
  }

 private:
  static constexpr std::uint32_t kBuckets = 999983;  // so many that no two n-grams of a test share one

  static std::vector<std::uint32_t> known_of(const std::vector<std::string>& words) {
    return random_ngram_model(words, 2, 1, kBuckets).ngrams.known_buckets;
  }
};

}  // namespace noggin::test
