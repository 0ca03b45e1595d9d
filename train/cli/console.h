// What every verb shares: where results and messages go, and the short table that ends each command.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "train/run/progress.h"

namespace noggin::tool {

using Json = nlohmann::ordered_json;

// How one command ended.
struct Summary {
  std::vector<std::string> inputs, outputs;                  // files; size and hash are read for display
  std::vector<std::pair<std::string, std::string>> figures;  // name, value
  std::string next;                                          // command to run next
};

class Console {
 public:
  // `results` is for answers and tables, `messages` for everything else.
  Console(std::ostream& results, std::ostream& messages, train::ProgressOptions options, bool json);

  // For a verb inside of another one: the same messages, other results.
  Console(std::ostream& results, const Console& outer)
      : Console(results, outer.messages_, outer.options_, outer.json_) {}

  bool json() const { return json_; }
  std::ostream& results() { return results_; }
  train::Progress& progress() { return progress_; }
  double seconds() const;  // since the command began

  // Ends a command, and records text and table in the run's log: with --json `result` plus the summary as one JSON
  // object on stdout, else `text` and the table there.
  void finish(const Summary& summary, const std::string& text, Json result = Json::object());
  // For verbs whose stdout is read by other programs: the table goes to `messages`.
  void finish_quietly(const Summary& summary);

 private:
  std::string table(const Summary& summary) const;

  std::ostream& results_;
  std::ostream& messages_;
  train::ProgressOptions options_;
  train::Progress progress_;
  bool json_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace noggin::tool
