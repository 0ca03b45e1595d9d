// Updates for a device: takes a new model from a folder that `noggin publish` wrote, proves it on this device,
// switches.
//
//   noggin::Updater updater("/var/lib/app/model");                        // the state folder; made when it is missing
//   noggin::UpdateOptions options;
//   options.first_key = public_key_text;                                  // needed once, then pinned in the state
//   auto report = updater.update("/media/updates", options);              // Result<UpdateReport>
//   auto path = updater.start();                                          // Result<std::string>: open this file
//   auto model = noggin::Model::open(*path);
//   updater.confirm();                                                    // it works: from now on nothing falls back
//
// How the files arrive (a download, a copy, a mounted folder) is the application's business; nothing here uses a
// network. What is checked, in which order, and what is stored: runtime/update/README.md.
//
// Errors are faults of this device: kIo and kOutOfSpace (the state folder), kCorrupt (its record), kInvalidArgument,
// kNotFound (there is no model yet). What the folder offered is never an Error: UpdateReport says what was refused.
// Power: whatever is cut, and when, the state folder holds one good model (the earlier or the new one) afterwards.
// Threads and processes: calls that write lock the state folder; another caller waits up to ten seconds, then kIo.
// In a library of its own, libnoggin_update, which needs libsodium and zstd; the same in C: noggin/noggin_update.h.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "noggin/export.h"
#include "noggin/result.h"

namespace noggin {

// Values never change; new ones are added at the end. refusal_name gives the words in brackets.
enum class Refusal {
  kNone = 0,        // nothing was refused
  kIncomplete = 1,  // "incomplete": a file is missing, or the copy was cut
  kUnsafePath = 2,  // "unsafe path": absolute, "..", or a name that no publication has
  kNotAFile = 3,    // "not a file": a symbolic link, a pipe, a device, a folder
  kTooLarge = 4,    // "too large": more bytes than signed, or than any such file may have
  kFormat = 5,      // "format": not what FORMAT.md describes
  kForeignKey = 6,  // "foreign key": signed by a key that this device does not trust
  kSignature = 7,   // "signature": the signature does not belong to these bytes
  kExpired = 8,     // "expired": older than its signer lets it be: a stale mirror
  kSerial = 9,      // "rolled back": older than what this device has already seen
  kMixed = 10,      // "mixed": parts of different publications
  kRuntime = 11,    // "runtime": needs a newer program
  kHash = 12,       // "hash": other bytes than those that were signed for
  kRevoked = 13,    // "revoked": its signer has withdrawn it
  kSelfTest = 14,   // "self-test": this device does not compute what the file promises
  kChannel = 15,    // "channel": the publication has no such channel
};
NOGGIN_EXPORT const char* refusal_name(Refusal refusal);

enum class UpdateOutcome {
  kUpdated = 0,     // the next start() gives the new model
  kUpToDate = 1,    // this device has what is offered
  kNotOffered = 2,  // the rollout has not reached this device, or the offered model has failed its first start here
  kRefused = 3,     // see `refusal`; nothing that answers has changed
};

struct UpdateReport {
  UpdateOutcome outcome = UpdateOutcome::kUpToDate;
  Refusal refusal = Refusal::kNone;
  std::string message;           // one sentence: what, where, why; safe to log, no line feeds
  std::uint64_t serial = 0;      // of the manifest, once its signature was right
  std::string model;             // file of the model that start() gives now; empty: there is none
  std::string content_hash;      // of that model: 16 hexadecimal digits
  std::uint64_t read_bytes = 0;  // of the model or delta
  bool from_delta = false;       // the new model was made from the one before
  bool current_revoked = false;  // the model that start() gives has been withdrawn by its signer
};

struct UpdateOptions {
  std::string channel = "stable";
  std::string device_id;  // decides in which part of a rollout this device is; empty: a random one, kept in the state
  std::string first_key;  // text of a minisign public key file; used only when the state has none
  std::int64_t now = 0;   // seconds since 1970; 0: the system's clock
};

struct UpdateState {
  std::uint64_t serial = 0;             // of the newest manifest this device has accepted
  std::string current, current_hash;    // file and content hash; empty: none
  std::string previous, previous_hash;  // what rollback() would give; empty: none
  bool confirmed = true;                // the current model has started here
  std::string key;                      // base64 line of the pinned public key; empty: none
};

class NOGGIN_EXPORT Updater {
 public:
  // The folder is made by the first update().
  explicit Updater(std::string state_folder) : state_(std::move(state_folder)) {}

  Result<UpdateReport> update(const std::string& folder, const UpdateOptions& options = {});
  // The file to open. The first call after an update marks the model as started; if that is called again without a
  // confirm() between, the model's first start has failed: falls back to the previous one. So does a file that cannot
  // be opened, and a model that its signer has withdrawn. Without a previous model the current one is given again.
  // kNotFound: no model yet; kUnsupported: all models here have been withdrawn.
  Result<std::string> start();
  // The model of the last start() works.
  Status confirm();
  // Back to the previous model; returns its file. The model left is not taken again until a newer manifest offers it.
  // kNotFound: there is no previous one; kUnsupported: its signer has withdrawn it.
  Result<std::string> rollback();
  // Reads, changes nothing.
  Result<UpdateState> state() const;
  // Whether a folder is one of these.
  static bool is_state_folder(const std::string& path);

 private:
  std::string state_;
};

}  // namespace noggin
