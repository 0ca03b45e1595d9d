// Writes an ONNX graph node by node. The caller names the values; each is written once, before it is used, so the list
// of nodes is in execution order. The same calls give the same bytes.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace noggin::exporter {

class GraphBuilder {
 public:
  // Borrows `graph`, which must outlive the builder.
  explicit GraphBuilder(onnx::GraphProto& graph) : graph_(&graph) {}

  // Stored tensors. `shape` empty means one number. Each returns `name`.
  std::string store(const std::string& name, const std::vector<std::int64_t>& shape, std::span<const float> values);
  std::string store(const std::string& name, const std::vector<std::int64_t>& shape,
                    std::span<const std::int8_t> values);
  std::string store(const std::string& name, const std::vector<std::int64_t>& shape,
                    std::span<const std::uint8_t> values);
  std::string store(const std::string& name, const std::vector<std::int64_t>& shape,
                    std::span<const std::int32_t> values);
  std::string store(const std::string& name, const std::vector<std::int64_t>& shape,
                    std::span<const std::int64_t> values);
  // One number or a list, for shapes, axes and factors.
  std::string store_number(const std::string& name, float value);
  std::string store_list(const std::string& name, const std::vector<std::int64_t>& values);

  // A node and its output; the returned reference takes attributes and is valid until the next call.
  onnx::NodeProto& node(const std::string& operation, std::initializer_list<std::string> inputs,
                        const std::string& output);
  // The same for nodes without attributes; returns `output`.
  std::string apply(const std::string& operation, std::initializer_list<std::string> inputs, const std::string& output);
  // Nodes whose attribute is one integer, or one list.
  std::string apply(const std::string& operation, std::initializer_list<std::string> inputs, const std::string& output,
                    const std::string& attribute, std::int64_t value);
  std::string transpose(const std::string& input, const std::string& output, const std::vector<std::int64_t>& order);
  std::string cast(const std::string& input, const std::string& output, onnx::TensorProto::DataType type);

  // The integers of a value, and their real values: "<name>.quantized" and "<name>.dequantized".
  std::string quantize(const std::string& input, const std::string& name, const std::string& scale,
                       const std::string& zero_point);
  std::string dequantize(const std::string& quantized, const std::string& name, const std::string& scale,
                         const std::string& zero_point);

  // A dimension given by name is dynamic; one given by number is fixed.
  struct Dimension {
    std::string name;
    std::int64_t size = 0;
  };
  void input(const std::string& name, onnx::TensorProto::DataType type, const std::vector<Dimension>& shape);
  void output(const std::string& name, onnx::TensorProto::DataType type, const std::vector<Dimension>& shape);

 private:
  onnx::GraphProto* graph_;
};

// Adds an attribute to a node.
void set_attribute(onnx::NodeProto& node, const std::string& name, std::int64_t value);
void set_attribute(onnx::NodeProto& node, const std::string& name, float value);
void set_attribute(onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values);

}  // namespace noggin::exporter
