#include "train/loop/metrics_log.h"

namespace noggin::train {

nlohmann::ordered_json to_json(const SetMetrics& metrics) {
  return {{"rows", metrics.rows},
          {"quality", metrics.primary_metric},
          {"accuracy", metrics.accuracy},
          {"in_scope_rows", metrics.in_scope_rows},
          {"in_scope_accuracy", metrics.in_scope_accuracy},
          {"none_rows", metrics.none_rows},
          {"none_recall", metrics.none_recall},
          {"macro_f1", metrics.macro_f1},
          {"cross_entropy", metrics.cross_entropy}};
}

SetMetrics metrics_from_json(const nlohmann::ordered_json& json) {
  SetMetrics metrics;
  metrics.rows = json.at("rows");
  metrics.primary_metric = json.at("quality");
  metrics.accuracy = json.at("accuracy");
  metrics.in_scope_rows = json.at("in_scope_rows");
  metrics.in_scope_accuracy = json.at("in_scope_accuracy");
  metrics.none_rows = json.at("none_rows");
  metrics.none_recall = json.at("none_recall");
  metrics.macro_f1 = json.at("macro_f1");
  metrics.cross_entropy = json.at("cross_entropy");
  return metrics;
}

}  // namespace noggin::train
