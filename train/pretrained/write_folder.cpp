// A student as a Hugging Face folder: the other direction of bert_folder.cpp.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "bytes/atomic_file.h"
#include "train/pretrained/bert_folder.h"
#include "train/pretrained/bert_names.h"
#include "train/pretrained/narrow_table.h"
#include "train/pretrained/safetensors.h"

namespace noggin::train {
namespace {

using Json = nlohmann::ordered_json;

// Empty if a BERT folder can express the layers.
std::string obstacle_of(const spec::ModelConfig& config) {
  if (config.encoder.layers.empty())
    return "a static student has no layers, and a BERT has. Fix: ship its .nog or .onnx file";
  for (const spec::LayerConfig& layer : config.encoder.layers) {
    if (layer != config.encoder.layers.front() || layer.heads * config.encoder.head_width != config.encoder.width)
      return "the student's layers were pruned, which a BERT folder cannot express. Fix: write the float checkpoint "
             "from "
             "before pruning";
  }
  return {};
}

std::map<std::string, Tensor> tensors_of(const Student& student) {
  std::map<std::string, Tensor> tensors;
  const auto linear = [&](const std::string& name, const Tensor& weight, const Tensor& bias) {
    tensors[name + ".weight"] = weight;
    tensors[name + ".bias"] = bias;
  };
  const auto norm = [&](const std::string& name, const Norm& value) { linear(name, value.gamma, value.beta); };
  tensors[kWord] = whole_words(student);
  tensors[kPosition] = student.position;
  // The student has no segments. Adding -0 changes no value, not even the sign of a zero.
  tensors[kSegment] = torch::full({2, student.position.size(1)}, -0.0F);
  norm(kEmbeddingNorm, student.embedding_norm);
  for (std::size_t i = 0; i < student.layers.size(); ++i) {
    const EncoderLayer& layer = student.layers[i];
    const std::int64_t H = layer.qkv.weight.size(0) / 3;  // heads times their width
    std::int64_t from = 0;
    for (const char* name : {kBertLayer.query, kBertLayer.key, kBertLayer.value}) {
      linear(in_layer(name, i), layer.qkv.weight.slice(0, from, from + H), layer.qkv.bias.slice(0, from, from + H));
      from += H;
    }
    linear(in_layer(kBertLayer.attention_output, i), layer.attention_output.weight, layer.attention_output.bias);
    norm(in_layer(kBertLayer.attention_norm, i), layer.attention_norm);
    linear(in_layer(kBertLayer.ffn_up, i), layer.ffn_up.weight, layer.ffn_up.bias);
    linear(in_layer(kBertLayer.ffn_down, i), layer.ffn_down.weight, layer.ffn_down.bias);
    norm(in_layer(kBertLayer.ffn_norm, i), layer.ffn_norm);
  }
  if (student.config.pooling == spec::Pooling::kEveryToken) {  // as in a BertForTokenClassification
    std::map<std::string, Tensor> prefixed;
    for (auto& [name, tensor] : tensors) prefixed["bert." + name] = std::move(tensor);
    tensors = std::move(prefixed);
  }
  linear("classifier", student.classifier.weight, student.classifier.bias);
  return tensors;
}

Json config_json(const spec::ModelConfig& config, const runtime::TokenizerContents& tokenizer,
                 const format::TaskContents& task) {
  Json id2label = Json::object(), label2id = Json::object();
  for (std::size_t i = 0; i < task.labels.size(); ++i) {
    id2label[std::to_string(i)] = task.labels[i];
    label2id[task.labels[i]] = i;
  }
  const double epsilon =
      std::stod(fmt::format("{}", config.encoder.layer_norm_epsilon));  // 1e-12, not the float's 9.99...e-13
  // transformers classifies a text from BERT's pooler, which a student does not have: there only the encoder is one of
  // its models. Its classifier of tokens is the student's.
  const bool tokens = config.pooling == spec::Pooling::kEveryToken;
  return {{"architectures", Json::array({tokens ? "BertForTokenClassification" : "BertModel"})},
          {"model_type", "bert"},
          {"vocab_size", config.vocabulary_size},
          {"hidden_size", config.encoder.width},
          {"num_hidden_layers", config.encoder.layers.size()},
          {"num_attention_heads", config.encoder.layers.front().heads},
          {"intermediate_size", config.encoder.layers.front().ffn_width},
          {"hidden_act", "gelu"},
          {"layer_norm_eps", epsilon},
          {"max_position_embeddings", config.max_tokens},
          {"type_vocab_size", 2},
          {"pad_token_id", tokenizer.pad_id},
          {"position_embedding_type", "absolute"},
          {"noggin_pooling", spec::name_of(config.pooling)},
          {"noggin_task", spec::task_name(task.kind)},
          {"id2label", id2label},
          {"label2id", label2id}};
}

Json tokenizer_json(const runtime::TokenizerContents& tokenizer) {
  Json added = Json::array(), vocabulary = Json::object();
  for (std::uint32_t id = 0; id < tokenizer.vocabulary.size(); ++id) {
    const std::string& piece = tokenizer.vocabulary[id];
    vocabulary.get_ref<Json::object_t&>().emplace_back(piece,
                                                       id);  // pieces are distinct; a lookup would make it O(V^2)
    const bool special =
        id == tokenizer.pad_id || id == tokenizer.unknown_id || id == tokenizer.cls_id || id == tokenizer.sep_id;
    if (!special && piece != "[MASK]") continue;
    added.push_back({{"id", id},
                     {"content", piece},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  }
  const auto named = [&](std::uint32_t id) { return Json::array({tokenizer.vocabulary[id], id}); };
  return {{"version", "1.0"},
          {"truncation", nullptr},
          {"padding", nullptr},
          {"added_tokens", added},
          {"normalizer",
           {{"type", "BertNormalizer"},
            {"clean_text", true},
            {"handle_chinese_chars", true},
            {"strip_accents", tokenizer.strip_accents},
            {"lowercase", tokenizer.lowercase}}},
          {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
          {"post_processor",
           {{"type", "BertProcessing"}, {"sep", named(tokenizer.sep_id)}, {"cls", named(tokenizer.cls_id)}}},
          {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}}},
          {"model",
           {{"type", "WordPiece"},
            {"unk_token", tokenizer.vocabulary[tokenizer.unknown_id]},
            {"continuing_subword_prefix", "##"},
            {"max_input_chars_per_word", tokenizer.max_word_characters},
            {"vocab", std::move(vocabulary)}}}};
}

Json tokenizer_config_json(const runtime::TokenizerContents& tokenizer, std::uint32_t max_tokens) {
  return {{"tokenizer_class", "BertTokenizer"},
          {"do_lower_case", tokenizer.lowercase},
          {"strip_accents", tokenizer.strip_accents},
          {"tokenize_chinese_chars", true},
          {"model_max_length", max_tokens}};
}

std::string text_of(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace

Status write_pretrained(const Student& student, const runtime::TokenizerContents& tokenizer,
                        const format::TaskContents& task, const std::string& folder) {
  if (const std::string obstacle = obstacle_of(student.config); !obstacle.empty()) {
    return Error{ErrorCode::kUnsupported, fmt::format("{}: {}", folder, obstacle)};
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return Error{ErrorCode::kIo,
                 fmt::format("{} cannot be created: {}. Fix: choose another folder", folder, error.message())};
  std::string pieces;
  for (const std::string& piece : tokenizer.vocabulary) pieces += piece + "\n";
  const std::pair<const char*, std::string> files[] = {
      {"config.json", text_of(config_json(student.config, tokenizer, task))},
      {"tokenizer.json", text_of(tokenizer_json(tokenizer))},
      {"tokenizer_config.json", text_of(tokenizer_config_json(tokenizer, student.config.max_tokens))},
      {"vocab.txt", pieces}};
  for (const auto& [name, text] : files) {
    if (Status status = write_file_atomically(folder + "/" + name, text.data(), text.size()); !status) return status;
  }
  return write_safetensors(folder + "/model.safetensors", tensors_of(student));
}

}  // namespace noggin::train
