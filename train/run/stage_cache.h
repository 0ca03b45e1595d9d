// Which stages of a run are done: a stage is skipped when its inputs (files and settings) are the same as last time and
// its outputs are still there unchanged. Stored in stages.json, in readable form.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace noggin::train {

// XXH3-64 of a file's bytes. Throws Failure (kBadData) when it cannot be read.
std::uint64_t hash_file(const std::string& path);

struct StageInputs {
  std::vector<std::string> files;  // read by the stage; order matters
  std::string settings;            // everything else that changes its outputs: recipe keys, versions
};

class StageCache {
 public:
  // Reads `path` if it exists; a damaged file counts as empty. Outputs are stored relative to `folder`, so that a run
  // can be moved.
  StageCache(std::string path, std::string folder);

  // One hash over all inputs. Throws Failure when a file cannot be read.
  static std::uint64_t key(const std::string& stage, const StageInputs& inputs);

  bool empty() const { return stages_.empty(); }  // no stage is recorded
  bool is_current(const std::string& stage, std::uint64_t key) const;
  // Writes stages.json atomically. Throws Failure when an output is missing.
  void record(const std::string& stage, std::uint64_t key, const std::vector<std::string>& outputs, double seconds);
  // Paths of the recorded outputs of a stage.
  std::vector<std::string> outputs(const std::string& stage) const;

 private:
  struct Stage {
    std::uint64_t key = 0;
    double seconds = 0.0;
    std::vector<std::pair<std::string, std::uint64_t>> outputs;  // name relative to folder_, hash
  };
  void save() const;

  std::string path_, folder_;
  std::map<std::string, Stage> stages_;
};

}  // namespace noggin::train
