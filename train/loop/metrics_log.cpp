#include "train/loop/metrics_log.h"

#include <cerrno>
#include <cstring>

#include "bytes/atomic_file.h"
#include "train/run/failure.h"
#include "train/run/utc_time.h"

namespace noggin::train {

MetricsLog::MetricsLog(std::string path, std::string run) : path_(std::move(path)), run_(std::move(run)) { open(); }

void MetricsLog::open() {
  if (path_.empty()) return;
  errno = 0;
  file_ = std::ofstream(path_, std::ios::app);
  if (!file_) throw Failure(ExitCode::kOutput, path_ + ": cannot be written: " + std::strerror(errno));
}

void MetricsLog::append(const nlohmann::ordered_json& line) {
  if (path_.empty()) return;
  nlohmann::ordered_json whole{{"run", run_}, {"time", utc_time()}};
  whole.update(line);
  errno = 0;
  file_ << whole.dump() << '\n' << std::flush;
  if (file_) return;
  throw Failure(errno == ENOSPC || errno == EDQUOT ? ExitCode::kOutOfSpace : ExitCode::kOutput,
                path_ + ": cannot be written: " + std::strerror(errno));
}

template <typename Keep>
void MetricsLog::keep_lines(const Keep& keep) {
  if (path_.empty()) return;
  file_.close();
  std::string kept;
  std::ifstream lines(path_);
  bool changed = false;
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!lines.eof() && json.is_object() && (!json.contains("run") || json["run"] != run_ || keep(json)))
      kept += line + "\n";
    else
      changed = true;
  }
  lines.close();
  if (changed) throw_unless_written(write_file_atomically(path_, kept.data(), kept.size()));
  open();
}

void MetricsLog::forget_after(std::size_t phase_index, std::uint64_t step) {
  keep_lines([&](const nlohmann::json& line) {
    if (!line.contains("phase_index")) return true;  // of the whole training
    const auto phase = line.value("phase_index", std::size_t{0});
    return phase < phase_index || (phase == phase_index && line.value("step", std::uint64_t{0}) <= step);
  });
}

void MetricsLog::forget() {
  keep_lines([](const nlohmann::json&) { return false; });
}

nlohmann::ordered_json to_json(const SetMetrics& metrics) {
  return {{"rows", metrics.rows},
          {"quality", metrics.primary_metric},
          {"accuracy", metrics.accuracy},
          {"in_scope_rows", metrics.in_scope_rows},
          {"in_scope_accuracy", metrics.in_scope_accuracy},
          {"none_rows", metrics.none_rows},
          {"none_recall", metrics.none_recall},
          {"macro_f1", metrics.macro_f1},
          {"cross_entropy", metrics.cross_entropy}};
}

SetMetrics metrics_from_json(const nlohmann::ordered_json& json) {
  SetMetrics metrics;
  metrics.rows = json.at("rows");
  metrics.primary_metric = json.at("quality");
  metrics.accuracy = json.at("accuracy");
  metrics.in_scope_rows = json.at("in_scope_rows");
  metrics.in_scope_accuracy = json.at("in_scope_accuracy");
  metrics.none_rows = json.at("none_rows");
  metrics.none_recall = json.at("none_recall");
  metrics.macro_f1 = json.at("macro_f1");
  metrics.cross_entropy = json.at("cross_entropy");
  return metrics;
}

}  // namespace noggin::train
