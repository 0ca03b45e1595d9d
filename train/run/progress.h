// Progress output of a command: one rewritten line on a terminal, a line every few seconds in a pipe, everything in
// log.txt. Results are printed elsewhere. Of foreign text no character reaches the terminal that moves its cursor
// (bytes/foreign_text.h).
#pragma once

#include <cstdint>
#include <fstream>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

namespace noggin::train {

enum class Verbosity { kQuiet, kNormal, kVerbose };

struct ProgressOptions {
  Verbosity verbosity = Verbosity::kNormal;
  bool terminal = false;  // rewrite one line
  bool colour = false;
  double pipe_interval = 5.0;      // seconds between lines in a pipe
  double terminal_interval = 0.1;  // seconds between refreshes on a terminal
  std::function<double()> clock;   // seconds, monotonic; empty: the steady clock

  // For work inside of other work, which shows its own progress.
  static ProgressOptions quiet() {
    ProgressOptions options;
    options.verbosity = Verbosity::kQuiet;
    return options;
  }
};

// Not thread-safe. `out` must outlive the object.
class Progress {
 public:
  Progress(std::ostream& out, ProgressOptions options);
  ~Progress();  // leaves the cursor on a fresh line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // From now on every message is also appended to this file, with the time of day.
  void log_to(const std::string& path);

  void note(const std::string& line);    // not shown when quiet
  void record(const std::string& text);  // only in the file: what is printed elsewhere
  void detail(const std::string& line);  // shown when verbose
  void warn(const std::string& line);    // always shown

  // Starts a task of `total` units ("rows", "steps"); 0: unknown. Ends the previous one. `later`: units of the tasks
  // that follow and take as long each; the ETA is that of all of them.
  void begin(const std::string& task, std::uint64_t total, const std::string& unit, std::uint64_t later = 0);
  // `already`: units done before this process started (a resumed run); they do not count toward the rate.
  void resume_at(std::uint64_t already);
  void update(std::uint64_t done, std::optional<double> loss = {}, std::optional<double> dev_accuracy = {});
  void end();

 private:
  void show(const std::string& message, bool shown, const char* colour);
  void erase_status();
  std::string status(double now) const;
  double now() const;

  std::ostream& out_;
  ProgressOptions options_;
  std::ofstream log_;
  std::string task_, unit_;
  std::uint64_t total_ = 0, done_ = 0, first_ = 0, later_ = 0;
  std::optional<double> loss_, dev_accuracy_;
  double started_ = 0.0, shown_ = 0.0;
  bool running_ = false, status_visible_ = false;
};

// "1:02:03", "2:03" or "3 s"
std::string format_duration(double seconds);
// "12,345"
std::string format_count(std::uint64_t count);

}  // namespace noggin::train
