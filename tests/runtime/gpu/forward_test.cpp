// Whole models through the GPU's program, run on the CPU, against the engine with the reference kernels.
#include <gmock/gmock.h>

#include "gpu/chunks.h"
#include "tests/support/gpu_host_device.h"
#include "tests/support/gpu_texts.h"

namespace noggin {
namespace {

using test::HostDevice;
using test::OpenModel;
using test::random_texts;
using test::reference_logits;
using test::Texts;
using test::ThreadOrder;
using ::testing::HasSubstr;

// A model and the scratch of a session, as a device would hold them.
class Uploaded {
 public:
  Uploaded(const Model& model, const gpu::BatchCapacity& capacity)
      : capacity_(capacity),
        image_(image_of(model.view())),
        block_(std::vector<std::byte>(gpu::batch_bytes(model.view().config, capacity), std::byte{0x5A})),
        model_(gpu::place_model(model.view(), image_.span().data())),
        batch_(gpu::place_batch(model.view().config, capacity, block_.span().data())) {}

  Result<std::vector<float>> logits(HostDevice& device, const gpu::PackedTexts& texts) const {
    if (Status status = gpu::check_texts(texts, model_.config); !status) return status.error();
    std::vector<float> logits(gpu::logit_rows(texts, model_.config) * model_.config.classes);
    std::vector<std::byte> index(gpu::batch_index_bytes(capacity_));
    const Status status = gpu::run_chunks(device, model_, capacity_, batch_, texts, index.data(), logits.data());
    if (!status) return status.error();
    return logits;
  }

 private:
  static test::AlignedBytes image_of(const format::ModelView& view) {
    return test::AlignedBytes(gpu::model_image(view));
  }

  gpu::BatchCapacity capacity_;
  test::AlignedBytes image_, block_;
  gpu::DeviceModel model_;
  gpu::DeviceBatch batch_;
};

std::vector<spec::ModelConfig> configs() {
  std::vector<spec::ModelConfig> all = test::odd_configs();
  spec::ModelConfig wide_heads = test::engine_config();
  wide_heads.encoder.head_width = 72;
  wide_heads.max_tokens = 40;
  all.push_back(wide_heads);
  return all;
}

TEST(CudaForward, GivesTheReferenceBitsForEveryModelBatchAndThreadOrder) {
  std::uint64_t seed = 40;
  for (const spec::ModelConfig& config : configs()) {
    const OpenModel open = test::open_model(test::frozen_model_with_golden(config, seed++));
    const Texts texts = random_texts(config, 11, seed);
    const std::vector<std::uint32_t> want = test::bits(reference_logits(open.model, texts));
    for (const ThreadOrder order : test::kThreadOrders) {
      for (const bool tensor_cores : {false, true}) {
        HostDevice device(order, tensor_cores);
        const auto got = Uploaded(open.model, {16, 256}).logits(device, texts.packed());
        ASSERT_TRUE(got);
        EXPECT_EQ(test::bits(*got), want) << "width " << config.encoder.width << ", order " << static_cast<int>(order);
      }
    }
  }
}

TEST(CudaForward, HowTextsAreDividedIntoPassesDoesNotShow) {
  const spec::ModelConfig config = test::engine_config();  // at most 19 tokens
  const OpenModel open = test::open_model(test::frozen_model_with_golden(config, 50));
  const Texts texts = random_texts(config, 23, 51);
  const std::vector<std::uint32_t> want = test::bits(reference_logits(open.model, texts));
  std::size_t launches_of_one_chunk = 0;
  for (const gpu::BatchCapacity& capacity : {gpu::BatchCapacity{23, 23 * 19}, {1, 19}, {5, 40}, {64, 19}}) {
    HostDevice device;
    const Uploaded uploaded(open.model, capacity);
    for (int again = 0; again < 2; ++again) {  // what a pass left behind does not matter either
      const auto got = uploaded.logits(device, texts.packed());
      ASSERT_TRUE(got);
      EXPECT_EQ(test::bits(*got), want) << capacity.texts << " texts, " << capacity.tokens << " tokens";
    }
    if (capacity.texts == 23) launches_of_one_chunk = device.launches();
    if (capacity.texts == 1) {
      EXPECT_EQ(device.launches(), 23 * launches_of_one_chunk);
    }
  }
}

TEST(CudaForward, StopsAtTheFirstLaunchThatFails) {
  const OpenModel open = test::open_model(test::frozen_model_with_golden(test::engine_config(), 52));
  const Texts texts = random_texts(test::engine_config(), 3, 53);
  HostDevice device;
  device.fail_at(4);
  const auto got = Uploaded(open.model, {16, 256}).logits(device, texts.packed());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message, "made to fail");
  EXPECT_EQ(device.launches(), 4U);
}

Error error_of(const std::vector<std::uint32_t>& ids, const std::vector<std::uint32_t>& offsets) {
  const Status status = gpu::check_texts({ids, offsets}, test::engine_config());  // 90 ids, 19 tokens
  EXPECT_FALSE(status);
  return status ? Error{} : status.error();
}

TEST(CudaBatch, WrongTextsSayWhichAndWhy) {
  EXPECT_THAT(error_of({}, {0}).message, HasSubstr("no texts"));
  EXPECT_THAT(error_of({}, {}).message, HasSubstr("no texts"));
  EXPECT_THAT(error_of({1, 2}, {0, 1}).message, HasSubstr("from 0 to the number of token ids, 2"));
  EXPECT_THAT(error_of({1, 2}, {1, 2}).message, HasSubstr("from 0"));
  EXPECT_THAT(error_of({1, 2}, {0, 0, 2}).message, HasSubstr("text 0 goes from token 0 to 0"));
  EXPECT_THAT(error_of({1, 2}, {0, 2, 1, 2}).message, HasSubstr("text 1"));
  EXPECT_THAT(error_of({1, 2}, {0, 9, 2}).message, HasSubstr("text 0"));  // never reads beyond the ids
  EXPECT_THAT(error_of(std::vector<std::uint32_t>(20, 1), {0, 20}).message, HasSubstr("1 to 19 tokens"));
  EXPECT_THAT(error_of({1, 2, 90}, {0, 2, 3}).message,
              HasSubstr("text 1: token id 90 is not below the vocabulary size 90"));
  EXPECT_TRUE(
      gpu::check_texts({std::vector<std::uint32_t>{89}, std::vector<std::uint32_t>{0, 1}}, test::engine_config()));
}

}  // namespace
}  // namespace noggin
