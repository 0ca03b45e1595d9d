#include "format/file_layout.h"

#include "spec/layout.h"

namespace noggin::format {

static_assert(kReservedOffset + 24 == kHeaderBytes);

TensorPlace place_tensor(const spec::TensorSpec& tensor, std::uint64_t start) {
  const std::uint64_t rows = tensor.rows, columns = tensor.columns;
  TensorPlace place{start, 0, 0, 0, 0};
  switch (tensor.kind) {
    case spec::TensorKind::kEmbedding:
      place.values_bytes = rows * spec::packed_bytes(tensor.type, columns);
      place.per_row_bytes = rows * sizeof(float);
      break;
    case spec::TensorKind::kLinear:
      place.values_bytes = spec::panels_bytes(tensor.type, tensor.rows, tensor.columns) +
                           spec::steps_bytes(tensor.rows, tensor.columns, tensor.group);
      place.per_row_bytes = spec::padded_outputs(tensor.rows) * sizeof(spec::LinearColumn);
      break;
    case spec::TensorKind::kVector:
    case spec::TensorKind::kActivationScale:
      place.values_bytes = columns * sizeof(float);
      break;
  }
  place.per_row = spec::round_up(start + place.values_bytes, spec::kTensorAlignment);
  place.end = spec::round_up(place.per_row + place.per_row_bytes, spec::kTensorAlignment);
  return place;
}

std::uint64_t tensors_section_bytes(const spec::ModelConfig& config) {
  std::uint64_t bytes = 0;
  spec::for_each_tensor(config, [&](spec::TensorSpec&& tensor) { bytes = place_tensor(tensor, bytes).end; });
  return bytes;
}

}  // namespace noggin::format
