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
    return pass(true, [&] { return sink_.accept(std::move(record), notes); });
  }
  Status reject(const std::string& file, std::uint64_t line, const Rejection& rejection,
                std::string_view content) override {
    return pass(false, [&] { return sink_.reject(file, line, rejection, content); });
  }
  Status request(const std::string& file, std::uint64_t line, const LogRequest& request) override {
    return pass(true, [&] { return sink_.request(file, line, request); });
  }
  Status answer(const std::string& file, std::uint64_t line, LogAnswer&& answer) override {
    return pass(true, [&] { return sink_.answer(file, line, std::move(answer)); });
  }
  Status decision(const std::string& file, std::uint64_t line, const LogDecision& decision) override {
    return pass(true, [&] { return sink_.decision(file, line, decision); });
  }
  Status superseded(const std::string& file) override { return sink_.superseded(file); }
  void used_requests(const std::string& file, std::uint64_t count) override { sink_.used_requests(file, count); }
  void remark(std::string text) override { sink_.remark(std::move(text)); }
  void finished_file(const std::string& path, std::uint64_t bytes, std::uint64_t hash) override {
    sink_.finished_file(path, bytes, hash);
  }

 protected:
  enum class Verdict { kPass, kDrop, kStop };
  static Status stop() { return Error{ErrorCode::kIo, "reading was stopped"}; }

 private:
  // Asked before each document. kStop: it is not passed, and its reader gets an error (kIo), which ends the file.
  virtual Verdict judge(bool is_usable) = 0;
  template <class Tell>
  Status pass(bool is_usable, Tell&& tell) {
    const Verdict verdict = judge(is_usable);
    if (verdict == Verdict::kStop) return stop();
    return verdict == Verdict::kPass ? tell() : Status();
  }

  LogSink& sink_;
};

}  // namespace noggin::data
