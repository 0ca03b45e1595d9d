// Writes a folder that any file server can offer and that devices take updates from (runtime/update/FORMAT.md): models,
// deltas from earlier ones, certificates, and signed manifests with rising serial numbers. `noggin publish` and
// `noggin nightly` call this.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "noggin/result.h"

namespace noggin::publish {

struct PublishRequest {
  std::string model;        // a .nog file; one named *.rejected.nog is refused
  std::string folder;       // made when it is missing
  std::string key;          // secret key file
  std::string password;     // of that key; ignored if it has none
  std::string name;         // in manifest and trusted comment; empty: the model's file name without .nog
  std::string certificate;  // file to keep beside the model; empty: certificate.json beside the model, if there is one
  std::string channel = "stable";
  double rollout = 100.0;  // percent of the channel's devices
  std::uint32_t expires_days = 30;
  std::vector<std::string> revoke;  // content hashes (noggin-run --info) that no device may run any more
  std::string successor;            // public key (file or base64 line) that signs from the next publication on
  std::int64_t now = 0;             // seconds since 1970; 0: the system's clock
};

struct PublishedDelta {
  std::string from;         // content hash of the older model
  std::uint64_t bytes = 0;  // of the delta that was made
  std::string method;       // "typed" or "dictionary"
  bool offered = false;     // it is below kDeltaShare of the full file
};

struct Publication {
  std::uint64_t serial = 0;
  std::string manifest;      // path of the manifest; its signature is <manifest>.minisig
  std::string model;         // path of the model in the folder
  std::string content_hash;  // 16 hexadecimal digits
  std::uint64_t bytes = 0;   // of the model
  std::string key;           // id of the key that has signed
  std::vector<PublishedDelta> deltas;
};

// A delta is offered when it is smaller than this share of the full file.
inline constexpr double kDeltaShare = 0.6;

// Publishes, or raises the rollout of a model that the channel offers already. Nothing that devices see changes until
// all is on disk; then one file, <folder>/latest, is replaced: a kill at any moment leaves the publication before or
// this one, and the same call again completes it. Waits up to ten seconds for another publisher, then kIo.
// Errors: kInvalidArgument (a value of the request), kNotFound, kCorrupt (model, key, folder), kUnsupported (the key is
// not the one that the folder is signed with, nor its successor), kExists (the model was rejected or withdrawn), kIo
// and kOutOfSpace (writing).
Result<Publication> publish(const PublishRequest& request);

}  // namespace noggin::publish
