// A pretrained encoder as a Hugging Face folder: its shape and its tokenizer, from config.json and tokenizer.json (or
// vocab.txt and tokenizer_config.json). Weights: train/pretrained.
#pragma once

#include <cstdint>
#include <string>

#include "format/frozen_model.h"
#include "noggin/result.h"

namespace noggin::data {

// How a family names its tensors.
enum class PretrainedFamily { kBert, kDistilBert };

struct PretrainedFolder {
  std::string path;
  PretrainedFamily family = PretrainedFamily::kBert;
  std::uint32_t vocabulary_size = 0, layers = 0, width = 0, heads = 0, ffn_width = 0;
  std::uint32_t positions = 0;       // longest input
  std::uint32_t segments = 0;        // token types; 0: the family has none
  float layer_norm_epsilon = 1e-12F;
  format::TokenizerContents tokenizer;
};

// Reads BERT, MiniLM (which is a BERT) and DistilBERT. Errors: kNotFound (folder, file), kBadData (not JSON, a field is
// missing or contradicts another), kUnsupported (a family, activation, position scheme or tokenizer that the student does
// not have; named).
Result<PretrainedFolder> read_pretrained_folder(const std::string& path);

}  // namespace noggin::data
