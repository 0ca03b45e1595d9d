#include "train/pretrained/static_start.h"

#include <cmath>

#include "train/pretrained/narrow_table.h"

namespace noggin::train {
namespace {

constexpr double kCommon = 1e-3;       // the frequency at which a word counts half
constexpr double kRowSize = 0.1;       // root mean square of the values of rare words
constexpr double kFeatureSize = 10.0;  // and of what the norm makes of them

Tensor components(const Tensor& words, std::int64_t width) {
  if (words.size(1) == width) return words - words.mean(0);
  return narrow_table(words, width).rows;
}

}  // namespace

void start_static(const Tensor& words, const Tensor& counts, const runtime::TokenizerContents& tokenizer,
                  Student& student) {
  torch::NoGradGuard no_grad;
  const Tensor rows = words.defined() ? components(words, student.word.size(1)) : student.word;
  Tensor seen = counts.to(torch::kFloat32).clone();
  for (const std::uint32_t id : {tokenizer.cls_id, tokenizer.sep_id, tokenizer.pad_id}) seen[id] = 0.0;
  const Tensor frequency = seen / seen.sum().clamp_min(1.0);
  const Tensor telling = kCommon / (kCommon + frequency);  // [V]
  student.word.copy_(rows * (kRowSize / rows.square().mean().sqrt()) * telling.unsqueeze(1));
  for (const std::uint32_t id : {tokenizer.cls_id, tokenizer.sep_id, tokenizer.pad_id, tokenizer.unknown_id})
    student.word[id].zero_();
  student.position.zero_();
  const double epsilon = student.config.encoder.layer_norm_epsilon;
  student.embedding_norm.gamma.fill_(kFeatureSize / kRowSize * std::sqrt(epsilon + kRowSize * kRowSize));
  student.embedding_norm.beta.zero_();
}

}  // namespace noggin::train
