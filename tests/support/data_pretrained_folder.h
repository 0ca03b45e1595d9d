// A tiny BERT as a Hugging Face folder, written by hand: 2 layers of width 8, 30 pieces. Weights are a placeholder
// here; tests/support/train_bert_weights.h writes real ones.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/cli_temporary_folder.h"

namespace noggin::test {

inline std::vector<std::string> bert_pieces() {
  return {"[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]",  "[MASK]", "!",     "?",     "a",   "b",
          "c",     "p",         "r",     "e",     "l",      "##a",    "##b",   "##c",   "##e", "##l",
          "##r",   "##s",       "the",   "my",    "parcel", "refund", "where", "##ing", "is",  "caf\u00E9"};
}

inline nlohmann::json bert_config() {
  return {{"model_type", "bert"},
          {"architectures", {"BertModel"}},
          {"hidden_act", "gelu"},
          {"hidden_size", 8},
          {"intermediate_size", 12},
          {"layer_norm_eps", 1e-5},
          {"max_position_embeddings", 10},
          {"num_attention_heads", 2},
          {"num_hidden_layers", 2},
          {"type_vocab_size", 2},
          {"vocab_size", bert_pieces().size() + 2}};  // padded, as in some checkpoints
}

inline nlohmann::json distilbert_config() {
  return {{"model_type", "distilbert"},
          {"activation", "gelu"},
          {"dim", 8},
          {"hidden_dim", 12},
          {"n_heads", 2},
          {"n_layers", 2},
          {"max_position_embeddings", 10},
          {"vocab_size", bert_pieces().size()},
          {"sinusoidal_pos_embds", false}};
}

inline nlohmann::json bert_tokenizer_json() {
  nlohmann::json vocabulary = nlohmann::json::object();
  for (const std::string& piece : bert_pieces()) vocabulary.emplace(piece, vocabulary.size());
  const nlohmann::json special = {{"id", 3}, {"content", "[CLS]"}, {"special", true}};
  const auto step = [](const char* kind, const char* id) {
    return nlohmann::json{{kind, {{"id", id}, {"type_id", 0}}}};
  };
  return {{"version", "1.0"},
          {"added_tokens", nlohmann::json::array({special})},
          {"normalizer",
           {{"type", "BertNormalizer"},
            {"clean_text", true},
            {"handle_chinese_chars", true},
            {"strip_accents", nullptr},
            {"lowercase", true}}},
          {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
          {"post_processor",
           {{"type", "TemplateProcessing"},
            {"single", nlohmann::json::array(
                           {step("SpecialToken", "[CLS]"), step("Sequence", "A"), step("SpecialToken", "[SEP]")})}}},
          {"model",
           {{"type", "WordPiece"},
            {"unk_token", "[UNK]"},
            {"continuing_subword_prefix", "##"},
            {"max_input_chars_per_word", 50},
            {"vocab", vocabulary}}}};
}

inline std::string bert_vocab_txt() {
  std::string text;
  for (const std::string& piece : bert_pieces()) text += piece + "\n";
  return text;
}

// config.json, vocab.txt and a placeholder for the weights, in `folder`/bert; returns that path.
inline std::string write_bert_description(const TemporaryFolder& folder, const nlohmann::json& config = bert_config()) {
  folder.write("bert/config.json", config.dump());
  folder.write("bert/vocab.txt", bert_vocab_txt());
  folder.write("bert/model.safetensors", "placeholder");
  return folder.file("bert");
}

}  // namespace noggin::test
