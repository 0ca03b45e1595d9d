#include "format/bind_tensors.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "format/file_layout.h"
#include "format/value_checks.h"

namespace noggin::format {
namespace {

// Where a tensor of spec::tensor_table goes in the view, by its name; for tensors of a layer, by the part after
// "layers.<i>.". A name that is in spec but not in these lists is an error, never skipped.
template <typename Owner, typename Field>
struct Place {
  std::string_view name;
  Field Owner::*field;
};

constexpr Place<LayerView, spec::LinearView> kLayerLinears[] = {
    {"attention.qkv", &LayerView::qkv},
    {"attention.output", &LayerView::attention_output},
    {"ffn.up", &LayerView::ffn_up},
    {"ffn.down", &LayerView::ffn_down},
};
constexpr Place<LayerView, const float*> kLayerVectors[] = {
    {"attention.norm.gamma", &LayerView::attention_norm_gamma},
    {"attention.norm.beta", &LayerView::attention_norm_beta},
    {"ffn.norm.gamma", &LayerView::ffn_norm_gamma},
    {"ffn.norm.beta", &LayerView::ffn_norm_beta},
};
constexpr Place<LayerView, float> kLayerScales[] = {
    {"attention.input", &LayerView::attention_input_scale},
    {"attention.query", &LayerView::query_scale},
    {"attention.key", &LayerView::key_scale},
    {"attention.value", &LayerView::value_scale},
    {"attention.context", &LayerView::context_scale},
    {"ffn.input", &LayerView::ffn_input_scale},
    {"ffn.preactivation", &LayerView::preactivation_scale},
    {"ffn.hidden", &LayerView::hidden_scale},
};
constexpr Place<ModelView, spec::EmbeddingView> kEmbeddings[] = {
    {"embeddings.word", &ModelView::word},
    {"embeddings.position", &ModelView::position},
    {"ngrams.weight", &ModelView::ngrams},
};
constexpr Place<ModelView, const float*> kVectors[] = {
    {"embeddings.norm.gamma", &ModelView::embedding_norm_gamma},
    {"embeddings.norm.beta", &ModelView::embedding_norm_beta},
    {"head.scale", &ModelView::head_scale},
    {"head.bias", &ModelView::head_bias},
};
constexpr Place<ModelView, spec::LinearView> kLinears[] = {
    {"embeddings.projection", &ModelView::word_projection},
    {"head.classifier", &ModelView::classifier},
};
constexpr Place<ModelView, float> kScales[] = {{"head.input", &ModelView::head_input_scale}};

template <typename Owner, typename Field, std::size_t N>
bool put(const Place<Owner, Field> (&places)[N], std::string_view name, Owner& owner, const Field& value) {
  for (const Place<Owner, Field>& place : places) {
    if (place.name != name) continue;
    owner.*place.field = value;
    return true;
  }
  return false;
}

constexpr std::size_t kHashedBlock = 128 * 1024;  // fits the smallest second-level cache

class TensorBinder {
 public:
  TensorBinder(std::span<const std::byte> section, ModelView& view, ContentHasher& hasher)
      : section_(section), view_(view), hasher_(hasher) {}

  // Checks the next tensor in the section and binds it.
  Status next(const spec::TensorSpec& tensor) {
    const TensorPlace place = place_tensor(tensor, offset_);
    offset_ = place.end;
    const std::string where = "tensor " + tensor.name;
    if (Status status = check(where, tensor, place); !status) return status;
    if (Status status = check_zero(where, place.values + place.values_bytes, place.per_row); !status) return status;
    if (Status status = check_zero(where, place.per_row + place.per_row_bytes, place.end); !status) return status;
    if (bind(tensor, place)) return {};
    return Error{ErrorCode::kUnsupported, where + ": this reader does not know it; use a newer runtime"};
  }

 private:
  template <typename T>
  const T* at(std::uint64_t offset) const {
    return reinterpret_cast<const T*>(section_.data() + offset);
  }
  spec::LinearView linear(const spec::TensorSpec& tensor, const TensorPlace& place) const {
    return {at<std::int8_t>(place.values), at<spec::LinearColumn>(place.per_row), tensor.rows, tensor.columns};
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

  Status check_embedding(const std::string& where, const TensorPlace& place) {
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
        if (Status status = check_embedding(where, place); !status) return status;
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

  bool bind(const spec::TensorSpec& tensor, const TensorPlace& place) {
    // "layers.<i>.<part>"
    std::string_view name = tensor.name;
    constexpr std::string_view kLayers = "layers.";
    LayerView* layer = nullptr;
    if (name.starts_with(kLayers)) {
      const std::size_t index = std::strtoul(name.data() + kLayers.size(), nullptr, 10);
      name.remove_prefix(name.find('.', kLayers.size()) + 1);
      layer = &view_.layers.at(index);
    }
    const auto put_in = [&](const auto& layer_places, const auto& model_places, const auto& value) {
      return layer != nullptr ? put(layer_places, name, *layer, value) : put(model_places, name, view_, value);
    };
    switch (tensor.kind) {
      case spec::TensorKind::kEmbedding:
        return put(kEmbeddings, name, view_,
                   {at<std::int8_t>(place.values), at<float>(place.per_row), tensor.rows, tensor.columns});
      case spec::TensorKind::kLinear:
        return put_in(kLayerLinears, kLinears, linear(tensor, place));
      case spec::TensorKind::kVector:
        return put_in(kLayerVectors, kVectors, at<float>(place.values));
      case spec::TensorKind::kActivationScale:
        return put_in(kLayerScales, kScales, *at<float>(place.values));
    }
    return false;
  }

  std::span<const std::byte> section_;
  ModelView& view_;
  ContentHasher& hasher_;
  std::uint64_t offset_ = 0, hashed_ = 0;
};

}  // namespace

Status bind_tensors(std::span<const std::byte> section, ModelView& view, ContentHasher& hasher) {
  const std::uint64_t expected = tensors_section_bytes(view.config);
  if (section.size() != expected) {
    return broken_rule("tensors", {"has ", section.size(), " bytes, the config needs ", expected});
  }
  view.layers.resize(view.config.layers.size());
  TensorBinder binder(section, view, hasher);
  Status status;
  spec::for_each_tensor(view.config, [&](spec::TensorSpec&& tensor) {
    if (status) status = binder.next(tensor);
  });
  return status;
}

}  // namespace noggin::format
