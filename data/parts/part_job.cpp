#include "data/parts/part_job.h"

#include "data/logs/log_events.h"
#include "data/logs/log_guard.h"
#include "data/parts/part_file.h"

namespace noggin::data {
namespace {

// Passes what a reader tells to a part file.
class PartSink final : public LogGuard {
 public:
  PartSink(PartWriter& part, const LogUnit& unit, PartReaders& readers)
      : LogGuard(events_),
        readers_(readers),
        events_([&part](std::string_view event) { return part.add(event); }),
        is_piece_(unit.piece.has_value()),
        is_start_(!unit.piece || unit.piece->lines_before == 0) {}

  void finished_file(const std::string& path, std::uint64_t bytes, std::uint64_t hash) override {
    hashes_.push_back(hash);
    if (!is_piece_) LogGuard::finished_file(path, bytes, hash);
  }

  const Status& status() const { return events_.status(); }
  bool is_hopeless() const { return is_start_ && usable_ == 0 && documents_ >= kHopelessDocuments; }
  const std::vector<std::uint64_t>& hashes() const { return hashes_; }  // of what was read to its end

 private:
  Verdict judge(bool is_usable) override {
    ++documents_;
    usable_ += is_usable ? 1 : 0;
    readers_.documents.fetch_add(1, std::memory_order_relaxed);
    const bool stops = is_hopeless() || readers_.stopped.load(std::memory_order_relaxed);
    return stops ? Verdict::kStop : Verdict::kPass;
  }

  PartReaders& readers_;
  LogEventWriter events_;
  bool is_piece_, is_start_;
  std::vector<std::uint64_t> hashes_;
  std::uint64_t documents_ = 0, usable_ = 0;
};

}  // namespace

Status PartJob::run(const IngestOptions& options, PartReaders& readers) {
  Result<PartWriter> part = PartWriter::create(path, key);
  if (!part) return part.error();
  PartSink sink(*part, unit, readers);
  LogReader reader(*schema, options, sink);
  const Status read = reader.read(unit);
  is_hopeless = sink.is_hopeless() && !readers.stopped;
  if (is_hopeless) return {};
  if (!read) return read;
  if (!sink.status()) return sink.status();
  if (unit.source->adapter != Adapter::kBrat && sink.hashes() != hashes) return changed_meanwhile(unit.path);
  return part->finish();
}

}  // namespace noggin::data
