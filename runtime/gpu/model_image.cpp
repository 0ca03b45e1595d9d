#include "gpu/model_image.h"

#include <cstring>

#include "engine/prepared_model.h"
#include "gpu/block_layout.h"
#include "kernels/float_environment.h"
#include "spec/formulas.h"

namespace noggin::gpu {
namespace {

// Visits the arrays of a model once, in one order. It gives their addresses from `base` on and, if `image` is set,
// copies them there. One walk serves both, so the two cannot disagree.
class ImageWalk {
 public:
  ImageWalk(const std::byte* base, std::byte* image) : base_(base), image_(image) {}
  std::size_t bytes() const { return layout_.bytes(); }

  template <typename T>
  const T* array(const T* values, std::size_t count) {
    const std::size_t offset = layout_.add<T>(count);
    if (image_ != nullptr) std::memcpy(image_ + offset, values, count * sizeof(T));
    return BlockLayout::at<const T>(base_, offset);
  }

  DeviceLinear linear(const spec::LinearView& view) {
    const std::size_t outputs = spec::padded_outputs(view.outputs), inputs = spec::padded_inputs(view.inputs);
    const std::int8_t* panels = array(view.panels, outputs * inputs);
    return {panels, array(view.columns, outputs), view.outputs, static_cast<std::uint32_t>(inputs)};
  }

 private:
  const std::byte* base_;
  std::byte* image_;
  BlockLayout layout_;
};

DeviceLayer walk_layer(ImageWalk& walk, const format::LayerView& layer, const runtime::PreparedLayer& ready,
                       std::size_t width) {
  DeviceLayer placed;
  placed.qkv = walk.linear(layer.qkv);
  placed.attention_output = walk.linear(layer.attention_output);
  placed.ffn_up = walk.linear(layer.ffn_up);
  placed.ffn_down = walk.linear(layer.ffn_down);
  placed.attention_norm_gamma = walk.array(layer.attention_norm_gamma, width);
  placed.attention_norm_beta = walk.array(layer.attention_norm_beta, width);
  placed.ffn_norm_gamma = walk.array(layer.ffn_norm_gamma, width);
  placed.ffn_norm_beta = walk.array(layer.ffn_norm_beta, width);
  placed.qkv_inverse_scale = walk.array(ready.qkv_inverse_scale, layer.qkv.outputs);
  placed.ffn_up_inverse_scale = walk.array(ready.ffn_up_inverse_scale, layer.ffn_up.outputs);
  placed.gelu = walk.array(ready.gelu, spec::kGeluTableSize);
  placed.attention_input_inverse_scale = ready.attention_input_inverse_scale;
  placed.score_scale = ready.score_scale;
  placed.value_scale = layer.value_scale;
  placed.context_inverse_scale = ready.context_inverse_scale;
  placed.ffn_input_inverse_scale = ready.ffn_input_inverse_scale;
  return placed;
}

DeviceModel walk_model(ImageWalk& walk, const format::ModelView& view, const runtime::PreparedModel& prepared) {
  const std::size_t width = view.config.width;
  DeviceModel placed;
  placed.config = view.config;
  placed.word = walk.array(view.word.values, std::size_t{view.word.rows} * view.word.columns);
  placed.position = walk.array(view.position.values, std::size_t{view.position.rows} * width);
  placed.word_scales = walk.array(view.word.scales, view.word.rows);
  placed.position_scales = walk.array(view.position.scales, view.position.rows);
  if (view.config.embedding_width > 0) placed.word_projection = walk.linear(view.word_projection);
  placed.embedding_norm_gamma = walk.array(view.embedding_norm_gamma, width);
  placed.embedding_norm_beta = walk.array(view.embedding_norm_beta, width);
  for (std::size_t i = 0; i < view.layers.size(); ++i) {
    placed.layers.push_back(walk_layer(walk, view.layers[i], prepared.layers[i], width));
  }
  placed.classifier = walk.linear(view.classifier);
  placed.head_input_inverse_scale = prepared.head_input_inverse_scale;
  return placed;
}

}  // namespace

std::vector<std::byte> model_image(const format::ModelView& view) {
  const runtime::FloatEnvironment environment;
  const runtime::PreparedModel prepared = runtime::prepare(view);
  ImageWalk measure(nullptr, nullptr);
  walk_model(measure, view, prepared);
  std::vector<std::byte> image(measure.bytes());
  ImageWalk copy(nullptr, image.data());
  walk_model(copy, view, prepared);
  return image;
}

DeviceModel place_model(const format::ModelView& view, const std::byte* base) {
  const runtime::FloatEnvironment environment;
  ImageWalk walk(base, nullptr);
  return walk_model(walk, view, runtime::prepare(view));
}

}  // namespace noggin::gpu
