// Runs this build's `noggin` and `noggin-run` on a tiny recipe over the built-in demo.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/cli_temporary_folder.h"
#include "tests/support/engine_process.h"

namespace noggin::test {

inline ProcessResult noggin(std::vector<std::string> words, const std::string& input = {}) {
  words.insert(words.begin(), NOGGIN_BIN_DIR "/noggin");
  return run_process(std::move(words), input);
}
inline ProcessResult noggin_run(std::vector<std::string> words, const std::string& input = {}) {
  words.insert(words.begin(), NOGGIN_BIN_DIR "/noggin-run");
  return run_process(std::move(words), input);
}

// Seconds of training: all three phases, one small layer. Accuracy does not matter here.
inline std::vector<std::string> tiny_overrides() {
  return {"student={layers: 1, width: 32, heads: 2, ffn_width: 64}",
          "tokenizer.size=600",
          "train.ema=0",
          "train.threads=1",
          "train.precision=fp32",  // runs whose bits are compared must not each choose by measured speed
          "phases=[{kind: distil, epochs: 1}, {kind: prune, epochs: 0.4, removal_epochs: 0.2, ffn_share: 0.5, "
          "heads_share: 0.5}, "
          "{kind: qat, epochs: 0.2, calibration_batches: 2}]",
          "baseline={buckets: 4096, epochs: 1}",
          "static_student.train=false",
          "gates.max_drop_from_float=1"};
}

// `noggin VERB RECIPE <tiny overrides> <more>`.
inline ProcessResult tiny(const std::string& verb, const std::string& recipe, const std::vector<std::string>& more) {
  std::vector<std::string> words = {verb, recipe};
  for (const std::string& word : tiny_overrides()) words.push_back(word);
  words.insert(words.end(), more.begin(), more.end());
  return noggin(std::move(words));
}

}  // namespace noggin::test
