// noggin-run --gpu as a user meets it: on a device where there is one, and with a reason where there is none.
#include <gmock/gmock.h>

#include "streams/json_reader.h"
#include "tests/support/engine_run_tool.h"

namespace noggin {
namespace {

using test::ProcessResult;
using ::testing::AllOf;
using ::testing::HasSubstr;

class NogginRunOnGpu : public test::RunTool {
 protected:
  // Whether --info knows a device that can be used.
  bool has_device() {
    const Result<JsonValue> info = parse_json(run({model_, "--info", "--json"}).output);
    EXPECT_TRUE(info);
    const JsonValue* gpus = info->find("gpus");
    EXPECT_NE(gpus, nullptr);
    return !gpus->items.empty() && gpus->items[0].find("usable")->kind == JsonValue::Kind::kTrue;
  }
};

TEST_F(NogginRunOnGpu, PrintsWhatTheCpuPrints) {
  if (!has_device()) {
    const ProcessResult refused = run({model_, "--gpu"}, "where\n");
    EXPECT_EQ(refused.exit_code, 3);
    EXPECT_EQ(refused.output, "");
    EXPECT_THAT(refused.errors, HasSubstr("Fix: "));
    GTEST_SKIP() << "not run on a GPU: " << refused.errors;
  }
  std::string input;
  for (const std::string& text : test::sample_texts()) input += text + "\n";
  const ProcessResult gpu = run({model_, "--gpu", "--logits"}, input), cpu = run({model_, "--logits"}, input);
  EXPECT_EQ(gpu.exit_code, 0);
  EXPECT_EQ(gpu.errors, cpu.errors);
  EXPECT_EQ(gpu.output, cpu.output);
  EXPECT_THAT(run({model_, "--gpu", "--self-test"}).output, HasSubstr("self-test (vulkan): 6 of 6 golden vectors"));
  EXPECT_THAT(run({model_, "--info"}).output, HasSubstr("GPUs, best first\n  "));
  const ProcessResult unknown = run({model_, "--gpu=no such device"}, input);
  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_THAT(unknown.errors,
              AllOf(HasSubstr("no Vulkan device is called 'no such device'"), HasSubstr("There are: ")));
}

}  // namespace
}  // namespace noggin
