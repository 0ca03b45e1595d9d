#include "data/parts/log_parts.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "bytes/content_hash.h"
#include "bytes/hex.h"
#include "data/lines/raw_file.h"
#include "data/logs/log_events.h"
#include "data/logs/packing.h"
#include "data/parts/file_pieces.h"
#include "data/parts/part_file.h"
#include "data/parts/part_job.h"
#include "data/parts/piece_sink.h"
#include "spec/task.h"

namespace noggin::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExtension = ".part";
constexpr std::chrono::milliseconds kProgressInterval{100};

bool has_file(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool may_be_cut(const LogUnit& unit) { return holds_documents(*unit.source) && !unit.is_aligned; }

// Of several errors the first job's is returned.
Status run_jobs(std::vector<PartJob>& jobs, const LogPartsOptions& parts, const IngestOptions& options) {
  PartReaders readers;
  std::vector<Status> statuses(jobs.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  std::mutex mutex;
  std::condition_variable ended;
  std::set<std::string> hopeless;  // files
  std::size_t running = std::min<std::size_t>(std::max(1U, parts.threads), jobs.size());
  const auto is_hopeless = [&](const PartJob& job) {
    const std::lock_guard lock(mutex);
    return job.unit.piece && hopeless.contains(job.unit.path);
  };
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size() && !failed && !readers.stopped; i = next++) {
      if (is_hopeless(jobs[i])) continue;
      statuses[i] = jobs[i].run(options, readers);
      if (!statuses[i]) failed = true;
      const std::lock_guard lock(mutex);
      if (jobs[i].is_hopeless) hopeless.insert(jobs[i].unit.path);
    }
    const std::lock_guard lock(mutex);
    --running;
    ended.notify_one();
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0, count = running; i < count; ++i) threads.emplace_back(work);
  for (std::unique_lock lock(mutex); !ended.wait_for(lock, kProgressInterval, [&] { return running == 0; });)
    if (parts.progress && !parts.progress(readers.documents)) readers.stopped = true;
  for (std::thread& thread : threads) thread.join();
  if (readers.stopped) return Error{ErrorCode::kIo, "ingest was stopped on request; what was read whole is kept"};
  for (const Status& status : statuses)
    if (!status) return status;
  return {};
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

LogParts::Key LogParts::key_of(const LogUnit& unit, const RowSchema& schema,
                               const std::vector<std::uint64_t>& hashes) const {
  std::string all = name_of(unit, schema);
  Packer to(all);
  to.value(kLogEventsVersion).value(schema.task).value(schema.labels->fingerprint()).value(schema.top_k);
  to.value(options_.on_missing_logprobs).value(options_.min_class_mass);
  const std::vector<std::string> files = unit.files();
  for (std::size_t i = 0; i < files.size(); ++i) to.text(files[i]).value(hashes[i]);
  if (unit.piece) to.text("piece").value(unit.piece->lines_before);
  return content_hash(all.data(), all.size());
}

std::string LogParts::path_of(Key key) const { return parts_.folder + "/" + hex(key) + kExtension; }

Result<std::uint64_t> LogParts::hash_of(const LogUnit& unit, const std::string& file) const {
  if (parts_.hash_of) return parts_.hash_of(file);
  if (may_be_cut(unit)) return hash_and_cut(file, parts_.piece_bytes, parts_.folder);
  const Result<FileDigest> digest = digest_of_file(file);
  if (!digest) return digest.error();
  return digest->hash;
}

Result<LogParts::Unit> LogParts::unit_of(const Wanted& wanted) const {
  Unit unit;
  for (const std::string& file : wanted.unit.files()) {
    const Result<std::uint64_t> hash = hash_of(wanted.unit, file);
    if (!hash) return hash.error();
    unit.hashes.push_back(*hash);
  }
  if (may_be_cut(wanted.unit)) {
    const Result<FilePieces> cut = pieces_of(wanted.unit.path, unit.hashes.front(), parts_.piece_bytes, parts_.folder);
    if (!cut) return cut.error();
    unit.bytes = cut->file_bytes;
    unit.memory = cut->memory;
    LogUnit part = wanted.unit;
    for (const LinePiece& piece : cut->pieces) {
      part.piece = piece;
      unit.parts.push_back({key_of(part, *wanted.schema, {piece.hash}), piece});
    }
  }
  if (unit.parts.empty()) unit.parts.push_back({key_of(wanted.unit, *wanted.schema, unit.hashes)});
  return unit;
}

Status LogParts::make(const std::vector<Wanted>& units) {
  std::error_code error;
  fs::create_directories(parts_.folder, error);
  if (error)
    return Error{ErrorCode::kIo, fmt::format("{}: cannot be created: {}. Fix: check permissions and free space",
                                             parts_.folder, error.message())};
  std::vector<PartJob> jobs;
  for (const Wanted& wanted : units) {
    const auto [known, is_new] = units_.try_emplace(name_of(wanted.unit, *wanted.schema));
    if (!is_new) continue;  // of another split
    Result<Unit> unit = unit_of(wanted);
    if (!unit) return unit.error();
    known->second = *std::move(unit);
    const std::size_t before = jobs.size();
    for (const Part& part : known->second.parts) {
      const std::string path = path_of(part.key);
      if (is_whole_part(path, part.key)) continue;
      PartJob& job = jobs.emplace_back(PartJob{wanted.unit, wanted.schema, part.key, known->second.hashes, path});
      job.unit.piece = part.piece;
      if (part.piece) job.hashes = {part.piece->hash};
    }
    if (jobs.size() > before) ++read_units_;
  }
  read_parts_ = jobs.size();
  return run_jobs(jobs, parts_, options_);
}

Status LogParts::replay(const LogUnit& unit, const RowSchema& schema, LogSink& sink) const {
  const auto known = units_.find(name_of(unit, schema));
  if (known != units_.end() && known->second.parts.front().piece)
    return replay_pieces(unit, known->second, schema, sink);
  if (known != units_.end() && has_file(path_of(known->second.parts.front().key)))
    return replay_part(path_of(known->second.parts.front().key), sink);
  LogReader reader(schema, options_, sink);
  return reader.read(unit);
}

Status LogParts::replay_pieces(const LogUnit& unit, const Unit& known, const RowSchema& schema, LogSink& sink) const {
  PieceSink rows(sink);
  LogReader reader(schema, options_, rows);
  LogUnit piece = unit;
  for (const Part& part : known.parts) {
    const std::string path = path_of(part.key);
    if (has_file(path)) {
      rows.begin_part();
      const Status status = replay_part(path, rows);
      if (status) continue;
      if (!rows.is_refused()) return status;
    }
    piece.piece = part.piece;
    rows.begin_log();
    if (Status status = reader.read(piece, &rows.ids()); !status) return status;
    if (rows.read_hash() != part.piece->hash) return changed_meanwhile(unit.path);
  }
  sink.finished_file(unit.path, known.bytes, known.hashes.front());
  return {};
}

std::uint64_t LogParts::parts() const {
  std::uint64_t count = 0;
  for (const auto& [name, unit] : units_) count += unit.parts.size();
  return count;
}

void LogParts::remove_others() const {
  std::set<std::string> needed;
  for (const auto& [name, unit] : units_) {
    needed.insert(unit.memory);
    for (const Part& part : unit.parts) needed.insert(path_of(part.key));
  }
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(parts_.folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool is_ours = name.find(kExtension) != std::string::npos || name.find(kPiecesExtension) != std::string::npos;
    if (is_ours && !needed.contains(entry.path().string())) fs::remove(entry.path(), error);
  }
}

}  // namespace noggin::data
