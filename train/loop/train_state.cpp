#include "train/loop/train_state.h"

#include "train/run/failure.h"

namespace noggin::train {
namespace {

constexpr const char* kKind = "resume";

std::string importance_name(const char* part, std::size_t layer) {
  return std::string("importance.") + part + "." + std::to_string(layer);
}

}  // namespace

Status save_state(const TrainState& state, const std::string& fingerprint, const std::string& path) {
  Checkpoint checkpoint;
  const std::map<std::string, Tensor> optimizer_state = state.optimizer->state();  // first: it finishes the word table
  checkpoint.meta = {{"kind", kKind},
                     {"fingerprint", fingerprint},
                     {"phase", state.phase},
                     {"phase_step", state.step},
                     {"best_quality", state.best_primary_metric},
                     {"first_quality", state.first_primary_metric},
                     {"best_step", state.best_step},
                     {"precision", precision_name(state.precision)},
                     {"best_cross_entropy", state.best_cross_entropy},
                     {"evaluations_since_best", state.evaluations_since_best},
                     {"loss_sum", state.loss_sum},
                     {"loss_count", state.loss_count},
                     {"last_loss", state.last_loss},
                     {"has_importance", state.importance != nullptr}};
  put_student(state.student, "student.", checkpoint);
  put_student(state.best, "best.", checkpoint);
  for (const auto& [name, tensor] : optimizer_state) checkpoint.tensors["optimizer." + name] = tensor;
  if (state.importance) {
    for (std::size_t i = 0; i < state.importance->heads.size(); ++i) {
      checkpoint.tensors[importance_name("heads", i)] = state.importance->heads[i];
      checkpoint.tensors[importance_name("neurons", i)] = state.importance->neurons[i];
    }
  }
  return write_checkpoint(checkpoint, path);
}

LoadedState load_state(const std::string& path, torch::Device device) try {
  const Checkpoint checkpoint = value_or_throw(read_checkpoint(path));
  if (checkpoint.meta.value("kind", "") != kKind) {
    throw Failure(ExitCode::kBadData,
                  path + ": is not a resume checkpoint. Fix: give the run's checkpoints/resume.ckpt");
  }
  LoadedState loaded;
  TrainState& state = loaded.state;
  loaded.fingerprint = checkpoint.meta.at("fingerprint");
  state.phase = checkpoint.meta.at("phase");
  state.step = checkpoint.meta.at("phase_step");
  state.best_primary_metric = checkpoint.meta.at("best_quality");
  state.first_primary_metric = checkpoint.meta.at("first_quality");
  state.best_step = checkpoint.meta.at("best_step");
  state.precision = precision_from_name(checkpoint.meta.at("precision"));
  state.evaluations_since_best = checkpoint.meta.at("evaluations_since_best");
  state.best_cross_entropy = checkpoint.meta.at("best_cross_entropy");
  state.loss_sum = checkpoint.meta.at("loss_sum");
  state.loss_count = checkpoint.meta.at("loss_count");
  state.last_loss = checkpoint.meta.at("last_loss");
  state.student = copy_student(take_student(checkpoint, "student."), device);
  state.best = copy_student(take_student(checkpoint, "best."), device);
  if (checkpoint.meta.at("has_importance").get<bool>()) {
    state.importance = std::make_unique<ImportanceScores>(state.student);
    for (std::size_t i = 0; i < state.importance->heads.size(); ++i) {
      state.importance->heads[i] = checkpoint.tensors.at(importance_name("heads", i)).clone();
      state.importance->neurons[i] = checkpoint.tensors.at(importance_name("neurons", i)).clone();
    }
  }
  constexpr std::string_view kPrefix = "optimizer.";
  for (const auto& [name, tensor] : checkpoint.tensors) {
    if (name.starts_with(kPrefix)) loaded.optimizer_state[name.substr(kPrefix.size())] = tensor;
  }
  return loaded;
} catch (const Failure&) {
  throw;
} catch (const std::exception&) {  // a missing part
  throw Failure(ExitCode::kBadData, path +
                                        ": lacks a part, so it was saved by another version. Fix: continue with that "
                                        "version, or start over with --force");
}

}  // namespace noggin::train
