#include "train/run/stage_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

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

constexpr const char* kAgain = "Fix: restore it, or make it again: noggin run with the recipe of the run";

}  // namespace

StageCache::StageCache(std::string path, std::string folder) : path_(std::move(path)), folder_(std::move(folder)) {
  read();
}

void StageCache::read() {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path_, error);
  if (status.type() == fs::file_type::not_found) return;
  if (!fs::is_regular_file(path_, error)) {
    damage_ = "is not a file";
    return;
  }
  std::ifstream file(path_);
  if (!file) {
    damage_ = "cannot be read";
    return;
  }
  const nlohmann::json json = nlohmann::json::parse(file, nullptr, false);
  try {
    if (!json.is_object()) throw std::invalid_argument("not an object");
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
  } catch (const std::exception&) {
    stages_.clear();  // every stage is judged by what its outputs say of themselves, or runs again
    damage_ = "is damaged";
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
  for (const std::string& output : outputs) entry.outputs.emplace_back(name_of(output), hash_file(output));
  stages_[stage] = std::move(entry);
  save();
}

void StageCache::forget(const std::string& stage) {
  if (stages_.erase(stage) > 0) save();
}

std::string StageCache::name_of(const std::string& path) const {
  return fs::absolute(path).lexically_normal().lexically_proximate(fs::absolute(folder_).lexically_normal()).string();
}

const StageCache::Stage& StageCache::recorded(const std::string& stage) const {
  const auto found = stages_.find(stage);
  if (found != stages_.end()) return found->second;
  const std::string why = damage_.empty() ? "does not record a finished stage \"" + stage + "\"" : damage_;
  throw Failure(ExitCode::kBadData, fmt::format("{} {}, so the files of that stage cannot be judged. Fix: noggin run "
                                                "with the recipe of the run, which makes or records them again",
                                                path_, why));
}

void StageCache::check(const std::string& stage, const std::vector<std::string>& files) const {
  const Stage& entry = recorded(stage);
  for (const std::string& file : files) {
    const std::string name = name_of(file);
    const auto found = std::ranges::find(entry.outputs, name, &std::pair<std::string, std::uint64_t>::first);
    if (found == entry.outputs.end()) {
      throw Failure(
          ExitCode::kBadData,
          fmt::format("{} is not an output of the run's stage \"{}\" ({}). Fix: remove it", file, stage, path_));
    }
    std::error_code error;
    if (!fs::exists(file, error)) {
      throw Failure(ExitCode::kBadData,
                    fmt::format("{} is missing: stage \"{}\" of the run has written it. {}", file, stage, kAgain));
    }
    const std::uint64_t hash = hash_file(file);
    if (hash == found->second) continue;
    throw Failure(ExitCode::kBadData,
                  fmt::format("{} is not the file that stage \"{}\" of the run has written (its hash is {}, {} records "
                              "{}). {}",
                              file, stage, hex(hash), path_, hex(found->second), kAgain));
  }
}

void StageCache::check_if_recorded(const std::string& file) const {
  const std::string name = name_of(file);
  for (const auto& [stage, entry] : stages_) {
    const auto found = std::ranges::find(entry.outputs, name, &std::pair<std::string, std::uint64_t>::first);
    if (found != entry.outputs.end()) check(stage, {(fs::path(folder_) / name).string()});
  }
}

void StageCache::check_names(const std::string& stage, const std::vector<std::string>& files) const {
  std::set<std::string> unseen;
  for (const auto& [name, hash] : recorded(stage).outputs) unseen.insert(name);
  for (const std::string& file : files) {
    if (unseen.erase(name_of(file)) > 0) continue;
    throw Failure(ExitCode::kBadData, fmt::format("{} is not an output of the run's stage \"{}\" ({}). Fix: remove it",
                                                  file, stage, path_));
  }
  if (unseen.empty()) return;
  throw Failure(ExitCode::kBadData, fmt::format("{}/{} is missing: stage \"{}\" of the run has written it. {}", folder_,
                                                *unseen.begin(), stage, kAgain));
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
