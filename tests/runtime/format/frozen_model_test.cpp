// validate(): what the reader would refuse is never written.
#include "format/frozen_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "format/writer.h"
#include "tests/support/format_random_model.h"

namespace noggin::format {
namespace {

struct Offence {
  std::string name;
  std::function<void(FrozenModel&)> commit;
  std::string expected;  // part of the message
};
void PrintTo(const Offence& offence, std::ostream* out) { *out << offence.name; }

class Validate : public testing::TestWithParam<Offence> {};

TEST_P(Validate, NamesTheFirstOffender) {
  FrozenModel model = test::random_frozen_model(test::small_config(), 5);
  ASSERT_TRUE(validate(model));
  GetParam().commit(model);
  const Status status = validate(model);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(status.error().message.find(GetParam().expected), std::string::npos) << status.error().message;
  EXPECT_FALSE(serialize(model, {}));
}

FrozenTensor& up(FrozenModel& model) { return model.tensors.at("layers.1.ffn.up"); }

INSTANTIATE_TEST_SUITE_P(
    Model, Validate,
    testing::Values(
        Offence{"Config", [](auto& m) { m.config.encoder.width = 0; }, "width is 0"},
        Offence{"TensorMissing", [](auto& m) { m.tensors.erase("layers.1.ffn.up"); }, "layers.1.ffn.up: is missing"},
        Offence{"TensorUnknown", [](auto& m) { m.tensors["layers.9.x"] = {}; }, "layers.9.x: this config has no such"},
        Offence{"Values", [](auto& m) { up(m).values.pop_back(); }, "layers.1.ffn.up: has 359 integers"},
        Offence{"Scales", [](auto& m) { up(m).floats.push_back(1.0F); }, "layers.1.ffn.up: has 19 floats"},
        Offence{"Biases", [](auto& m) { up(m).bias.clear(); }, "layers.1.ffn.up: has 0 biases"},
        Offence{"VectorWithValues", [](auto& m) { m.tensors["embeddings.norm.beta"].values = {1}; }, "has 1 integers"},
        Offence{"Weight", [](auto& m) { up(m).values[7] = -128; }, "layers.1.ffn.up: a weight is -128"},
        Offence{"Bias", [](auto& m) { up(m).bias[17] = 8388609; }, "layers.1.ffn.up row 17: bias 8388609"},
        Offence{"Scale", [](auto& m) { up(m).floats[2] = 0.0F; }, "layers.1.ffn.up row 2: scale 0"},
        Offence{"EmbeddingScale", [](auto& m) { m.tensors["embeddings.word"].floats[1] = -1.0F; }, "row 1: scale -1"},
        Offence{"ActivationScale", [](auto& m) { m.tensors["head.input"].floats[0] = std::nanf(""); },
                "head.input: scale"},
        Offence{"Gamma", [](auto& m) { m.tensors["layers.0.ffn.norm.gamma"].floats[3] = INFINITY; }, "value 3 is inf"},
        Offence{"Vocabulary", [](auto& m) { m.tokenizer.vocabulary.pop_back(); }, "has 36 vocabulary entries"},
        Offence{"SpecialToken", [](auto& m) { m.tokenizer.sep_id = 37; }, "special token id 37"},
        Offence{"LabelCount", [](auto& m) { m.task.labels.pop_back(); }, "task: has 2 labels"},
        Offence{"LabelTwice", [](auto& m) { m.task.labels[0] = "label_1"; }, "have the same label 'label_1'"},
        Offence{"LabelNotUtf8", [](auto& m) { m.task.labels[2] = "\xFF"; }, "task label 2: label is not valid UTF-8"},
        Offence{"NoneClass", [](auto& m) { m.task.none_class = 3; }, "none_class is 3"},
        Offence{"Temperature", [](auto& m) { m.task.temperature = 0.0F; }, "decision: temperature is 0"},
        Offence{"Abstain", [](auto& m) { m.task.abstain_below = 1.5F; }, "abstain_below is 1.5"},
        Offence{"Thresholds", [](auto& m) { m.task.thresholds = {0.5F}; }, "thresholds are for multi_label and score"},
        Offence{"Pooling",
                [](auto& m) {
                  m.config.pooling = spec::Pooling::kEveryToken;
                  m.golden.clear();
                },
                "config: pooling is 3 for a single_label task"},
        Offence{"TagLabels",
                [](auto& m) {
                  m.config.pooling = spec::Pooling::kEveryToken;
                  m.task.kind = spec::TaskKind::kTag;
                  m.task.none_class = -1;
                },
                "task: label \"label_0\" is not \"O\""},
        Offence{"GoldenLogits", [](auto& m) { m.golden[1].logits.pop_back(); }, "golden vector 1: has 2 logits"},
        Offence{"GoldenLogit", [](auto& m) { m.golden[1].logits[0] = INFINITY; }, "a logit is not finite"},
        Offence{"GoldenId", [](auto& m) { m.golden[2].token_ids[0] = 37; }, "golden vector 2: token id 37"},
        Offence{"GoldenEmpty", [](auto& m) { m.golden[2].token_ids.clear(); }, "golden vector 2: 0 token ids"},
        Offence{"GoldenText", [](auto& m) { m.golden[0].text.resize(65537); }, "text has 65537 bytes"},
        Offence{"GoldenCount", [](auto& m) { m.golden.resize(513); }, "513 vectors, the limit is 512"},
        Offence{"Provenance", [](auto& m) { m.provenance = "made by hand"; }, "is not a JSON object"}),
    [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace noggin::format
