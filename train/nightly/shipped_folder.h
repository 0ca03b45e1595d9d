// The folder of `noggin nightly --shipped`: what is shipped, and the nights that led there.
//
//   run.lock        who works here
//   data/           rows of all logs as ingest has read them; every night adds what is new
//   night/          the night in progress, a run directory: whoever is killed goes on there
//   nights/0007/    a finished night, whole or absent: its summary, comparison and model
//   current         link to the night whose model is shipped; a model.nog in the folder itself counts until there is
// one
//   summary.json, metrics.prom    the last call, whatever came of it
//
// A night is put together under another name, flushed to disk and renamed; then `current` is replaced by a rename. A
// process killed between the two leaves a night whose summary says "shipped": the next one replaces the link.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "train/run/run_lock.h"

namespace noggin::train {

using Json = nlohmann::ordered_json;

class ShippedFolder {
 public:
  // Creates the folder if it is absent, locks it, and finishes what a killed process left. Throws Failure (kOutput).
  explicit ShippedFolder(const std::string& path);

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string night() const { return file("night"); }  // in progress

  // The shipped model, or "" if nothing is shipped yet; and the checkpoint to go on from, or "".
  std::string model() const;
  std::string start() const;
  std::string current() const;  // the folder of the night that is shipped, or ""
  // The summary of the last finished night; nothing if there is none. Throws Failure (kBadData) for one that cannot be
  // read.
  std::optional<Json> last_night() const;
  std::uint32_t next_number() const;
  std::string folder_of(std::uint32_t number) const;  // nights/0007

  struct NightFile {
    std::string from, name;  // "name": in the night's folder
  };
  // Makes nights/<number> of these files (those that are absent are left out) and of texts, and with `ship` makes it
  // the current one. Removes night/. Throws Failure (kOutput, kOutOfSpace); what was shipped before is then still.
  void finish(std::uint32_t number, const std::vector<NightFile>& files,
              const std::vector<std::pair<std::string, std::string>>& texts, bool ship);
  // Removes all finished nights but the newest `count` and the one that is shipped.
  void keep_newest(std::uint32_t count) const;
  // Removes night/.
  void drop_night() const;

 private:
  std::vector<std::uint32_t> numbers() const;  // of finished nights, ascending
  void make_current(std::uint32_t number) const;
  void recover() const;

  std::string path_;
  std::optional<RunLock> lock_;
};

}  // namespace noggin::train
