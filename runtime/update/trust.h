// From a folder to a manifest that this device trusts: which key, whether the signature is right, whether it is too
// old.
#pragma once

#include <cstdint>
#include <string>

#include "update/manifest.h"
#include "update/mirror.h"
#include "update/refusal.h"
#include "update/state_folder.h"

namespace noggin::update {

// Names in the folder of a publication (FORMAT.md).
inline constexpr const char* kLatestFile = "latest";
std::string manifest_path(std::uint64_t serial);         // "generations/12/manifest.json"
std::string rotation_path(const PublicKey& key);         // "rotations/0123456789ABCDEF"
inline constexpr std::size_t kMostSerialFileBytes = 32;  // of latest and rotations/KEY: a serial number and a line feed
std::string serial_text(std::uint64_t serial);           // "12\n"
Result<std::uint64_t> parse_serial(std::string_view text);  // kBadData

struct TrustedManifest {
  Manifest manifest;
  std::string hash;                    // of its bytes
  PublicKey key;                       // that has signed it
  std::optional<PublicKey> successor;  // that may sign the next one
};

// The newest manifest of the folder. `record.key` must be set. A manifest that a later key has signed is trusted if
// each key since record.key has signed for its successor. now: seconds since 1970.
Offer<TrustedManifest> read_trusted_manifest(const Mirror& mirror, const Record& record, std::uint64_t now);

}  // namespace noggin::update
