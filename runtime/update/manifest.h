// What a publication offers: the signed file manifest.json (FORMAT.md). Read only after its signature was right.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noggin/result.h"
#include "update/minisign.h"

namespace noggin::update {

inline constexpr std::uint64_t kManifestSchema = 1;
inline constexpr std::size_t kMostManifestBytes = 1U << 20;
inline constexpr std::uint64_t kMostModelBytes = 1ULL << 32;
inline constexpr std::uint64_t kLatestTime = 1ULL << 40;  // seconds since 1970
inline constexpr std::uint32_t kWholeRollout = 10000;     // hundredths of a percent
inline constexpr std::size_t kMostNameBytes = 200;

struct OfferedFile {
  std::string path;  // from the publication's folder
  std::uint64_t bytes = 0;
  std::string hash;  // BLAKE2b-256
};

struct OfferedDelta {
  std::string from;  // hash of the older model's file
  OfferedFile file;
};

struct OfferedModel {
  std::string name;
  OfferedFile file;
  std::string content_hash;                // as `noggin-run --info` shows it
  std::uint32_t layout = 0, numerics = 0;  // what a runtime must read (spec/versions.h)
  std::optional<OfferedFile> certificate;
  std::vector<OfferedDelta> deltas;
};

struct Channel {
  OfferedModel model;
  std::uint32_t rollout = kWholeRollout;  // devices with a bucket below this are offered the model
  std::string salt;                       // of the buckets
  std::optional<OfferedModel> before;     // for devices outside that have no model
};

struct Manifest {
  std::uint64_t serial = 0, created = 0, expires = 0;  // seconds since 1970
  std::optional<PublicKey> successor;                  // may sign from now on
  std::vector<std::string> revoked;                    // content hashes
  std::map<std::string, Channel> channels;

  bool revokes(const std::string& content_hash) const;
};

// kBadData: not as FORMAT.md says. Paths are only strings here: mirror.h checks them.
Result<Manifest> parse_manifest(std::string_view json);
std::string manifest_json(const Manifest& manifest);

// Letters, digits, '.', '_' and '-', 1 to 64 of them: names of channels.
bool is_channel_name(std::string_view name);

// 0 to 9999, evenly spread over devices and independent from one salt to the next: the first eight bytes of
// BLAKE2b-256 of "salt LF device id", little-endian, modulo 10000.
std::uint32_t bucket_of(std::string_view device_id, std::string_view salt);

}  // namespace noggin::update
