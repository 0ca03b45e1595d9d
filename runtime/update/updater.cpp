#include <sodium.h>

#include <algorithm>
#include <ctime>

#include "bytes/message.h"
#include "noggin/engine.h"
#include "noggin/update.h"
#include "update/candidate.h"
#include "update/trust.h"

namespace noggin {
namespace {

using update::Candidate;
using update::Channel;
using update::Done;
using update::Fault;
using update::KeptModel;
using update::Manifest;
using update::Mirror;
using update::Offer;
using update::OfferedModel;
using update::Record;
using update::refused;
using update::StateFolder;
using update::StateLock;
using update::Trial;
using update::TrustedManifest;

Error no_model(const std::string& folder) {
  return {ErrorCode::kNotFound, folder + " holds no model yet. Fix: update it first"};
}

std::uint64_t time_of(const UpdateOptions& options) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(options.now != 0 ? options.now : std::time(nullptr), 0));
}

// A folder without record gets one in memory: nothing is pinned before a manifest has been accepted.
Result<Record> load_or_begin(const StateFolder& folder, const UpdateOptions& options) {
  if (folder.exists()) return folder.load();
  if (options.first_key.empty()) {
    return Error{ErrorCode::kInvalidArgument, folder.path() +
                                                  " knows no public key yet. Fix: give the publisher's "
                                                  "public key (--key FILE) with the first update"};
  }
  const Result<update::PublicKey> key = update::parse_public_key(options.first_key);
  if (!key) return Error{ErrorCode::kInvalidArgument, key.error().message};
  Record record;
  record.device_id = update::random_device_id();
  record.key = *key;
  return record;
}

// What a trusted manifest teaches a device, whether or not it takes a model from it.
Status remember(const StateFolder& folder, const TrustedManifest& trusted, Record& record) {
  const Record before = record;
  record.key = trusted.key;
  record.successor = trusted.successor;
  record.serial = trusted.manifest.serial;
  record.manifest = trusted.hash;
  record.newest_time = std::max(record.newest_time, trusted.manifest.created);
  record.revoked = trusted.manifest.revoked;
  return record == before ? Status() : folder.save(record);
}

bool is_usable(const StateFolder& folder, const Record& record, const std::optional<KeptModel>& model) {
  return model && !record.revokes(*model) && Model::open(folder.model_path(*model));
}

// Leaves the current model for the previous one; one that has failed is not taken again from this manifest, one whose
// file is damaged may be.
Status fall_back(const StateFolder& folder, Record& record, bool failed) {
  if (failed) record.failed = update::FailedOffer{record.current->hash, record.serial};
  record.current = record.previous;
  record.previous.reset();
  record.trial = Trial::kPassed;
  return folder.save(record);
}

// One update(), while the state is locked.
class Attempt {
 public:
  Attempt(const StateFolder& folder, const UpdateOptions& options, Record& record, UpdateReport& report)
      : folder_(folder), options_(options), record_(record), report_(report) {}

  Offer<Done> run(const std::string& from) {
    Offer<Mirror> mirror = Mirror::open(from);
    if (!mirror) return mirror.fault();
    Offer<TrustedManifest> trusted = update::read_trusted_manifest(*mirror, record_, time_of(options_));
    if (!trusted) return trusted.fault();
    report_.serial = trusted->manifest.serial;
    if (Status status = remember(folder_, *trusted, record_); !status) return update::of_device(status.error());
    const auto channel = trusted->manifest.channels.find(options_.channel);
    if (channel == trusted->manifest.channels.end())
      return refused(Refusal::kChannel, "the publication has no channel \"" + options_.channel + "\"");
    const OfferedModel* offered = offered_of(channel->second);
    if (offered == nullptr) return Done{};
    if (trusted->manifest.revokes(offered->content_hash))
      return refused(Refusal::kRevoked, "the model of the channel has been withdrawn by its signer");
    return take(*mirror, *offered);
  }

 private:
  void not_offered(std::string why) {
    report_.outcome = UpdateOutcome::kNotOffered;
    report_.message = std::move(why);
  }

  // Null: nothing for this device; the report says why.
  const OfferedModel* offered_of(const Channel& channel) {
    const std::string& device = options_.device_id.empty() ? record_.device_id : options_.device_id;
    const std::uint32_t bucket = update::bucket_of(device, channel.salt);
    if (bucket < channel.rollout) return &channel.model;
    if (record_.current && record_.current->hash == channel.model.file.hash) return &channel.model;
    if (!record_.current || record_.revokes(*record_.current)) {
      if (channel.before && !revoked_by_record(*channel.before)) return &*channel.before;
      if (record_.current) return &channel.model;  // a withdrawn model is worse than a new one
    }
    not_offered(message({"the rollout is at ", channel.rollout, " of 10000, this device is at ", bucket}));
    return nullptr;
  }
  bool revoked_by_record(const OfferedModel& model) const {
    return record_.revokes({model.file.hash, model.content_hash});
  }

  Offer<Done> take(const Mirror& mirror, const OfferedModel& offered) {
    const bool same = record_.current && record_.current->hash == offered.file.hash;
    if (same && is_usable(folder_, record_, record_.current)) {  // else its file is damaged, and is fetched again
      report_.message = "this device has what is offered";
      return Done{};
    }
    if (record_.failed && record_.failed->hash == offered.file.hash && record_.failed->serial >= record_.serial) {
      not_offered("the offered model has failed here, or was left by a rollback; a newer manifest may offer it again");
      return Done{};
    }
    Offer<Done> versions = update::check_versions(offered);
    if (!versions) return versions;
    Offer<Candidate> candidate = update::fetch(mirror, folder_, record_, offered);
    if (!candidate) return candidate.fault();
    Offer<Done> proven = update::prove(folder_.model_path(candidate->kept), offered.content_hash);
    if (!proven) return proven;  // sweep() removes the file
    return switch_to(*candidate, offered.name);
  }

  Offer<Done> switch_to(const Candidate& candidate, const std::string& name) {
    const bool unproven = record_.trial != Trial::kPassed && record_.previous;  // the older one has started here
    const bool same = record_.current == candidate.kept;                        // mended
    if (!unproven && !same) record_.previous = record_.current;
    record_.current = candidate.kept;
    record_.trial = Trial::kNew;
    record_.failed.reset();
    if (Status status = folder_.save(record_); !status) return update::of_device(status.error());
    report_.outcome = UpdateOutcome::kUpdated;
    report_.read_bytes = candidate.read_bytes;
    report_.from_delta = candidate.from_delta;
    report_.message = "switched to " + name + (candidate.note.empty() ? "" : "; " + candidate.note);
    return Done{};
  }

  const StateFolder& folder_;
  const UpdateOptions& options_;
  Record& record_;
  UpdateReport& report_;
};

void complete(const StateFolder& folder, UpdateReport& report) {
  std::replace_if(report.message.begin(), report.message.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  const Result<Record> record = folder.load();  // what is on disk, whatever the attempt meant to write
  if (!record) return;
  folder.sweep(*record);
  if (!record->current) return;
  report.model = folder.model_path(*record->current);
  report.content_hash = record->current->content_hash;
  report.current_revoked = record->revokes(*record->current);
}

Result<std::string> start_locked(const StateFolder& folder) {
  const Result<StateLock> lock = StateLock::take(folder.path());
  if (!lock) return lock.error();
  Result<Record> record = folder.load();
  if (!record) return record.error();
  if (!record->current) return no_model(folder.path());
  const bool suspect = record->trial == Trial::kStarted || !is_usable(folder, *record, record->current);
  if (suspect && is_usable(folder, *record, record->previous)) {
    const bool failed = is_usable(folder, *record, record->current);
    if (Status status = fall_back(folder, *record, failed); !status) return status.error();
  } else if (record->trial == Trial::kNew) {
    record->trial = Trial::kStarted;
    if (Status status = folder.save(*record); !status) return status.error();
  }
  if (!record->revokes(*record->current)) return folder.model_path(*record->current);
  return Error{ErrorCode::kUnsupported, "the model has been withdrawn by its signer. Fix: update"};
}

}  // namespace

const char* refusal_name(Refusal refusal) {
  static constexpr const char* kNames[] = {
      "none",    "incomplete",  "unsafe path", "not a file", "too large", "format",  "foreign key", "signature",
      "expired", "rolled back", "mixed",       "runtime",    "hash",      "revoked", "self-test",   "channel"};
  const auto index = static_cast<std::size_t>(refusal);
  return index < std::size(kNames) ? kNames[index] : "unknown";
}

Result<UpdateReport> Updater::update(const std::string& from, const UpdateOptions& options) {
  if (sodium_init() < 0) return Error{ErrorCode::kUnsupported, "libsodium finds no source of randomness"};
  const StateFolder folder(state_);
  Result<Record> record = load_or_begin(folder, options);
  if (!record) return record.error();
  if (Status status = folder.create(); !status) return status.error();
  const Result<StateLock> lock = StateLock::take(state_);
  if (!lock) return lock.error();
  record = load_or_begin(folder, options);  // another process may have been at it meanwhile
  if (!record) return record.error();
  folder.sweep(*record);
  UpdateReport report;
  const Offer<Done> done = Attempt(folder, options, *record, report).run(from);
  if (!done && done.fault().reason == Refusal::kNone) {
    complete(folder, report);
    return done.fault().error;
  }
  if (!done) {
    report.outcome = UpdateOutcome::kRefused;
    report.refusal = done.fault().reason;
    report.message = done.fault().error.message;
  }
  complete(folder, report);
  return report;
}

Result<std::string> Updater::start() {
  const StateFolder folder(state_);
  const Result<Record> record = folder.load();
  if (!record) return record.error();
  // The usual case writes nothing and waits for nobody.
  if (record->trial == Trial::kPassed && is_usable(folder, *record, record->current))
    return folder.model_path(*record->current);
  return start_locked(folder);
}

Status Updater::confirm() {
  const StateFolder folder(state_);
  Result<Record> record = folder.load();
  if (!record) return record.error();
  if (!record->current) return no_model(state_);
  if (record->trial == Trial::kPassed) return {};
  const Result<StateLock> lock = StateLock::take(state_);
  if (!lock) return lock.error();
  record = folder.load();
  if (!record) return record.error();
  record->trial = Trial::kPassed;
  return folder.save(*record);
}

Result<std::string> Updater::rollback() {
  const StateFolder folder(state_);
  if (!folder.exists()) return folder.load().error();
  const Result<StateLock> lock = StateLock::take(state_);
  if (!lock) return lock.error();
  Result<Record> record = folder.load();
  if (!record) return record.error();
  if (!record->current) return no_model(state_);
  if (!record->previous) return Error{ErrorCode::kNotFound, state_ + " keeps no previous model to go back to"};
  if (record->revokes(*record->previous))
    return Error{ErrorCode::kUnsupported, "the previous model has been withdrawn by its signer"};
  const Result<Model> model = Model::open(folder.model_path(*record->previous));
  if (!model) return model.error();
  if (Status status = fall_back(folder, *record, true); !status) return status.error();
  return folder.model_path(*record->current);
}

Result<UpdateState> Updater::state() const {
  const StateFolder folder(state_);
  const Result<Record> record = folder.load();
  if (!record) return record.error();
  UpdateState state;
  state.serial = record->serial;
  state.confirmed = record->trial == Trial::kPassed;
  if (record->key) state.key = update::public_key_line(*record->key);
  if (record->current) {
    state.current = folder.model_path(*record->current);
    state.current_hash = record->current->content_hash;
  }
  if (record->previous) {
    state.previous = folder.model_path(*record->previous);
    state.previous_hash = record->previous->content_hash;
  }
  return state;
}

bool Updater::is_state_folder(const std::string& path) { return StateFolder(path).exists(); }

}  // namespace noggin
