#include "train/run/progress.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <utility>

#include "bytes/foreign_text.h"
#include "train/run/utc_time.h"

namespace noggin::train {
namespace {

constexpr const char* kYellow = "\x1b[33m";
constexpr const char* kPlain = "\x1b[0m";
constexpr const char* kEraseLine = "\r\x1b[K";

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

std::string format_duration(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::max(0.0, std::round(seconds)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string format_count(std::uint64_t count) {
  const std::string digits = std::to_string(count);
  std::string grouped;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) grouped.push_back(',');
    grouped.push_back(digits[i]);
  }
  return grouped;
}

Progress::Progress(std::ostream& out, ProgressOptions options) : out_(out), options_(std::move(options)) {
  if (!options_.clock) options_.clock = steady_seconds;
}

Progress::~Progress() { end(); }

double Progress::now() const { return options_.clock(); }

void Progress::log_to(const std::string& path) { log_.open(path, std::ios::app); }

void Progress::note(const std::string& line) { show(line, options_.verbosity != Verbosity::kQuiet, nullptr); }
void Progress::detail(const std::string& line) { show(line, options_.verbosity == Verbosity::kVerbose, nullptr); }
void Progress::record(const std::string& text) { show(text, false, nullptr); }
void Progress::warn(const std::string& line) { show("warning: " + line, true, kYellow); }

void Progress::show(const std::string& message, bool shown, const char* colour) {
  const std::string line = printable(message);
  if (log_.is_open()) log_ << utc_time() << ' ' << line << '\n' << std::flush;
  if (!shown) return;
  erase_status();
  if (colour != nullptr && options_.colour)
    out_ << colour << line << kPlain << '\n';
  else
    out_ << line << '\n';
  out_.flush();
}

void Progress::erase_status() {
  if (status_visible_) out_ << kEraseLine;
  status_visible_ = false;
}

void Progress::begin(const std::string& task, std::uint64_t total, const std::string& unit, std::uint64_t later) {
  end();
  task_ = task;
  unit_ = unit;
  total_ = total;
  later_ = later;
  done_ = first_ = 0;
  loss_.reset();
  dev_accuracy_.reset();
  started_ = shown_ = now();
  running_ = true;
}

void Progress::resume_at(std::uint64_t already) { done_ = first_ = already; }

void Progress::update(std::uint64_t done, std::optional<double> loss, std::optional<double> dev_accuracy) {
  done_ = done;
  if (loss) loss_ = loss;
  if (dev_accuracy) dev_accuracy_ = dev_accuracy;
  const double time = now();
  if (time - shown_ < (options_.terminal ? options_.terminal_interval : options_.pipe_interval)) return;
  shown_ = time;
  if (!options_.terminal) return note(status(time));
  if (options_.verbosity == Verbosity::kQuiet) return;
  out_ << kEraseLine << status(time) << std::flush;
  status_visible_ = true;
}

void Progress::end() {
  if (!running_) return;
  running_ = false;
  erase_status();
  detail(fmt::format("{}: {} {} in {}", task_, format_count(done_), unit_, format_duration(now() - started_)));
}

std::string Progress::status(double time) const {
  const double elapsed = time - started_;
  const double rate = elapsed > 0.0 ? static_cast<double>(done_ - first_) / elapsed : 0.0;
  std::string line = task_;
  if (total_ > 0) line += fmt::format("  {:.0f} %", 100.0 * static_cast<double>(done_) / static_cast<double>(total_));
  line += "  " + format_count(done_);
  if (total_ > 0) line += fmt::format("/{}", format_count(total_));
  line += " " + unit_;
  if (rate > 0.0)
    line += fmt::format("  {}/s",
                        rate < 10.0 ? fmt::format("{:.1f}", rate) : format_count(static_cast<std::uint64_t>(rate)));
  if (loss_) line += fmt::format("  loss {:.4f}", *loss_);
  if (dev_accuracy_) line += fmt::format("  dev {:.2f} %", 100.0 * *dev_accuracy_);
  if (rate > 0.0 && total_ > done_) {
    const auto seconds = [&](std::uint64_t units) { return format_duration(static_cast<double>(units) / rate); };
    line += "  ETA " + seconds(total_ - done_ + later_);
    if (later_ > 0) line += ", this part " + seconds(total_ - done_);
  }
  return line;
}

}  // namespace noggin::train
