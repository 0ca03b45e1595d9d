#include "data/pretrained/pretrained_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>

#include "data/pretrained/pooling.h"
#include "data/pretrained/pretrained_json.h"
#include "data/pretrained/pretrained_tokenizer.h"
#include "spec/model_config.h"

namespace noggin::data {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* kGelu = "the student's activation is GELU by the error function";

void read_bert(const JsonObject& config, PretrainedFolder& folder) {
  folder.family = PretrainedFamily::kBert;
  folder.layers = config.size("num_hidden_layers", spec::kMaxLayers);
  folder.width = config.size("hidden_size", spec::kMaxWidth);
  folder.heads = config.size("num_attention_heads", spec::kMaxHeads);
  folder.ffn_width = config.size("intermediate_size", spec::kMaxFfnWidth);
  folder.segments = config.size("type_vocab_size", 1000);
  folder.layer_norm_epsilon = config.number("layer_norm_eps", 1e-12);
  config.only("hidden_act", "gelu", kGelu);
  config.only("position_embedding_type", "absolute", "positions are a learned table");
  config.only("is_decoder", false, "attention looks both ways");
  config.only("add_cross_attention", false, "there is one input");
  config.only("pruned_heads", Json::object(), "every layer has all its heads");
}

void read_distilbert(const JsonObject& config, PretrainedFolder& folder) {
  folder.family = PretrainedFamily::kDistilBert;
  folder.layers = config.size("n_layers", spec::kMaxLayers);
  folder.width = config.size("dim", spec::kMaxWidth);
  folder.heads = config.size("n_heads", spec::kMaxHeads);
  folder.ffn_width = config.size("hidden_dim", spec::kMaxFfnWidth);
  config.only("activation", "gelu", kGelu);
  config.only("pruned_heads", Json::object(), "every layer has all its heads");
}

// Checks that involve several fields.
void check_shape(JsonFile& file, const PretrainedFolder& folder) {
  if (folder.width % folder.heads != 0) {
    file.fail(ErrorCode::kBadData, fmt::format("width {} is not a multiple of {} heads", folder.width, folder.heads));
  }
  if (folder.width / folder.heads > spec::kMaxHeadWidth) {
    file.fail(ErrorCode::kUnsupported, fmt::format("heads are {} wide; at most {} is supported",
                                                   folder.width / folder.heads, spec::kMaxHeadWidth));
  }
  if (!(folder.layer_norm_epsilon >= 1e-20 && folder.layer_norm_epsilon <= 0.1)) {
    file.fail(ErrorCode::kBadData,
              fmt::format("\"layer_norm_eps\" is {}, must be from 1e-20 to 0.1", folder.layer_norm_epsilon));
  }
}

// The names of classes 0, 1, ...; empty if they are missing or no names.
std::vector<std::string> labels_of(const JsonObject& config) {
  const Json& names = config.at("id2label");
  std::vector<std::string> labels;
  if (!names.is_object()) return labels;
  for (std::size_t id = 0; id < names.size(); ++id) {
    const auto name = names.find(std::to_string(id));
    if (name == names.end() || !name->is_string()) return {};
    labels.push_back(name->get<std::string>());
  }
  return labels;
}

bool classifies_tokens(const JsonObject& config) {
  const Json& names = config.at("architectures");
  return names.is_array() && std::ranges::any_of(names, [](const Json& name) {
           return name.is_string() && name.get<std::string>().ends_with("ForTokenClassification");
         });
}

PretrainedClassifier read_classifier(const JsonObject& config) {
  PretrainedClassifier classifier;
  classifier.of_tokens = classifies_tokens(config);
  if (!classifier.of_tokens && !config.has("noggin_pooling")) return classifier;
  classifier.labels = labels_of(config);
  const spec::TaskKind task = spec::task_kind_of(config.text("noggin_task", ""));
  if (task != spec::TaskKind{}) classifier.task = task;
  return classifier;
}

// What other files need of config.json.
struct ConfigHints {
  std::string tokenizer_class, noggin_pooling;
};

Result<ConfigHints> read_config(const std::string& path, PretrainedFolder& folder) {
  Result<JsonFile> file = JsonFile::open(path + "/config.json");
  if (!file) return file.error();
  const JsonObject config = file->root();
  const std::string family = config.text("model_type", "");
  if (family == "bert") {
    read_bert(config, folder);
  } else if (family == "distilbert") {
    read_distilbert(config, folder);
  } else {
    file->fail(ErrorCode::kUnsupported,
               fmt::format("\"model_type\" is {}, supported are \"bert\" (MiniLM is one) and \"distilbert\"",
                           family.empty() ? "missing" : fmt::format("\"{}\"", family)));
  }
  folder.vocabulary_size = config.size("vocab_size", spec::kMaxVocabulary);
  folder.positions = config.size("max_position_embeddings", 1U << 20);
  config.only("quantization_config", nullptr, "weights must be floats");
  folder.classifier = read_classifier(config);
  ConfigHints hints{config.text("tokenizer_class", ""), config.text("noggin_pooling", "")};
  if (file->status()) check_shape(*file, folder);
  if (!file->status()) return file->status().error();
  return hints;
}

// More rows than pieces may be padding, or the sign of a vocabulary that lost lines.
Status compare_counts(PretrainedFolder& folder) {
  const std::size_t pieces = folder.tokenizer.vocabulary.size();
  if (pieces > folder.vocabulary_size) {
    return Error{ErrorCode::kBadData,
                 fmt::format("{}: the tokenizer has {} pieces, config.json says {}: the last have no row in the word "
                             "table. Fix: fetch the folder again",
                             folder.path, pieces, folder.vocabulary_size)};
  }
  if (pieces < folder.vocabulary_size) {
    folder.notes.push_back(fmt::format(
        "{}: the tokenizer has {} pieces, the word table {} rows (config.json): the last {} are not used. That is "
        "usual where a checkpoint pads its table; otherwise lines are missing: fetch the folder again",
        folder.path, pieces, folder.vocabulary_size, folder.vocabulary_size - pieces));
  }
  return {};
}

Error corrupt_index(const std::string& index, const std::string& what) {
  return {ErrorCode::kCorrupt, fmt::format("{}: {}. The file is damaged: fetch the folder again", index, what)};
}

// Shards are in the folder of their index; a name with a folder in it could be any file of the machine.
Result<std::vector<std::string>> shards_of(const std::string& path, const std::string& index) {
  Result<JsonFile> file = JsonFile::open(index);
  if (!file) return file.error();
  const Json& map = file->root().at("weight_map");
  if (!map.is_object() || map.empty())
    return corrupt_index(index, "\"weight_map\" is missing, must be an object of tensor: file");
  std::set<std::string> names;
  for (const Json& name : map) {
    if (!name.is_string() || name.get<std::string>().find_first_of(std::string_view("/\0", 2)) != std::string::npos ||
        !name.get<std::string>().ends_with(".safetensors")) {
      return corrupt_index(index, fmt::format("\"weight_map\" names {}, which is not a .safetensors file next to it",
                                              name.dump(-1, ' ', false, Json::error_handler_t::replace)));
    }
    names.insert(name.get<std::string>());
  }
  std::vector<std::string> files;
  for (const std::string& name : names) {
    files.push_back(path + "/" + name);
    if (!fs::is_regular_file(files.back())) {
      return Error{ErrorCode::kNotFound,
                   fmt::format("{} is missing; {} names it. Fix: fetch all shards", files.back(), index)};
    }
  }
  return files;
}

Result<std::vector<std::string>> weight_files(const std::string& path) {
  const std::string single = path + "/model.safetensors", index = single + ".index.json";
  if (fs::is_regular_file(single)) return std::vector<std::string>{single};
  if (fs::is_regular_file(index)) return shards_of(path, index);
  const bool pickle = fs::exists(path + "/pytorch_model.bin");
  return Error{
      ErrorCode::kNotFound,
      fmt::format("{} holds neither model.safetensors nor model.safetensors.index.json. Fix: {}", path,
                  pickle ? "save the model as safetensors; pytorch_model.bin is a pickle, which can run code when read"
                         : "put the weights into the folder")};
}

}  // namespace

Result<PretrainedFiles> list_pretrained_files(const std::string& path) {
  if (!fs::is_directory(path)) {
    return Error{ErrorCode::kNotFound, fmt::format("{} is not a folder. Fix: name one that holds config.json, "
                                                   "model.safetensors and vocab.txt or tokenizer.json",
                                                   path)};
  }
  PretrainedFiles files;
  for (const char* name : {"config.json", "tokenizer.json", "vocab.txt", "tokenizer_config.json", "added_tokens.json",
                           "special_tokens_map.json", "sentence_bert_config.json"}) {
    const std::string file = path + "/" + name;
    if (fs::is_regular_file(file)) files.description.push_back(file);
  }
  if (!fs::exists(path + "/tokenizer.json") && !fs::exists(path + "/vocab.txt")) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("{} holds neither tokenizer.json nor vocab.txt. Fix: add the tokenizer that "
                             "the encoder was trained with (BERT's WordPiece)",
                             path)};
  }
  Result<std::vector<std::string>> weights = weight_files(path);
  if (!weights) return weights.error();
  files.weights = *std::move(weights);
  return files;
}

Result<PretrainedFolder> read_pretrained_folder(const std::string& path) {
  Result<PretrainedFiles> files = list_pretrained_files(path);
  if (!files) return files.error();
  PretrainedFolder folder;
  folder.path = path;
  folder.files = *std::move(files);
  const Result<ConfigHints> hints = read_config(path, folder);
  if (!hints) return hints.error();
  Result<PretrainedTokenizer> tokenizer = read_pretrained_tokenizer(path, hints->tokenizer_class);
  if (!tokenizer) return tokenizer.error();
  folder.tokenizer = std::move(tokenizer->contents);
  folder.notes = std::move(tokenizer->notes);
  if (Status status = compare_counts(folder); !status) return status.error();
  Result<PretrainedPooling> pooling = read_pooling(path, hints->noggin_pooling);
  if (!pooling) return pooling.error();
  folder.pooling = *std::move(pooling);
  return folder;
}

Status check_kept(const PretrainedFolder& folder, const std::vector<std::uint32_t>& keep_layers,
                  std::uint32_t max_tokens) {
  std::set<std::uint32_t> seen;
  for (const std::uint32_t layer : keep_layers) {
    if (layer >= folder.layers) {
      return Error{ErrorCode::kInvalidArgument, fmt::format("init.keep_layers names layer {}; {} has layers 0 to {}",
                                                            layer, folder.path, folder.layers - 1)};
    }
    if (!seen.insert(layer).second) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("init.keep_layers names layer {} twice. Fix: name each once", layer)};
    }
  }
  if (max_tokens > folder.positions) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("tokenizer.max_tokens is {}, but {} has {} positions. Fix: set it to at most {}",
                             max_tokens, folder.path, folder.positions, folder.positions)};
  }
  return {};
}

}  // namespace noggin::data
