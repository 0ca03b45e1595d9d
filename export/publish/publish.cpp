#include "export/publish/publish.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <memory>
#include <set>

#include "bytes/hex.h"
#include "export/publish/delta_maker.h"
#include "export/publish/files.h"
#include "export/publish/folder.h"
#include "export/publish/secret_key.h"
#include "format/file_bytes.h"
#include "format/section_table.h"
#include "spec/versions.h"
#include "update/blake2b.h"
#include "update/candidate.h"
#include "update/state_folder.h"
#include "update/trust.h"

namespace noggin::publish {
namespace {

namespace fs = std::filesystem;
using update::Channel;
using update::Manifest;
using update::OfferedDelta;
using update::OfferedFile;
using update::OfferedModel;

constexpr std::size_t kMostDeltaSources = 4;        // older models of a channel that get a delta
constexpr std::uint64_t kMostGenerationsBack = 64;  // in which they are looked for
constexpr std::uint64_t kDay = 86400;
constexpr std::string_view kModelSuffix = ".nog", kRejectedSuffix = ".rejected.nog";

Error invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

Status check_request(const PublishRequest& request) {
  if (!update::is_channel_name(request.channel))
    return invalid(
        fmt::format("channel \"{}\": a name has 1 to 64 letters, digits, '.', '_' and '-'", request.channel));
  if (!(request.rollout >= 0.0 && request.rollout <= 100.0))
    return invalid(fmt::format("rollout {} is not a percentage from 0 to 100", request.rollout));
  if (request.expires_days < 1 || request.expires_days > 3650)
    return invalid(fmt::format("expires {} days: must be 1 to 3650", request.expires_days));
  for (const std::string& hash : request.revoke) {
    if (!update::is_hexadecimal(hash, 16))
      return invalid(
          fmt::format("revoke {}: a content hash has 16 hexadecimal digits (noggin-run MODEL --info)", hash));
  }
  if (request.model.ends_with(kRejectedSuffix)) {
    return Error{ErrorCode::kExists, request.model +
                                         " has failed its gates and may not ship. Fix: publish a model that "
                                         "`noggin verify` passes"};
  }
  return {};
}

OfferedFile offered_file(const std::string& path, std::span<const std::byte> bytes) {
  return {path, bytes.size(), update::hash_text(bytes)};
}

std::string name_of(const PublishRequest& request) {
  std::string name = request.name.empty() ? fs::path(request.model).stem().string() : request.name;
  if (name.size() > update::kMostNameBytes) name.resize(update::kMostNameBytes);
  return name;
}

// One call of publish().
class Publisher {
 public:
  Publisher(const PublishRequest& request, const SecretKey& key, const PublishFolder& folder)
      : request_(request), key_(key), folder_(folder) {}

  Result<Publication> run() {
    if (Status status = read_newest(); !status) return status.error();
    Result<OfferedModel> model = put_model();
    if (!model) return model.error();
    if (Status status = begin_manifest(); !status) return status.error();
    if (manifest_.revokes(model->content_hash))
      return Error{ErrorCode::kExists, request_.model + " is revoked in this folder. Fix: publish another model"};
    if (Status status = put_channel(*std::move(model)); !status) return status.error();
    if (Status status = put_manifest(); !status) return status.error();
    return publication_;
  }

 private:
  Status read_newest() {
    Result<std::optional<PublishFolder::Newest>> newest = folder_.newest();
    if (!newest) return newest.error();
    if (!*newest) return {};
    const PublishFolder::Newest& found = **newest;
    const bool same = update::verifies(key_.public_key(), std::as_bytes(std::span(found.json)), found.signature);
    const bool next = found.manifest.successor == key_.public_key();
    if (!same && !next) {
      return Error{
          ErrorCode::kUnsupported,
          fmt::format("{} is signed by key {}, which has not named key {} as its successor: no device would "
                      "accept this. Fix: sign with that key, or first publish with it and --successor",
                      request_.folder, update::key_name(found.signature.id), update::key_name(key_.public_key().id))};
    }
    before_ = found.manifest;
    if (!same) before_.successor.reset();
    return {};
  }

  // The model and what stands beside it. A model that is offered already keeps its entry.
  Result<OfferedModel> put_model() {
    Result<format::FileBytes> file = format::FileBytes::open(request_.model);
    if (!file) return file.error();
    const Result<format::SectionTable> table = format::read_section_table(file->bytes());
    if (!table) return table.error();
    OfferedModel model;
    model.name = name_of(request_);
    model.content_hash = hex(table->content_hash);
    model.layout = table->layout_version;
    model.numerics = spec::kNumericsVersion;
    const std::string stem = "models/" + model.content_hash;
    model.file = offered_file(stem + std::string(kModelSuffix), file->bytes());
    update::Offer<update::Done> proven = update::prove(request_.model, model.content_hash);
    if (!proven) return Error{ErrorCode::kCorrupt, request_.model + ": " + proven.fault().error.message};
    if (Status status = put_signed(model.file.path, file->bytes(), model_comment(model.name, *table)); !status)
      return status.error();
    if (Status status = put_certificate(stem, model); !status) return status.error();
    publication_.model = folder_.file(model.file.path);
    publication_.content_hash = model.content_hash;
    publication_.bytes = model.file.bytes;
    bytes_ = std::make_unique<format::FileBytes>(*std::move(file));
    return model;
  }

  Status put_signed(const std::string& name, std::span<const std::byte> bytes, const std::string& comment) {
    const Result<update::Signature> signature = key_.sign(bytes, comment);
    if (!signature) return signature.error();
    if (Status status = folder_.write(name, bytes); !status) return status;
    return folder_.write(name + std::string(update::kSignatureSuffix),
                         update::signature_file(*signature, "signature by noggin"));
  }

  Status put_certificate(const std::string& stem, OfferedModel& model) {
    Result<std::string> certificate = certificate_of(request_, model.content_hash);
    if (!certificate) return certificate.error();
    if (certificate->empty()) return {};
    model.certificate = offered_file(stem + ".certificate.json", std::as_bytes(std::span(*certificate)));
    return folder_.write(model.certificate->path, *certificate);
  }

  Status begin_manifest() {
    const auto now =
        static_cast<std::uint64_t>(std::max<std::int64_t>(request_.now != 0 ? request_.now : std::time(nullptr), 0));
    manifest_.serial = before_.serial + 1;
    manifest_.created = std::max(now, before_.created);  // devices take it for a clock that is not set back
    manifest_.expires = manifest_.created + request_.expires_days * kDay;
    std::set<std::string> revoked(before_.revoked.begin(), before_.revoked.end());
    revoked.insert(request_.revoke.begin(), request_.revoke.end());
    manifest_.revoked.assign(revoked.begin(), revoked.end());
    manifest_.successor = before_.successor;
    manifest_.channels = before_.channels;
    if (request_.successor.empty()) return {};
    Result<update::PublicKey> successor = public_key_of(request_.successor);
    if (!successor) return successor.error();
    manifest_.successor = *successor;
    return {};
  }

  Status put_channel(OfferedModel model) {
    Channel channel;
    channel.rollout = static_cast<std::uint32_t>(request_.rollout * 100.0 + 0.5);
    const auto found = before_.channels.find(request_.channel);
    const bool offered = found != before_.channels.end();
    if (offered && found->second.model.file.hash == model.file.hash) {
      channel.salt = found->second.salt;  // a device that the rollout has reached stays reached
      channel.before = found->second.before;
    } else {
      channel.salt = update::random_device_id();
      if (offered && found->second.rollout == update::kWholeRollout) channel.before = found->second.model;
      if (offered && !channel.before) channel.before = found->second.before;
    }
    if (channel.before && manifest_.revokes(channel.before->content_hash)) channel.before.reset();
    if (Status status = put_deltas(model); !status) return status;
    channel.model = std::move(model);
    manifest_.channels[request_.channel] = std::move(channel);
    return {};
  }

  // The models that devices of the channel may have, the newest first.
  std::vector<OfferedModel> older_models(const OfferedModel& model) const {
    std::vector<OfferedModel> older;
    std::set<std::string> seen = {model.file.hash};
    const std::uint64_t last = before_.serial, count = std::min(last, kMostGenerationsBack);
    for (std::uint64_t serial = last; serial > last - count && older.size() < kMostDeltaSources; --serial) {
      const std::optional<Manifest> manifest = folder_.earlier(serial);
      if (!manifest) continue;
      const auto channel = manifest->channels.find(request_.channel);
      if (channel != manifest->channels.end() && seen.insert(channel->second.model.file.hash).second)
        older.push_back(channel->second.model);
    }
    return older;
  }

  Status put_deltas(OfferedModel& model) {
    for (const OfferedModel& older : older_models(model)) {
      const Result<format::FileBytes> old = format::FileBytes::open(folder_.file(older.file.path));
      if (!old || update::hash_text(old->bytes()) != older.file.hash) continue;  // it is no longer kept here
      const Result<Delta> delta = make_delta(old->bytes(), bytes_->bytes());
      if (!delta) return delta.error();
      const bool small = static_cast<double>(delta->bytes.size()) < kDeltaShare * static_cast<double>(model.file.bytes);
      publication_.deltas.push_back({older.content_hash, delta->bytes.size(), method_name(delta->method), small});
      if (!small) continue;
      const std::string name = fmt::format("deltas/{}-{}.nogdelta", older.content_hash, model.content_hash);
      if (Status status = folder_.write(name, delta->bytes); !status) return status;
      model.deltas.push_back({older.file.hash, offered_file(name, delta->bytes)});
    }
    return {};
  }

  Status put_manifest() {
    const std::string json = update::manifest_json(manifest_);
    if (json.size() > update::kMostManifestBytes) return invalid("the manifest is larger than 1 MiB");
    const std::string name = update::manifest_path(manifest_.serial);
    const std::string comment = fmt::format("noggin manifest serial:{} created:{} expires:{}", manifest_.serial,
                                            manifest_.created, manifest_.expires);
    if (Status status = put_signed(name, std::as_bytes(std::span(json)), comment); !status) return status;
    if (manifest_.successor && *manifest_.successor != key_.public_key()) {
      const std::string rotation = update::rotation_path(key_.public_key());
      if (Status status = folder_.write(rotation, update::serial_text(manifest_.serial)); !status) return status;
    }
    publication_.serial = manifest_.serial;
    publication_.manifest = folder_.file(name);
    publication_.key = update::key_name(key_.public_key().id);
    return folder_.write(update::kLatestFile, update::serial_text(manifest_.serial));  // from here on devices see it
  }

  const PublishRequest& request_;
  const SecretKey& key_;
  const PublishFolder& folder_;
  Manifest before_, manifest_;  // before_: serial 0 if nothing has been published
  Publication publication_;
  std::unique_ptr<format::FileBytes> bytes_;  // of the model
};

}  // namespace

Result<Publication> publish(const PublishRequest& request) {
  if (Status status = check_request(request); !status) return status.error();
  const Result<SecretKey> key = read_secret_key(request.key, request.password);
  if (!key) return key.error();
  const Result<PublishFolder> folder = PublishFolder::open(request.folder);
  if (!folder) return folder.error();
  const Result<update::StateLock> lock = update::StateLock::take(request.folder);
  if (!lock) return lock.error();
  return Publisher(request, *key, *folder).run();
}

}  // namespace noggin::publish
