#include "spec/weight_type.h"

#include <gtest/gtest.h>

#include <vector>

#include "spec/quant.h"

namespace noggin::testing {
namespace {

TEST(Int4, EveryValueSurvivesInEitherHalfOfAByte) {
  for (const std::size_t count : {1U, 2U, 15U, 16U, 31U}) {
    for (int shift = 0; shift < 16; ++shift) {
      std::vector<std::int8_t> values(count), back(count);
      for (std::size_t i = 0; i < count; ++i) {
        values[i] = static_cast<std::int8_t>((static_cast<int>(i) + shift) % 16 - 8);
      }
      std::vector<std::int8_t> packed(spec::packed_bytes(spec::WeightType::kInt4, count), 0x55);
      spec::pack_int4(values.data(), count, packed.data());
      spec::unpack_int4(packed.data(), count, back.data());
      EXPECT_EQ(back, values);
      const unsigned last_bits = static_cast<std::uint8_t>(packed.back()) >> 4U;
      EXPECT_EQ(count % 2 == 1 ? last_bits : 0U, 0U);
    }
  }
}

TEST(Int4, TheFirstValueIsInTheLowBits) {
  const std::int8_t values[] = {1, -2};
  std::int8_t packed = 0;
  spec::pack_int4(values, 2, &packed);
  EXPECT_EQ(static_cast<std::uint8_t>(packed), 0xE1);
}

TEST(Int4, QuantizesIntoItsRange) {
  constexpr auto kInt4 = spec::WeightType::kInt4;
  EXPECT_EQ(spec::quantize_weight(-100.0F, 1.0F, kInt4), -8);
  EXPECT_EQ(spec::quantize_weight(100.0F, 1.0F, kInt4), 7);
  EXPECT_EQ(spec::quantize_weight(-2.5F, 1.0F, kInt4), -2);
  EXPECT_EQ(spec::quantize_weight(3.5F, 1.0F, kInt4), 4);
}

}  // namespace
}  // namespace noggin::testing
