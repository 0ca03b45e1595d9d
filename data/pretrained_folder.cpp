#include "data/pretrained_folder.h"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "data/vocabulary.h"
#include "spec/model_config.h"
#include "tokenizer/normalizer.h"

namespace noggin::data {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

// One JSON file of the folder; its accessors stop at the first thing that is wrong.
class JsonFile {
 public:
  static Result<JsonFile> open(const std::string& path) {
    std::ifstream stream(path);
    if (!stream) return Error{ErrorCode::kNotFound, fmt::format("{} cannot be opened. Fix: give a folder that holds it", path)};
    Json json = Json::parse(stream, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) return Error{ErrorCode::kBadData, fmt::format("{} is not a JSON object", path)};
    return JsonFile(path, std::move(json));
  }

  const Json& json() const { return json_; }
  const std::string& path() const { return path_; }
  const std::optional<Error>& error() const { return error_; }

  std::uint32_t size(const char* key, std::uint32_t most) {
    const auto value = json_.find(key);
    if (value == json_.end() || !value->is_number_unsigned() || value->get<std::uint64_t>() < 1 ||
        value->get<std::uint64_t>() > most) {
      fail(ErrorCode::kBadData, fmt::format("{}: \"{}\" must be a whole number from 1 to {}", path_, key, most));
      return 1;
    }
    return value->get<std::uint32_t>();
  }
  // `wanted` is the only value that a student can follow; absent means that value.
  void only(const char* key, const Json& wanted, const char* why) {
    const auto value = json_.find(key);
    if (value == json_.end() || value->is_null() || *value == wanted) return;
    fail(ErrorCode::kUnsupported, fmt::format("{}: \"{}\" is {}, supported is {}: {}", path_, key, value->dump(),
                                              wanted.dump(), why));
  }
  void fail(ErrorCode code, std::string message) {
    if (!error_) error_ = Error{code, std::move(message)};
  }

 private:
  JsonFile(std::string path, Json json) : path_(std::move(path)), json_(std::move(json)) {}
  std::string path_;
  Json json_;
  std::optional<Error> error_;
};

constexpr const char* kGelu = "the student's activation is GELU by the error function";

void read_bert(JsonFile& config, PretrainedFolder& folder) {
  folder.family = PretrainedFamily::kBert;
  folder.layers = config.size("num_hidden_layers", spec::kMaxLayers);
  folder.width = config.size("hidden_size", spec::kMaxWidth);
  folder.heads = config.size("num_attention_heads", spec::kMaxHeads);
  folder.ffn_width = config.size("intermediate_size", spec::kMaxFfnWidth);
  folder.segments = config.size("type_vocab_size", 1000);
  folder.layer_norm_epsilon = config.json().value("layer_norm_eps", 1e-12F);
  config.only("hidden_act", "gelu", kGelu);
  config.only("position_embedding_type", "absolute", "positions are a learned table");
  config.only("is_decoder", false, "attention looks both ways");
  config.only("add_cross_attention", false, "there is one input");
}

void read_distilbert(JsonFile& config, PretrainedFolder& folder) {
  folder.family = PretrainedFamily::kDistilBert;
  folder.layers = config.size("n_layers", spec::kMaxLayers);
  folder.width = config.size("dim", spec::kMaxWidth);
  folder.heads = config.size("n_heads", spec::kMaxHeads);
  folder.ffn_width = config.size("hidden_dim", spec::kMaxFfnWidth);
  config.only("activation", "gelu", kGelu);
}

Status read_config(const std::string& path, PretrainedFolder& folder) {
  Result<JsonFile> config = JsonFile::open(path + "/config.json");
  if (!config) return config.error();
  const std::string type = config->json().value("model_type", "");
  if (type == "bert") {
    read_bert(*config, folder);
  } else if (type == "distilbert") {
    read_distilbert(*config, folder);
  } else {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("{}: \"model_type\" is \"{}\", supported are bert (MiniLM is one) and distilbert", config->path(), type)};
  }
  folder.vocabulary_size = config->size("vocab_size", spec::kMaxVocabulary);
  folder.positions = config->size("max_position_embeddings", 1U << 20);
  config->only("quantization_config", nullptr, "weights must be floats");
  if (!config->error() && folder.width % folder.heads != 0) {
    config->fail(ErrorCode::kBadData, fmt::format("{}: width {} is not a multiple of {} heads", config->path(),
                                                  folder.width, folder.heads));
  }
  if (config->error()) return *config->error();
  return {};
}

VocabularyOptions normalization(bool lowercase, const Json& strip_accents, std::uint32_t max_word_characters) {
  VocabularyOptions options;
  options.lowercase = lowercase;
  options.strip_accents = strip_accents.is_boolean() ? strip_accents.get<bool>() : lowercase;  // BERT's meaning of null
  options.max_word_characters = max_word_characters;
  return options;
}

Error unsupported(const JsonFile& file, const std::string& what) {
  return {ErrorCode::kUnsupported, fmt::format("{}: {}. Supported is BERT's tokenizer: WordPiece with \"##\" behind "
                                               "BertNormalizer and BertPreTokenizer", file.path(), what)};
}

const Json& part(const JsonFile& file, const char* key) {
  static const Json kNothing = Json::object();
  const auto found = file.json().find(key);
  return found == file.json().end() || !found->is_object() ? kNothing : *found;
}

// tokenizer.json, which holds everything.
Result<format::TokenizerContents> read_tokenizer_json(const std::string& path) {
  Result<JsonFile> file = JsonFile::open(path);
  if (!file) return file.error();
  const Json &model = part(*file, "model"), &normalizer = part(*file, "normalizer");
  if (model.value("type", "WordPiece") != "WordPiece" || !model.contains("vocab")) {
    return unsupported(*file, "model.type is not WordPiece");
  }
  if (model.value("continuing_subword_prefix", "##") != "##") return unsupported(*file, "another continuing_subword_prefix");
  if (normalizer.value("type", "") != "BertNormalizer") return unsupported(*file, "normalizer.type is not BertNormalizer");
  if (!normalizer.value("clean_text", true) || !normalizer.value("handle_chinese_chars", true)) {
    return unsupported(*file, "clean_text or handle_chinese_chars is off");
  }
  if (part(*file, "pre_tokenizer").value("type", "") != "BertPreTokenizer") {
    return unsupported(*file, "pre_tokenizer.type is not BertPreTokenizer");
  }
  std::vector<std::string> pieces(model["vocab"].size());
  for (const auto& [piece, id] : model["vocab"].items()) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= pieces.size() || !pieces[id.get<std::size_t>()].empty()) {
      return Error{ErrorCode::kBadData, fmt::format("{}: the ids of model.vocab are not 0 to {}, each once", path, pieces.size() - 1)};
    }
    pieces[id.get<std::size_t>()] = piece;
  }
  const std::uint32_t longest = model.value("max_input_chars_per_word", 100U);
  if (longest > runtime::kMaxWordCharacters) return unsupported(*file, "max_input_chars_per_word above 256");
  return contents_of(std::move(pieces), path,
                     normalization(normalizer.value("lowercase", true),
                                   normalizer.contains("strip_accents") ? normalizer["strip_accents"] : Json(), longest));
}

// vocab.txt, and what tokenizer_config.json says about it.
Result<format::TokenizerContents> read_vocab_txt(const std::string& folder) {
  bool lowercase = true;
  Json strip_accents;
  const std::string config_path = folder + "/tokenizer_config.json";
  if (fs::exists(config_path)) {
    Result<JsonFile> config = JsonFile::open(config_path);
    if (!config) return config.error();
    lowercase = config->json().value("do_lower_case", true);
    if (config->json().contains("strip_accents")) strip_accents = config->json()["strip_accents"];
    config->only("tokenize_chinese_chars", true, "ideographs are words of their own");
    if (config->error()) return *config->error();
  }
  return read_vocabulary(folder + "/vocab.txt", normalization(lowercase, strip_accents, 100));
}

}  // namespace

Result<PretrainedFolder> read_pretrained_folder(const std::string& path) {
  if (!fs::is_directory(path)) {
    return Error{ErrorCode::kNotFound, fmt::format("{} is no folder. Fix: set init.folder to one that holds config.json, "
                                                   "model.safetensors and vocab.txt or tokenizer.json", path)};
  }
  PretrainedFolder folder;
  folder.path = path;
  if (Status status = read_config(path, folder); !status) return status.error();
  const std::string tokenizer = path + "/tokenizer.json";
  Result<format::TokenizerContents> contents =
      fs::exists(tokenizer) ? read_tokenizer_json(tokenizer) : read_vocab_txt(path);
  if (!contents) return contents.error();
  folder.tokenizer = *std::move(contents);
  if (folder.tokenizer.vocabulary.size() > folder.vocabulary_size) {
    return Error{ErrorCode::kBadData, fmt::format("{}: the tokenizer has {} pieces, config.json says {}", path,
                                                  folder.tokenizer.vocabulary.size(), folder.vocabulary_size)};
  }
  return folder;
}

}  // namespace noggin::data
