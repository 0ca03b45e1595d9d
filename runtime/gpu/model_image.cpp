#include "gpu/model_image.h"

#include <cstring>

#include "gpu/block_layout.h"
#include "kernels/float_environment.h"
#include "spec/encoder/tensors.h"
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
    if (image_ != nullptr && count > 0) std::memcpy(image_ + offset, values, count * sizeof(T));
    return BlockLayout::at<const T>(base_, offset);
  }

  // Rows of four bits are widened: a GPU has memory, and its kernels read one type.
  const std::int8_t* widened(const spec::EmbeddingView& table) {
    const std::size_t offset = layout_.add<std::int8_t>(std::size_t{table.rows} * table.columns);
    if (image_ != nullptr) {
      auto* rows = reinterpret_cast<std::int8_t*>(image_ + offset);
      for (std::size_t r = 0; r < table.rows; ++r) table.unpack_row(r, rows + r * table.columns);
    }
    return BlockLayout::at<const std::int8_t>(base_, offset);
  }

  // One tensor of spec::visit_encoder, in the file and on the device.
  void operator()(const spec::TensorSpec&, const spec::EmbeddingView& from, spec::EmbeddingView& to) {
    to = from;
    to.type = spec::WeightType::kInt8;
    to.values = widened(from);
    to.scales = array(from.scales, from.rows);
  }
  void operator()(const spec::TensorSpec&, const spec::LinearView& from, DeviceLinear& to) {
    const std::size_t outputs = spec::padded_outputs(from.outputs), inputs = spec::padded_inputs(from.inputs);
    to.group = from.group;
    to.panels =
        array(from.panels, spec::panels_bytes(from.group == 0 ? spec::WeightType::kInt8 : spec::WeightType::kInt4,
                                              from.outputs, from.inputs));
    to.steps = array(from.steps, spec::steps_bytes(from.outputs, from.inputs, from.group));
    to.columns = array(from.columns, outputs);
    to.outputs = from.outputs;
    to.inputs_padded = static_cast<std::uint32_t>(inputs);
  }
  void operator()(const spec::TensorSpec& tensor, const float* const& from, const float*& to) {
    to = array(from, tensor.columns);
  }
  void operator()(const spec::TensorSpec&, const float& from, float& to) { to = from; }

 private:
  const std::byte* base_;
  std::byte* image_;
  BlockLayout layout_;
};

DeviceModel walk_model(ImageWalk& walk, const format::ModelView& view, const runtime::PreparedModel& prepared) {
  DeviceModel placed{};
  placed.config = view.config;
  placed.layers.resize(view.layers.size());
  spec::visit_encoder(view.config, walk, view, placed);
  for (std::size_t i = 0; i < view.layers.size(); ++i) {
    runtime::PreparedLayer& ready = placed.layers[i].ready = prepared.layers[i];
    ready.qkv_inverse_scale = walk.array(ready.qkv_inverse_scale, view.layers[i].qkv.outputs);
    ready.ffn_up_inverse_scale = walk.array(ready.ffn_up_inverse_scale, view.layers[i].ffn_up.outputs);
    ready.gelu = walk.array(ready.gelu, spec::kGeluTableSize);
  }
  placed.head_input_inverse_scale = prepared.head_input_inverse_scale;
  return placed;
}

}  // namespace

std::vector<std::byte> model_image(const format::ModelView& view) {
  const runtime::FloatEnvironment environment;
  const runtime::PreparedModel prepared = runtime::prepare_encoder(view);
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
  return walk_model(walk, view, runtime::prepare_encoder(view));
}

}  // namespace noggin::gpu
