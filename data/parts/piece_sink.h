// Tells a sink what the pieces of a file hold, one after another, as if the file were read in one go. What a piece
// cannot know, whether an earlier one has given a row's id to another text, is judged here.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "data/logs/log_file.h"
#include "data/logs/log_guard.h"

namespace noggin::data {

class PieceSink final : public LogGuard {
 public:
  // `sink` must outlive this object.
  explicit PieceSink(LogSink& sink) : LogGuard(sink) {}

  // A piece follows as it was judged by itself. Its reader is stopped at the first row whose id is another text's:
  // is_refused() then.
  void begin_part() { begin(true, 0); }
  bool is_refused() const { return is_refused_; }
  // The same piece follows from its start, or another from the log, read with ids(): its reader judges them.
  void begin_log() { begin(false, std::exchange(is_refused_, false) ? passed_ : 0); }

  RowIds& ids() { return ids_; }                          // of the rows so far
  std::uint64_t read_hash() const { return read_hash_; }  // of the bytes of the piece, when it was read from the log

  Status accept(Record&& record, const RowNotes& notes) override {
    if (checks_ids_ && notes.has_own_id && !ids_.add(record.id, record.text)) {
      is_refused_ = true;
      return stop();
    }
    return LogGuard::accept(std::move(record), notes);
  }
  void finished_file(const std::string&, std::uint64_t, std::uint64_t hash) override { read_hash_ = hash; }

 private:
  void begin(bool checks_ids, std::uint64_t dropped) {
    checks_ids_ = checks_ids;
    dropped_ = dropped;
    passed_ = 0;
  }
  Verdict judge(bool) override { return passed_++ < dropped_ ? Verdict::kDrop : Verdict::kPass; }

  RowIds ids_;
  bool checks_ids_ = true, is_refused_ = false;
  std::uint64_t passed_ = 0, dropped_ = 0;  // documents of the piece
  std::uint64_t read_hash_ = 0;
};

}  // namespace noggin::data
