// A finished run of the built-in demo with the tiny recipe, made once for all tests of a suite.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/cli_noggin.h"

namespace noggin::test {

// `Suite` derives from this and has `static std::vector<std::string> options()`, public: those of the run beside --out.
template <typename Suite>
class DemoRun : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_.emplace();
    ASSERT_EQ(noggin({"init", "--demo", demo()}).exit_code, 0);
    std::vector<std::string> options = Suite::options();
    options.insert(options.begin(), {"--out", out()});
    first_ = tiny("run", recipe(), options);
  }
  static void TearDownTestSuite() { folder_.reset(); }
  void SetUp() override { ASSERT_EQ(first_.exit_code, 0) << first_.errors; }

  static std::string demo() { return folder_->file("demo"); }
  static std::string recipe() { return demo() + "/recipe.yaml"; }
  static std::string out() { return folder_->file("run"); }
  // A copy of the finished run, for a test that changes it.
  static std::string copy(const std::string& name) {
    std::filesystem::copy(out(), folder_->file(name), std::filesystem::copy_options::recursive);
    return folder_->file(name);
  }

  inline static std::optional<TemporaryFolder> folder_;
  inline static ProcessResult first_;
};

}  // namespace noggin::test
