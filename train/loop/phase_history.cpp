#include "train/loop/phase_history.h"

#include "train/loop/metrics_log.h"

namespace noggin::train {

nlohmann::ordered_json phase_history(const std::string& recipe, const std::string& fingerprint,
                                     const PhaseResult& result, const std::string& precision) {
  return {{"recipe", recipe},
          {"fingerprint", fingerprint},
          {"phase", result.phase},
          {"dev", to_json(result.dev)},
          {"first_quality", result.first_primary_metric},
          {"loss", result.loss},
          {"steps", result.steps},
          {"best_step", result.best_step},
          {"precision", precision}};
}

PhaseResult phase_result(const nlohmann::ordered_json& history, const std::string& checkpoint) {
  PhaseResult result;
  result.phase = history.at("phase");
  result.dev = metrics_from_json(history.at("dev"));
  result.first_primary_metric = history.at("first_quality");
  result.loss = history.at("loss");
  result.steps = history.at("steps");
  result.best_step = history.at("best_step");
  result.checkpoint = checkpoint;
  return result;
}

}  // namespace noggin::train
