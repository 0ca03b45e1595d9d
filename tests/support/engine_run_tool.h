// This build's `noggin-run` with a small model of its own, as a user meets it: a process with pipes and an exit code.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/engine_model.h"
#include "tests/support/engine_process.h"

namespace noggin::test {

class RunTool : public ::testing::Test {
 protected:
  RunTool()
      : frozen_(frozen_model_with_golden(engine_config(), 41)),
        open_(open_model(frozen_)),
        session_(*Session::create(open_.model)) {
    const std::vector<std::byte> bytes = serialized(frozen_);
    model_ = folder_.write("model.nog", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }

  static std::vector<std::string> command(std::vector<std::string> words) {
    words.insert(words.begin(), std::string(NOGGIN_BIN_DIR) + "/noggin-run");
    return words;
  }
  ProcessResult run(std::vector<std::string> words, const std::string& input = {}) {
    return run_process(command(std::move(words)), input);
  }
  std::string label_of(std::string_view text) {
    return std::string(open_.model.labels()[session_.classify(text)->label]);
  }

  TestFolder folder_;
  format::FrozenModel frozen_;
  OpenModel open_;
  Session session_;
  std::string model_;
};

}  // namespace noggin::test
