#include "update/manifest.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "bytes/little_endian.h"
#include "prediction/json_writer.h"
#include "update/blake2b.h"
#include "update/json_fields.h"

namespace noggin::update {
namespace {

using Kind = JsonValue::Kind;
constexpr std::size_t kMostPathBytes = 200, kMostRevoked = 4096, kMostChannels = 64, kMostDeltas = 64;
constexpr std::uint64_t kMostVersion = 1000000;

// Keeps the first fault of nested objects in the one above.
template <typename T, typename Read>
T nested(JsonFields& above, const JsonValue* value, const std::string& where, const Read& read) {
  T result{};
  if (value == nullptr) return result;
  JsonFields fields(*value, where);
  read(fields, result);
  if (Status status = fields.finish(); !status) above.fail(status.error().message);
  return result;
}

void read_file(JsonFields& fields, OfferedFile& file) {
  file.path = fields.text("path", kMostPathBytes);
  file.bytes = fields.integer("bytes", kMostModelBytes);
  file.hash = fields.hexadecimal("blake2b", kHashDigits);
}

OfferedFile file_of(JsonFields& above, std::string_view name) {
  return nested<OfferedFile>(above, above.take(name, Kind::kObject), std::string(name), read_file);
}

void read_delta(JsonFields& fields, OfferedDelta& delta) {
  delta.from = fields.hexadecimal("from", kHashDigits);
  delta.file = file_of(fields, "file");
}

void read_model(JsonFields& fields, OfferedModel& model) {
  model.name = fields.text("name", kMostNameBytes);
  model.file = file_of(fields, "file");
  model.content_hash = fields.hexadecimal("content_hash", 16);
  model.layout = static_cast<std::uint32_t>(fields.integer("layout", kMostVersion));
  model.numerics = static_cast<std::uint32_t>(fields.integer("numerics", kMostVersion));
  if (const JsonValue* certificate = fields.take_or_null("certificate", Kind::kObject))
    model.certificate = nested<OfferedFile>(fields, certificate, "certificate", read_file);
  const JsonValue* deltas = fields.take("deltas", Kind::kArray);
  if (deltas == nullptr) return;
  if (deltas->items.size() > kMostDeltas) return fields.fail("too many deltas");
  for (const JsonValue& delta : deltas->items)
    model.deltas.push_back(nested<OfferedDelta>(fields, &delta, "deltas", read_delta));
}

void read_channel(JsonFields& fields, Channel& channel) {
  channel.model = nested<OfferedModel>(fields, fields.take("model", Kind::kObject), "model", read_model);
  channel.rollout = static_cast<std::uint32_t>(fields.integer("rollout", kWholeRollout));
  channel.salt = fields.text("salt", kMostNameBytes);
  if (const JsonValue* before = fields.take_or_null("before", Kind::kObject))
    channel.before = nested<OfferedModel>(fields, before, "before", read_model);
}

void read_revoked(JsonFields& fields, std::vector<std::string>& revoked) {
  const JsonValue* hashes = fields.take("revoked", Kind::kArray);
  if (hashes == nullptr) return;
  if (hashes->items.size() > kMostRevoked) return fields.fail("too many revoked models");
  for (const JsonValue& hash : hashes->items) {
    if (hash.kind != Kind::kString || !is_hexadecimal(hash.text, 16))
      return fields.fail("\"revoked\" holds something that is not 16 hexadecimal digits");
    revoked.push_back(hash.text);
  }
}

void read_channels(JsonFields& fields, std::map<std::string, Channel>& channels) {
  const JsonValue* members = fields.take("channels", Kind::kObject);
  if (members == nullptr) return;
  if (members->members.size() > kMostChannels) return fields.fail("too many channels");
  for (const auto& [name, channel] : members->members) {
    if (!is_channel_name(name)) return fields.fail("a channel's name may have letters, digits, '.', '_' and '-'");
    if (!channels.emplace(name, nested<Channel>(fields, &channel, "channel " + name, read_channel)).second)
      return fields.fail("channel " + name + " stands there twice");
  }
}

void read_manifest(JsonFields& fields, Manifest& manifest) {
  if (fields.integer("schema", kMostVersion) != kManifestSchema)
    return fields.fail("is of another schema than 1. Fix: use a newer program");
  manifest.serial = fields.integer("serial", ~0ULL >> 1);
  manifest.created = fields.integer("created", kLatestTime);
  manifest.expires = fields.integer("expires", kLatestTime);
  if (const JsonValue* successor = fields.take_or_null("successor", Kind::kString)) {
    Result<PublicKey> key = parse_public_key(successor->text);
    if (!key) return fields.fail("\"successor\" is not a public key");
    manifest.successor = *key;
  }
  read_revoked(fields, manifest.revoked);
  read_channels(fields, manifest.channels);
}

std::string file_json(const OfferedFile& file) {
  std::string out;
  JsonObject(out).text("path", file.path).integer("bytes", file.bytes).text("blake2b", file.hash).finish();
  return out;
}

// [element(items[0]),element(items[1])]
template <typename Items, typename Element>
std::string array_json(const Items& items, const Element& element) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? "," : "") + element(item);
  return out + "]";
}

std::string model_json(const OfferedModel& model) {
  const auto delta_json = [](const OfferedDelta& delta) {
    std::string out;
    JsonObject(out).text("from", delta.from).raw("file", file_json(delta.file)).finish();
    return out;
  };
  std::string out;
  JsonObject(out)
      .text("name", model.name)
      .raw("file", file_json(model.file))
      .text("content_hash", model.content_hash)
      .integer("layout", model.layout)
      .integer("numerics", model.numerics)
      .raw("certificate", model.certificate ? file_json(*model.certificate) : "null")
      .raw("deltas", array_json(model.deltas, delta_json))
      .finish();
  return out;
}

std::string channel_json(const Channel& channel) {
  std::string out;
  JsonObject(out)
      .raw("model", model_json(channel.model))
      .integer("rollout", channel.rollout)
      .text("salt", channel.salt)
      .raw("before", channel.before ? model_json(*channel.before) : "null")
      .finish();
  return out;
}

}  // namespace

bool Manifest::revokes(const std::string& content_hash) const {
  return std::find(revoked.begin(), revoked.end(), content_hash) != revoked.end();
}

Result<Manifest> parse_manifest(std::string_view json) {
  const Result<JsonValue> value = parse_json(json);
  if (!value) return value.error();
  Manifest manifest;
  JsonFields fields(*value, "manifest");
  read_manifest(fields, manifest);
  if (Status status = fields.finish(); !status) return status.error();
  return manifest;
}

std::string manifest_json(const Manifest& manifest) {
  std::string channels;
  JsonObject members(channels);
  for (const auto& [name, channel] : manifest.channels) members.raw(name, channel_json(channel));
  members.finish();
  const auto quoted = [](const std::string& text) { return '"' + text + '"'; };
  std::string out;
  JsonObject(out)
      .integer("schema", kManifestSchema)
      .integer("serial", manifest.serial)
      .integer("created", manifest.created)
      .integer("expires", manifest.expires)
      .raw("successor", manifest.successor ? quoted(public_key_line(*manifest.successor)) : "null")
      .raw("revoked", array_json(manifest.revoked, quoted))
      .raw("channels", channels)
      .finish();
  return out + "\n";
}

bool is_channel_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

std::uint32_t bucket_of(std::string_view device_id, std::string_view salt) {
  const std::string text = std::string(salt) + "\n" + std::string(device_id);
  std::array<unsigned char, 32> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     nullptr, 0);
  return static_cast<std::uint32_t>(load_u64(reinterpret_cast<const std::byte*>(hash.data())) % kWholeRollout);
}

}  // namespace noggin::update
