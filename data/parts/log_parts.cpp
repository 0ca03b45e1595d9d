#include "data/parts/log_parts.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "bytes/content_hash.h"
#include "bytes/hex.h"
#include "data/lines/raw_file.h"
#include "data/logs/log_events.h"
#include "data/logs/log_guard.h"
#include "data/logs/packing.h"
#include "data/parts/part_file.h"
#include "spec/task.h"

namespace noggin::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExtension = ".part";
constexpr std::chrono::milliseconds kProgressInterval{100};

Result<std::uint64_t> hash_of_file(const std::string& path) {
  const Result<FileDigest> digest = digest_of_file(path);
  if (!digest) return digest.error();
  return digest->hash;
}

// What the readers of all threads share.
struct Shared {
  std::atomic<std::uint64_t> documents = 0;
  std::atomic<bool> stopped = false;
};

// Passes what a reader tells to a part file.
class PartSink final : public LogGuard {
 public:
  PartSink(PartWriter& part, Shared& shared)
      : LogGuard(events_), shared_(shared), events_([&part](std::string_view event) { return part.add(event); }) {}

  void finished_file(const std::string& path, std::uint64_t bytes, std::uint64_t hash) override {
    hashes_.push_back(hash);
    LogGuard::finished_file(path, bytes, hash);
  }

  const Status& status() const { return events_.status(); }
  bool is_hopeless() const { return usable_ == 0 && documents_ >= kHopelessDocuments; }
  const std::vector<std::uint64_t>& hashes() const { return hashes_; }  // of the files that were read to their ends

 private:
  bool goes_on(bool is_usable) override {
    ++documents_;
    usable_ += is_usable ? 1 : 0;
    shared_.documents.fetch_add(1, std::memory_order_relaxed);
    return !is_hopeless() && !shared_.stopped.load(std::memory_order_relaxed);
  }

  Shared& shared_;
  LogEventWriter events_;
  std::vector<std::uint64_t> hashes_;
  std::uint64_t documents_ = 0, usable_ = 0;
};

struct Job {
  LogUnit unit;
  const RowSchema* schema;
  std::uint64_t key;
  std::vector<std::uint64_t> hashes;  // of the unit's files
  Status status{};
};

Status run(Job& job, const std::string& path, const IngestOptions& options, Shared& shared) {
  Result<PartWriter> part = PartWriter::create(path, job.key);
  if (!part) return part.error();
  PartSink sink(*part, shared);
  LogReader reader(*job.schema, options, sink);
  const Status read = reader.read(job.unit);
  if (sink.is_hopeless() && !shared.stopped) return {};
  if (!read) return read;
  if (!sink.status()) return sink.status();
  if (job.unit.source->adapter != Adapter::kBrat && sink.hashes() != job.hashes)
    return Error{ErrorCode::kIo,
                 job.unit.path + ": the file changed while it was read. Fix: run again when it is complete"};
  return part->finish();
}

}  // namespace

std::string LogParts::name_of(const LogUnit& unit, const RowSchema& schema) const {
  // Rows of the other tasks are read alike whether they train or measure.
  const bool edit = spec::traits_of(schema.task).has_target;
  const Source& source = *unit.source;
  std::string name;
  Packer to(name);
  to.text(unit.path).value(unit.is_aligned).value(source.adapter).text(source.requests_path).text(source.family);
  to.text(source.text_template);
  for (const auto& [field, path] : source.fields) to.text(field).text(path);
  for (const std::string& column : source.columns) to.text(column);
  to.value(source.unit).value(edit && schema.training).value(edit && schema.keep_gold);
  return name;
}

Result<LogParts::Key> LogParts::key_of(const LogUnit& unit, const RowSchema& schema,
                                       std::vector<std::uint64_t>& hashes) const {
  std::string all = name_of(unit, schema);
  Packer to(all);
  to.value(kLogEventsVersion).value(schema.task).value(schema.labels->fingerprint()).value(schema.top_k);
  to.value(options_.on_missing_logprobs).value(options_.min_class_mass);
  for (const std::string& file : unit.files()) {
    const Result<std::uint64_t> hash = parts_.hash_of ? parts_.hash_of(file) : hash_of_file(file);
    if (!hash) return hash.error();
    to.text(file).value(*hash);
    hashes.push_back(*hash);
  }
  return content_hash(all.data(), all.size());
}

std::string LogParts::path_of(Key key) const { return parts_.folder + "/" + hex(key) + kExtension; }

Status LogParts::make(const std::vector<Wanted>& units) {
  std::error_code error;
  fs::create_directories(parts_.folder, error);
  if (error)
    return Error{ErrorCode::kIo, fmt::format("{}: cannot be created: {}. Fix: check permissions and free space",
                                             parts_.folder, error.message())};
  std::vector<Job> jobs;
  for (const Wanted& wanted : units) {
    const auto [known, is_new] = keys_.try_emplace(name_of(wanted.unit, *wanted.schema));
    if (!is_new) continue;  // of another split
    std::vector<std::uint64_t> hashes;
    const Result<Key> key = key_of(wanted.unit, *wanted.schema, hashes);
    if (!key) return key.error();
    known->second = *key;
    if (!is_whole_part(path_of(*key), *key)) jobs.push_back({wanted.unit, wanted.schema, *key, std::move(hashes)});
  }
  read_units_ = jobs.size();

  Shared shared;
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  std::mutex mutex;
  std::condition_variable ended;
  std::size_t running = std::min<std::size_t>(std::max(1U, parts_.threads), jobs.size());
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size() && !failed && !shared.stopped; i = next++) {
      jobs[i].status = run(jobs[i], path_of(jobs[i].key), options_, shared);
      if (!jobs[i].status) failed = true;
    }
    const std::lock_guard lock(mutex);
    --running;
    ended.notify_one();
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0, count = running; i < count; ++i) threads.emplace_back(work);
  for (std::unique_lock lock(mutex); !ended.wait_for(lock, kProgressInterval, [&] { return running == 0; });)
    if (parts_.progress && !parts_.progress(shared.documents)) shared.stopped = true;
  for (std::thread& thread : threads) thread.join();
  if (shared.stopped) return Error{ErrorCode::kIo, "ingest was stopped on request; what was read whole is kept"};
  for (const Job& job : jobs)
    if (!job.status) return job.status;
  return {};
}

Status LogParts::replay(const LogUnit& unit, const RowSchema& schema, LogSink& sink) const {
  const auto known = keys_.find(name_of(unit, schema));
  std::error_code error;
  if (known != keys_.end() && fs::exists(path_of(known->second), error))
    return replay_part(path_of(known->second), sink);
  LogReader reader(schema, options_, sink);
  return reader.read(unit);
}

void LogParts::remove_others() const {
  std::set<std::string> needed;
  for (const auto& [name, key] : keys_) needed.insert(path_of(key));
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(parts_.folder, error))
    if (entry.path().filename().string().find(kExtension) != std::string::npos &&
        !needed.contains(entry.path().string()))
      fs::remove(entry.path(), error);
}

}  // namespace noggin::data
