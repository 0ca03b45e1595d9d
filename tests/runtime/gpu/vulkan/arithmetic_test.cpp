// Every function of the shaders against its C++ twin.
#include "gpu/vulkan/arithmetic.h"

#include <bit>

#include "kernels/float_environment.h"
#include "tests/support/format_random_model.h"
#include "tests/support/gpu_vulkan.h"

namespace noggin {
namespace {

using gpu::Operation;

class VulkanArithmetic : public test::OnVulkan {
 protected:
  static constexpr std::size_t kInputs = 1U << 16;
  void SetUp() override {
    OnVulkan::SetUp();
    if (IsSkipped()) return;
    auto pipelines = gpu::Pipelines::create(device_);
    ASSERT_TRUE(pipelines) << pipelines.error().message;
    pipelines_ = *std::move(pipelines);
    auto unit = gpu::ArithmeticUnit::create(*pipelines_, kInputs, std::chrono::minutes(1));
    ASSERT_TRUE(unit) << unit.error().message;
    unit_.emplace(*std::move(unit));
  }

  // All kInputs pairs that `next` gives and that the operation promises.
  template <typename Next>
  void compare(Operation operation, const Next& next) {
    const runtime::FloatEnvironment environment;
    std::vector<std::uint32_t> a(kInputs), b(kInputs);
    for (std::size_t i = 0; i < kInputs; ++i) std::tie(a[i], b[i]) = next();
    const auto found = unit_->run(operation, a, b);
    ASSERT_TRUE(found) << found.error().message;
    std::size_t compared = 0, differing = 0;
    for (std::size_t i = 0; i < kInputs; ++i) {
      if (!gpu::is_promised(operation, a[i], b[i])) continue;
      ++compared;
      const std::uint32_t want = gpu::expected_result(operation, a[i], b[i]);
      if (gpu::same_result(operation, (*found)[i], want)) continue;
      if (++differing <= 3) {
        ADD_FAILURE() << gpu::operation_name(operation) << std::hex << " of " << a[i] << " and " << b[i] << " is "
                      << (*found)[i] << ", must be " << want;
      }
    }
    EXPECT_EQ(differing, 0U) << gpu::operation_name(operation);
    EXPECT_GT(compared, kInputs / 64) << gpu::operation_name(operation);
  }

  std::unique_ptr<gpu::Pipelines> pipelines_;
  std::optional<gpu::ArithmeticUnit> unit_;
};

constexpr Operation kFloatOperations[] = {Operation::kAdd,       Operation::kSubtract,       Operation::kMultiply,
                                          Operation::kAddNormal, Operation::kSubtractNormal, Operation::kMultiplyNormal,
                                          Operation::kDivide,    Operation::kSquareRoot};

TEST_F(VulkanArithmetic, PassesTheTestOfASession) {
  const Status status = gpu::test_arithmetic(*pipelines_, std::chrono::minutes(1));
  EXPECT_TRUE(status) << (status ? "" : status.error().message);
  EXPECT_GT(gpu::arithmetic_cases().size(), 5000U);
}

TEST_F(VulkanArithmetic, FloatsOfAllKinds) {
  test::Random random(1);
  const auto any = [&] {
    return std::pair(static_cast<std::uint32_t>(random.next()), static_cast<std::uint32_t>(random.next()));
  };
  for (const Operation operation : kFloatOperations) compare(operation, any);
}

// Operands whose exponents are at most 31 apart, where a sum rounds and cancels; and those whose sums, products,
// quotients are subnormal, or just not.
TEST_F(VulkanArithmetic, FloatsNearOneAnotherAndNearTheEndOfTheirRange) {
  test::Random random(2);
  const auto float_of = [&](std::uint32_t lowest, std::uint32_t exponents) {
    const auto exponent = static_cast<std::uint32_t>(lowest + random.below(exponents));
    return static_cast<std::uint32_t>(random.next() & 0x807FFFFFU) | exponent << 23;
  };
  for (const Operation operation : kFloatOperations) {
    compare(operation, [&] { return std::pair(float_of(112, 32), float_of(112, 32)); });
    compare(operation, [&] { return std::pair(float_of(0, 30), float_of(0, 30)); });
    compare(operation, [&] { return std::pair(float_of(40, 48), float_of(40, 48)); });
    compare(operation, [&] { return std::pair(float_of(0, 40), float_of(110, 50)); });
  }
}

// Short significands give exact results and ties, whose neighbours are then tried, too.
TEST_F(VulkanArithmetic, TiesAndTheirNeighbours) {
  test::Random random(3);
  const auto short_float = [&] {
    const auto bits = static_cast<std::uint32_t>(random.next());
    const auto exponent = static_cast<std::uint32_t>(100 + random.below(50));
    return ((bits & 0x807FF800U) | exponent << 23) + static_cast<std::uint32_t>(random.below(3)) - 1U;
  };
  for (const Operation operation : kFloatOperations) {
    compare(operation, [&] { return std::pair(short_float(), short_float()); });
  }
}

TEST_F(VulkanArithmetic, ConversionsOfIntegers) {
  test::Random random(4);
  compare(Operation::kToFloat, [&] {
    const auto bits = static_cast<std::uint32_t>(random.next());
    return std::pair(static_cast<std::uint32_t>(static_cast<std::int32_t>(bits) >> random.below(32)), 0U);
  });
}

TEST_F(VulkanArithmetic, Quantization) {
  test::Random random(5);
  compare(Operation::kQuantizeActivation, [&] {  // any value, any inverse scale of the format
    return std::pair(static_cast<std::uint32_t>(random.next()),
                     static_cast<std::uint32_t>(0x33800000U + random.below(0x20000000U)));
  });
  compare(Operation::kQuantizeActivation, [&] {  // steps and halves of steps, which are ties
    const float value = (static_cast<float>(random.below(600)) - 300.0F) * 0.5F;
    return std::pair(std::bit_cast<std::uint32_t>(value * 0.25F), std::bit_cast<std::uint32_t>(4.0F));
  });
}

TEST_F(VulkanArithmetic, ExponentsOfScores) {
  test::Random random(6);
  compare(Operation::kAttentionExponent, [&] {  // score scales as models have them
    return std::pair(0U - static_cast<std::uint32_t>(random.below(1U << 20)),
                     static_cast<std::uint32_t>(0x37000000U + random.below(0x05000000U)));
  });
  compare(Operation::kAttentionExponent, [&] {  // all that the format allows
    return std::pair(0U - static_cast<std::uint32_t>(random.below(1U << 23)),
                     static_cast<std::uint32_t>(0x15800000U + random.below(0x42000000U)));
  });
}

TEST_F(VulkanArithmetic, ProductsOfFourInt8AndInt4) {
  test::Random random(7);
  const auto any = [&] {
    return std::pair(static_cast<std::uint32_t>(random.next()), static_cast<std::uint32_t>(random.next()));
  };
  for (const Operation operation : {Operation::kDot4, Operation::kUnpackInt4Low, Operation::kUnpackInt4High}) {
    compare(operation, any);
  }
  std::uint32_t byte = 0;  // every byte, and every pair of int8
  compare(Operation::kUnpackInt4Low, [&] { return std::pair(byte++ * 0x01010101U, 0U); });
  std::uint32_t pair = 0;
  compare(Operation::kDot4, [&] {
    const std::uint32_t two = pair++;
    return std::pair(two & 255U, two >> 8);
  });
  std::uint32_t index = 0;
  compare(Operation::kSignedByte, [&] {
    const std::uint32_t i = index++;
    return std::pair(i, 0x03020100U + (i * 4U & 255U) * 0x01010101U);
  });
}

}  // namespace
}  // namespace noggin
