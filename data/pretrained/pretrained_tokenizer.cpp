// What decides a token id in Hugging Face's BERT tokenizers, and nothing else: normalizer, pre-tokenizer, WordPiece,
// added tokens. Truncation, padding and the decoder do not matter here.
#include "data/pretrained/pretrained_tokenizer.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <set>
#include <vector>

#include "data/pretrained/pretrained_json.h"
#include "data/vocabulary/vocabulary.h"
#include "tokenizer/normalizer.h"

namespace noggin::data {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

void unsupported(JsonFile& file, const std::string& what) {
  file.fail(ErrorCode::kUnsupported,
            fmt::format("{}. Supported is BERT's tokenizer: WordPiece with \"##\" after "
                        "BertNormalizer and BertPreTokenizer, [CLS] before and [SEP] after the text",
                        what));
}

void require_type(JsonFile& file, const JsonObject& part, const char* wanted) {
  const std::string type = part.text("type", "");
  if (type == wanted) return;
  unsupported(file,
              fmt::format("\"{}type\" is {}", part.place(), type.empty() ? "missing" : fmt::format("\"{}\"", type)));
}

// BERT's default for strip_accents: equal to lowercase.
bool strips_accents(const JsonObject& part, bool lowercase) { return part.flag("strip_accents", lowercase); }

std::vector<std::string> pieces_by_id(JsonFile& file, const Json& vocabulary) {
  std::vector<std::string> pieces(vocabulary.size());
  std::vector<bool> taken(vocabulary.size());
  for (const auto& [piece, id] : vocabulary.items()) {
    const std::uint64_t index = id.is_number_unsigned() ? id.get<std::uint64_t>() : pieces.size();
    if (index >= pieces.size() || taken[index]) {
      file.fail(ErrorCode::kBadData,
                fmt::format("\"model.vocab\" has {} pieces, so their ids must be the numbers below that, "
                            "each once; the id of \"{}\" is not",
                            pieces.size(), piece));
      return {};
    }
    taken[index] = true;
    pieces[index] = piece;
  }
  return pieces;
}

// Added tokens are cut out of a text before it is normalized. Special ones are control tokens, which a user's text
// cannot place; any other would change ids.
void check_added_tokens(JsonFile& file) {
  for (const Json& token : file.root().at("added_tokens")) {
    if (token.is_object() && token.value("special", Json()) == Json(true)) continue;
    const Json content = token.is_object() ? token.value("content", Json()) : token;
    return unsupported(file, fmt::format("\"added_tokens\" holds {}, which is not a special token",
                                         content.dump(-1, ' ', false, Json::error_handler_t::replace)));
  }
}

// Requires [CLS] text [SEP], in either of its two forms. Absent: the encoder was still trained that way.
void check_post_processor(JsonFile& file) {
  const JsonObject part = file.root().object("post_processor");
  const std::string type = part.text("type", "BertProcessing");
  if (type == "BertProcessing") return;
  if (type != "TemplateProcessing") return unsupported(file, fmt::format("\"post_processor.type\" is \"{}\"", type));
  std::vector<std::string> order;
  for (const Json& step : part.at("single")) {
    for (const char* kind : {"SpecialToken", "Sequence"}) {
      if (!step.is_object() || !step.contains(kind) || !step[kind].is_object()) continue;
      const Json id = step[kind].value("id", Json());
      order.push_back(id.is_string() ? id.get<std::string>() : "?");
    }
  }
  if (order != std::vector<std::string>{"[CLS]", "A", "[SEP]"})
    unsupported(file, "\"post_processor.single\" is another template");
}

// tokenizer.json holds everything.
Result<runtime::TokenizerContents> read_tokenizer_json(const std::string& path) {
  Result<JsonFile> file = JsonFile::open(path);
  if (!file) return file.error();
  const JsonObject root = file->root(), model = root.object("model"), normalizer = root.object("normalizer");
  if (model.has("type")) require_type(*file, model, "WordPiece");
  require_type(*file, normalizer, "BertNormalizer");
  require_type(*file, root.object("pre_tokenizer"), "BertPreTokenizer");
  model.only("continuing_subword_prefix", "##", "pieces that continue a word begin with it");
  model.only("unk_token", "[UNK]", "it is found by its name");
  normalizer.only("clean_text", true, "control characters go away");
  normalizer.only("handle_chinese_chars", true, "ideographs are words of their own");
  check_added_tokens(*file);
  check_post_processor(*file);
  VocabularyOptions options;
  options.lowercase = normalizer.flag("lowercase", true);
  options.strip_accents = strips_accents(normalizer, options.lowercase);
  if (model.has("max_input_chars_per_word")) {
    options.max_word_characters = model.size("max_input_chars_per_word", runtime::kMaxWordCharacters);
  }
  if (!model.at("vocab").is_object() || model.at("vocab").empty()) {
    file->fail(ErrorCode::kBadData, "\"model.vocab\" is missing, must be an object of piece: id");
  }
  if (!file->status()) return file->status().error();
  std::vector<std::string> pieces = pieces_by_id(*file, model.at("vocab"));
  if (!file->status()) return file->status().error();
  return contents_of(std::move(pieces), path, options);
}

// The parts of tokenizer_config.json that change ids.
struct TokenizerConfig {
  std::string path;
  std::string tokenizer_class;  // empty: not given
  std::optional<bool> lowercase, strip_accents;
};

void check_special_names(const JsonObject& root) {
  constexpr std::pair<const char*, const char*> kNames[] = {
      {"cls_token", "[CLS]"}, {"sep_token", "[SEP]"}, {"unk_token", "[UNK]"}, {"pad_token", "[PAD]"}};
  for (const auto& [key, name] : kNames) {
    if (root.at(key).is_object()) {
      root.object(key).only("content", name, "special pieces are found by name");
    } else {
      root.only(key, name, "special pieces are found by name");
    }
  }
}

Result<TokenizerConfig> read_tokenizer_config(const std::string& folder) {
  TokenizerConfig config;
  config.path = folder + "/tokenizer_config.json";
  if (!fs::exists(config.path)) return config;
  Result<JsonFile> file = JsonFile::open(config.path);
  if (!file) return file.error();
  const JsonObject root = file->root();
  root.only("tokenize_chinese_chars", true, "ideographs are words of their own");
  root.only("do_basic_tokenize", true, "punctuation marks are words of their own");
  check_special_names(root);
  config.tokenizer_class = root.text("tokenizer_class", "");
  if (root.has("do_lower_case")) config.lowercase = root.flag("do_lower_case", true);
  if (root.has("strip_accents")) config.strip_accents = root.flag("strip_accents", true);
  if (!file->status()) return file->status().error();
  return config;
}

Result<runtime::TokenizerContents> read_vocab_txt(const std::string& folder, const TokenizerConfig& config) {
  static const std::set<std::string> kBertClasses = {"", "BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer",
                                                     "DistilBertTokenizerFast"};
  if (kBertClasses.count(config.tokenizer_class) == 0) {
    return Error{
        ErrorCode::kUnsupported,
        fmt::format("{}: \"tokenizer_class\" is \"{}\", and vocab.txt alone does not say what that does. Supported are "
                    "BertTokenizer and DistilBertTokenizer, or a tokenizer.json",
                    config.path, config.tokenizer_class)};
  }
  VocabularyOptions options;
  options.lowercase = config.lowercase.value_or(true);
  options.strip_accents = config.strip_accents.value_or(options.lowercase);
  return read_vocabulary(folder + "/vocab.txt", options);
}

// transformers lets tokenizer_config.json override tokenizer.json; other programs ignore it.
Status check_agreement(const TokenizerConfig& config, const runtime::TokenizerContents& contents) {
  const auto clash = [&](const char* key, bool says, bool otherwise) -> Status {
    return Error{ErrorCode::kBadData,
                 fmt::format("{}: \"{}\" is {}, tokenizer.json says {}. Fix: make the two agree, as the "
                             "encoder was trained",
                             config.path, key, says, otherwise)};
  };
  if (config.lowercase.value_or(contents.lowercase) != contents.lowercase) {
    return clash("do_lower_case", *config.lowercase, contents.lowercase);
  }
  if (config.strip_accents.value_or(contents.strip_accents) != contents.strip_accents) {
    return clash("strip_accents", *config.strip_accents, contents.strip_accents);
  }
  return {};
}

}  // namespace

Result<runtime::TokenizerContents> read_pretrained_tokenizer(const std::string& folder) {
  const Result<TokenizerConfig> config = read_tokenizer_config(folder);
  if (!config) return config.error();
  const std::string json = folder + "/tokenizer.json";
  if (!fs::exists(json)) return read_vocab_txt(folder, *config);
  Result<runtime::TokenizerContents> contents = read_tokenizer_json(json);
  if (!contents) return contents;
  if (Status status = check_agreement(*config, *contents); !status) return status.error();
  return contents;
}

}  // namespace noggin::data
