#include "train/checkpoint/resume_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <regex>

#include "bytes/atomic_file.h"
#include "bytes/hex.h"
#include "data/files/input_file.h"
#include "train/checkpoint/checkpoint.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxCheckpointBytes = 64ULL << 30U;
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

ResumeFiles::ResumeFiles(std::string folder, std::vector<PhaseFile> phases,
                         std::function<void(const std::string&)> warn)
    : folder_(std::move(folder)), phases_(std::move(phases)), warn_(std::move(warn)) {}

std::string ResumeFiles::newest() const { return folder_ + "/" + kNewest; }
std::string ResumeFiles::previous() const { return folder_ + "/" + kPrevious; }
std::string ResumeFiles::phase(std::size_t index) const { return folder_ + "/" + phases_.at(index).name; }
std::string ResumeFiles::start() const { return folder_ + "/" + kStartFile; }

bool ResumeFiles::is_finished(const std::string& folder, std::size_t phase) const {
  const Result<StudentBundle> bundle = read_bundle(folder + "/" + phases_[phase].name);
  return bundle && bundle->history.value("fingerprint", "") == phases_[phase].fingerprint.text();
}

std::size_t ResumeFiles::phases_in_common(const std::string& folder) const {
  std::size_t count = 0;
  while (count < phases_.size() && is_finished(folder, count)) ++count;
  return count;
}

bool ResumeFiles::finished() const {
  return !exists(newest()) && !exists(previous()) && phases_in_common(folder_) == phases_.size();
}

std::string ResumeFiles::difference(const std::string& fingerprint, const TrainingFingerprint& ours) const {
  const std::string settings = hex(ours.settings), data = hex(ours.data);
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
    const TrainingFingerprint& ours = phases_.back().fingerprint;
    if (fingerprint == ours.text()) return {Verdict::kOurs, {}};
    return {Verdict::kOther, fmt::format("{}, stopped in phase {} at step {}", difference(fingerprint, ours),
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
    if (name == kNewest || name == kPrevious || name == kStartFile || std::regex_match(name, phase_name))
      names.push_back(name);
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

// Whose the files are, for a message.
std::string ResumeFiles::owner_of(const std::vector<std::string>& names) const {
  for (const std::string& path : {newest(), previous()}) {
    const Judgement judgement = judge_state(path);
    if (judgement.verdict == Verdict::kOther) return judgement.what;
  }
  for (const PhaseFile& phase : phases_) {
    if (std::ranges::find(names, phase.name) == names.end()) continue;
    const Result<StudentBundle> bundle = read_bundle(folder_ + "/" + phase.name);
    if (!bundle) continue;
    const std::string fingerprint = bundle->history.value("fingerprint", "");
    return fingerprint == phase.fingerprint.text() ? "finished phases without the one before them"
                                                   : difference(fingerprint, phase.fingerprint) + ", finished phases";
  }
  return "no state of this training";
}

TrainingStart ResumeFiles::start_after(std::size_t phases) {
  std::vector<std::string> names = kept_files();
  for (std::size_t i = 0; i < phases; ++i) std::erase(names, phases_[i].name);
  if (!names.empty()) {
    const std::string owner = owner_of(names), aside = move_aside(names);
    warn_(fmt::format("{}: the run directory holds {}. {} kept in {}; delete that folder when you no longer need it",
                      phases == 0 ? "training starts over" : "training goes on after " + phases_[phases - 1].name,
                      owner, fmt::format("{} {}", fmt::join(names, ", "), names.size() == 1 ? "is" : "are"), aside));
  }
  return {false, phases};
}

TrainingStart ResumeFiles::prepare(std::size_t most_phases) {
  const Judgement first = judge_state(newest()), second = judge_state(previous());
  const auto without_a_state = [&] { return start_after(std::min(phases_in_common(folder_), most_phases)); };
  if (first.verdict == Verdict::kOurs) return {true, 0};
  if (first.verdict == Verdict::kOther) return without_a_state();
  const bool damaged = first.verdict == Verdict::kDamaged;
  if (second.verdict == Verdict::kOurs) {
    if (damaged) {
      const std::string aside = move_aside({kNewest});
      warn_(fmt::format("{}: going on from the state saved before it; the damaged file is kept in {}", first.what,
                        aside));
    }
    rename_file(previous(), newest());  // without the newest: killed while it was written
    return {true, 0};
  }
  if (damaged || second.verdict == Verdict::kDamaged) {
    throw Failure(
        ExitCode::kBadData,
        fmt::format("{}, and there is no other state of this training. Fix: put back a copy of it, or --force "
                    "to start over",
                    damaged ? first.what : second.what));
  }
  return without_a_state();
}

std::size_t ResumeFiles::adopt(const std::string& other, std::size_t done, std::size_t most_phases) {
  const std::size_t count = std::min(phases_in_common(other), most_phases);
  if (count == 0) {
    const Result<StudentBundle> bundle = read_bundle(other + "/" + phases_[0].name);
    const std::string fingerprint = bundle ? bundle->history.value("fingerprint", "") : "";
    throw Failure(ExitCode::kBadData,
                  fmt::format("{} has no phase that this training begins with ({}). Fix: name a run whose recipe and "
                              "data are the same up to the phase that has changed, or leave out --reuse",
                              other,
                              bundle ? "its first phase is of " + difference(fingerprint, phases_[0].fingerprint)
                                     : without_advice(bundle.error().message)));
  }
  for (std::size_t i = done; i < count; ++i) {
    const std::string bytes = value_or_throw(data::read_input_file(other + "/" + phases_[i].name, kMaxCheckpointBytes));
    throw_unless_written(write_file_atomically(phase(i), bytes.data(), bytes.size()));
  }
  return std::max(done, count);
}

void ResumeFiles::discard() {
  std::vector<std::string> names = kept_files();
  const bool same_training = judge_state(newest()).verdict == Verdict::kOurs ||
                             judge_state(previous()).verdict == Verdict::kOurs || finished();
  const std::size_t kept = same_training ? 0 : phases_in_common(folder_);
  for (std::size_t i = 0; i < kept; ++i) std::erase(names, phases_[i].name);
  for (const std::string& name : names) {
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
