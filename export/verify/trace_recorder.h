// Every intermediate tensor of one forward pass, in order, as bytes, for comparing two implementations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/trace.h"

namespace noggin::exporter {

class TraceRecorder : public runtime::TraceSink {
 public:
  void record(std::string_view step, const float* values, std::size_t rows, std::size_t columns,
              std::size_t stride) override;
  void record(std::string_view step, const std::int8_t* values, std::size_t rows, std::size_t columns,
              std::size_t stride) override;
  void clear() { steps_.clear(); }

  struct Step {
    std::string name;
    std::string bytes;  // dense, [rows, columns] of the element type
    std::size_t rows, columns;
    bool operator==(const Step&) const = default;
  };
  const std::vector<Step>& steps() const { return steps_; }

  // Index of the first step whose name, shape or bytes differ; if none differs, the number of steps of the shorter
  // side.
  static std::size_t first_difference(const TraceRecorder& expected, const TraceRecorder& got);

 private:
  std::vector<Step> steps_;
};

}  // namespace noggin::exporter
