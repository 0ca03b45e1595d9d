#include "export/onnx/onnx_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/checker.h>

#include <cstdio>
#include <set>

#include "tests/support/onnx_models.h"

namespace noggin::exporter {
namespace {

using test::onnx_config;
using test::onnx_model;
using testing::HasSubstr;

std::vector<std::byte> exported(const format::FrozenModel& model) {
  Result<std::vector<std::byte>> bytes = build_onnx(model);
  EXPECT_TRUE(bytes) << (bytes ? "" : bytes.error().message);
  return bytes ? *std::move(bytes) : std::vector<std::byte>{};
}

TEST(OnnxExport, RandomModelsPassTheChecker) {
  const std::vector<spec::ModelConfig> configs{onnx_config(), onnx_config(spec::Pooling::kFirstToken),
                                               test::small_config(), test::narrow_onnx_config(),
                                               test::static_onnx_config()};
  for (const spec::ModelConfig& config : configs) {
    const onnx::ModelProto proto = test::parsed(exported(test::random_frozen_model(config, config.encoder.width)));
    EXPECT_NO_THROW(onnx::checker::check_model(proto));
    EXPECT_EQ(proto.ir_version(), 8);
    ASSERT_EQ(proto.opset_import_size(), 1);
    EXPECT_EQ(proto.opset_import(0).version(), 17);
    EXPECT_EQ(proto.producer_name(), "noggin");
    ASSERT_EQ(proto.graph().input_size(), 2);
    EXPECT_EQ(proto.graph().input(0).name(), "input_ids");
    EXPECT_EQ(proto.graph().input(1).name(), "attention_mask");
    ASSERT_EQ(proto.graph().output_size(), 1);
    EXPECT_EQ(proto.graph().output(0).name(), "logits");
    EXPECT_EQ(proto.graph().output(0).type().tensor_type().shape().dim(1).dim_value(), config.classes);
  }
}

TEST(OnnxExport, OperatorsFollowTheModel) {
  const onnx::ModelProto proto = test::parsed(exported(onnx_model(onnx_config(), 3)));
  const std::map<std::string, int> counts = test::operator_counts(proto);
  EXPECT_EQ(counts.at("Gemm"), 3 * 6 + 1);  // query, key and value are three
  EXPECT_EQ(counts.at("LayerNormalization"), 1 + 3 * 2);
  EXPECT_EQ(counts.at("Erf"), 3);
  EXPECT_EQ(counts.at("MatMul"), 3 * 2);
  EXPECT_EQ(counts.count("Softmax"), 0U);  // exponents are integers of their own
  for (const onnx::NodeProto& node : proto.graph().node()) {
    if (node.op_type() != "LayerNormalization") continue;
    float epsilon = 0.0F;
    for (const onnx::AttributeProto& attribute : node.attribute())
      if (attribute.name() == "epsilon") epsilon = attribute.f();
    EXPECT_EQ(epsilon, onnx_config().encoder.layer_norm_epsilon) << node.name();
  }
}

TEST(OnnxExport, EveryNameIsWrittenOnce) {
  const onnx::ModelProto proto = test::parsed(exported(onnx_model(onnx_config(), 3)));
  std::set<std::string> names;
  for (const onnx::TensorProto& tensor : proto.graph().initializer()) EXPECT_TRUE(names.insert(tensor.name()).second);
  for (const onnx::NodeProto& node : proto.graph().node())
    for (const std::string& output : node.output()) EXPECT_TRUE(names.insert(output).second) << output;
}

TEST(OnnxExport, SameModelSameBytes) {
  const format::FrozenModel model = onnx_model(onnx_config(), 5);
  EXPECT_EQ(exported(model), exported(model));
  EXPECT_NE(exported(model), exported(onnx_model(onnx_config(), 6)));
}

std::vector<std::int8_t> transposed(const std::vector<std::int8_t>& values, std::size_t rows, std::size_t columns) {
  std::vector<std::int8_t> result;
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t r = 0; r < rows; ++r) result.push_back(values[r * columns + c]);
  return result;
}

template <typename T>
void append(std::vector<T>& all, const std::vector<T>& part) {
  all.insert(all.end(), part.begin(), part.end());
}

// The names under which a linear layer is stored, in the order of its output channels.
std::vector<std::string> stored_names(const std::string& name) {
  const std::string qkv = "attention.qkv";
  if (!name.ends_with(qkv)) return {name};
  const std::string prefix = name.substr(0, name.size() - qkv.size()) + "attention.";
  return {prefix + "query.projection", prefix + "key.projection", prefix + "value.projection"};
}

TEST(OnnxExport, StoredTensorsAreTheModels) {
  const format::FrozenModel model = onnx_model(onnx_config(), 7);
  const onnx::ModelProto proto = test::parsed(exported(model));
  const auto floats = [&](const std::string& name) { return test::values_of<float>(test::initializer(proto, name)); };
  const auto bytes = [&](const std::string& name) {
    return test::values_of<std::int8_t>(test::initializer(proto, name));
  };
  for (const spec::TensorSpec& spec : spec::tensor_table(model.config)) {
    SCOPED_TRACE(spec.name);
    const format::FrozenTensor& tensor = model.tensors.at(spec.name);
    switch (spec.kind) {
      case spec::TensorKind::kEmbedding:
        EXPECT_EQ(bytes(spec.name + ".weight"), tensor.values);
        EXPECT_EQ(floats(spec.name + ".scale"), tensor.floats);
        break;
      case spec::TensorKind::kLinear: {
        std::vector<std::int8_t> rows;
        std::vector<std::int32_t> bias;
        std::vector<float> bias_scales, products;
        for (const std::string& name : stored_names(spec.name)) {
          const std::vector<std::int8_t> columns = bytes(name + ".weight");
          append(rows, transposed(columns, spec.columns, columns.size() / spec.columns));
          append(bias, test::values_of<std::int32_t>(test::initializer(proto, name + ".bias")));
          append(bias_scales, floats(name + ".bias_scale"));
          append(products, floats(name + ".weight_scale"));
        }
        EXPECT_EQ(rows, tensor.values);
        EXPECT_EQ(bias, tensor.bias);
        EXPECT_EQ(bias_scales, tensor.floats);
        for (float& scale : products) scale *= model.tensors.at(spec.input_scale).floats.front();
        EXPECT_EQ(products, tensor.floats);  // to the bit: what a runtime multiplies
        break;
      }
      case spec::TensorKind::kVector:
        EXPECT_EQ(floats(spec.name), tensor.floats);
        break;
      case spec::TensorKind::kActivationScale:
        EXPECT_EQ(floats(spec.name + ".scale"), tensor.floats);
        break;
    }
  }
  EXPECT_EQ(test::metadata(proto, "noggin.inexact_channels"), "0");
}

TEST(OnnxExport, MetadataHoldsLabelsAndTokenizer) {
  format::FrozenModel model = onnx_model(onnx_config(), 8);
  model.task.labels[0] = "a \"quoted\" label";
  const onnx::ModelProto proto = test::parsed(exported(model));
  EXPECT_THAT(test::metadata(proto, "noggin.labels"), HasSubstr(R"(["a \"quoted\" label","label_1",)"));
  EXPECT_THAT(test::metadata(proto, "noggin.vocabulary"),
              HasSubstr(R"(["[PAD]","[UNK]","[CLS]","[SEP]","[MASK]","a")"));
  EXPECT_THAT(test::metadata(proto, "noggin.tokenizer"), HasSubstr(R"("lowercase":true)"));
  EXPECT_THAT(test::metadata(proto, "noggin.tokenizer"), HasSubstr(R"("max_tokens":24)"));
  EXPECT_EQ(test::metadata(proto, "noggin.none_class"), "6");
  EXPECT_EQ(test::metadata(proto, "noggin.numerics_version"), "1");
  EXPECT_EQ(test::metadata(proto, "noggin.provenance"), model.provenance);
}

TEST(OnnxExport, RefusesAnInvalidModel) {
  format::FrozenModel model = onnx_model(onnx_config(), 9);
  model.tensors.at("layers.1.ffn.up").bias.pop_back();
  const Result<std::vector<std::byte>> bytes = build_onnx(model);
  ASSERT_FALSE(bytes);
  EXPECT_THAT(bytes.error().message, HasSubstr("layers.1.ffn.up"));
}

TEST(OnnxExport, WritesAFileAndDescribesIt) {
  const std::string path = testing::TempDir() + "/onnx_export_test.onnx";
  const Status written = write_onnx(onnx_model(onnx_config(), 10), path);
  ASSERT_TRUE(written) << written.error().message;
  const Result<std::string> text = describe_onnx(path);
  std::remove(path.c_str());
  ASSERT_TRUE(text) << text.error().message;
  for (const char* part :
       {"IR version 8, opset 17, made by noggin", "input_ids int64 [batch, tokens]", "logits float [batch, 7]",
        "Gemm 19", "LayerNormalization 7", "noggin.labels: [\"label_0\""}) {
    EXPECT_THAT(*text, HasSubstr(part));
  }
}

TEST(OnnxExport, DescribingNamesWhatIsWrong) {
  const std::string path = testing::TempDir() + "/onnx_export_test_bad.onnx";
  const Result<std::string> missing = describe_onnx(path);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  std::ofstream(path) << "this is not a model";
  const Result<std::string> bad = describe_onnx(path);
  std::remove(path.c_str());
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(bad.error().message, HasSubstr(path));
}

}  // namespace
}  // namespace noggin::exporter
