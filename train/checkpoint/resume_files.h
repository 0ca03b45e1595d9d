// What a training keeps in checkpoints/ to go on from: resume.ckpt, the generation before it, and finished phases.
// Each carries the fingerprint of its training and is judged by it alone: what belongs to another training, or is
// damaged, is moved into a folder of its own and named, never overwritten. Only `discard` deletes.
//
//   resume.ckpt            the newest state           0-distil.ckpt, ...   the student of each finished phase
//   resume.previous.ckpt   the one before             aside-1/, ...        what was moved away
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace noggin::train {

// Two hashes, so that a mismatch can say what differs. Of settings: the keys of the recipe that change results; of
// data: everything else that training reads. Written as "settings-data", 16 hexadecimal digits each.
struct TrainingFingerprint {
  std::uint64_t settings = 0, data = 0;
  std::string text() const;
};

// For one process: in a group, rank 0's. Throws Failure (kOutput, kOutOfSpace) where a file cannot be moved or removed.
class ResumeFiles {
 public:
  // `folder`: checkpoints/ of a run. `phases`: file names of its finished phases, in order. `warn` is told of
  // everything that is unusual, with the names of the files.
  ResumeFiles(std::string folder, std::vector<std::string> phases, TrainingFingerprint fingerprint,
              std::function<void(const std::string&)> warn);

  std::string newest() const;    // path of resume.ckpt
  std::string previous() const;  // path of resume.previous.ckpt
  std::string phase(std::size_t index) const;

  // Whether every phase of this training is finished and nothing is left to go on with.
  bool finished() const;
  // Before the first step, unless finished(): true if newest() now is a whole state of this training. A damaged one has
  // been replaced by the previous. False: nothing is there any more, and training starts at its first step. Throws
  // Failure (kBadData) when there are only damaged states: to start over is for `discard`.
  bool prepare();
  // Deletes states and finished phases of whatever training.
  void discard();
  // Before a new state is written to newest(): the old one becomes the previous one.
  void rotate();
  // After the last phase.
  void remove_states();

 private:
  enum class Verdict { kAbsent, kOurs, kOther, kDamaged };
  struct Judgement {
    Verdict verdict = Verdict::kAbsent;
    std::string what;  // kOther: whose it is and how far it came; kDamaged: why
  };
  Judgement judge_state(const std::string& path) const;
  std::string difference(const std::string& fingerprint) const;
  std::vector<std::string> kept_files() const;
  std::string move_aside(const std::vector<std::string>& names);
  bool start_over();

  std::string folder_;
  std::vector<std::string> phases_;
  TrainingFingerprint fingerprint_;
  std::function<void(const std::string&)> warn_;
};

}  // namespace noggin::train
