// What a training keeps in checkpoints/ to go on from: resume.ckpt, the generation before it, and finished phases. A
// state carries the fingerprint of its training, a finished phase that of the training up to it, and each is judged by
// it alone. What belongs to another training, or is damaged, is moved into a folder of its own and named, never
// overwritten; only `discard` deletes. Finished phases at the beginning of a recipe that has changed further on are the
// bytes that this training would write, so it goes on after them.
//
//   resume.ckpt            the newest state           0-distil.ckpt, ...   the student of each finished phase
//   resume.previous.ckpt   the one before             aside-1/, ...        what was moved away
//   start.ckpt             what init.from gave the first phase, as it took it
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace noggin::train {

inline constexpr const char* kStartFile = "start.ckpt";

// Two hashes, so that a mismatch can say what differs. Of settings: the keys of the recipe that change results; of
// data: everything else that training reads. Written as "settings-data", 16 hexadecimal digits each.
struct TrainingFingerprint {
  std::uint64_t settings = 0, data = 0;
  std::string text() const;
};

// The student of a finished phase: its file's name, and the fingerprint of the training up to and including it.
struct PhaseFile {
  std::string name;
  TrainingFingerprint fingerprint;
};

// Where a training begins.
struct TrainingStart {
  bool from_state = false;      // newest() is a whole state of this training
  std::size_t phases_done = 0;  // otherwise: so many phases are finished, and nothing else is there
};

// For one process: in a group, rank 0's. Throws Failure (kOutput, kOutOfSpace) where a file cannot be moved or removed.
class ResumeFiles {
 public:
  // `folder`: checkpoints/ of a run. `phases`: those of its recipe, in order, at least one; the last one's fingerprint
  // is that of the training. `warn` is told of everything that is unusual, with the names of the files.
  ResumeFiles(std::string folder, std::vector<PhaseFile> phases, std::function<void(const std::string&)> warn);

  std::string newest() const;    // path of resume.ckpt
  std::string previous() const;  // path of resume.previous.ckpt
  std::string phase(std::size_t index) const;
  std::string start() const;  // path of start.ckpt; there only with init.from

  // Whether every phase of this training is finished and nothing is left to go on with.
  bool finished() const;
  // Before the first step, unless finished(). A damaged state has been replaced by the previous one. `most_phases`: how
  // many finished phases a start without a state may use. Throws Failure (kBadData) when there are only damaged states:
  // to start over is for `discard`.
  TrainingStart prepare(std::size_t most_phases);
  // After prepare() found no state: copies the phases from `done` on that `other`, checkpoints/ of another run, has
  // finished alike, up to most_phases. Returns how many are finished now. Throws Failure (kBadData) if there are none.
  std::size_t adopt(const std::string& other, std::size_t done, std::size_t most_phases);
  // Deletes states and finished phases of whatever training. If they are another one's, finished phases at the
  // beginning that this one has in common with it stay.
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
  bool is_finished(const std::string& folder, std::size_t phase) const;
  std::size_t phases_in_common(const std::string& folder) const;
  std::string difference(const std::string& fingerprint, const TrainingFingerprint& ours) const;
  std::vector<std::string> kept_files() const;
  std::string move_aside(const std::vector<std::string>& names);
  std::string owner_of(const std::vector<std::string>& names) const;
  TrainingStart start_after(std::size_t phases);

  std::string folder_;
  std::vector<PhaseFile> phases_;
  std::function<void(const std::string&)> warn_;
};

}  // namespace noggin::train
