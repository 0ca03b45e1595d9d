#include "export/verify/trace_recorder.h"

#include <algorithm>

namespace noggin::exporter {
namespace {

template <typename T>
std::string dense_bytes(const T* values, std::size_t rows, std::size_t columns, std::size_t stride) {
  std::string bytes;
  bytes.reserve(rows * columns * sizeof(T));
  for (std::size_t r = 0; r < rows; ++r) {
    bytes.append(reinterpret_cast<const char*>(values + r * stride), columns * sizeof(T));
  }
  return bytes;
}

}  // namespace

void TraceRecorder::record(std::string_view step, const float* values, std::size_t rows, std::size_t columns,
                           std::size_t stride) {
  steps_.push_back({std::string(step), dense_bytes(values, rows, columns, stride), rows, columns});
}

void TraceRecorder::record(std::string_view step, const std::int8_t* values, std::size_t rows, std::size_t columns,
                           std::size_t stride) {
  steps_.push_back({std::string(step), dense_bytes(values, rows, columns, stride), rows, columns});
}

std::size_t TraceRecorder::first_difference(const TraceRecorder& expected, const TraceRecorder& got) {
  const std::size_t common = std::min(expected.steps_.size(), got.steps_.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (!(expected.steps_[i] == got.steps_[i])) return i;
  }
  return common;
}

}  // namespace noggin::exporter
