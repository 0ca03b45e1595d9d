#include "train/search/trial_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bytes/atomic_file.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

using Json = nlohmann::ordered_json;

constexpr CandidateKind kKinds[] = {CandidateKind::kStudent, CandidateKind::kStatic, CandidateKind::kLinear};

CandidateKind kind_from(const std::string& name) {
  const auto found = std::ranges::find_if(kKinds, [&](CandidateKind kind) { return name == name_of(kind); });
  return found == std::end(kKinds) ? CandidateKind::kStudent : *found;
}

}  // namespace

const char* name_of(CandidateKind kind) {
  switch (kind) {
    case CandidateKind::kStudent:
      return "student";
    case CandidateKind::kStatic:
      return "static";
    case CandidateKind::kLinear:
      return "linear";
  }
  return "";
}

Json to_json(const Trial& trial) {
  Json json{{"name", trial.name},
            {"shape", trial.shape},
            {"kind", name_of(trial.kind)},
            {"length", trial.length},
            {"layers", trial.layers},
            {"ffn_share", trial.ffn_share},
            {"heads_share", trial.heads_share},
            {"planned_bytes", trial.planned_bytes},
            {"bytes", trial.bytes},
            {"predicted_us", trial.predicted_us},
            {"measured_us", trial.measured_us},
            {"dev", {{"value", trial.dev.value}, {"low", trial.dev.low}, {"high", trial.dev.high}}},
            {"seconds", trial.seconds},
            {"run", trial.run},
            {"model", trial.model}};
  return json;
}

Trial trial_from_json(const Json& json) {
  Trial trial;
  trial.name = json.at("name");
  trial.shape = json.at("shape");
  trial.kind = kind_from(json.at("kind"));
  trial.length = json.at("length");
  trial.layers = json.at("layers");
  trial.ffn_share = json.at("ffn_share");
  trial.heads_share = json.at("heads_share");
  trial.planned_bytes = json.at("planned_bytes");
  trial.bytes = json.at("bytes");
  trial.predicted_us = json.at("predicted_us");
  trial.measured_us = json.at("measured_us");
  trial.dev = {json.at("dev").at("value"), json.at("dev").at("low"), json.at("dev").at("high")};
  trial.seconds = json.at("seconds");
  trial.run = json.at("run");
  trial.model = json.at("model");
  return trial;
}

TrialLog::TrialLog(std::string path) : path_(std::move(path)) {
  std::ifstream file(path_);
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    const bool cut_short = file.eof();  // without its newline
    try {
      trials_.push_back(trial_from_json(Json::parse(line)));
    } catch (const Json::exception&) {
      if (cut_short) return;
      throw Failure(ExitCode::kBadData,
                    fmt::format("{}:{} is not a trial that this program has written. Fix: remove the line (that trial "
                                "is then measured again), or put back a copy of the file",
                                path_, number));
    }
  }
}

const Trial* TrialLog::find(const std::string& name) const {
  const auto found = std::ranges::find(trials_, name, &Trial::name);
  return found == trials_.end() ? nullptr : &*found;
}

const Trial& TrialLog::add(Trial trial) {
  trials_.push_back(std::move(trial));
  write();
  return trials_.back();
}

// The whole file anew: a few hundred lines at most, and never half a line.
void TrialLog::write() const {
  std::string text;
  for (const Trial& trial : trials_) text += to_json(trial).dump() + "\n";
  throw_unless_written(write_file_atomically(path_, text.data(), text.size()));
}

}  // namespace noggin::train
