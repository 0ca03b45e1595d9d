#include "train/pretrained/bert_folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>
#include <unordered_map>

#include "train/pretrained/bert_names.h"
#include "train/pretrained/narrow_table.h"
#include "train/pretrained/safetensors.h"

namespace noggin::train {
namespace {

// The prefix of every tensor name of the encoder: none, "bert." or "distilbert." below a head, "0.auto_model." in a
// pipeline. Anything else in the checkpoint (heads, a pooler, counters) is ignored.
Result<std::string> prefix_of(const SafetensorsFiles& files, const data::PretrainedFolder& folder) {
  std::vector<std::string> prefixes;
  for (const std::string& name : files.names()) {
    if (name == kWord || name.ends_with(fmt::format(".{}", kWord)))
      prefixes.push_back(name.substr(0, name.size() - std::strlen(kWord)));
  }
  if (prefixes.size() == 1) return prefixes.front();
  return Error{ErrorCode::kBadData,
               prefixes.empty()
                   ? fmt::format("{} holds no tensor {}, with or without a prefix: not a BERT or DistilBERT",
                                 folder.files.weights.front(), kWord)
                   : fmt::format("{} holds {} encoders (\"{}\"). Fix: save only the one to use",
                                 folder.files.weights.front(), prefixes.size(), fmt::join(prefixes, "\", \""))};
}

// Reads tensors of one checkpoint; keeps the first error.
class Reader {
 public:
  Reader(const SafetensorsFiles& files, std::string prefix) : files_(files), prefix_(std::move(prefix)) {}

  Tensor tensor(const std::string& name, const std::vector<std::int64_t>& shape) {
    Result<Tensor> read = files_.read(prefix_ + name, shape);
    if (read) return *std::move(read);
    if (status_) status_ = read.error();
    return torch::zeros({1}).expand(shape);  // takes no memory, whatever the config asks for
  }
  void linear(const std::string& name, Tensor& weight, Tensor& bias) {
    weight.copy_(tensor(name + ".weight", weight.sizes().vec()));
    bias.copy_(tensor(name + ".bias", bias.sizes().vec()));
  }
  // Checkpoints from TensorFlow use the names gamma and beta.
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

Status check_shapes(const data::PretrainedFolder& folder, const std::vector<std::uint32_t>& kept,
                    const Student& student) {
  const spec::ModelConfig& config = student.config;
  if (Status status = data::check_kept(folder, kept, config.max_tokens); !status) return status;
  bool same = kept.size() == config.encoder.layers.size() && config.encoder.width == folder.width;
  for (const spec::LayerConfig& layer : config.encoder.layers) {
    same = same && layer.ffn_width == folder.ffn_width && layer.heads == folder.heads &&
           layer.heads * config.encoder.head_width == folder.width;
  }
  if (!same) return bad(folder, "the student's shape differs from the folder's. Fix: leave out the student.* keys");
  return {};
}

// Row of each piece in the folder's table, [V].
Result<Tensor> rows_of(const data::PretrainedFolder& folder, const runtime::TokenizerContents& tokenizer) {
  std::unordered_map<std::string_view, std::int64_t> rows;
  for (std::size_t id = 0; id < folder.tokenizer.vocabulary.size(); ++id)
    rows.emplace(folder.tokenizer.vocabulary[id], id);
  std::vector<std::int64_t> indices;
  for (const std::string& piece : tokenizer.vocabulary) {
    const auto found = rows.find(piece);
    if (found == rows.end()) {
      return bad(
          folder,
          fmt::format("does not have the piece \"{}\" of this run's vocabulary. Fix: ingest again if the folder was "
                      "changed; a live teacher needs the vocabulary of init.folder",
                      piece));
    }
    indices.push_back(found->second);
  }
  return torch::tensor(indices, torch::kInt64);
}

// The checkpoint of a folder, where its encoder's names begin, and which of its rows are the pieces'.
struct OpenFolder {
  SafetensorsFiles files;
  Tensor rows;  // [V]
  std::string prefix;
};

Result<OpenFolder> open_folder(const data::PretrainedFolder& folder, const runtime::TokenizerContents& tokenizer) {
  Result<SafetensorsFiles> files = SafetensorsFiles::open(folder.files.weights);
  if (!files) return files.error();
  const Result<Tensor> rows = rows_of(folder, tokenizer);
  if (!rows) return rows.error();
  Result<std::string> prefix = prefix_of(*files, folder);
  if (!prefix) return prefix.error();
  return OpenFolder{*std::move(files), *rows, *std::move(prefix)};
}

Tensor words_of(Reader& reader, const data::PretrainedFolder& folder, const Tensor& rows) {
  return reader.tensor(kWord, {folder.vocabulary_size, folder.width}).index_select(0, rows);
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

Result<Tensor> pretrained_words(const data::PretrainedFolder& folder, const runtime::TokenizerContents& tokenizer) {
  torch::NoGradGuard no_grad;
  const Result<OpenFolder> open = open_folder(folder, tokenizer);
  if (!open) return open.error();
  Reader reader(open->files, open->prefix);
  const Tensor words = words_of(reader, folder, open->rows);
  if (!reader.status()) return reader.status().error();
  return words;
}

Status load_pretrained(const data::PretrainedFolder& folder, const std::vector<std::uint32_t>& kept_layers,
                       const runtime::TokenizerContents& tokenizer, Student& student, const Tensor& counts) {
  torch::NoGradGuard no_grad;
  if (Status status = check_shapes(folder, kept_layers, student); !status) return status;
  const Result<OpenFolder> open = open_folder(folder, tokenizer);
  if (!open) return open.error();
  Reader reader(open->files, open->prefix);
  const std::int64_t D = folder.width, P = student.config.max_tokens;
  const Tensor words = words_of(reader, folder, open->rows);
  student.position.copy_(reader.tensor(kPosition, {folder.positions, D}).slice(0, 0, P));
  if (student.config.encoder.embedding_width == 0) {
    student.word.copy_(words);
  } else {
    take_narrow_words(words, counts, student);
  }
  if (folder.segments > 0) {
    student.position.add_(reader.tensor(kSegment, {folder.segments, D})[0]);
  }
  reader.norm(kEmbeddingNorm, student.embedding_norm);
  for (std::size_t i = 0; i < kept_layers.size(); ++i) {
    load_layer(reader, layer_names(folder.family), kept_layers[i], student.layers[i]);
  }
  return reader.status();
}

Status load_classifier(const data::PretrainedFolder& folder, Student& student) {
  torch::NoGradGuard no_grad;
  Result<SafetensorsFiles> files = SafetensorsFiles::open(folder.files.weights);
  if (!files) return files.error();
  Reader reader(*files, "");  // no family puts its classifier below a prefix
  reader.linear("classifier", student.classifier.weight, student.classifier.bias);
  return reader.status();
}

}  // namespace noggin::train
