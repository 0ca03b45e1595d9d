#include "format/bind_tensors.h"

#include <algorithm>
#include <string>

#include "format/file_layout.h"
#include "format/value_checks.h"
#include "spec/tensor_table.h"

namespace noggin::format {
namespace {

constexpr std::size_t kHashedBlock = 128 * 1024;  // fits the smallest second-level cache

// Called for the tensors in their order; stops at the first fault.
class TensorBinder {
 public:
  TensorBinder(std::span<const std::byte> section, ContentHasher& hasher) : section_(section), hasher_(hasher) {}

  // Checks the next tensor in the section and points `field` at it.
  template <typename Field>
  void operator()(const spec::TensorSpec& tensor, Field& field) {
    if (!status_) return;
    const TensorPlace place = place_tensor(tensor, offset_);
    offset_ = place.end;
    status_ = check_all(tensor, place);
    if (status_) bind(tensor, place, field);
  }

  const Status& status() const { return status_; }

 private:
  template <typename T>
  const T* at(std::uint64_t offset) const {
    return reinterpret_cast<const T*>(section_.data() + offset);
  }
  spec::LinearView linear(const spec::TensorSpec& tensor, const TensorPlace& place) const {
    const auto* panels = at<std::int8_t>(place.values);
    const auto* columns = at<spec::LinearColumn>(place.per_row);
    if (tensor.group == 0) return {panels, columns, tensor.rows, tensor.columns};
    const auto* steps = panels + spec::panels_bytes(tensor.type, tensor.rows, tensor.columns);
    return {panels, columns, tensor.rows, tensor.columns, steps, tensor.group};
  }

  Status check_zero(const std::string& where, std::uint64_t from, std::uint64_t to) const {
    for (; from < to; ++from) {
      if (section_[from] != std::byte{0}) return broken_rule(where, {"the bytes after it are not zero"});
    }
    return {};
  }

  void hash_until(std::uint64_t end) {
    hasher_.update(section_.subspan(hashed_, end - hashed_));
    hashed_ = end;
  }

  spec::EmbeddingView table(const spec::TensorSpec& tensor, const TensorPlace& place) const {
    return {at<std::int8_t>(place.values), at<float>(place.per_row), tensor.rows, tensor.columns, tensor.type};
  }

  Status check_embedding(const std::string& where, const spec::TensorSpec& tensor, const TensorPlace& place) {
    if (tensor.type == spec::WeightType::kInt4) {
      hash_until(place.end);
      return check_int4_rows(where, table(tensor, place));
    }
    const std::uint64_t end = place.values + place.values_bytes;
    for (std::uint64_t from = place.values; from < end; from = hashed_) {
      hash_until(std::min(from + kHashedBlock, end));
      if (Status status = check_weights(where, {at<std::int8_t>(from), hashed_ - from}); !status) return status;
    }
    hash_until(place.end);
    return {};
  }

  Status check(const std::string& where, const spec::TensorSpec& tensor, const TensorPlace& place) {
    if (tensor.kind != spec::TensorKind::kEmbedding) hash_until(place.end);
    switch (tensor.kind) {
      case spec::TensorKind::kEmbedding:
        if (Status status = check_embedding(where, tensor, place); !status) return status;
        return check_scales(where, {at<float>(place.per_row), tensor.rows}, spec::kSmallestScale);
      case spec::TensorKind::kLinear:
        return check_linear(where, linear(tensor, place), largest_output_scale(tensor));
      case spec::TensorKind::kVector:
        return check_norm_parameters(where, {at<float>(place.values), tensor.columns});
      case spec::TensorKind::kActivationScale:
        return check_scale(where, *at<float>(place.values), spec::kSmallestScale);
    }
    return {};
  }

  Status check_all(const spec::TensorSpec& tensor, const TensorPlace& place) {
    const std::string where = "tensor " + tensor.name;
    if (Status status = check(where, tensor, place); !status) return status;
    if (Status status = check_zero(where, place.values + place.values_bytes, place.per_row); !status) return status;
    return check_zero(where, place.per_row + place.per_row_bytes, place.end);
  }

  void bind(const spec::TensorSpec& tensor, const TensorPlace& place, spec::EmbeddingView& rows) const {
    rows = table(tensor, place);
  }
  void bind(const spec::TensorSpec& tensor, const TensorPlace& place, spec::LinearView& weights) const {
    weights = linear(tensor, place);
  }
  void bind(const spec::TensorSpec&, const TensorPlace& place, const float*& vector) const {
    vector = at<float>(place.values);
  }
  void bind(const spec::TensorSpec&, const TensorPlace& place, float& scale) const { scale = *at<float>(place.values); }

  std::span<const std::byte> section_;
  ContentHasher& hasher_;
  Status status_;
  std::uint64_t offset_ = 0, hashed_ = 0;
};

}  // namespace

Status bind_tensors(std::span<const std::byte> section, ModelView& view, ContentHasher& hasher) {
  const std::uint64_t expected = tensors_section_bytes(view.config);
  if (section.size() != expected) {
    return broken_rule("tensors", {"has ", section.size(), " bytes, the config needs ", expected});
  }
  view.layers.resize(view.config.encoder.layers.size());
  TensorBinder binder(section, hasher);
  spec::visit_tensors(view.config, binder, view);
  return binder.status();
}

}  // namespace noggin::format
