#include "export/onnx/onnx_export.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <onnx/checker.h>
#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "bytes/atomic_file.h"
#include "export/onnx/encoder_graph.h"
#include "export/onnx/metadata.h"
#include "format/writer.h"

namespace noggin::exporter {
namespace {

constexpr std::int64_t kIrVersion = 8, kOpset = 17;

onnx::ModelProto to_proto(const format::FrozenModel& model) {
  onnx::ModelProto proto;
  proto.set_ir_version(kIrVersion);
  proto.set_producer_name("noggin");
  onnx::OperatorSetIdProto& opset = *proto.add_opset_import();
  opset.set_domain("");
  opset.set_version(kOpset);
  const std::size_t inexact_channels = build_encoder_graph(model, *proto.mutable_graph());
  if (std::ranges::any_of(proto.graph().node(), [](const auto& node) { return node.domain() == kMicrosoftDomain; })) {
    onnx::OperatorSetIdProto& contributed = *proto.add_opset_import();
    contributed.set_domain(kMicrosoftDomain);
    contributed.set_version(1);
  }
  add_metadata(model, inexact_channels, proto);
  return proto;
}

// libonnx reports errors by exception, this project by value below LibTorch: converted here.
Status check(const onnx::ModelProto& proto) {
  try {
    onnx::checker::check_model(proto);
    onnx::ModelProto inferred = proto;  // the inferred shapes are not written: every reader infers its own
    const onnx::ShapeInferenceOptions strict(/*check_type=*/true, /*strict_mode=*/1, /*data_propagation=*/true);
    onnx::shape_inference::InferShapes(inferred, onnx::OpSchemaRegistry::Instance(), strict);
  } catch (const std::exception& problem) {
    return Error{ErrorCode::kCorrupt, std::string("ONNX export: the graph violates a rule of ONNX, which is a bug "
                                                  "in the exporter; please report it with this message: ")
                                          .append(problem.what())};
  }
  return {};
}

Result<std::vector<std::byte>> serialize(const onnx::ModelProto& proto) {
  const std::size_t size = proto.ByteSizeLong();
  if (size > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return Error{ErrorCode::kUnsupported, "ONNX export: the model takes " + std::to_string(size) +
                                              " bytes and a protobuf message holds at most 2147483647; use the .nog "
                                              "file, or a smaller vocabulary or width"};
  }
  std::vector<std::byte> bytes(size);
  google::protobuf::io::ArrayOutputStream array(bytes.data(), static_cast<int>(size));
  google::protobuf::io::CodedOutputStream stream(&array);
  stream.SetSerializationDeterministic(true);
  if (!proto.SerializeToCodedStream(&stream)) {
    return Error{ErrorCode::kOutOfSpace, "ONNX export: the model could not be serialized; free some memory"};
  }
  return bytes;
}

}  // namespace

Result<std::vector<std::byte>> build_onnx(const format::FrozenModel& model) {
  if (Status status = format::validate(model); !status) return status.error();
  const onnx::ModelProto proto = to_proto(model);
  if (Status status = check(proto); !status) return status.error();
  return serialize(proto);
}

Status write_onnx(const format::FrozenModel& model, const std::string& path) {
  const Result<std::vector<std::byte>> bytes = build_onnx(model);
  if (!bytes) return bytes.error();
  return write_file_atomically(path, bytes->data(), bytes->size());
}

}  // namespace noggin::exporter
