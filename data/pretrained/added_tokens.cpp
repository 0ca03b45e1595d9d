#include "data/pretrained/added_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include "data/pretrained/pretrained_json.h"

namespace noggin::data {
namespace {

using Json = nlohmann::json;

constexpr const char* kControlTokens[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
constexpr std::pair<const char*, const char*> kRoles[] = {{"cls_token", "[CLS]"},
                                                          {"sep_token", "[SEP]"},
                                                          {"unk_token", "[UNK]"},
                                                          {"pad_token", "[PAD]"},
                                                          {"mask_token", "[MASK]"}};

std::optional<std::uint64_t> id_of(const Json& id) {
  return id.is_number_unsigned() ? std::optional(id.get<std::uint64_t>()) : std::nullopt;
}

std::optional<std::uint64_t> id_of(const std::string& digits) {
  std::uint64_t id = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  return code == std::errc() && end == digits.data() + digits.size() ? std::optional(id) : std::nullopt;
}

// Checks the tokens of one file.
class TokensOfFile {
 public:
  TokensOfFile(JsonFile& file, const runtime::TokenizerContents& tokenizer) : file_(file), tokenizer_(tokenizer) {}

  // A token is a string, or an object with "content". id: a number, where this place gives one.
  void check(const char* key, const Json& token, const std::optional<Json>& id = std::nullopt) {
    const Json& content = token.is_object() && token.contains("content") ? token["content"] : token;
    if (!content.is_string()) return bad(key, shown_json(token), "which is not a token");
    const auto name = content.get<std::string>();
    if (std::ranges::find(kControlTokens, name) == std::end(kControlTokens)) {
      return file_.fail(
          ErrorCode::kUnsupported,
          fmt::format("\"{}\" holds {}: transformers cuts such a token out of the text as it stands, and this "
                      "tokenizer does not. Supported are [PAD], [UNK], [CLS], [SEP] and [MASK]. Fix: take an encoder "
                      "without added tokens",
                      key, shown_json(content)));
    }
    if (!id || id->is_null()) return;
    const std::optional<std::uint64_t> number = id->is_string() ? id_of(id->get<std::string>()) : id_of(*id);
    if (!number) return bad(key, fmt::format("the id {} for {}", shown_json(*id), name), "which is not an id");
    const auto piece = std::ranges::find(tokenizer_.vocabulary, name);
    if (piece == tokenizer_.vocabulary.end()) return;  // [MASK] of a vocabulary without it: a row beyond its pieces
    const auto row = static_cast<std::uint64_t>(piece - tokenizer_.vocabulary.begin());
    if (row != *number)
      bad(key, fmt::format("{} with the id {}", name, *number), fmt::format("but the vocabulary says {}", row));
  }

  void check_list(const char* key) {
    const Json& tokens = file_.root().at(key);
    if (!tokens.is_null() && !tokens.is_structured()) return bad(key, shown_json(tokens), "which is not a list");
    for (const Json& token : tokens) check(key, token);  // of an object: its values
  }

  // {content: id}
  void check_ids_by_content(const char* what) {
    for (const auto& [content, id] : file_.root().json().items()) check(what, content, id);
  }

  void check_roles() {
    for (const auto& [key, name] : kRoles) {
      const Json& token = file_.root().at(key);
      const JsonObject holder = token.is_object() ? file_.root().object(key) : file_.root();
      holder.only(token.is_object() ? "content" : key, name, "special pieces are found by name");
    }
    for (const char* key : {"bos_token", "eos_token"}) {
      if (file_.root().has(key)) check(key, file_.root().at(key));
    }
    check_list("additional_special_tokens");
    check_list("extra_special_tokens");
  }

 private:
  void bad(const char* key, const std::string& held, const std::string& why) {
    file_.fail(ErrorCode::kBadData, fmt::format("\"{}\" holds {}, {}. Fix: fetch the folder again", key, held, why));
  }

  JsonFile& file_;
  const runtime::TokenizerContents& tokenizer_;
};

template <class Check>
Status check_file(const std::string& path, const runtime::TokenizerContents& tokenizer, const Check& check) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return {};
  Result<JsonFile> file = JsonFile::open(path);
  if (!file) return file.error();
  TokensOfFile tokens(*file, tokenizer);
  check(*file, tokens);
  return file->status();
}

}  // namespace

Status check_added_tokens(const std::string& folder, const runtime::TokenizerContents& tokenizer) {
  Status status = check_file(folder + "/added_tokens.json", tokenizer,
                             [](JsonFile&, TokensOfFile& tokens) { tokens.check_ids_by_content("added_tokens"); });
  if (!status) return status;
  status = check_file(folder + "/special_tokens_map.json", tokenizer,
                      [](JsonFile&, TokensOfFile& tokens) { tokens.check_roles(); });
  if (!status) return status;
  status = check_file(folder + "/tokenizer_config.json", tokenizer, [](JsonFile& file, TokensOfFile& tokens) {
    tokens.check_roles();
    tokens.check_list("model_specific_special_tokens");
    const JsonObject added = file.root().object("added_tokens_decoder");
    for (const auto& [id, token] : added.json().items()) tokens.check("added_tokens_decoder", token, Json(id));
  });
  if (!status) return status;
  return check_file(folder + "/tokenizer.json", tokenizer, [](JsonFile& file, TokensOfFile& tokens) {
    for (const Json& token : file.root().at("added_tokens"))
      tokens.check("added_tokens", token, token.is_object() ? token.value("id", Json()) : Json());
  });
}

}  // namespace noggin::data
