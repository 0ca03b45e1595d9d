// Which stages of a run are done: a stage is skipped when its inputs (files and settings) are the same as last time and
// its outputs are still there unchanged. Stored in stages.json, in readable form.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "train/run/file_hash.h"

namespace noggin::train {

struct StageInputs {
  std::vector<std::string> files;  // read by the stage; order matters
  std::string settings;            // everything else that changes its outputs: recipe keys, versions
};

class StageCache {
 public:
  // Reads `path` if it exists; a damaged file counts as empty, and damage() says why. Outputs are stored relative to
  // `folder`, so that a run can be moved.
  StageCache(std::string path, std::string folder);

  // One hash over all inputs. Throws Failure when a file cannot be read.
  static std::uint64_t key(const std::string& stage, const StageInputs& inputs);

  bool empty() const { return stages_.empty(); }  // no stage is recorded
  const std::string& damage() const {
    return damage_;
  }  // why the file could not be used; empty: it could, or is absent
  bool is_current(const std::string& stage, std::uint64_t key) const;
  // Writes stages.json atomically. Throws Failure when an output is missing.
  void record(const std::string& stage, std::uint64_t key, const std::vector<std::string>& outputs, double seconds);
  // Removes the record of a stage whose outputs are about to change. Writes stages.json atomically.
  void forget(const std::string& stage);
  // Throws Failure (kBadData), naming the file, unless the stage is recorded and each of these files is one of its
  // outputs, unchanged. For whoever reads what a stage has written.
  void check(const std::string& stage, const std::vector<std::string>& files) const;
  // The same for one file, if it is an output of any stage; else it is not judged.
  void check_if_recorded(const std::string& file) const;
  // Throws Failure (kBadData) unless these are exactly the outputs of the stage, by name; does not read them.
  void check_names(const std::string& stage, const std::vector<std::string>& files) const;
  // Paths of the recorded outputs of a stage.
  std::vector<std::string> outputs(const std::string& stage) const;

 private:
  struct Stage {
    std::uint64_t key = 0;
    double seconds = 0.0;
    std::vector<std::pair<std::string, std::uint64_t>> outputs;  // name relative to folder_, hash
  };
  void read();
  void save() const;
  const Stage& recorded(const std::string& stage) const;
  std::string name_of(const std::string& path) const;

  std::string path_, folder_, damage_;
  std::map<std::string, Stage> stages_;
};

}  // namespace noggin::train
