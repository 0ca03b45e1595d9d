// What is remembered of branches is what was found.
#include "data/answers/branch_classes.h"

#include <gtest/gtest.h>

#include <random>

namespace noggin::data {
namespace {

LabelSet labels_of(std::vector<std::string> names) {
  Result<LabelSet> labels = LabelSet::create(std::move(names));
  EXPECT_TRUE(labels);
  return *std::move(labels);
}

// More branches than there is room for, short and long ones, with bytes of every value, some again and again.
TEST(BranchClasses, SaysWhatWasFound) {
  const LabelSet labels = labels_of({"a", "b"});
  std::mt19937 random(1);
  std::vector<std::string> branches = {"", std::string(27, 'x'), std::string(28, 'x'), std::string(1, '\0')};
  for (int i = 0; i < 8000; ++i) {
    std::string& branch = branches.emplace_back(random() % 40, ' ');
    for (char& c : branch) c = static_cast<char>(random());
  }
  const auto class_of = [](std::string_view branch) {
    return static_cast<std::int32_t>(std::hash<std::string_view>()(branch) % 1000);
  };
  BranchClasses known;
  int looked_up = 0;
  const auto find = [&](std::string_view branch) {
    ++looked_up;
    return class_of(branch);
  };
  for (int i = 0; i < 100'000; ++i) {
    const std::string& branch = branches[random() % (i % 2 == 0 ? 100 : branches.size())];
    ASSERT_EQ(known.of(branch, labels, find), class_of(branch));
  }
  EXPECT_LT(looked_up, 80'000) << "some were known";
}

TEST(BranchClasses, BelongToOneSetOfLabels) {
  BranchClasses known;
  const LabelSet first = labels_of({"a", "b"}), second = labels_of({"b", "a"}), copy = first;
  const auto ask = [&known](const LabelSet& labels) {
    return known.of("a", labels, [&labels](std::string_view branch) { return labels.find(branch); });
  };
  EXPECT_EQ(ask(first), 0);
  EXPECT_EQ(ask(second), 1);
  EXPECT_EQ(ask(first), 0);
  EXPECT_EQ(known.of("a", copy, [](std::string_view) { return 7; }), 0) << "copies are one set";
}

}  // namespace
}  // namespace noggin::data
