#include <onnx/onnx_pb.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "export/onnx/onnx_export.h"

namespace noggin::exporter {
namespace {

Result<onnx::ModelProto> read_model(const std::string& path) {
  std::error_code error;
  const bool regular = std::filesystem::is_regular_file(path, error);  // a pipe would be waited for
  std::ifstream file;
  if (regular) file.open(path, std::ios::binary);
  if (!file.is_open())
    return Error{ErrorCode::kNotFound, path + ": cannot be opened; check the path and its permissions"};
  onnx::ModelProto model;
  if (!model.ParseFromIstream(&file) || !model.has_graph()) {
    return Error{ErrorCode::kCorrupt, path + ": is not an ONNX model, or is cut short; export it again"};
  }
  return model;
}

// "input_ids int64 [batch, tokens]"
std::string value_line(const onnx::ValueInfoProto& value) {
  const onnx::TypeProto_Tensor& tensor = value.type().tensor_type();
  std::string type = onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(tensor.elem_type()));
  for (char& c : type) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  std::string shape;
  for (const onnx::TensorShapeProto_Dimension& dimension : tensor.shape().dim()) {
    shape += shape.empty() ? "" : ", ";
    shape += dimension.has_dim_value() ? std::to_string(dimension.dim_value())
                                       : (dimension.dim_param().empty() ? "?" : dimension.dim_param());
  }
  return value.name() + ' ' + type + " [" + shape + ']';
}

std::string operator_line(const onnx::GraphProto& graph) {
  std::map<std::string, std::size_t> counts;
  for (const onnx::NodeProto& node : graph.node()) {
    ++counts[node.domain().empty() ? node.op_type() : node.domain() + '.' + node.op_type()];
  }
  std::string line = std::to_string(graph.node_size());
  for (const auto& [name, count] : counts) line += ", " + name + ' ' + std::to_string(count);
  return line;
}

// Bytes of data, in whichever field the writer of the file stored them.
std::size_t data_bytes(const onnx::TensorProto& tensor) {
  if (tensor.has_raw_data()) return tensor.raw_data().size();
  return static_cast<std::size_t>(tensor.float_data_size()) * sizeof(float) +
         static_cast<std::size_t>(tensor.int32_data_size()) * sizeof(std::int32_t) +
         static_cast<std::size_t>(tensor.int64_data_size()) * sizeof(std::int64_t) +
         static_cast<std::size_t>(tensor.double_data_size()) * sizeof(double);
}

std::string initializer_line(const onnx::GraphProto& graph) {
  std::size_t total = 0;
  std::map<std::string, std::size_t> by_type;
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    total += data_bytes(tensor);
    by_type[onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(tensor.data_type()))] +=
        data_bytes(tensor);
  }
  std::string line = std::to_string(graph.initializer_size()) + ", " + std::to_string(total) + " bytes";
  for (const auto& [type, bytes] : by_type) line += ", " + type + ' ' + std::to_string(bytes);
  return line;
}

// A long value (a vocabulary) is shown by its size.
std::string metadata_line(const onnx::StringStringEntryProto& entry) {
  constexpr std::size_t kLongest = 120;
  if (entry.value().size() <= kLongest) return entry.key() + ": " + entry.value();
  return entry.key() + ": " + std::to_string(entry.value().size()) + " bytes";
}

}  // namespace

Result<std::string> describe_onnx(const std::string& path) {
  const Result<onnx::ModelProto> model = read_model(path);
  if (!model) return model.error();
  const onnx::GraphProto& graph = model->graph();
  std::ostringstream text;
  text << "ONNX model, IR version " << model->ir_version();
  for (const onnx::OperatorSetIdProto& opset : model->opset_import()) {
    text << ", opset " << (opset.domain().empty() ? "" : opset.domain() + ' ') << opset.version();
  }
  text << ", made by " << (model->producer_name().empty() ? "an unnamed producer" : model->producer_name()) << '\n';
  for (const onnx::ValueInfoProto& input : graph.input()) text << "input         " << value_line(input) << '\n';
  for (const onnx::ValueInfoProto& output : graph.output()) text << "output        " << value_line(output) << '\n';
  text << "operators     " << operator_line(graph) << '\n';
  text << "initializers  " << initializer_line(graph) << '\n';
  for (const onnx::StringStringEntryProto& entry : model->metadata_props()) {
    text << "metadata      " << metadata_line(entry) << '\n';
  }
  return text.str();
}

}  // namespace noggin::exporter
