#include "export/onnx/graph_builder.h"

#include <bit>

namespace noggin::exporter {
namespace {

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian; other machines must swap here");

template <typename T>
std::string add_tensor(onnx::GraphProto& graph, const std::string& name, const std::vector<std::int64_t>& shape,
                       std::span<const T> values, onnx::TensorProto::DataType type) {
  onnx::TensorProto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(type);
  for (const std::int64_t size : shape) tensor.add_dims(size);
  tensor.set_raw_data(values.data(), values.size_bytes());
  return name;
}

void describe(onnx::ValueInfoProto& value, const std::string& name, onnx::TensorProto::DataType type,
              const std::vector<GraphBuilder::Dimension>& shape) {
  value.set_name(name);
  onnx::TypeProto_Tensor& tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  for (const GraphBuilder::Dimension& dimension : shape) {
    onnx::TensorShapeProto_Dimension& added = *tensor.mutable_shape()->add_dim();
    if (dimension.name.empty()) {
      added.set_dim_value(dimension.size);
    } else {
      added.set_dim_param(dimension.name);
    }
  }
}

onnx::AttributeProto& add_attribute(onnx::NodeProto& node, const std::string& name,
                                    onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

}  // namespace

void set_attribute(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  add_attribute(node, name, onnx::AttributeProto::INT).set_i(value);
}

void set_attribute(onnx::NodeProto& node, const std::string& name, float value) {
  add_attribute(node, name, onnx::AttributeProto::FLOAT).set_f(value);
}

void set_attribute(onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values) {
  onnx::AttributeProto& attribute = add_attribute(node, name, onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

std::string GraphBuilder::store(const std::string& name, const std::vector<std::int64_t>& shape,
                                std::span<const float> values) {
  return add_tensor(*graph_, name, shape, values, onnx::TensorProto::FLOAT);
}

std::string GraphBuilder::store(const std::string& name, const std::vector<std::int64_t>& shape,
                                std::span<const std::int8_t> values) {
  return add_tensor(*graph_, name, shape, values, onnx::TensorProto::INT8);
}

std::string GraphBuilder::store(const std::string& name, const std::vector<std::int64_t>& shape,
                                std::span<const std::uint8_t> values) {
  return add_tensor(*graph_, name, shape, values, onnx::TensorProto::UINT8);
}

std::string GraphBuilder::store(const std::string& name, const std::vector<std::int64_t>& shape,
                                std::span<const std::int32_t> values) {
  return add_tensor(*graph_, name, shape, values, onnx::TensorProto::INT32);
}

std::string GraphBuilder::store(const std::string& name, const std::vector<std::int64_t>& shape,
                                std::span<const std::int64_t> values) {
  return add_tensor(*graph_, name, shape, values, onnx::TensorProto::INT64);
}

std::string GraphBuilder::store_number(const std::string& name, float value) {
  return store(name, {}, std::span<const float>(&value, 1));
}

std::string GraphBuilder::store_list(const std::string& name, const std::vector<std::int64_t>& values) {
  return store(name, {static_cast<std::int64_t>(values.size())}, std::span<const std::int64_t>(values));
}

onnx::NodeProto& GraphBuilder::node(const std::string& operation, std::initializer_list<std::string> inputs,
                                    const std::string& output) {
  onnx::NodeProto& added = *graph_->add_node();
  added.set_op_type(operation);
  added.set_name(output);
  for (const std::string& input : inputs) added.add_input(input);
  added.add_output(output);
  return added;
}

std::string GraphBuilder::apply(const std::string& operation, std::initializer_list<std::string> inputs,
                                const std::string& output) {
  node(operation, inputs, output);
  return output;
}

std::string GraphBuilder::apply(const std::string& operation, std::initializer_list<std::string> inputs,
                                const std::string& output, const std::string& attribute, std::int64_t value) {
  set_attribute(node(operation, inputs, output), attribute, value);
  return output;
}

std::string GraphBuilder::transpose(const std::string& input, const std::string& output,
                                    const std::vector<std::int64_t>& order) {
  set_attribute(node("Transpose", {input}, output), "perm", order);
  return output;
}

std::string GraphBuilder::cast(const std::string& input, const std::string& output, onnx::TensorProto::DataType type) {
  return apply("Cast", {input}, output, "to", static_cast<std::int64_t>(type));
}

std::string GraphBuilder::quantize(const std::string& input, const std::string& name, const std::string& scale,
                                   const std::string& zero_point) {
  return apply("QuantizeLinear", {input, scale, zero_point}, name + ".quantized");
}

std::string GraphBuilder::dequantize(const std::string& quantized, const std::string& name, const std::string& scale,
                                     const std::string& zero_point) {
  return apply("DequantizeLinear", {quantized, scale, zero_point}, name + ".dequantized");
}

void GraphBuilder::input(const std::string& name, onnx::TensorProto::DataType type,
                         const std::vector<Dimension>& shape) {
  describe(*graph_->add_input(), name, type, shape);
}

void GraphBuilder::output(const std::string& name, onnx::TensorProto::DataType type,
                          const std::vector<Dimension>& shape) {
  describe(*graph_->add_output(), name, type, shape);
}

}  // namespace noggin::exporter
