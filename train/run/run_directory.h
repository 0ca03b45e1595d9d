// The folder of one run: its layout, and which run may write to it.
//
//   recipe.yaml            as given               log.txt         every message
//   recipe.resolved.yaml   every key, absolute    metrics.jsonl   one object per evaluation
//   env.json               versions, machine      stages.json     which stages are done (stage_cache.h)
//   data/                  shards, vocabulary, quarantine files
//   checkpoints/           resumable states and finished students
//   export/                model.nog, model.onnx, parity.jsonl
#pragma once

#include <string>

#include "train/recipe/recipe.h"

namespace noggin::train {

class RunDirectory {
 public:
  // Creates the folder, or opens one of the same run: its recipe differs at most in what neither ingest nor training
  // depends on (stage_sections.h), or it has finished no stage and holds no checkpoint. Throws Failure (kOutput) and
  // changes nothing when the folder holds something else and `force` is false, or when it is not writable. With
  // `force`, stages overwrite files one by one; nothing is deleted.
  static RunDirectory open(const std::string& path, const Recipe& recipe, bool force);
  // Throws the Failure that open() would throw, without changing anything.
  static void check_free(const std::string& path, const Recipe& recipe, bool force);
  // An existing run, for reading. Throws Failure (kBadData) when `path` is not a run directory.
  static RunDirectory existing(const std::string& path);
  // Whether a folder is a run directory.
  static bool is_run(const std::string& path);

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string recipe() const { return file("recipe.yaml"); }
  std::string resolved_recipe() const { return file("recipe.resolved.yaml"); }
  std::string environment() const { return file("env.json"); }
  std::string log() const { return file("log.txt"); }
  std::string metrics() const { return file("metrics.jsonl"); }
  std::string stages() const { return file("stages.json"); }
  std::string data() const { return file("data"); }
  std::string checkpoints() const { return file("checkpoints"); }
  std::string exports() const { return file("export"); }

  // False when the folder was created by another recipe and taken over by force: its contents must not be resumed.
  bool resumable() const { return resumable_; }

 private:
  explicit RunDirectory(std::string path) : path_(std::move(path)) {}
  void create(const Recipe& recipe);

  std::string path_;
  bool resumable_ = true;
};

}  // namespace noggin::train
