#include "data/ingest/key_runs.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <unordered_map>
#include <vector>

namespace noggin::data {
namespace {

TEST(KeyRuns, HoldWhatAMapHolds) {
  std::mt19937_64 random(7);
  KeyRuns runs(48);
  std::unordered_map<std::uint64_t, std::uint64_t> map;
  std::vector<std::uint64_t> keys;
  const auto add = [&](std::uint64_t key) {
    const std::uint64_t value = random();
    ASSERT_TRUE(runs.add(key, value));
    map[key] = value;
    keys.push_back(key);
  };
  for (const std::uint64_t extreme : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) add(extreme);
  std::size_t most_runs = 0;
  while (map.size() < 60'000) {
    if (const std::uint64_t key = random(); !map.contains(key)) add(key);
    most_runs = std::max(most_runs, runs.runs());
    const std::uint64_t old = keys[random() % keys.size()];
    const auto found = runs.find(old);
    ASSERT_TRUE(found);
    ASSERT_EQ(*found, std::optional(map[old])) << old;
    const auto absent = runs.find(random());
    ASSERT_TRUE(absent && !absent->has_value());
    if (random() % 4 != 0) continue;
    map[old] = random();
    ASSERT_TRUE(runs.replace(old, map[old]));
  }
  EXPECT_EQ(runs.size(), map.size());
  EXPECT_GT(most_runs, 8U);
  EXPECT_LT(most_runs, 8U * 5U) << "runs are merged";
  for (const auto& [key, value] : map) ASSERT_EQ(*runs.find(key), std::optional(value)) << key;
}

}  // namespace
}  // namespace noggin::data
