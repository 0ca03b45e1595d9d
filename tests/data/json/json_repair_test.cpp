#include "data/json/json_repair.h"

#include <gtest/gtest.h>

#include "data/json/json_row.h"

namespace noggin::data {
namespace {

TEST(JsonRepair, MendsWhatIsCertain) {
  const std::pair<std::string, std::string> cases[] = {
      {R"({"a": NaN, "b": -Infinity, "c": Infinity})", R"({"a": "NaN", "b": "-Infinity", "c": "Infinity"})"},
      {R"([123456789012345678901234567890, -9999999999999999999])",
       R"(["123456789012345678901234567890", "-9999999999999999999"])"},
      {R"([-1e400, 1e-400])", R"(["-1e400", "1e-400"])"},
      {R"(["\ud83d end", "\ude00", "\ud83d\u0041"])", R"(["\ufffd end", "\ufffd", "\ufffd\u0041"])"},
  };
  std::string mended;
  for (const auto& [text, expected] : cases) {
    EXPECT_TRUE(repair_json(text, mended)) << text;
    EXPECT_EQ(mended, expected);
  }
}

TEST(JsonRepair, LeavesEverythingElse) {
  const char* cases[] = {R"({"a": 18446744073709551615, "b": -1.5e-3, "c": true})",
                         R"("NaN and 1e400, \"NaN\"")",
                         R"("\ud83d\ude00 pair")",
                         R"("\\ud83d escaped backslash")",
                         "'python': None",
                         R"({"a": 1,})"};
  std::string mended;
  for (const std::string text : cases) {
    EXPECT_FALSE(repair_json(text, mended)) << text;
    EXPECT_EQ(mended, text);
  }
}

TEST(JsonRow, ReadsNumbersHoweverTheyAreSpelled) {
  const std::string text = R"([0.9, "0.9", 1, "-1e400", -Infinity, 1e-400, "1.5e-3"])" + std::string(kLinePadding, ' ');
  JsonRow row;
  const auto root = row.parse({std::string_view(text).substr(0, text.size() - kLinePadding), 1, 0, true, false});
  ASSERT_TRUE(std::holds_alternative<JsonValue>(root));
  std::vector<double> numbers;
  for (const JsonValue value : std::get<JsonValue>(root).get_array())
    numbers.push_back(std::get<double>(read_number(value, "x")));
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(numbers, (std::vector<double>{0.9, 0.9, 1.0, -infinity, -infinity, 0.0, 0.0015}));
}

TEST(JsonRow, RefusesWhatIsNoNumber) {
  const std::string text = R"(["", "one", "0x10", NaN, Infinity, null, [1]])" + std::string(kLinePadding, ' ');
  JsonRow row;
  const auto root = row.parse({std::string_view(text).substr(0, text.size() - kLinePadding), 1, 0, true, false});
  ASSERT_TRUE(std::holds_alternative<JsonValue>(root));
  for (const JsonValue value : std::get<JsonValue>(root).get_array())
    EXPECT_TRUE(std::holds_alternative<Rejection>(read_number(value, "x"))) << simdjson::minify(value);
}

}  // namespace
}  // namespace noggin::data
