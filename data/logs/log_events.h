// What a LogSink is told, as bytes: for part files (data/parts) and for answers that wait. These are notes of this
// program to itself: kLogEventsVersion changes with their layout and with every change of how logs are read.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "data/logs/log_sink.h"
#include "noggin/result.h"

namespace noggin::data {

inline constexpr std::uint32_t kLogEventsVersion = 4;

// Hands each thing that it is told to `emit`, as the bytes of one event; those of a file's name come before the first
// event that needs it.
class LogEventWriter final : public LogSink {
 public:
  using Emit = std::function<Status(std::string_view event)>;
  explicit LogEventWriter(Emit emit) : emit_(std::move(emit)) {}

  Status accept(Record&& record, const RowNotes& notes) override;
  Status reject(const std::string& file, std::uint64_t line, const Rejection& rejection,
                std::string_view content) override;
  Status request(const std::string& file, std::uint64_t line, const LogRequest& request) override;
  Status answer(const std::string& file, std::uint64_t line, LogAnswer&& answer) override;
  Status decision(const std::string& file, std::uint64_t line, const LogDecision& decision) override;
  Status superseded(const std::string& file) override;
  void used_requests(const std::string& file, std::uint64_t count) override;
  void remark(std::string text) override;
  void finished_file(const std::string& path, std::uint64_t bytes, std::uint64_t hash) override;

  const Status& status() const { return status_; }  // of what returns none

 private:
  Status name_file(const std::string& file);
  Status emit();

  Emit emit_;
  std::string event_, file_;
  Status status_;
};

// The other way.
class LogEventReader {
 public:
  // Tells `sink` what an event of LogEventWriter says; kCorrupt for bytes that are none. kLinePadding readable bytes
  // follow the event; what the sink is shown lives as long as these, names of families as long as this object.
  Status read(std::string_view event, LogSink& sink);

 private:
  std::string file_;
  Record record_;  // reused from row to row
  std::set<std::string, std::less<>> families_;
};

}  // namespace noggin::data
