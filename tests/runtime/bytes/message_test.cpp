#include "bytes/message.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace noggin {
namespace {

TEST(Message, JoinsTextsAndNumbers) {
  const std::string name = "width";
  EXPECT_EQ(message({name, " is ", 7U, std::string_view(", not "), -3}), "width is 7, not -3");
  EXPECT_EQ(message({"alone"}), "alone");
  EXPECT_EQ(message({}), "");
}

TEST(Message, HoldsTheWholeRangeOfIntegers) {
  EXPECT_EQ(message({std::numeric_limits<std::uint64_t>::max()}), "18446744073709551615");
  EXPECT_EQ(message({std::numeric_limits<std::int64_t>::min()}), "-9223372036854775808");
  EXPECT_EQ(message({std::int8_t{-128}, " ", std::uint8_t{255}}), "-128 255");
}

TEST(Message, NamesEveryFloat) {
  EXPECT_EQ(message({0.1F}), "0.100000001");
  EXPECT_EQ(message({-0.5F, " ", 16777216.0F}), "-0.5 16777216");
  EXPECT_EQ(message({1e-40F}), "9.9999461e-41");
  EXPECT_EQ(message({std::numeric_limits<float>::infinity()}), "inf");
  EXPECT_EQ(message({std::numeric_limits<float>::quiet_NaN()}), "nan");
}

}  // namespace
}  // namespace noggin
