// Trained students to start from, small ones of made-up weights.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>

#include "data/pretrained/pretrained_folder.h"
#include "tests/support/cli_temporary_folder.h"
#include "tests/support/tokenizer_tiny.h"
#include "train/checkpoint/checkpoint.h"
#include "train/loop/evaluate.h"

namespace noggin::test {

inline bool same_bits(const torch::Tensor& a, const torch::Tensor& b) {
  const torch::Tensor x = a.detach().contiguous(), y = b.detach().contiguous();
  return x.sizes() == y.sizes() && std::memcmp(x.const_data_ptr(), y.const_data_ptr(), x.nbytes()) == 0;
}

inline void expect_same_tensors(const train::Student& left, const train::Student& right) {
  std::map<std::string, torch::Tensor> tensors;
  train::visit_tensors(
      left, [&](const std::string& name, const torch::Tensor& tensor, train::TensorRole) { tensors[name] = tensor; });
  train::visit_tensors(right, [&](const std::string& name, const torch::Tensor& tensor, train::TensorRole) {
    ASSERT_TRUE(tensors.contains(name)) << name;
    EXPECT_TRUE(same_bits(tensors.at(name), tensor)) << name;
  });
}

// 60 pieces, 8 tokens, the classes of train_tiny_run.h. pruned: layers of different shapes.
inline train::StudentBundle trained_bundle(bool pruned) {
  spec::ModelConfig config;
  config.vocabulary_size = 60;
  config.max_tokens = 8;
  config.classes = 3;
  config.encoder.width = 16;
  config.encoder.head_width = 8;
  config.encoder.layers =
      pruned ? std::vector<spec::LayerConfig>{{1, 20}, {2, 27}} : std::vector<spec::LayerConfig>{{2, 32}, {2, 32}};
  return {train::make_student(config, 0.1, 17),
          tests::tiny_tokenizer(60),
          {{"zero", "one", "two"}, 2},
          false,
          {{"phase", "distil"}}};
}

inline std::string written(const TemporaryFolder& folder, const train::StudentBundle& bundle) {
  const std::string path = folder.file("start.ckpt");
  EXPECT_TRUE(train::write_bundle(bundle, path));
  return path;
}

// Each text is one sequence of token ids.
inline train::ModelInputs texts_of(const std::vector<std::vector<std::uint32_t>>& texts) {
  train::ModelInputs inputs;
  for (const std::vector<std::uint32_t>& ids : texts) {
    inputs.token_ids.insert(inputs.token_ids.end(), ids.begin(), ids.end());
    inputs.starts.push_back(inputs.token_ids.size());
    inputs.row_sequences.push_back(inputs.sequences());
  }
  return inputs;
}

inline spec::ModelConfig config_of(const data::PretrainedFolder& folder, std::uint32_t classes) {
  spec::ModelConfig config;
  config.vocabulary_size = static_cast<std::uint32_t>(folder.tokenizer.vocabulary.size());
  config.max_tokens = 8;
  config.classes = classes;
  config.encoder.width = folder.width;
  config.encoder.head_width = folder.width / folder.heads;
  config.encoder.layer_norm_epsilon = static_cast<float>(folder.layer_norm_epsilon);
  config.encoder.layers.assign(folder.layers, {folder.heads, folder.ffn_width});
  return config;
}

}  // namespace noggin::test
