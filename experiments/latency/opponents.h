// The forms in which ONNX Runtime runs a model here: files of make_models and make_opponents.py, each with settings.
#pragma once

#include <string>
#include <vector>

#include "experiments/latency/bench_models.h"
#include "export/onnx_runtime/onnx_runtime.h"

namespace noggin::latency {

struct Variant {
  std::string name;  // as printed: file, level where it is not "all", +setting, -optimizer
  std::string file;  // FOLDER/<model>.<file>.onnx
  exporter::OnnxRuntimeOptions options;
  bool counted = true;        // else for information: float arithmetic, and graphs that none of its tools makes
  bool masked = true;         // a graph without mask can only take texts of one length: used at batch 1
  bool same_numbers = false;  // the integers of the .nog file: its logits are compared with Noggin's
};

// All of them, or, when `quick`, the ones that have been fastest somewhere. exact: sums of products do not saturate on
// a processor without VNNI, which costs up to 2.6 times the time there; elsewhere they never do.
std::vector<Variant> variants(bool quick, bool exact);

}  // namespace noggin::latency
