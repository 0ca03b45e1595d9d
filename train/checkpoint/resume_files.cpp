#include "train/checkpoint/resume_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <regex>

#include "bytes/hex.h"
#include "train/checkpoint/checkpoint.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNewest = "resume.ckpt";
constexpr const char* kPrevious = "resume.previous.ckpt";

void must_succeed(const std::error_code& error, const std::string& path, const char* what) {
  if (!error) return;
  throw Failure(ExitCode::kOutput, fmt::format("{} cannot be {}: {}. Fix: make the run directory writable, or choose "
                                               "another --out",
                                               path, what, error.message()));
}

void rename_file(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  must_succeed(error, from, "moved");
}

bool exists(const std::string& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() != fs::file_type::not_found;
}

// What is wrong with a file, without the advice of a reader that knows of no other file.
std::string without_advice(const std::string& message) { return message.substr(0, message.find(". Fix: ")); }

}  // namespace

std::string TrainingFingerprint::text() const { return hex(settings) + "-" + hex(data); }

ResumeFiles::ResumeFiles(std::string folder, std::vector<std::string> phases, TrainingFingerprint fingerprint,
                         std::function<void(const std::string&)> warn)
    : folder_(std::move(folder)), phases_(std::move(phases)), fingerprint_(fingerprint), warn_(std::move(warn)) {}

std::string ResumeFiles::newest() const { return folder_ + "/" + kNewest; }
std::string ResumeFiles::previous() const { return folder_ + "/" + kPrevious; }
std::string ResumeFiles::phase(std::size_t index) const { return folder_ + "/" + phases_.at(index); }

bool ResumeFiles::finished() const {
  if (exists(newest()) || exists(previous())) return false;
  for (std::size_t i = 0; i < phases_.size(); ++i) {
    const Result<StudentBundle> bundle = read_bundle(phase(i));
    if (!bundle || bundle->history.value("fingerprint", "") != fingerprint_.text()) return false;
  }
  return true;
}

// "other data (phase 1, step 300)"
std::string ResumeFiles::difference(const std::string& fingerprint) const {
  const std::string settings = hex(fingerprint_.settings), data = hex(fingerprint_.data);
  if (fingerprint.size() != settings.size() + 1 + data.size()) return "another version of this program";
  const bool other_settings = !fingerprint.starts_with(settings), other_data = !fingerprint.ends_with(data);
  return other_settings && other_data ? "another recipe and other data" : other_data ? "other data" : "another recipe";
}

ResumeFiles::Judgement ResumeFiles::judge_state(const std::string& path) const {
  if (!exists(path)) return {};
  const Result<Checkpoint> checkpoint = read_checkpoint(path);
  if (!checkpoint) return {Verdict::kDamaged, without_advice(checkpoint.error().message)};
  try {
    if (checkpoint->meta.at("kind") != "resume") return {Verdict::kDamaged, path + ": is not a state to resume from"};
    const std::string fingerprint = checkpoint->meta.at("fingerprint");
    if (fingerprint == fingerprint_.text()) return {Verdict::kOurs, {}};
    return {Verdict::kOther, fmt::format("{}, stopped in phase {} at step {}", difference(fingerprint),
                                         checkpoint->meta.at("phase").get<std::size_t>() + 1,
                                         checkpoint->meta.at("phase_step").get<std::uint64_t>())};
  } catch (const nlohmann::json::exception& error) {
    return {Verdict::kDamaged, path + ": lacks a part (" + error.what() + ")"};
  }
}

// Names of what any training has saved in the folder, sorted. Other files are not ours.
std::vector<std::string> ResumeFiles::kept_files() const {
  static const std::regex phase_name("[0-9]+-[a-z]+\\.ckpt");
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    const std::string name = entry.path().filename().string();
    if (name == kNewest || name == kPrevious || std::regex_match(name, phase_name)) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

// Returns the new folder.
std::string ResumeFiles::move_aside(const std::vector<std::string>& names) {
  std::string aside;
  for (int number = 1; aside.empty() || exists(aside); ++number) aside = fmt::format("{}/aside-{}", folder_, number);
  std::error_code error;
  fs::create_directory(aside, error);
  must_succeed(error, aside, "created");
  for (const std::string& name : names) rename_file(folder_ + "/" + name, aside + "/" + name);
  return aside;
}

bool ResumeFiles::start_over() {
  const std::vector<std::string> names = kept_files();
  if (names.empty()) return false;
  std::string owner = "no state of this training";
  for (const std::string& path : {newest(), previous()}) {
    const Judgement judgement = judge_state(path);
    if (judgement.verdict == Verdict::kOther) {
      owner = judgement.what;
      break;
    }
  }
  if (owner.starts_with("no ")) {
    for (const std::string& name : phases_) {
      const Result<StudentBundle> bundle = read_bundle(folder_ + "/" + name);
      if (!bundle) continue;
      const std::string fingerprint = bundle->history.value("fingerprint", "");
      owner = fingerprint == fingerprint_.text() ? "finished phases without a state to go on from"
                                                 : difference(fingerprint) + ", finished phases";
      break;
    }
  }
  const std::string aside = move_aside(names);
  warn_(
      fmt::format("training starts over: the run directory holds {}. {} kept in {}; delete that folder when you no "
                  "longer need it",
                  owner, fmt::format("{} {}", fmt::join(names, ", "), names.size() == 1 ? "is" : "are"), aside));
  return false;
}

bool ResumeFiles::prepare() {
  const Judgement first = judge_state(newest()), second = judge_state(previous());
  if (first.verdict == Verdict::kOurs) return true;
  if (first.verdict == Verdict::kOther) return start_over();
  const bool damaged = first.verdict == Verdict::kDamaged;
  if (second.verdict == Verdict::kOurs) {
    if (damaged) {
      const std::string aside = move_aside({kNewest});
      warn_(fmt::format("{}: going on from the state saved before it; the damaged file is kept in {}", first.what,
                        aside));
    }
    rename_file(previous(), newest());  // without the newest: killed while it was written
    return true;
  }
  if (damaged || second.verdict == Verdict::kDamaged) {
    throw Failure(
        ExitCode::kBadData,
        fmt::format("{}, and there is no other state of this training. Fix: put back a copy of it, or --force "
                    "to start over",
                    damaged ? first.what : second.what));
  }
  return start_over();
}

void ResumeFiles::discard() {
  for (const std::string& name : kept_files()) {
    std::error_code error;
    fs::remove_all(folder_ + "/" + name, error);
    must_succeed(error, folder_ + "/" + name, "removed");
  }
}

void ResumeFiles::rotate() {
  if (exists(newest())) rename_file(newest(), previous());
}

// The previous one first: a kill between the two leaves a state that is newer than every finished phase but the last.
void ResumeFiles::remove_states() {
  for (const std::string& path : {previous(), newest()}) {
    std::error_code error;
    fs::remove(path, error);
    must_succeed(error, path, "removed");
  }
}

}  // namespace noggin::train
