// A model on its way from a folder to this device: its bytes, compared with what was signed, and its answers, compared
// with what it promises.
#pragma once

#include <cstdint>
#include <string>

#include "update/manifest.h"
#include "update/mirror.h"
#include "update/refusal.h"
#include "update/state_folder.h"

namespace noggin::update {

struct Candidate {
  KeptModel kept;
  std::uint64_t read_bytes = 0;  // of model or delta
  bool from_delta = false;
  std::string note;  // why an offered delta was not used; empty: it was, or none fits
};

// Writes the model to its place in the state folder, from a delta to a model that this device has, else whole. When
// this returns, it is on disk and its hash is right. Nothing that the record names is changed.
Offer<Candidate> fetch(const Mirror& mirror, const StateFolder& folder, const Record& record,
                       const OfferedModel& offered);

// Opens the file and computes its golden vectors here. Refusals: kFormat, kRuntime, kMixed, kSelfTest.
Offer<Done> prove(const std::string& path, const std::string& content_hash);

// kRuntime if this program cannot read such a model.
Offer<Done> check_versions(const OfferedModel& offered);

}  // namespace noggin::update
