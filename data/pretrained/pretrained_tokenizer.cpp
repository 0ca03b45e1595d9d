// What decides a token id in Hugging Face's BERT tokenizers, and nothing else: normalizer, pre-tokenizer, WordPiece,
// added tokens. Truncation, padding and the decoder do not matter here.
#include "data/pretrained/pretrained_tokenizer.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <set>
#include <vector>

#include "data/pretrained/added_tokens.h"
#include "data/pretrained/piece_ids.h"
#include "data/pretrained/pretrained_json.h"
#include "data/pretrained/reachable_pieces.h"
#include "data/vocabulary/vocabulary_lines.h"
#include "spec/model_config.h"
#include "tokenizer/normalizer.h"

namespace noggin::data {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* kFetch = "Fix: fetch the folder again";
// Of a vocabulary whose rows were trained: a piece that is added by hand would get a row of something else.
constexpr const char* kFetchOrOther = "Fix: fetch the folder again, or take another encoder";

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

// Pieces at their ids; an id without a piece is empty.
std::vector<std::string> pieces_by_id(JsonFile& file, const Json& vocabulary) {
  std::vector<std::string> pieces;
  for (const auto& [piece, id] : vocabulary.items()) {
    const std::uint64_t index = id.is_number_unsigned() ? id.get<std::uint64_t>() : spec::kMaxVocabulary;
    if (index >= spec::kMaxVocabulary) {
      file.fail(ErrorCode::kBadData, fmt::format("\"model.vocab\" gives {} the id {}, must be a number below {}. {}",
                                                 shown_json(piece), shown_json(id), spec::kMaxVocabulary, kFetch));
      return {};
    }
    if (index >= pieces.size()) pieces.resize(index + 1);
    if (piece.empty() || !pieces[index].empty()) {
      file.fail(ErrorCode::kBadData, piece.empty()
                                         ? fmt::format("\"model.vocab\" has an empty piece. {}", kFetch)
                                         : fmt::format("\"model.vocab\" gives the id {} to {} and to {}. {}", index,
                                                       shown_json(pieces[index]), shown_json(piece), kFetch));
      return {};
    }
    pieces[index] = piece;
  }
  return pieces;
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
Result<PretrainedTokenizer> read_tokenizer_json(const std::string& path) {
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
  PretrainedTokenizer tokenizer;
  if (const std::size_t unused = name_unused_ids(pieces); unused > 0) {
    tokenizer.notes.push_back(fmt::format(
        "{}: {} of {} ids in \"model.vocab\" have no piece; their rows are not used. If the file was changed "
        "since the encoder was trained, fetch the folder again",
        path, unused, pieces.size()));
  }
  Result<runtime::TokenizerContents> contents = contents_of(std::move(pieces), path, options, kFetchOrOther);
  if (!contents) return contents.error();
  tokenizer.contents = *std::move(contents);
  return tokenizer;
}

// The parts of tokenizer_config.json that change ids.
struct TokenizerConfig {
  std::string path;
  std::string tokenizer_class;  // empty: not given
  std::optional<bool> lowercase, strip_accents;
};

Result<TokenizerConfig> read_tokenizer_config(const std::string& folder) {
  TokenizerConfig config;
  config.path = folder + "/tokenizer_config.json";
  if (!fs::exists(config.path)) return config;
  Result<JsonFile> file = JsonFile::open(config.path);
  if (!file) return file.error();
  const JsonObject root = file->root();
  root.only("tokenize_chinese_chars", true, "ideographs are words of their own");
  root.only("do_basic_tokenize", true, "punctuation marks are words of their own");
  root.only("clean_text", true, "control characters go away");
  root.only("never_split", Json::array(), "words are split alike");
  root.only("wordpieces_prefix", "##", "pieces that continue a word begin with it");
  config.tokenizer_class = root.text("tokenizer_class", "");
  if (root.has("do_lower_case")) config.lowercase = root.flag("do_lower_case", true);
  if (root.has("strip_accents")) config.strip_accents = root.flag("strip_accents", true);
  if (!file->status()) return file->status().error();
  return config;
}

// config_class: what config.json says, which counts where tokenizer_config.json says nothing.
Status check_class(const std::string& folder, const TokenizerConfig& config, const std::string& config_class) {
  static const std::set<std::string> kBertClasses = {"", "BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer",
                                                     "DistilBertTokenizerFast"};
  const bool own = !config.tokenizer_class.empty();
  const std::string& name = own ? config.tokenizer_class : config_class;
  if (kBertClasses.contains(name)) return {};
  return Error{
      ErrorCode::kUnsupported,
      fmt::format("{}: \"tokenizer_class\" is \"{}\", and vocab.txt alone does not say what that does. Supported are "
                  "BertTokenizer and DistilBertTokenizer, or a tokenizer.json",
                  own ? config.path : folder + "/config.json", name)};
}

Result<PretrainedTokenizer> tokenizer_of_vocab_txt(const std::string& path, const TokenizerConfig& config) {
  Result<PieceIds> ids = read_vocab_txt(path);
  if (!ids) return ids.error();
  VocabularyOptions options;
  options.lowercase = config.lowercase.value_or(true);
  options.strip_accents = config.strip_accents.value_or(options.lowercase);
  Result<runtime::TokenizerContents> contents = contents_of(std::move(ids->pieces), path, options, kFetchOrOther);
  if (!contents) return contents.error();
  return PretrainedTokenizer{*std::move(contents), std::move(ids->notes)};
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

// sentence-transformers folds case before the tokenizer sees a text.
Status check_sentence_config(const std::string& folder, const runtime::TokenizerContents& contents) {
  const std::string path = folder + "/sentence_bert_config.json";
  if (contents.lowercase || !fs::exists(path)) return {};
  Result<JsonFile> file = JsonFile::open(path);
  if (!file) return file.error();
  file->root().only("do_lower_case", false, "the tokenizer keeps case");
  return file->status();
}

// vocab.txt beside tokenizer.json, which goes before it.
void compare_with_vocab_txt(const std::string& folder, PretrainedTokenizer& tokenizer) {
  const std::string path = folder + "/vocab.txt";
  if (!fs::exists(path)) return;
  const Result<PieceIds> ids = read_vocab_txt(path);
  if (ids && ids->pieces == tokenizer.contents.vocabulary) return;
  tokenizer.notes.push_back(
      fmt::format("{} has other pieces or ids than tokenizer.json, which is the one that is used. If the two do not "
                  "belong together, fetch the folder again",
                  path));
}

}  // namespace

Result<PretrainedTokenizer> read_pretrained_tokenizer(const std::string& folder, const std::string& config_class) {
  const Result<TokenizerConfig> config = read_tokenizer_config(folder);
  if (!config) return config.error();
  const std::string json = folder + "/tokenizer.json";
  const bool has_json = fs::exists(json);
  if (!has_json) {
    if (Status status = check_class(folder, *config, config_class); !status) return status.error();
  }
  Result<PretrainedTokenizer> tokenizer =
      has_json ? read_tokenizer_json(json) : tokenizer_of_vocab_txt(folder + "/vocab.txt", *config);
  if (!tokenizer) return tokenizer;
  if (has_json) {
    if (Status status = check_agreement(*config, tokenizer->contents); !status) return status.error();
    compare_with_vocab_txt(folder, *tokenizer);
  }
  if (Status status = check_added_tokens(folder, tokenizer->contents); !status) return status.error();
  if (Status status = check_sentence_config(folder, tokenizer->contents); !status) return status.error();
  if (std::string note = note_on_unreachable_pieces(folder, tokenizer->contents); !note.empty())
    tokenizer->notes.push_back(std::move(note));
  return tokenizer;
}

}  // namespace noggin::data
