// The backend on a GPU, where there is one; elsewhere, that it says so.
#include "gpu/cuda/cuda_session.h"

#include <gmock/gmock.h>

#include "tests/support/gpu_texts.h"

namespace noggin {
namespace {

using ::testing::HasSubstr;

TEST(CudaSession, WithoutAGpuSaysSo) {
  const Status gpu = gpu::check_gpu();
  if (gpu) GTEST_SKIP() << "not run: this machine has a GPU";
  EXPECT_EQ(gpu.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(gpu.error().message, HasSubstr("Fix: "));
  const test::OpenModel open = test::open_model(test::frozen_model_with_golden(test::engine_config(), 60));
  const Result<gpu::CudaModel> model = gpu::CudaModel::upload(open.model);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().message, gpu.error().message);
}

class OnAGpu : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const Status gpu = gpu::check_gpu(); !gpu) GTEST_SKIP() << "not run on a GPU: " << gpu.error().message;
  }
};

TEST_F(OnAGpu, LogitsHaveTheReferenceBits) {
  std::uint64_t seed = 61;
  for (const spec::ModelConfig& config : test::odd_configs()) {
    const test::OpenModel open = test::open_model(test::frozen_model_with_golden(config, seed++));
    const Result<gpu::CudaModel> model = gpu::CudaModel::upload(open.model);
    ASSERT_TRUE(model) << model.error().message;
    const test::Texts texts = test::random_texts(config, 300, seed);
    const std::vector<std::uint32_t> want = test::bits(test::reference_logits(open.model, texts));
    for (const gpu::BatchCapacity& capacity : {gpu::BatchCapacity{1, 1}, {7, 50}, {1024, 1024 * 19}}) {
      Result<gpu::CudaSession> session = gpu::CudaSession::create(*model, capacity);
      ASSERT_TRUE(session) << session.error().message;
      const auto logits = session->logits(texts.packed());
      ASSERT_TRUE(logits) << logits.error().message;
      EXPECT_EQ(test::bits(*logits), want) << model->gpu() << ", width " << config.encoder.width;
    }
  }
}

TEST_F(OnAGpu, TooMuchMemoryIsAnError) {
  const test::OpenModel open = test::open_model(test::frozen_model_with_golden(test::odd_configs()[3], 62));
  const Result<gpu::CudaModel> model = gpu::CudaModel::upload(open.model);
  ASSERT_TRUE(model) << model.error().message;
  Result<gpu::CudaSession> first = gpu::CudaSession::create(*model);
  ASSERT_TRUE(first) << first.error().message;
  std::vector<gpu::CudaSession> held;
  for (int i = 0; i < 64; ++i) {  // 64 times 8 GB
    Result<gpu::CudaSession> session = gpu::CudaSession::create(*model, {1U << 22, 1U << 22});
    if (session) {
      held.push_back(*std::move(session));
      continue;
    }
    EXPECT_EQ(session.error().code, ErrorCode::kOutOfSpace);
    EXPECT_THAT(session.error().message, HasSubstr("out of device memory"));
    held.clear();
    const std::vector<std::uint32_t> ids = {2, 3}, offsets = {0, 2};
    EXPECT_TRUE(first->logits({ids, offsets})) << "a refused allocation must not hurt other sessions";
    return;
  }
  FAIL() << "no limit found";
}

}  // namespace
}  // namespace noggin
