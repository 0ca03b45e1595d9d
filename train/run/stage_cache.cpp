#include "train/run/stage_cache.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bytes/atomic_file.h"
#include "bytes/content_hash.h"
#include "bytes/hex.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

namespace fs = std::filesystem;

std::uint64_t parse_hash(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

}  // namespace

std::uint64_t hash_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> piece(std::size_t{1} << 20);
  ContentHasher hasher;
  do {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    hasher.update(piece.data(), static_cast<std::size_t>(file.gcount()));
  } while (file);
  if (!file.eof()) {
    throw Failure(ExitCode::kBadData, path + ": cannot be read. Fix: check the path and its permissions");
  }
  return hasher.digest();
}

StageCache::StageCache(std::string path, std::string folder) : path_(std::move(path)), folder_(std::move(folder)) {
  std::ifstream file(path_);
  const nlohmann::json json = nlohmann::json::parse(file, nullptr, false);
  if (!json.is_object()) return;
  try {
    for (const auto& [name, entry] : json.items()) {
      Stage stage;
      stage.key = parse_hash(entry.at("key").get<std::string>());
      stage.seconds = entry.at("seconds").get<double>();
      for (const auto& output : entry.at("outputs")) {
        stage.outputs.emplace_back(output.at("file").get<std::string>(),
                                   parse_hash(output.at("xxh3").get<std::string>()));
      }
      stages_[name] = std::move(stage);
    }
  } catch (const nlohmann::json::exception&) {
    stages_.clear();  // damaged: every stage runs again
  }
}

std::uint64_t StageCache::key(const std::string& stage, const StageInputs& inputs) {
  std::string description = stage + "\n" + inputs.settings + "\n";
  for (const std::string& file : inputs.files) description += hex(hash_file(file)) + "\n";
  return content_hash(description.data(), description.size());
}

bool StageCache::is_current(const std::string& stage, std::uint64_t key) const {
  const auto found = stages_.find(stage);
  if (found == stages_.end() || found->second.key != key) return false;
  for (const auto& [name, hash] : found->second.outputs) {
    std::error_code error;
    if (!fs::is_regular_file(fs::path(folder_) / name, error)) return false;
    if (hash_file((fs::path(folder_) / name).string()) != hash) return false;
  }
  return true;
}

void StageCache::record(const std::string& stage, std::uint64_t key, const std::vector<std::string>& outputs,
                        double seconds) {
  Stage entry{key, seconds, {}};
  for (const std::string& output : outputs) {
    entry.outputs.emplace_back(fs::path(output).lexically_proximate(folder_).string(), hash_file(output));
  }
  stages_[stage] = std::move(entry);
  save();
}

std::vector<std::string> StageCache::outputs(const std::string& stage) const {
  std::vector<std::string> paths;
  const auto found = stages_.find(stage);
  if (found == stages_.end()) return paths;
  for (const auto& [name, hash] : found->second.outputs) paths.push_back((fs::path(folder_) / name).string());
  return paths;
}

void StageCache::save() const {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [name, stage] : stages_) {
    nlohmann::ordered_json outputs = nlohmann::ordered_json::array();
    for (const auto& [file, hash] : stage.outputs) outputs.push_back({{"file", file}, {"xxh3", hex(hash)}});
    json[name] = {{"key", hex(stage.key)}, {"seconds", stage.seconds}, {"outputs", outputs}};
  }
  const std::string text = json.dump(2) + "\n";
  throw_unless_written(write_file_atomically(path_, text.data(), text.size()));
}

}  // namespace noggin::train
