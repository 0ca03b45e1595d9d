#include "update/trust.h"

#include <algorithm>
#include <charconv>

#include "bytes/message.h"
#include "update/blake2b.h"

namespace noggin::update {
namespace {

constexpr int kMostRotations = 32;

// A manifest as it lies there, and its signature; nothing is believed yet.
struct Signed {
  std::uint64_t serial = 0;  // by its name
  std::string json;
  Signature signature;
};

Offer<std::uint64_t> read_serial(const Mirror& mirror, const std::string& path) {
  Offer<std::string> text = mirror.read_text(path, kMostSerialFileBytes);
  if (!text) return text.fault();
  const Result<std::uint64_t> serial = parse_serial(*text);
  if (!serial) return refused(Refusal::kFormat, message({path, " ", serial.error().message}));
  return *serial;
}

Offer<Signed> read_signed(const Mirror& mirror, std::uint64_t serial) {
  const std::string path = manifest_path(serial);
  Offer<std::string> json = mirror.read_text(path, kMostManifestBytes);
  if (!json) return json.fault();
  Offer<std::string> text = mirror.read_text(path + std::string(kSignatureSuffix), kMostSignatureBytes);
  if (!text) return text.fault();
  Result<Signature> signature = parse_signature(*text);
  if (!signature) return refused(Refusal::kFormat, path + ".minisig: " + signature.error().message);
  return Signed{serial, *std::move(json), *std::move(signature)};
}

Offer<Manifest> checked(const Signed& file, const PublicKey& key) {
  if (!verifies(key, std::as_bytes(std::span(file.json)), file.signature)) {
    return refused(Refusal::kSignature,
                   message({manifest_path(file.serial), " is not what key ", key_name(key.id), " has signed"}));
  }
  Result<Manifest> manifest = parse_manifest(file.json);
  if (!manifest) return refused(Refusal::kFormat, manifest_path(file.serial) + ": " + manifest.error().message);
  if (manifest->serial == file.serial) return *std::move(manifest);
  return refused(Refusal::kMixed, message({manifest_path(file.serial), " has the serial number ", manifest->serial}));
}

// The key that `key` has named as its successor, in a manifest that it has signed.
Offer<PublicKey> successor_of(const Mirror& mirror, const PublicKey& key) {
  Offer<std::uint64_t> serial = read_serial(mirror, rotation_path(key));
  if (!serial) return serial.fault();
  Offer<Signed> file = read_signed(mirror, *serial);
  if (!file) return file.fault();
  Offer<Manifest> manifest = checked(*file, key);
  if (!manifest) return manifest.fault();
  if (manifest->successor) return *manifest->successor;
  return refused(Refusal::kMixed, rotation_path(key) + " leads to a manifest that names no successor");
}

// The trusted key of that id: the pinned one, its successor, or one that follows from them step by step.
Offer<PublicKey> trusted_key(const Mirror& mirror, const Record& record, const KeyId& id) {
  PublicKey key = *record.key;
  std::optional<PublicKey> next = record.successor;
  for (int i = 0; i < kMostRotations && key.id != id; ++i) {
    if (!next) {
      Offer<PublicKey> successor = successor_of(mirror, key);
      if (!successor && successor.fault().reason != Refusal::kIncomplete) return successor.fault();
      if (!successor) break;
      next = *successor;
    }
    key = *next;
    next.reset();
  }
  if (key.id == id) return key;
  return refused(Refusal::kForeignKey, message({"the manifest is signed by key ", key_name(id), ", this device trusts ",
                                                key_name(record.key->id)}));
}

std::string days(std::uint64_t seconds) { return message({seconds / 86400, " days"}); }

Offer<Done> check_age(const TrustedManifest& trusted, const Record& record, std::uint64_t now) {
  const Manifest& manifest = trusted.manifest;
  const std::uint64_t time = std::max(now, record.newest_time);
  if (time >= manifest.expires) {
    return refused(Refusal::kExpired,
                   message({"manifest ", manifest.serial, " has expired ", days(time - manifest.expires),
                            " ago: the copy is stale, or nobody has published since"}));
  }
  if (manifest.serial < record.serial) {
    return refused(Refusal::kSerial, message({"manifest ", manifest.serial, " is older than ", record.serial,
                                              ", which this device has seen"}));
  }
  if (manifest.serial == record.serial && !record.manifest.empty() && trusted.hash != record.manifest)
    return refused(Refusal::kMixed, message({"there are two manifests with the serial number ", manifest.serial}));
  return Done{};
}

}  // namespace

std::string manifest_path(std::uint64_t serial) { return message({"generations/", serial, "/manifest.json"}); }
std::string rotation_path(const PublicKey& key) { return "rotations/" + key_name(key.id); }
std::string serial_text(std::uint64_t serial) { return message({serial, "\n"}); }

Result<std::uint64_t> parse_serial(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::uint64_t serial = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), serial);
  if (error == std::errc() && end == text.data() + text.size()) return serial;
  return Error{ErrorCode::kBadData, "does not hold a serial number"};
}

Offer<TrustedManifest> read_trusted_manifest(const Mirror& mirror, const Record& record, std::uint64_t now) {
  Offer<std::uint64_t> serial = read_serial(mirror, kLatestFile);
  if (!serial) return serial.fault();
  Offer<Signed> file = read_signed(mirror, *serial);
  if (!file) return file.fault();
  Offer<PublicKey> key = trusted_key(mirror, record, file->signature.id);
  if (!key) return key.fault();
  Offer<Manifest> manifest = checked(*file, *key);
  if (!manifest) return manifest.fault();
  TrustedManifest trusted{*std::move(manifest), hash_text(std::as_bytes(std::span(file->json))), *key,
                          record.successor};
  if (*key != *record.key) trusted.successor.reset();
  if (trusted.manifest.successor) trusted.successor = trusted.manifest.successor;
  Offer<Done> age = check_age(trusted, record, now);
  if (!age) return age.fault();
  return trusted;
}

}  // namespace noggin::update
