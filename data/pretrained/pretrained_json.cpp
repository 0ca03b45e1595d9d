#include "data/pretrained/pretrained_json.h"

#include <fmt/format.h>

#include "data/files/input_file.h"
#include "data/files/json_document.h"

namespace noggin::data {
namespace {

using Json = nlohmann::json;

}  // namespace

std::string shown_json(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  constexpr std::size_t kMaxShownBytes = 80;
  if (text.size() <= kMaxShownBytes) return text;
  std::size_t end = kMaxShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // inside a character
  return text.substr(0, end) + "...";
}

Result<JsonFile> JsonFile::open(const std::string& path) {
  const Result<std::string> text = read_input_file(path);
  if (!text) return text.error();
  std::optional<Json> json = parse_json(*text);
  if (!json || !json->is_object()) {
    return Error{ErrorCode::kBadData,
                 fmt::format("{} is not a JSON object{}. The file is damaged or the wrong one: fetch it again", path,
                             is_nested_too_deeply(*text) ? fmt::format(" of at most {} levels", kDeepestJson) : "")};
  }
  return JsonFile(path, *std::move(json));
}

JsonObject JsonFile::root() { return {*this, json_, ""}; }

void JsonFile::fail(ErrorCode code, const std::string& what) {
  if (status_) status_ = Error{code, fmt::format("{}: {}", path_, what)};
}

const Json& JsonObject::at(const char* key) const {
  static const Json kNothing;
  const auto found = json_.find(key);
  return found == json_.end() ? kNothing : *found;
}

JsonObject JsonObject::object(const char* key) const {
  static const Json kEmpty = Json::object();
  const Json& value = at(key);
  if (has(key) && !value.is_object()) wrong(key, "an object");
  return {file_, value.is_object() ? value : kEmpty, fmt::format("{}{}.", place_, key)};
}

std::string JsonObject::text(const char* key, const std::string& otherwise) const {
  if (has(key) && !at(key).is_string()) wrong(key, "a string");
  return at(key).is_string() ? at(key).get<std::string>() : otherwise;
}

bool JsonObject::flag(const char* key, bool otherwise) const {
  if (has(key) && !at(key).is_boolean()) wrong(key, "true or false");
  return at(key).is_boolean() ? at(key).get<bool>() : otherwise;
}

double JsonObject::number(const char* key, double otherwise) const {
  if (has(key) && !at(key).is_number()) wrong(key, "a number");
  return at(key).is_number() ? at(key).get<double>() : otherwise;
}

std::uint32_t JsonObject::size(const char* key, std::uint32_t max_value) const {
  const Json& value = at(key);
  const std::uint64_t size = value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
  if (size >= 1 && size <= max_value) return static_cast<std::uint32_t>(size);
  wrong(key, fmt::format("a whole number from 1 to {}", max_value));
  return 1;
}

void JsonObject::only(const char* key, const Json& wanted, const char* why) const {
  if (!has(key) || at(key) == wanted) return;
  file_.fail(ErrorCode::kUnsupported, fmt::format("\"{}{}\" is {}, supported is {}: {}", place_, key,
                                                  shown_json(at(key)), shown_json(wanted), why));
}

void JsonObject::wrong(const char* key, const std::string& wanted) const {
  file_.fail(ErrorCode::kBadData,
             has(key) ? fmt::format("\"{}{}\" is {}, must be {}", place_, key, shown_json(at(key)), wanted)
                      : fmt::format("\"{}{}\" is missing, must be {}", place_, key, wanted));
}

}  // namespace noggin::data
