// Whole models on a device, against the engine with the reference kernels.
#include <gmock/gmock.h>

#include <thread>

#include "tests/support/gpu_texts.h"
#include "tests/support/gpu_vulkan.h"

namespace noggin {
namespace {

using test::OpenModel;
using test::Texts;
using ::testing::HasSubstr;

class VulkanSession : public test::OnVulkan {};

std::vector<std::uint32_t> lengths_of(const Texts& texts) {
  std::vector<std::uint32_t> lengths;
  for (std::size_t b = 1; b < texts.offsets.size(); ++b) lengths.push_back(texts.offsets[b] - texts.offsets[b - 1]);
  return lengths;
}

std::vector<std::uint32_t> logit_bits(Session& session, const Texts& texts, std::size_t count) {
  std::vector<float> logits(count);
  const Status status = session.logits_batch(texts.ids, lengths_of(texts), logits);
  EXPECT_TRUE(status) << (status ? "" : status.error().message);
  return test::bits(logits);
}

TEST_F(VulkanSession, GivesTheReferenceBitsForEveryModelAndBatch) {
  std::uint64_t seed = 40;
  for (const spec::ModelConfig& config : test::odd_configs()) {
    const OpenModel open = test::open_model(test::frozen_model_with_golden(config, seed++));
    const Texts texts = test::random_texts(config, 40, seed);
    const std::vector<std::uint32_t> want = test::bits(test::reference_logits(open.model, texts));
    for (const GpuOptions& options : {GpuOptions{}, GpuOptions{.batch_tokens = 1, .batch_texts = 5}}) {
      const Result<GpuModel> gpu = GpuModel::open(open.model, options, test::watched());
      ASSERT_TRUE(gpu) << gpu.error().message;
      Result<Session> session = gpu->session();
      ASSERT_TRUE(session) << session.error().message;
      for (int again = 0; again < 2; ++again) {  // what a pass left behind does not matter
        EXPECT_EQ(logit_bits(*session, texts, want.size()), want) << "width " << config.encoder.width;
      }
      EXPECT_TRUE(gpu->failure()) << gpu->failure().error().message;
      EXPECT_STREQ(session->kernel_set(), "vulkan");
    }
  }
}

}  // namespace
}  // namespace noggin
