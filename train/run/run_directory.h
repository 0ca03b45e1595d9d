// The folder of one run: its layout (train/README.md has a table of all files), and which run may write to it.
//
//   recipe.yaml            as given               log.txt         every message
//   recipe.resolved.yaml   every key, absolute    metrics.jsonl   one object per evaluation
//   env.json               versions, machine      stages.json     which stages are done (stage_cache.h)
//   data/                  shards, vocabulary, quarantine files
//   file_hashes.jsonl      hashes of large files (file_hash.h)
//   checkpoints/           resumable states and finished students
//   export/                model.nog, model.onnx, parity.jsonl
//   run.lock               who writes here (run_lock.h)
#pragma once

#include <optional>
#include <string>

#include "train/recipe/recipe.h"
#include "train/run/run_lock.h"

namespace noggin::train {

class RunDirectory {
 public:
  // Creates the folder, or opens one of the same run, and locks it for `verb` as long as the object lives. The same
  // run: its recipe differs at most in what neither ingest nor training depends on (stage_sections.h), or it has
  // finished no stage and holds no checkpoint. Temporary files that killed processes left in it are removed. Throws
  // Failure (kOutput) and changes nothing when the folder holds something else and `force` is false, when another
  // process writes to it, or when it is not writable. With `force`, stages overwrite files one by one.
  static RunDirectory open(const std::string& path, const Recipe& recipe, bool force, const std::string& verb);
  // Throws the Failure that open() would throw, without changing anything or looking at the lock.
  static void check_free(const std::string& path, const Recipe& recipe, bool force);
  // An existing run, for reading. Throws Failure (kBadData) when `path` is not a run directory.
  static RunDirectory existing(const std::string& path);
  // The same, locked for `verb` as open() does: for writing.
  static RunDirectory existing_to_write(const std::string& path, const std::string& verb);
  // Whether a folder is a run directory that can be read.
  static bool is_run(const std::string& path);

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string recipe() const { return file("recipe.yaml"); }
  std::string resolved_recipe() const { return file("recipe.resolved.yaml"); }
  std::string environment() const { return file("env.json"); }
  std::string log() const { return file("log.txt"); }
  std::string metrics() const { return file("metrics.jsonl"); }
  std::string stages() const { return file("stages.json"); }
  std::string file_hashes() const { return file("file_hashes.jsonl"); }
  std::string data() const { return file("data"); }
  std::string checkpoints() const { return file("checkpoints"); }
  std::string exports() const { return file("export"); }

  std::string results() const { return file("results.json"); }
  std::string certificate() const { return exports() + "/certificate.json"; }

  // Why the file system has no locks; empty: it has, or this object is for reading.
  std::string lock_obstacle() const { return lock_ ? lock_->obstacle() : std::string(); }
  // Temporary files of killed processes that open() has removed.
  std::size_t removed_temporaries() const { return removed_temporaries_; }

 private:
  explicit RunDirectory(std::string path) : path_(std::move(path)) {}
  void create_folder(const std::string& folder) const;
  void lock(const std::string& verb);
  void create(const Recipe& recipe);

  std::string path_;
  std::optional<RunLock> lock_;
  std::size_t removed_temporaries_ = 0;
};

}  // namespace noggin::train
