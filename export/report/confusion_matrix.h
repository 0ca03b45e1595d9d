// How often each class was answered with which one, for a picture: the classes that take part in most errors, and the
// others together. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace noggin::exporter {

struct ConfusionMatrix {
  std::vector<std::string> names;  // of classes, in their own order; then kOtherClasses if some are left out
  std::vector<std::vector<std::uint64_t>> counts;  // [gold][answered]
};
inline constexpr const char* kOtherClasses = "(other classes)";

// predicted, gold: a class per row, gold negative for rows that do not count. Classes that are neither gold nor an
// answer are left out; at most `max_classes` of the rest are named: those with most errors, of equal ones the first.
ConfusionMatrix confusion_matrix(std::span<const std::int32_t> predicted, std::span<const std::int32_t> gold,
                                 std::span<const std::string> labels, std::size_t max_classes = 16);

}  // namespace noggin::exporter
