// The baseline of tasks that answer per token (tag, edit): logistic regression per word on hashed features of the word and
// its neighbourhood (word_features.h), trained on the same rows as the student (soft teacher targets of a word where
// present, gold classes where given). It knows nothing of the classes of other words: the decoder of all taggers
// (engine/tag_decoder.h) makes the best allowed sequence of what it says.
//
// A word is what the student decides for: what the tokenizer takes as one (data/encoding/align.h). Features are 1 where a word has
// them, scaled to length 1; unseen ones are dropped. Targets: target_gradient.h. Optimizer: linear_model.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "data/shards/row_block.h"
#include "tokenizer/wordpiece.h"
#include "train/baseline/linear_model.h"

namespace noggin::train {

struct LinearTaggerOptions : LinearOptions {
  std::uint32_t buckets = 1U << 18;  // hash space
};

class LinearTagger {
 public:
  // Uses every word of `rows`, which are of a per-token task, that has a teacher or a label. tokenizer: the one that the
  // rows were made with; its bytes must outlive the tagger. max_tokens: of a window, at least 3. Deterministic on one
  // machine: one thread, fixed order. Memory: about 300 bytes a word for its features, plus features seen * C floats.
  static LinearTagger train(const data::RowBlock& rows, const runtime::WordPieceTokenizer& tokenizer, std::uint32_t max_tokens,
                            const LinearTaggerOptions& options);

  std::uint32_t classes() const { return model_.classes; }
  // Of each window of the text (tokenizer/windows.h) [T, C], as train::SetLogits holds them; zeros for tokens that start
  // no word.
  std::vector<std::vector<float>> logits(std::string_view text) const;
  std::size_t nonzero_weights() const { return model_.weights.size(); }  // features seen * C

 private:
  LinearTagger(const data::RowBlock& rows, const runtime::WordPieceTokenizer& tokenizer, std::uint32_t max_tokens,
               const LinearTaggerOptions& options);

  runtime::WordPieceTokenizer tokenizer_;  // a view
  std::uint32_t max_tokens_;
  bool repetitions_;
  FeatureIndex index_;
  LinearModel model_;

  friend class LinearTaggerTrainer;
};

}  // namespace noggin::train
