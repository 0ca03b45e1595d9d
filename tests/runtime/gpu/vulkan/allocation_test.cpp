// After a session is made, answering on a GPU takes no memory from our side. operator new is counted, on the thread
// that asks: what a driver takes by malloc or on its own threads is its own affair.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "tests/support/gpu_texts.h"
#include "tests/support/gpu_vulkan.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {
thread_local bool counting_new = false;
thread_local std::size_t news = 0;
}  // namespace

void* operator new(std::size_t bytes) {
  if (counting_new) ++news;
  if (void* const block = std::malloc(bytes == 0 ? 1 : bytes)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace noggin {
namespace {

TEST(VulkanAllocation, AnsweringTakesNone) {
  const test::OpenModel open = test::open_model(test::frozen_model_with_golden(test::engine_config(), 80));
  const Result<GpuModel> gpu = GpuModel::open(open.model);  // unwatched: the validation layer takes memory
  if (!gpu) GTEST_SKIP() << "not run on a GPU: " << gpu.error().message;
  Result<Session> session = gpu->session();
  ASSERT_TRUE(session) << session.error().message;
  const test::Texts texts = test::random_texts(test::engine_config(), 30, 81);
  std::vector<std::uint32_t> lengths;
  for (std::size_t b = 1; b < texts.offsets.size(); ++b) lengths.push_back(texts.offsets[b] - texts.offsets[b - 1]);
  std::vector<float> logits(lengths.size() * open.model.labels().size());
  bool answered = true;
  news = 0;
  counting_new = true;
  delete new volatile int(1);
  for (int pass = 0; pass < 3; ++pass) {
    answered = answered && session->logits_batch(texts.ids, lengths, logits) && session->classify("where is my parcel");
  }
  counting_new = false;
  EXPECT_TRUE(answered);
  EXPECT_TRUE(gpu->failure());
  EXPECT_EQ(news, 1U) << "but for the one that shows that they are counted";
}

}  // namespace
}  // namespace noggin

#endif
