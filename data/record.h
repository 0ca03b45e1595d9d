// One row of training or evaluation data, whatever log it came from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace noggin::data {

// What the teacher thought of one text: the classes it listed, most probable first, as probabilities at temperature 1.
// Mass that it did not list is the tail, 1 - sum, one bucket for the losses (distill/).
struct TeacherDistribution {
  std::vector<std::int32_t> classes;
  std::vector<float> probabilities;  // same length; each in [0, 1]; sum <= 1 after renormalisation
  bool empty() const { return classes.empty(); }
};

inline constexpr std::int32_t kNoLabel = -1;

struct Record {
  std::string id{};
  std::string text{};             // UTF-8, as logged
  std::int32_t label = kNoLabel;  // gold class, or kNoLabel
  TeacherDistribution teacher{};  // empty when the row has no teacher
  std::string source{};           // "file:line", for messages
};

}  // namespace noggin::data
