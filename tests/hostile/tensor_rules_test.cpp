// Rules of the tensors section: values that would make instruction sets disagree or a forward pass overflow, and bytes
// that nobody accounts for. One hostile file each, hashes right.
#include <cmath>
#include <limits>

#include "spec/layout.h"
#include "spec/pack_panels.h"
#include "tests/support/format_hostile_case.h"

namespace noggin::test {
namespace {

using format::SectionKind;

struct FoundTensor {
  spec::TensorSpec spec;
  format::TensorPlace place;
};

FoundTensor find_tensor(const std::string& name) {
  std::uint64_t offset = 0;
  for (const spec::TensorSpec& spec : spec::tensor_table(small_config())) {
    const format::TensorPlace place = format::place_tensor(spec, offset);
    if (spec.name == name) return {spec, place};
    offset = place.end;
  }
  std::abort();  // the test's own mistake
}

HostileCase tensor_bytes(std::string name, std::string tensor,
                         std::function<void(std::byte* values, std::byte* per_row, const spec::TensorSpec&)> edit,
                         std::string expected) {
  return rewritten(
      std::move(name), SectionKind::kTensors,
      [=](Bytes& bytes) {
        const FoundTensor found = find_tensor(tensor);
        edit(bytes.data() + found.place.values, bytes.data() + found.place.per_row, found.spec);
      },
      "tensor " + tensor + expected);
}

HostileCase tensor_float(std::string name, std::string tensor, std::size_t index, float value, std::string expected) {
  return tensor_bytes(
      std::move(name), std::move(tensor),
      [=](std::byte* values, std::byte*, const spec::TensorSpec&) { store_f32(values + 4 * index, value); },
      std::move(expected));
}

HostileCase row_float(std::string name, std::string tensor, std::size_t offset, float value, std::string expected) {
  return tensor_bytes(
      std::move(name), std::move(tensor),
      [=](std::byte*, std::byte* per_row, const spec::TensorSpec&) { store_f32(per_row + offset, value); },
      std::move(expected));
}

HostileCase column_int(std::string name, std::string tensor, std::size_t offset, std::int32_t value,
                       std::string expected) {
  return tensor_bytes(
      std::move(name), std::move(tensor),
      [=](std::byte*, std::byte* per_row, const spec::TensorSpec&) {
        store_u32(per_row + offset, static_cast<std::uint32_t>(value));
      },
      std::move(expected));
}

// Sets the weight of output n, input k, and keeps bias_minus_offset right, so that only the weight itself is wrong.
HostileCase weight(std::string name, std::string tensor, std::size_t n, std::size_t k, int value,
                   std::string expected) {
  return tensor_bytes(
      std::move(name), std::move(tensor),
      [=](std::byte* panels, std::byte* columns, const spec::TensorSpec& spec) {
        std::byte* at = panels + spec::panel_offset(n, k, spec::padded_inputs(spec.columns));
        const int change = value - static_cast<std::int8_t>(*at);
        *at = static_cast<std::byte>(value);
        std::byte* offset = columns + n * sizeof(spec::LinearColumn) + 4;
        store_u32(offset, load_u32(offset) - static_cast<std::uint32_t>(128 * change));
      },
      std::move(expected));
}

const float kNan = std::numeric_limits<float>::quiet_NaN();
const float kInfinity = std::numeric_limits<float>::infinity();
// small_config: layer 0 has H*W = 10, F = 13; D = 20, so K = 20 is padded to 24; qkv has 30 outputs, padded to 32.
const std::string kQkv = "layers.0.attention.qkv";

class TensorRules : public testing::TestWithParam<HostileCase> {};
TEST_P(TensorRules, IsRefused) { expect_refused(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Section, TensorRules,
    testing::Values(
        rewritten(
            "Short", SectionKind::kTensors, [](Bytes& b) { b.erase(b.end() - 64, b.end()); }, "tensors: has"),
        rewritten(
            "Long", SectionKind::kTensors, [](Bytes& b) { b.insert(b.end(), 64, std::byte{0}); }, "the config needs"),
        rewritten(
            "Empty", SectionKind::kTensors, [](Bytes& b) { b.clear(); }, "tensors: has 0 bytes"),
        tensor_bytes(
            "GapAfterVector", "embeddings.norm.beta",
            [](std::byte* values, std::byte*, const auto& spec) { values[spec.columns * 4U] = std::byte{1}; },
            ": the bytes after it are not zero"),
        tensor_bytes(
            "GapAfterEmbeddingValues", "embeddings.word",
            [](std::byte*, std::byte* per_row, const auto&) { per_row[-1] = std::byte{1}; },
            ": the bytes after it are not zero"),
        tensor_bytes(
            "GapAfterEmbeddingScales", "embeddings.word",
            [](std::byte*, std::byte* per_row, const auto& spec) { per_row[spec.rows * 4U] = std::byte{1}; },
            ": the bytes after it are not zero"),
        tensor_bytes(
            "GapAfterScale", "head.input",
            [](std::byte* values, std::byte*, const auto&) { values[63] = std::byte{1}; },
            ": the bytes after it are not zero")),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Embedding, TensorRules,
    testing::Values(tensor_bytes(
                        "WordWeight", "embeddings.word",
                        [](std::byte* values, std::byte*, const auto& spec) {
                          values[std::size_t{spec.rows} * spec.columns - 1] = std::byte{0x80};
                        },
                        ": a weight is -128"),
                    tensor_bytes(
                        "PositionWeight", "embeddings.position",
                        [](std::byte* values, std::byte*, const auto&) { values[0] = std::byte{0x80}; },
                        ": a weight is -128"),
                    row_float("ScaleZero", "embeddings.word", 0, 0.0F, " row 0: scale 0 is not finite and positive"),
                    row_float("ScaleNegative", "embeddings.word", 36 * 4, -1.0F, " row 36: scale -1 is not"),
                    row_float("ScaleNan", "embeddings.position", 4, kNan, " row 1: scale nan is not"),
                    row_float("ScaleInfinite", "embeddings.position", 4, kInfinity, " row 1: scale inf is not"),
                    row_float("ScaleTooSmall", "embeddings.word", 4, 1e-20F, " row 1: scale"),
                    row_float("ScaleTooLarge", "embeddings.word", 4, 16777218.0F, " row 1: scale")),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Linear, TensorRules,
    testing::Values(
        weight("Weight", kQkv, 3, 17, -128, ": a weight is -128"),
        weight("LastWeight", "head.classifier", 2, 19, -128, ": a weight is -128"),
        weight("PaddingInput", kQkv, 3, 20, 1, ": a padding weight is not zero"),
        weight("PaddingInputLast", kQkv, 29, 23, 1, ": a padding weight is not zero"),
        weight("PaddingOutput", "layers.0.ffn.up", 13, 0, 1, ": a padding weight is not zero"),
        weight("PaddingOutputLast", "layers.0.ffn.up", 15, 19, 1, ": a padding weight is not zero"),
        column_int("BiasAbove", kQkv, 0, 8388609, " output 0: bias 8388609 is beyond"),
        column_int("BiasBelow", kQkv, 29 * 12, -8388609, " output 29: bias -8388609 is beyond"),
        column_int("BiasLowest", kQkv, 0, std::numeric_limits<std::int32_t>::min(), " output 0: bias -2147483648"),
        column_int("Compensation", "layers.1.ffn.down", 5 * 12 + 4, 12345, " output 5: bias_minus_offset is 12345"),
        row_float("ScaleZero", kQkv, 8, 0.0F, " output 0: scale 0 is not"),
        row_float("ScaleNegative", kQkv, 29 * 12 + 8, -0.5F, " output 29: scale -0.5 is not"),
        row_float("ScaleNan", kQkv, 8, kNan, " output 0: scale nan is not"),
        row_float("ScaleInfinite", kQkv, 8, kInfinity, " output 0: scale inf is not"),
        row_float("ScaleTooSmall", kQkv, 8, 1e-25F, " output 0: scale"),
        row_float("ScaleTooLarge", kQkv, 8, 16777218.0F, " output 0: scale"),
        column_int("PaddingColumnBias", kQkv, 30 * 12, 1, ": a padding column is not {0, 0, 1}"),
        column_int("PaddingColumnOffset", kQkv, 31 * 12 + 4, 1, ": a padding column is not {0, 0, 1}"),
        row_float("PaddingColumnScale", kQkv, 31 * 12 + 8, 2.0F, ": a padding column is not {0, 0, 1}")),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Floats, TensorRules,
    testing::Values(
        tensor_float("GammaNan", "embeddings.norm.gamma", 19, kNan, ": value 19 is nan"),
        tensor_float("BetaInfinite", "layers.1.ffn.norm.beta", 0, -kInfinity, ": value 0 is -inf"),
        tensor_float("GammaTooLarge", "layers.0.attention.norm.gamma", 0, -16777218.0F, ": value 0 is -16777218"),
        tensor_float("ActivationScaleZero", "layers.0.ffn.hidden", 0, 0.0F, ": scale 0 is not finite and positive"),
        tensor_float("ActivationScaleNegative", "layers.1.attention.query", 0, -0.5F, ": scale -0.5 is not"),
        tensor_float("ActivationScaleNan", "head.input", 0, kNan, ": scale nan"),
        tensor_float("ActivationScaleInfinite", "layers.0.attention.input", 0, kInfinity, ": scale inf"),
        // 1 / scale would be infinite.
        tensor_float("ActivationScaleDenormal", "layers.0.ffn.preactivation", 0, 1e-40F, ": scale 9.9999461e-41"),
        tensor_float("ActivationScaleTooLarge", "layers.0.attention.context", 0, 16777218.0F, ": scale 16777218")),
    case_name);

// A projection's scale meets a word's scale of up to 2^24 after it.
TEST(TensorRules, TheProjectionsScaleIsAtMostOne) {
  const auto with_scale = [](float scale) {
    return rewritten(
        "", SectionKind::kTensors,
        [=](Bytes& bytes) {
          spec::ModelConfig config = small_config();
          config.encoder.embedding_width = 7;
          std::uint64_t offset = 0;
          spec::for_each_tensor(config, [&](spec::TensorSpec&& spec) {
            const format::TensorPlace place = format::place_tensor(spec, offset);
            if (spec.name == "embeddings.projection") store_f32(bytes.data() + place.per_row + 19 * 12 + 8, scale);
            offset = place.end;
          });
        },
        "tensor embeddings.projection output 19: scale 1.00000012 is not finite and positive, within 2^-80 to 2^0",
        ErrorCode::kCorrupt, valid_narrow_file);
  };
  expect_refused(with_scale(std::nextafter(1.0F, 2.0F)));
  const AlignedBytes accepted(with_scale(1.0F).make());
  EXPECT_TRUE(format::read_model(accepted.span()));
  spec::ModelConfig config = small_config();
  config.encoder.embedding_width = 7;
  format::FrozenModel model = random_frozen_model(config, 3);
  model.tensors["embeddings.projection"].floats[4] = 1.5F;
  const Result<std::vector<std::byte>> written = format::serialize(model, {});
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("embeddings.projection row 4"), std::string::npos) << written.error().message;
}

// Any four bits are a weight; the four after the last of seven are none.
TEST(TensorRules, TheBitsAfterAnInt4RowAreZero) {
  const auto with_byte = [](std::size_t place, std::byte bits) {
    return rewritten(
        "", SectionKind::kTensors, [=](Bytes& bytes) { bytes[place] |= bits; },
        "tensor embeddings.word row 36: the bits after its last weight are not zero", ErrorCode::kCorrupt,
        valid_int4_file);
  };
  constexpr std::size_t kLastByte = 37 * 4 - 1;  // the word table is the first tensor
  for (const unsigned bits : {0x10U, 0x80U}) expect_refused(with_byte(kLastByte, static_cast<std::byte>(bits)));
  for (const std::size_t place : {std::size_t{0}, kLastByte}) {
    const AlignedBytes accepted(with_byte(place, std::byte{0x0F}).make());
    EXPECT_TRUE(format::read_model(accepted.span())) << place;
  }
}

// `edit` gets the panels, sub-steps and columns of a layer in int4 weights.
HostileCase int4_layer(std::string tensor, std::function<void(std::byte*, std::byte*, std::byte*)> edit,
                       std::string expected) {
  return rewritten(
      "", SectionKind::kTensors,
      [=](Bytes& bytes) {
        std::uint64_t offset = 0;
        spec::for_each_tensor(int4_layers_config(), [&](spec::TensorSpec&& spec) {
          const format::TensorPlace place = format::place_tensor(spec, offset);
          if (spec.name == tensor) {
            std::byte* panels = bytes.data() + place.values;
            edit(panels, panels + spec::panels_bytes(spec.type, spec.rows, spec.columns), bytes.data() + place.per_row);
          }
          offset = place.end;
        });
      },
      "tensor " + tensor + expected, ErrorCode::kCorrupt, valid_int4_layers_file);
}

TEST(TensorRules, Int4LayersHaveSubStepsAndNothingInTheirPadding) {
  constexpr std::size_t kLast = 16 + 13;  // of 30 outputs, in the second panel; one sub-step each
  for (const int step : {0, -1, -128}) {
    expect_refused(int4_layer(
        kQkv, [=](std::byte*, std::byte* steps, std::byte*) { steps[kLast] = static_cast<std::byte>(step); },
        " output 29: a sub-step is " + std::to_string(step) + ", must be 1 to 127"));
  }
  expect_refused(int4_layer(
      kQkv, [](std::byte*, std::byte* steps, std::byte*) { steps[kLast + 1] = std::byte{1}; },
      ": a padding weight is not zero"));
  for (const unsigned bits : {0x01U, 0x10U}) {
    // Each of the two panels has 64 / 8 blocks of 64 bytes; output 31 has the last four of a block.
    expect_refused(int4_layer(
        kQkv, [=](std::byte* panels, std::byte*, std::byte*) { panels[16 * 64 - 1] = static_cast<std::byte>(bits); },
        ": a padding weight is not zero"));
  }
}

TEST(TensorRules, TheCompensationOfAnInt4LayerCountsItsSubSteps) {
  expect_refused(int4_layer(
      "layers.0.ffn.down", [](std::byte* panels, std::byte*, std::byte*) { panels[0] ^= std::byte{0x01}; },
      " output 0: bias_minus_offset is"));
  expect_refused(int4_layer(
      "layers.0.ffn.up",
      [](std::byte*, std::byte* steps, std::byte*) {
        steps[5] = steps[5] == std::byte{7} ? std::byte{8} : std::byte{7};
      },
      " output 5: bias_minus_offset is"));
  expect_refused(int4_layer(
      "layers.0.ffn.up", [](std::byte*, std::byte*, std::byte* columns) { store_u32(columns, 8388609); },
      " output 0: bias 8388609 is beyond"));
}

// The ends of every range are inside.
TEST(TensorRules, LimitsThemselvesAreAccepted) {
  format::FrozenModel model = random_frozen_model(small_config(), 3);
  model.tensors["embeddings.word"].floats = std::vector<float>(37, spec::kSmallestScale);
  model.tensors["embeddings.position"].floats = std::vector<float>(9, format::kLargestScale);
  model.tensors["embeddings.norm.gamma"].floats = std::vector<float>(20, -format::kLargestNormParameter);
  model.tensors[kQkv].floats[0] = format::kSmallestOutputScale;
  model.tensors[kQkv].bias[0] = 8388608;
  model.tensors[kQkv].bias[1] = -8388608;
  model.tensors[kQkv].values.assign(model.tensors[kQkv].values.size(), -127);
  Result<std::vector<std::byte>> bytes = format::serialize(model, {});
  ASSERT_TRUE(bytes) << bytes.error().message;
  const AlignedBytes file(*bytes);
  const Result<format::ModelView> view = format::read_model(file.span());
  EXPECT_TRUE(view) << view.error().message;
}

// The vectorised sums of the reader hold at the widest layer that a config may name.
TEST(TensorRules, WidestSumsAreExact) {
  spec::ModelConfig config = small_config();
  config.encoder.layers = {{1, spec::kMaxFfnWidth}};
  for (const int value : {-127, 127}) {
    format::FrozenModel model = random_frozen_model(config, 3);
    auto& values = model.tensors["layers.0.ffn.down"].values;
    values.assign(values.size(), static_cast<std::int8_t>(value));
    const AlignedBytes file(*format::serialize(model, {}));
    const Result<format::ModelView> view = format::read_model(file.span());
    EXPECT_TRUE(view) << view.error().message;
  }
}

}  // namespace
}  // namespace noggin::test
