#include "spec/tensor_table.h"

#include "bytes/message.h"

namespace noggin::spec {

std::string layer_name(std::size_t layer, const std::string& part) { return message({"layers.", layer, ".", part}); }

void for_each_tensor(const ModelConfig& config, const std::function<void(TensorSpec&&)>& visit) {
  const auto scale = [&](std::string name) { visit({std::move(name), TensorKind::kActivationScale, 1, 1, {}}); };
  const auto linear = [&](std::string name, std::uint32_t outputs, std::uint32_t inputs, std::string input_scale) {
    visit({std::move(name), TensorKind::kLinear, outputs, inputs, std::move(input_scale)});
  };
  const auto norm = [&](const std::string& name) {
    visit({name + ".gamma", TensorKind::kVector, 1, config.width, {}});
    visit({name + ".beta", TensorKind::kVector, 1, config.width, {}});
  };

  if (config.family == Family::kNgram) {
    visit({"ngrams.weight", TensorKind::kEmbedding, config.vocabulary_size, config.classes, {}});
    visit({"head.scale", TensorKind::kVector, 1, config.classes, {}});
    visit({"head.bias", TensorKind::kVector, 1, config.classes, {}});
    return;
  }
  visit({"embeddings.word", TensorKind::kEmbedding, config.vocabulary_size, word_width(config), {}});
  if (config.embedding_width > 0) linear("embeddings.projection", config.width, config.embedding_width, {});
  visit({"embeddings.position", TensorKind::kEmbedding, config.max_tokens, config.width, {}});
  norm("embeddings.norm");
  for (std::size_t i = 0; i < config.layers.size(); ++i) {
    const auto name = [i](const char* part) { return layer_name(i, part); };
    const std::uint32_t attention_width = config.layers[i].heads * config.head_width;  // H*W
    const std::uint32_t ffn_width = config.layers[i].ffn_width;                        // F
    scale(name("attention.input"));
    linear(name("attention.qkv"), 3 * attention_width, config.width, name("attention.input"));
    scale(name("attention.query"));
    scale(name("attention.key"));
    scale(name("attention.value"));
    scale(name("attention.context"));
    linear(name("attention.output"), config.width, attention_width, name("attention.context"));
    norm(name("attention.norm"));
    scale(name("ffn.input"));
    linear(name("ffn.up"), ffn_width, config.width, name("ffn.input"));
    scale(name("ffn.preactivation"));
    scale(name("ffn.hidden"));
    linear(name("ffn.down"), config.width, ffn_width, name("ffn.hidden"));
    norm(name("ffn.norm"));
  }
  scale("head.input");
  linear("head.classifier", config.classes, config.width, "head.input");
}

std::vector<TensorSpec> tensor_table(const ModelConfig& config) {
  std::vector<TensorSpec> table;
  for_each_tensor(config, [&](TensorSpec&& tensor) { table.push_back(std::move(tensor)); });
  return table;
}

}  // namespace noggin::spec
