// The baseline of tasks that answer per token (tag, edit): logistic regression per word on hashed features of the word
// and its context (word_features.h), trained on the same rows as the student (soft teacher targets of a word where
// present, gold classes where given). It does not see the classes of other words: the decoder of all taggers
// (engine/tag_decoder.h) finds the best allowed sequence for its logits.
//
// Words are those that the student classifies: the tokenizer's (data/encoding/align.h). Features are 1 where a word has
// them, scaled to length 1; unseen ones are dropped. Targets: target_gradient.h. Optimizer: linear_model.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "data/shards/example_table.h"
#include "tokenizer/wordpiece.h"
#include "train/baseline/linear_model.h"

namespace noggin::train {

struct LinearTaggerOptions : LinearOptions {
  std::uint32_t buckets = 1U << 18;  // hash space
};

class LinearTagger {
 public:
  // Uses every word of `rows` (of a per-token task) that has a teacher or a label. tokenizer: the one that the rows
  // were made with; its bytes must outlive the tagger. max_tokens: window size, at least 3. Deterministic on one
  // machine: one thread, fixed order. Memory: about 300 bytes per word for its features, plus features seen * C floats.
  static LinearTagger train(const data::ExampleTable& rows, const runtime::WordPieceTokenizer& tokenizer,
                            std::uint32_t max_tokens, const LinearTaggerOptions& options);

  std::uint32_t classes() const { return model_.classes; }
  // Logits [T, C] for each window of the text (tokenizer/windows.h), as train::DatasetLogits holds them; zeros for
  // tokens that do not start a word.
  std::vector<std::vector<float>> logits(std::string_view text) const;
  std::size_t nonzero_weights() const { return model_.weights.size(); }  // features seen * C

 private:
  LinearTagger(const data::ExampleTable& rows, const runtime::WordPieceTokenizer& tokenizer, std::uint32_t max_tokens,
               const LinearTaggerOptions& options);

  runtime::WordPieceTokenizer tokenizer_;  // a view
  std::uint32_t max_tokens_;
  bool repetitions_;
  FeatureIndex index_;
  LinearModel model_;

  friend class LinearTaggerTrainer;
};

}  // namespace noggin::train
