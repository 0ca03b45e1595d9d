// Whole models on a device, against the engine with the reference kernels.
#include <gmock/gmock.h>

#include <optional>
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

// A session on the device, and what it is on.
struct OnDevice {
  GpuModel gpu;
  Session session;
};

OnDevice open_on_device(const Model& model, const GpuOptions& options = {}) {
  Result<GpuModel> gpu = GpuModel::open(model, options, test::watched());
  EXPECT_TRUE(gpu) << (gpu ? "" : gpu.error().message);
  Result<Session> session = gpu->session();
  EXPECT_TRUE(session) << (session ? "" : session.error().message);
  return {*std::move(gpu), *std::move(session)};
}

void expect_no_failure(const GpuModel& gpu) {
  const Status status = gpu.failure();
  EXPECT_TRUE(status) << (status ? "" : status.error().message);
}

TEST_F(VulkanSession, GivesTheReferenceBitsForEveryModel) {
  std::uint64_t seed = 40;
  for (const spec::ModelConfig& config : test::odd_configs()) {
    const OpenModel open = test::open_model(test::frozen_model_with_golden(config, seed++));
    const Texts texts = test::random_texts(config, 40, seed);
    const std::vector<std::uint32_t> want = test::bits(test::reference_logits(open.model, texts));
    OnDevice device = open_on_device(open.model);
    for (int again = 0; again < 2; ++again) {  // what a pass left behind does not matter
      EXPECT_EQ(logit_bits(device.session, texts, want.size()), want) << "width " << config.encoder.width;
    }
    EXPECT_STREQ(device.session.kernel_set(), "vulkan");
    expect_no_failure(device.gpu);
  }
}

TEST_F(VulkanSession, HowTextsAreDividedIntoPassesDoesNotShow) {
  const OpenModel open = test::open_model(test::frozen_model_with_golden(test::engine_config(), 50));
  const Texts texts = test::random_texts(test::engine_config(), 60, 51);
  const std::vector<std::uint32_t> want = test::bits(test::reference_logits(open.model, texts));
  for (const auto& [tokens, count] : std::vector<std::pair<std::size_t, std::size_t>>{{1, 1}, {50, 7}, {4096, 60}}) {
    OnDevice device = open_on_device(open.model, {.batch_tokens = tokens, .batch_texts = count});
    EXPECT_EQ(logit_bits(device.session, texts, want.size()), want) << tokens << " tokens, " << count << " texts";
    expect_no_failure(device.gpu);
  }
}

// One text of the longest length that the format knows, and one token.
TEST_F(VulkanSession, TextsOf4096Tokens) {
  spec::ModelConfig config = test::engine_config();
  config.max_tokens = spec::kMaxTokens;
  config.encoder.layers = {{1, 24}};
  const OpenModel open = test::open_model(test::frozen_model_with_golden(config, 52));
  Texts texts;
  test::Random random(53);
  for (const std::uint32_t tokens : {spec::kMaxTokens, 1U, 33U}) {
    for (std::uint32_t t = 0; t < tokens; ++t) {
      texts.ids.push_back(static_cast<std::uint32_t>(random.below(config.vocabulary_size)));
    }
    texts.offsets.push_back(static_cast<std::uint32_t>(texts.ids.size()));
  }
  std::vector<float> want;
  Result<Session> cpu = Session::create(open.model);
  for (std::size_t b = 0; b + 1 < texts.offsets.size(); ++b) {
    const auto logits =
        cpu->logits(std::span(texts.ids).subspan(texts.offsets[b], texts.offsets[b + 1] - texts.offsets[b]));
    ASSERT_TRUE(logits) << logits.error().message;
    want.insert(want.end(), logits->begin(), logits->end());
  }
  OnDevice device = open_on_device(open.model);
  EXPECT_EQ(logit_bits(device.session, texts, want.size()), test::bits(want));
  expect_no_failure(device.gpu);
}

TEST_F(VulkanSession, AThousandTextsInOnePassAndNone) {
  const OpenModel open = test::open_model(test::frozen_model_with_golden(test::engine_config(), 54));
  const Texts texts = test::random_texts(test::engine_config(), 1000, 55);
  const std::vector<std::uint32_t> want = test::bits(test::reference_logits(open.model, texts));
  OnDevice device = open_on_device(open.model, {.batch_tokens = 1000 * 19});
  EXPECT_EQ(logit_bits(device.session, texts, want.size()), want);
  EXPECT_EQ(logit_bits(device.session, Texts{}, 0), std::vector<std::uint32_t>{});
  EXPECT_TRUE(device.session.classify_batch({}, {}));
  expect_no_failure(device.gpu);
}

// Subnormal, zero and huge values in LayerNorm's parameters and the smallest scales: what a device that flushes
// subnormals would get wrong.
TEST_F(VulkanSession, SubnormalsAreKept) {
  for (const float tiny : {0x1p-149F, 0x1.8p-127F, 0x1p-126F, 0x1p-100F, 0.0F}) {
    format::FrozenModel frozen = test::random_frozen_model(test::engine_config(), 56, 0);
    frozen.tokenizer = tests::tiny_tokenizer(frozen.config.vocabulary_size);
    std::size_t changed = 0;
    for (auto& [name, tensor] : frozen.tensors) {
      const bool norm = name.ends_with("gamma") || name.ends_with("beta");
      for (std::size_t i = 0; norm && i < tensor.floats.size(); ++i, ++changed) {
        if (i % 3 != 0) tensor.floats[i] *= i % 2 == 0 ? tiny : tiny * 0x1p20F;
      }
    }
    ASSERT_GT(changed, 100U);
    const OpenModel open = test::open_model(frozen);
    const Texts texts = test::random_texts(frozen.config, 30, 57);
    const std::vector<std::uint32_t> want = test::bits(test::reference_logits(open.model, texts));
    OnDevice device = open_on_device(open.model);
    EXPECT_EQ(logit_bits(device.session, texts, want.size()), want) << tiny;
    expect_no_failure(device.gpu);
  }
}

PFN_vkGetPhysicalDeviceProperties2 g_properties = nullptr;

// The same shaders with the device's own product of four int8, which is used only where it is accelerated: here a
// device that has it is made to say that it is.
TEST_F(VulkanSession, PackedDotProductsGiveTheSame) {
  gpu::InstanceOptions instance = test::watched();
  instance.replace_functions = [](gpu::Functions& vulkan) {
    g_properties = vulkan.GetPhysicalDeviceProperties2;
    vulkan.GetPhysicalDeviceProperties2 = [](VkPhysicalDevice device, VkPhysicalDeviceProperties2* properties) {
      g_properties(device, properties);
      for (auto* next = static_cast<VkBaseOutStructure*>(properties->pNext); next != nullptr; next = next->pNext) {
        if (next->sType != VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_PROPERTIES) continue;
        reinterpret_cast<VkPhysicalDeviceShaderIntegerDotProductProperties*>(next)
            ->integerDotProduct4x8BitPackedSignedAccelerated = VK_TRUE;
      }
    };
  };
  const spec::ModelConfig config = test::odd_configs().back();
  const OpenModel open = test::open_model(test::frozen_model_with_golden(config, 62));
  const Texts texts = test::random_texts(config, 40, 63);
  const std::vector<std::uint32_t> want = test::bits(test::reference_logits(open.model, texts));
  const Result<GpuModel> gpu = GpuModel::open(open.model, {}, instance);
  ASSERT_TRUE(gpu) << gpu.error().message;
  Result<Session> session = gpu->session();
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(logit_bits(*session, texts, want.size()), want);
  expect_no_failure(*gpu);
}

TEST_F(VulkanSession, EveryCallOfASessionGivesTheSame) {
  for (const spec::Pooling pooling : {spec::Pooling::kMean, spec::Pooling::kEveryToken}) {
    spec::ModelConfig config = test::engine_config();
    config.pooling = pooling;
    const OpenModel open = test::open_model(test::frozen_model_with_golden(config, 58));
    OnDevice device = open_on_device(open.model);
    Result<Session> cpu = Session::create(open.model);
    for (const std::string& text : test::sample_texts()) {
      if (pooling == spec::Pooling::kMean) {
        EXPECT_EQ(device.session.classify(text)->probability, cpu->classify(text)->probability);
        EXPECT_EQ(test::bits(*device.session.probabilities(text)), test::bits(*cpu->probabilities(text)));
      } else {
        EXPECT_EQ(*device.session.mask(text), *cpu->mask(text));
      }
    }
    EXPECT_EQ(device.session.self_test().failed, 0U);
    expect_no_failure(device.gpu);
  }
}

TEST_F(VulkanSession, SeveralSessionsOnSeveralThreads) {
  const OpenModel open = test::open_model(test::frozen_model_with_golden(test::engine_config(), 59));
  const Result<GpuModel> gpu = GpuModel::open(open.model, {}, test::watched());
  ASSERT_TRUE(gpu) << gpu.error().message;
  const Texts texts = test::random_texts(test::engine_config(), 50, 60);
  const std::vector<std::uint32_t> want = test::bits(test::reference_logits(open.model, texts));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      Result<Session> session = gpu->session();
      ASSERT_TRUE(session) << session.error().message;
      for (int pass = 0; pass < 5; ++pass) EXPECT_EQ(logit_bits(*session, texts, want.size()), want);
    });
  }
  for (std::thread& thread : threads) thread.join();
  expect_no_failure(*gpu);
}

TEST_F(VulkanSession, OutlivesTheGpuModel) {
  const OpenModel open = test::open_model(test::frozen_model_with_golden(test::engine_config(), 61));
  std::optional<GpuModel> gpu = *GpuModel::open(open.model, {}, test::watched());
  Result<Session> session = gpu->session();
  ASSERT_TRUE(session);
  gpu.reset();
  EXPECT_EQ(session->self_test().failed, 0U);
}

}  // namespace
}  // namespace noggin
