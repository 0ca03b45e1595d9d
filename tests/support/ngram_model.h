// Small n-gram models with random weights, and a second implementation of their forward pass.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "format/frozen_model.h"
#include "spec/formulas.h"
#include "spec/quant.h"
#include "tests/support/format_random_model.h"
#include "tokenizer/ngram_features.h"
#include "tokenizer/ngram_tokenizer.h"

namespace noggin::test {

// Knows the n-grams of `texts`.
inline format::FrozenModel random_ngram_model(const std::vector<std::string>& texts, std::uint32_t classes,
                                              std::uint64_t seed, std::uint32_t buckets = 5003,
                                              std::uint32_t max_tokens = 4096) {
  std::set<std::uint32_t> known;
  for (const std::string& text : texts) {
    runtime::for_each_ngram(text, buckets,
                            [&](std::uint32_t bucket, const TextSpan&) { return known.insert(bucket), true; });
  }
  format::FrozenModel model;
  model.ngrams = {buckets, {known.begin(), known.end()}};
  model.config = spec::ngram_config(static_cast<std::uint32_t>(known.size()), classes, max_tokens);
  Random random(seed);
  for (const spec::TensorSpec& tensor : spec::tensor_table(model.config)) {
    model.tensors[tensor.name] = random_tensor(tensor, random);
  }
  for (float& idf : model.tensors["ngrams.weight"].floats) idf = random.uniform(1.0F, 3.0F);
  for (float& scale : model.tensors["head.scale"].floats) scale = random.uniform(1e-6F, 2e-6F);
  model.task = task_for(model.config);
  model.provenance = "{}";
  return model;
}

// spec/NUMERICS.md, "N-gram model", with other containers and a wider sum.
inline std::vector<float> plain_ngram_logits(const format::FrozenModel& model, const std::vector<std::uint32_t>& ids) {
  const format::FrozenTensor& weight = model.tensors.at("ngrams.weight");
  std::map<std::uint32_t, std::uint32_t> counts;
  for (const std::uint32_t id : ids) ++counts[id];
  float squares = 0.0F;
  for (const auto& [id, count] : counts) {
    const float value = spec::ngram_value(count, weight.floats[id]);
    squares += value * value;
  }
  std::vector<std::int64_t> sums(model.config.classes);
  for (const auto& [id, count] : counts) {
    const std::int64_t value =
        spec::quantize_unit(spec::ngram_value(count, weight.floats[id]) * (1.0F / std::sqrt(squares)));
    for (std::size_t c = 0; c < sums.size(); ++c) sums[c] += value * weight.values[id * sums.size() + c];
  }
  std::vector<float> logits;
  for (std::size_t c = 0; c < sums.size(); ++c) {
    const float product = static_cast<float>(sums[c]) * model.tensors.at("head.scale").floats[c];
    logits.push_back(product + model.tensors.at("head.bias").floats[c]);
  }
  return logits;
}

// With a golden vector for each text.
inline format::FrozenModel with_ngram_golden(format::FrozenModel frozen, const std::vector<std::string>& texts) {
  const std::vector<std::byte> section = *runtime::serialize_ngrams(frozen.ngrams);
  const auto tokenizer = *runtime::NgramTokenizer::bind(section);
  std::vector<std::uint32_t> buffer(frozen.config.max_tokens);
  for (const std::string& text : texts) {
    const std::vector<std::uint32_t> ids(buffer.begin(),
                                         buffer.begin() + static_cast<std::ptrdiff_t>(tokenizer.encode(text, buffer)));
    frozen.golden.push_back({text, ids, plain_ngram_logits(frozen, ids)});
  }
  return frozen;
}

}  // namespace noggin::test
