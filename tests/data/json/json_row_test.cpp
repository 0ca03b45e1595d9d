// Which documents are taken: the limits are where they were said to be.
#include "data/json/json_row.h"

#include <gtest/gtest.h>

#include "bytes/json_depth.h"

namespace noggin::data {
namespace {

std::string outcome_of(std::string text, bool terminated = true) {
  const std::size_t size = text.size();
  text.append(kLinePadding, ' ');
  JsonRow row;
  const Checked<JsonValue> root = row.parse({std::string_view(text).substr(0, size), 1, 0, terminated, false});
  const auto* bad = std::get_if<Rejection>(&root);
  return bad == nullptr ? "taken" : std::string(reason_code(bad->reason));
}

// `levels` containers in one another, `inside` the innermost.
std::string nested(int levels, const std::string& inside, bool objects) {
  std::string open, close;
  for (int i = 0; i < levels; ++i) {
    open += objects ? "{\"a[{\": " : "[";
    close += objects ? "}" : "]";
  }
  return open + inside + close;
}

// A parser that counts levels must not count an innermost empty one otherwise than one with something in it.
TEST(JsonRow, TakesExactlySixtyFourLevels) {
  static_assert(kDeepestJson == 64);
  for (const bool objects : {false, true}) {
    EXPECT_EQ(outcome_of(nested(62, "1", objects)), "taken");
    EXPECT_EQ(outcome_of(nested(63, "1", objects)), "taken");
    EXPECT_EQ(outcome_of(nested(64, "1", objects)), "taken");
    EXPECT_EQ(outcome_of(nested(65, "1", objects)), "too_deep");
    for (const std::string empty : {"[]", "{}"}) {
      EXPECT_EQ(outcome_of(nested(62, empty, objects)), "taken");
      EXPECT_EQ(outcome_of(nested(63, empty, objects)), "taken");
      EXPECT_EQ(outcome_of(nested(64, empty, objects)), "too_deep");
    }
  }
  EXPECT_EQ(outcome_of(std::string(100'000, '[')), "too_deep") << "though it is no JSON either";
  EXPECT_EQ(outcome_of("[\"" + std::string(100, '[') + "\"]"), "taken") << "brackets in a string are none";
  EXPECT_EQ(outcome_of("{\"a\": NaN, \"b\": " + nested(62, "1", false) + "}"), "taken") << "mended";
  EXPECT_EQ(outcome_of("{\"a\": NaN, \"b\": " + nested(64, "1", false) + "}"), "too_deep");
}

// Wherever it stands, a NUL byte is said before anything else.
TEST(JsonRow, NamesANulByteWhereverItStands) {
  const std::string text = R"({"a": [1, "b"], "c": {"d": null}})";
  ASSERT_EQ(outcome_of(text), "taken");
  for (std::size_t at = 0; at <= text.size(); ++at)
    EXPECT_EQ(outcome_of(std::string(text).insert(at, 1, '\0')), "nul_byte") << at;
}

}  // namespace
}  // namespace noggin::data
