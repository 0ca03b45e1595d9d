#include "update/candidate.h"

#include <algorithm>
#include <vector>

#include "bytes/atomic_file.h"
#include "bytes/hex.h"
#include "bytes/message.h"
#include "format/file_bytes.h"
#include "noggin/engine.h"
#include "spec/versions.h"
#include "update/blake2b.h"
#include "update/delta.h"

namespace noggin::update {
namespace {

constexpr std::size_t kCopyBytes = 1U << 16;

// A file of the state folder that comes into being: only what has the right hash gets its name.
class NewFile {
 public:
  static Offer<NewFile> create(const std::string& path) {
    Result<AtomicFile> file = AtomicFile::create(path);
    if (!file) return of_device(file.error());
    return NewFile(*std::move(file));
  }
  Status append(std::span<const std::byte> bytes) {
    hash_.update(bytes);
    return file_.append(bytes.data(), bytes.size());
  }
  Offer<Done> finish(const std::string& hash, const std::string& what) {
    if (hash_.text() != hash) return refused(Refusal::kHash, what + " has other bytes than those that were signed for");
    if (Status status = file_.commit(); !status) return of_device(status.error());
    return Done{};
  }

 private:
  explicit NewFile(AtomicFile file) : file_(std::move(file)) {}
  AtomicFile file_;
  Blake2b hash_;
};

// Opened, and exactly as large as signed.
Offer<MirrorFile> open_exactly(const Mirror& mirror, const OfferedFile& offered) {
  Offer<MirrorFile> file = mirror.open_file(offered.path, offered.bytes);
  if (!file || file->bytes() == offered.bytes) return file;
  return refused(Refusal::kIncomplete,
                 message({offered.path, " has ", file->bytes(), " of ", offered.bytes, " bytes: the copy was cut"}));
}

Offer<Done> copy(const Mirror& mirror, const OfferedFile& offered, const std::string& to) {
  Offer<MirrorFile> from = open_exactly(mirror, offered);
  if (!from) return from.fault();
  Offer<NewFile> file = NewFile::create(to);
  if (!file) return file.fault();
  std::vector<std::byte> buffer(kCopyBytes);
  while (true) {
    Offer<std::size_t> count = from->read(buffer);
    if (!count) return count.fault();
    if (*count == 0) return file->finish(offered.hash, offered.path);
    if (Status status = file->append(std::span(buffer).first(*count)); !status) return of_device(status.error());
  }
}

// All of a delta, in memory: it is smaller than the model, and not one byte of it is interpreted before its hash is
// known to be right.
Offer<std::vector<std::byte>> read_delta(const Mirror& mirror, const OfferedFile& offered) {
  Offer<MirrorFile> file = open_exactly(mirror, offered);
  if (!file) return file.fault();
  std::vector<std::byte> bytes(static_cast<std::size_t>(offered.bytes));
  for (std::size_t done = 0; done < bytes.size();) {
    Offer<std::size_t> count = file->read(std::span(bytes).subspan(done));
    if (!count) return count.fault();
    done += *count;
  }
  if (hash_text(bytes) == offered.hash) return bytes;
  return refused(Refusal::kHash, offered.path + " has other bytes than those that were signed for");
}

ReadSome reading(std::span<const std::byte> bytes) {
  return [bytes](std::span<std::byte> to) mutable -> Result<std::size_t> {
    const std::size_t count = std::min(to.size(), bytes.size());
    std::copy_n(bytes.begin(), count, to.begin());
    bytes = bytes.subspan(count);
    return count;
  };
}

Offer<Done> rebuild(const Mirror& mirror, const OfferedFile& delta, const std::string& old_path,
                    const OfferedFile& offered, const std::string& to) {
  const Result<format::FileBytes> old = format::FileBytes::open(old_path, format::FileAccess::kMap);
  if (!old) return of_device(old.error());
  Offer<std::vector<std::byte>> bytes = read_delta(mirror, delta);
  if (!bytes) return bytes.fault();
  Offer<NewFile> file = NewFile::create(to);
  if (!file) return file.fault();
  Status written;
  const auto append = [&](std::span<const std::byte> part) { return written = file->append(part); };
  const Status made = apply_delta(old->bytes(), reading(*bytes), offered.bytes, append);
  if (!written) return of_device(written.error());
  if (!made) return refused(Refusal::kFormat, delta.path + ": " + made.error().message);
  return file->finish(offered.hash, "what " + delta.path + " makes");
}

// The delta from a model that is here, and the file of that model.
const OfferedDelta* fitting_delta(const OfferedModel& offered, const StateFolder& folder, const Record& record,
                                  std::string& old_path) {
  for (const std::optional<KeptModel>* kept : {&record.current, &record.previous}) {
    for (const OfferedDelta& delta : offered.deltas) {
      if (!kept->has_value() || delta.from != (*kept)->hash || delta.file.bytes >= offered.file.bytes) continue;
      old_path = folder.model_path(**kept);
      return &delta;
    }
  }
  return nullptr;
}

bool is_there(const std::string& path, const OfferedFile& offered) {
  const Result<format::FileBytes> file = format::FileBytes::open(path);
  return file && file->bytes().size() == offered.bytes && hash_text(file->bytes()) == offered.hash;
}

}  // namespace

Offer<Candidate> fetch(const Mirror& mirror, const StateFolder& folder, const Record& record,
                       const OfferedModel& offered) {
  Candidate candidate{{offered.file.hash, offered.content_hash}, 0, false, {}};
  const std::string path = folder.model_path(candidate.kept);
  if (is_there(path, offered.file)) return candidate;
  std::string old_path;
  if (const OfferedDelta* delta = fitting_delta(offered, folder, record, old_path)) {
    const Offer<Done> made = rebuild(mirror, delta->file, old_path, offered.file, path);
    candidate.from_delta = static_cast<bool>(made);
    candidate.read_bytes = made ? delta->file.bytes : 0;
    if (made) return candidate;
    const Fault& fault = made.fault();
    if (fault.reason == Refusal::kNone && fault.error.code == ErrorCode::kOutOfSpace) return fault;
    candidate.note = message({"delta refused (", refusal_name(fault.reason), "): ", fault.error.message});
  }
  const Offer<Done> copied = copy(mirror, offered.file, path);
  candidate.read_bytes = offered.file.bytes;
  if (copied) return candidate;
  Fault fault = copied.fault();
  if (!candidate.note.empty()) fault.error.message += "; " + candidate.note;
  return fault;
}

Offer<Done> check_versions(const OfferedModel& offered) {
  if (offered.layout <= spec::kLayoutVersion && offered.numerics == spec::kNumericsVersion) return Done{};
  return refused(Refusal::kRuntime,
                 message({"the model needs layout ", offered.layout, " and numerics ", offered.numerics,
                          "; this program reads layout ", spec::kLayoutVersion, " and numerics ",
                          spec::kNumericsVersion, ". Fix: update the program first"}));
}

Offer<Done> prove(const std::string& path, const std::string& content_hash) {
  const Result<Model> model = Model::open(path);
  if (!model) {
    const ErrorCode code = model.error().code;
    if (code == ErrorCode::kOutOfSpace || code == ErrorCode::kIo) return of_device(model.error());
    return refused(code == ErrorCode::kUnsupported ? Refusal::kRuntime : Refusal::kFormat, model.error().message);
  }
  if (hex(model->content_hash()) != content_hash)
    return refused(Refusal::kMixed, message({"the model's content hash is ", hex(model->content_hash()),
                                             ", the manifest says ", content_hash}));
  Result<Session> session = Session::create(*model);
  if (!session) return of_device(session.error());
  const SelfTest test = session->self_test();
  if (test.checked > 0 && test.failed == 0) return Done{};
  if (test.checked == 0) return refused(Refusal::kSelfTest, "the model holds no golden vectors: nothing can be proven");
  return refused(Refusal::kSelfTest, message({test.failed, " of ", test.checked,
                                              " golden vectors differ on this device: ", test.first_failure}));
}

}  // namespace noggin::update
