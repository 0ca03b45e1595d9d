// Passes what the files of a log hold to another sink, as long as it is wanted.
#pragma once

#include <string>
#include <utility>

#include "data/logs/log_sink.h"

namespace noggin::data {

class LogGuard : public LogSink {
 public:
  // `sink` must outlive this object.
  explicit LogGuard(LogSink& sink) : sink_(sink) {}

  Status accept(Record&& record, const RowNotes& notes) override {
    return goes_on(true) ? sink_.accept(std::move(record), notes) : stop();
  }
  Status reject(const std::string& file, std::uint64_t line, const Rejection& rejection,
                std::string_view content) override {
    return goes_on(false) ? sink_.reject(file, line, rejection, content) : stop();
  }
  Status request(const std::string& file, std::uint64_t line, const LogRequest& request) override {
    return goes_on(true) ? sink_.request(file, line, request) : stop();
  }
  Status answer(const std::string& file, std::uint64_t line, LogAnswer&& answer) override {
    return goes_on(true) ? sink_.answer(file, line, std::move(answer)) : stop();
  }
  Status decision(const std::string& file, std::uint64_t line, const LogDecision& decision) override {
    return goes_on(true) ? sink_.decision(file, line, decision) : stop();
  }
  Status superseded(const std::string& file) override { return sink_.superseded(file); }
  void used_requests(const std::string& file, std::uint64_t count) override { sink_.used_requests(file, count); }
  void remark(std::string text) override { sink_.remark(std::move(text)); }
  void finished_file(const std::string& path, std::uint64_t bytes, std::uint64_t hash) override {
    sink_.finished_file(path, bytes, hash);
  }

 private:
  // Asked before each document. False: it is not passed, and its reader gets an error (kIo), which ends the file.
  virtual bool goes_on(bool is_usable) = 0;
  static Status stop() { return Error{ErrorCode::kIo, "reading was stopped"}; }

  LogSink& sink_;
};

}  // namespace noggin::data
