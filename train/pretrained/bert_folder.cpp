#include "train/pretrained/bert_folder.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <unordered_map>

#include "format/writer.h"
#include "train/pretrained/safetensors.h"

namespace noggin::train {
namespace {

// What a family calls the parts of a layer; "{}" is the layer.
struct LayerNames {
  const char *query, *key, *value, *attention_output, *attention_norm, *ffn_up, *ffn_down, *ffn_norm;
};
constexpr LayerNames kBertLayer = {
    "encoder.layer.{}.attention.self.query",     "encoder.layer.{}.attention.self.key",
    "encoder.layer.{}.attention.self.value",     "encoder.layer.{}.attention.output.dense",
    "encoder.layer.{}.attention.output.LayerNorm", "encoder.layer.{}.intermediate.dense",
    "encoder.layer.{}.output.dense",             "encoder.layer.{}.output.LayerNorm"};
constexpr LayerNames kDistilBertLayer = {
    "transformer.layer.{}.attention.q_lin",      "transformer.layer.{}.attention.k_lin",
    "transformer.layer.{}.attention.v_lin",      "transformer.layer.{}.attention.out_lin",
    "transformer.layer.{}.sa_layer_norm",        "transformer.layer.{}.ffn.lin1",
    "transformer.layer.{}.ffn.lin2",             "transformer.layer.{}.output_layer_norm"};

const LayerNames& layer_names(data::PretrainedFamily family) {
  return family == data::PretrainedFamily::kBert ? kBertLayer : kDistilBertLayer;
}

std::string in_layer(const char* name, std::size_t layer) { return fmt::format(fmt::runtime(name), layer); }

// Reads tensors of one checkpoint, whatever its names begin with; keeps the first error.
class Reader {
 public:
  Reader(const SafetensorsFiles& files, data::PretrainedFamily family) : files_(files) {
    const std::string base = family == data::PretrainedFamily::kBert ? "bert." : "distilbert.";
    if (files.has(base + kWord)) prefix_ = base;  // a checkpoint with a head on top
  }
  static constexpr const char* kWord = "embeddings.word_embeddings.weight";

  Tensor tensor(const std::string& name, std::vector<std::int64_t> shape) {
    Result<Tensor> read = files_.read(prefix_ + name, shape);
    if (read) return *std::move(read);
    if (status_) status_ = read.error();
    return torch::zeros(shape);
  }
  void linear(const std::string& name, Tensor& weight, Tensor& bias) {
    weight.copy_(tensor(name + ".weight", weight.sizes().vec()));
    bias.copy_(tensor(name + ".bias", bias.sizes().vec()));
  }
  // Checkpoints of TensorFlow's time say gamma and beta.
  void norm(const std::string& name, Norm& to) {
    const bool old = files_.has(prefix_ + name + ".gamma");
    to.gamma.copy_(tensor(name + (old ? ".gamma" : ".weight"), to.gamma.sizes().vec()));
    to.beta.copy_(tensor(name + (old ? ".beta" : ".bias"), to.beta.sizes().vec()));
  }
  const Status& status() const { return status_; }

 private:
  const SafetensorsFiles& files_;
  std::string prefix_;
  Status status_;
};

Error bad(const data::PretrainedFolder& folder, const std::string& what) {
  return {ErrorCode::kBadData, fmt::format("{}: {}", folder.path, what)};
}

Status check_shapes(const data::PretrainedFolder& folder, const std::vector<std::uint32_t>& kept, const Student& student) {
  const spec::ModelConfig& config = student.config;
  if (kept.size() != config.layers.size() || config.width != folder.width || config.head_width * folder.heads != folder.width) {
    return bad(folder, "the student's shape is not the folder's");
  }
  for (const std::uint32_t layer : kept) {
    if (layer >= folder.layers) return bad(folder, fmt::format("has {} layers, init.keep_layers asks for layer {}", folder.layers, layer));
  }
  if (config.max_tokens > folder.positions) {
    return bad(folder, fmt::format("has {} positions, tokenizer.max_tokens is {}. Fix: set it to at most that", folder.positions, config.max_tokens));
  }
  return {};
}

// Row of each piece in the folder's table, [V].
Result<Tensor> rows_of(const data::PretrainedFolder& folder, const format::TokenizerContents& tokenizer) {
  std::unordered_map<std::string_view, std::int64_t> rows;
  for (std::size_t id = 0; id < folder.tokenizer.vocabulary.size(); ++id) rows.emplace(folder.tokenizer.vocabulary[id], id);
  std::vector<std::int64_t> indices;
  for (const std::string& piece : tokenizer.vocabulary) {
    const auto found = rows.find(piece);
    if (found == rows.end()) {
      return bad(folder, fmt::format("does not know the piece \"{}\" of this run's vocabulary. Fix: ingest again", piece));
    }
    indices.push_back(found->second);
  }
  return torch::tensor(indices, torch::kInt64);
}

void load_layer(Reader& reader, const LayerNames& names, std::size_t from, EncoderLayer& layer) {
  const std::int64_t H = layer.qkv.weight.size(0) / 3;  // heads times their width
  const auto third = [&](std::int64_t i, const char* name) {
    Tensor weight = layer.qkv.weight.slice(0, i * H, (i + 1) * H), bias = layer.qkv.bias.slice(0, i * H, (i + 1) * H);
    reader.linear(in_layer(name, from), weight, bias);
  };
  third(0, names.query);
  third(1, names.key);
  third(2, names.value);
  reader.linear(in_layer(names.attention_output, from), layer.attention_output.weight, layer.attention_output.bias);
  reader.norm(in_layer(names.attention_norm, from), layer.attention_norm);
  reader.linear(in_layer(names.ffn_up, from), layer.ffn_up.weight, layer.ffn_up.bias);
  reader.linear(in_layer(names.ffn_down, from), layer.ffn_down.weight, layer.ffn_down.bias);
  reader.norm(in_layer(names.ffn_norm, from), layer.ffn_norm);
}

}  // namespace

Status load_pretrained(const data::PretrainedFolder& folder, const std::vector<std::uint32_t>& kept_layers,
                       const format::TokenizerContents& tokenizer, Student& student) {
  torch::NoGradGuard no_grad;
  if (Status status = check_shapes(folder, kept_layers, student); !status) return status;
  Result<SafetensorsFiles> files = SafetensorsFiles::open(folder.path);
  if (!files) return files.error();
  Result<Tensor> rows = rows_of(folder, tokenizer);
  if (!rows) return rows.error();
  Reader reader(*files, folder.family);
  const std::int64_t D = folder.width, P = student.config.max_tokens;
  student.word.copy_(reader.tensor(Reader::kWord, {folder.vocabulary_size, D}).index_select(0, *rows));
  student.position.copy_(reader.tensor("embeddings.position_embeddings.weight", {folder.positions, D}).slice(0, 0, P));
  if (folder.segments > 0) {
    student.position.add_(reader.tensor("embeddings.token_type_embeddings.weight", {folder.segments, D})[0]);
  }
  reader.norm("embeddings.LayerNorm", student.embedding_norm);
  for (std::size_t i = 0; i < kept_layers.size(); ++i) {
    load_layer(reader, layer_names(folder.family), kept_layers[i], student.layers[i]);
  }
  return reader.status();
}

Status write_pretrained(const Student& student, const format::TokenizerContents& tokenizer,
                        const std::vector<std::string>& labels, const std::string& folder) {
  using Json = nlohmann::ordered_json;
  const spec::ModelConfig& config = student.config;
  for (const spec::LayerConfig& layer : config.layers) {
    if (layer == config.layers.front() && layer.heads * config.head_width == config.width) continue;
    return Error{ErrorCode::kUnsupported, fmt::format("{}: pruning left layers of different shapes, which a BERT folder cannot "
                                                      "hold. Fix: write the float checkpoint from before pruning", folder)};
  }
  std::map<std::string, Tensor> tensors;
  const auto linear = [&](const std::string& name, const Tensor& weight, const Tensor& bias) {
    tensors[name + ".weight"] = weight;
    tensors[name + ".bias"] = bias;
  };
  const auto norm = [&](const std::string& name, const Norm& value) { linear(name, value.gamma, value.beta); };
  tensors[Reader::kWord] = student.word;
  tensors["embeddings.position_embeddings.weight"] = student.position;
  tensors["embeddings.token_type_embeddings.weight"] = torch::zeros({2, student.word.size(1)});
  norm("embeddings.LayerNorm", student.embedding_norm);
  for (std::size_t i = 0; i < student.layers.size(); ++i) {
    const EncoderLayer& layer = student.layers[i];
    const std::int64_t H = layer.qkv.weight.size(0) / 3;
    std::int64_t part = 0;
    for (const char* name : {kBertLayer.query, kBertLayer.key, kBertLayer.value}) {
      linear(in_layer(name, i), layer.qkv.weight.slice(0, part, part + H), layer.qkv.bias.slice(0, part, part + H));
      part += H;
    }
    linear(in_layer(kBertLayer.attention_output, i), layer.attention_output.weight, layer.attention_output.bias);
    norm(in_layer(kBertLayer.attention_norm, i), layer.attention_norm);
    linear(in_layer(kBertLayer.ffn_up, i), layer.ffn_up.weight, layer.ffn_up.bias);
    linear(in_layer(kBertLayer.ffn_down, i), layer.ffn_down.weight, layer.ffn_down.bias);
    norm(in_layer(kBertLayer.ffn_norm, i), layer.ffn_norm);
  }
  linear("classifier", student.classifier.weight, student.classifier.bias);

  Json id2label, label2id;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    id2label[std::to_string(i)] = labels[i];
    label2id[labels[i]] = i;
  }
  const Json json = {{"architectures", {"BertModel"}}, {"model_type", "bert"}, {"vocab_size", config.vocabulary_size},
                     {"hidden_size", config.width}, {"num_hidden_layers", config.layers.size()},
                     {"num_attention_heads", config.layers.front().heads},
                     {"intermediate_size", config.layers.front().ffn_width}, {"hidden_act", "gelu"},
                     {"layer_norm_eps", config.layer_norm_epsilon}, {"max_position_embeddings", config.max_tokens},
                     {"type_vocab_size", 2}, {"pad_token_id", tokenizer.pad_id}, {"position_embedding_type", "absolute"},
                     {"noggin_pooling", config.pooling == spec::Pooling::kMean ? "mean" : "first_token"},
                     {"id2label", id2label}, {"label2id", label2id}};
  const Json tokenizer_json = {{"tokenizer_class", "BertTokenizer"}, {"do_lower_case", tokenizer.lowercase},
                               {"strip_accents", tokenizer.strip_accents}, {"model_max_length", config.max_tokens}};
  std::string pieces;
  for (const std::string& piece : tokenizer.vocabulary) pieces += piece + "\n";
  for (const auto& [name, text] : {std::pair{"config.json", json.dump(2) + "\n"},
                                   {"tokenizer_config.json", tokenizer_json.dump(2) + "\n"}, {"vocab.txt", pieces}}) {
    if (Status status = format::write_file_atomically(folder + "/" + name, text.data(), text.size()); !status) return status;
  }
  return write_safetensors(folder + "/model.safetensors", tensors);
}

}  // namespace noggin::train
