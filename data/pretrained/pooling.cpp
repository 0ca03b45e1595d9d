#include "data/pretrained/pooling.h"

#include <fmt/format.h>

#include <filesystem>

#include "data/files/input_file.h"
#include "data/files/json_document.h"
#include "data/pretrained/pretrained_json.h"

namespace noggin::data {
namespace {

namespace fs = std::filesystem;

// The folder of the pooling module, as modules.json names it.
std::string pooling_module(const std::string& folder) {
  constexpr const char* kUsual = "1_Pooling";
  const Result<std::string> text = read_input_file(folder + "/modules.json");
  const auto modules = text ? parse_json(*text) : std::nullopt;
  if (!modules || !modules->is_array()) return kUsual;
  for (const nlohmann::json& module : *modules) {
    if (!module.is_object() || !module.contains("type") || !module.contains("path")) continue;
    const nlohmann::json &type = module["type"], &path = module["path"];
    if (!type.is_string() || !type.get<std::string>().ends_with(".Pooling") || !path.is_string()) continue;
    const auto name = path.get<std::string>();
    if (!name.empty() && name.find('/') == std::string::npos && name != "..") return name;
  }
  return kUsual;
}

PretrainedPooling::Kind kind_of(const std::string& mode) {
  if (mode == "mean" || mode == "mean_tokens") return PretrainedPooling::Kind::kMean;
  if (mode == "cls" || mode == "cls_token" || mode == "first_token") return PretrainedPooling::Kind::kFirstToken;
  return PretrainedPooling::Kind::kOther;
}

}  // namespace

Result<PretrainedPooling> read_pooling(const std::string& folder, const std::string& noggin_pooling) {
  PretrainedPooling pooling;
  const std::string path = fmt::format("{}/{}/config.json", folder, pooling_module(folder));
  if (!fs::exists(path)) {
    if (noggin_pooling.empty() || noggin_pooling == "every_token") return pooling;
    return PretrainedPooling{kind_of(noggin_pooling), folder + "/config.json", "noggin_pooling"};
  }
  Result<JsonFile> file = JsonFile::open(path);
  if (!file) return file.error();
  pooling.file = path;
  pooling.mode = file->root().text("pooling_mode", "");
  if (!file->status()) return file->status().error();
  if (!pooling.mode.empty()) {
    pooling.kind = kind_of(pooling.mode);
    return pooling;
  }
  std::size_t modes = 0;
  constexpr std::string_view kPrefix = "pooling_mode_";
  for (const auto& [key, value] : file->root().json().items()) {
    if (!key.starts_with(kPrefix) || value != true) continue;
    pooling.kind = kind_of(key.substr(kPrefix.size()));
    pooling.mode += pooling.mode.empty() ? key : " and " + key;
    ++modes;
  }
  if (modes > 1) pooling.kind = PretrainedPooling::Kind::kOther;  // several vectors, one after the other
  return pooling;
}

}  // namespace noggin::data
