// The GPU's kernels, run on the CPU, against the reference kernels: equal bits on every shape and in every thread
// order.
#include <string>

#include "gpu/attention_kernel.h"
#include "gpu/batch.h"
#include "gpu/linear_kernel.h"
#include "gpu/row_kernels.h"
#include "gpu/tensor_core_kernel.h"
#include "spec/formulas.h"
#include "tests/support/gpu_host_device.h"
#include "tests/support/kernel_cases.h"

namespace noggin::testing {
namespace {

using test::HostDevice;
using test::kThreadOrders;
using test::ThreadOrder;

const runtime::KernelSet& reference() { return runtime::reference_kernels(); }

template <typename Kernel>
void run(const Kernel& kernel, ThreadOrder order) {
  HostDevice device(order);
  ASSERT_TRUE(device.launch(kernel));
}

Aligned<float> random_rows(Random& random, std::size_t count, float range) {
  Aligned<float> rows(count);
  for (std::size_t i = 0; i < count; ++i) rows[i] = range * random.unit();
  return rows;
}

Aligned<float> copy_of(const Aligned<float>& from) {
  Aligned<float> to(from.size());
  std::copy_n(from.data(), from.size(), to.data());
  return to;
}

// --- linear --------------------------------------------------------------------------------------------------------

struct Shape {
  std::uint32_t outputs, inputs;
};
constexpr Shape kShapes[] = {{1, 1},   {1, 128}, {2, 3},   {15, 7},  {16, 8},    {17, 9},    {31, 40},
                             {33, 64}, {63, 65}, {64, 64}, {65, 72}, {151, 128}, {128, 384}, {7, 1031}};
constexpr std::size_t kRowCounts[] = {1, 3, 4, 31, 32, 33, 70};

gpu::DeviceLinear device_linear(const LinearCase& c) {
  const spec::LinearView view = c.packed.view();
  return {view.panels, view.columns, view.outputs, static_cast<std::uint32_t>(spec::padded_inputs(view.inputs))};
}

template <template <typename> typename Kernel>
void compare_linear(const LinearCase& c, std::size_t rows, bool extreme, Random& random, ThreadOrder order) {
  const std::string what =
      "N=" + std::to_string(c.outputs) + " K=" + std::to_string(c.inputs) + " rows=" + std::to_string(rows);
  const auto stride = static_cast<std::uint32_t>(spec::padded_inputs(c.inputs));
  const auto count = static_cast<std::uint32_t>(rows);
  const Aligned<std::int8_t> a = random_activations(random, rows, stride, extreme);
  Aligned<float> got(rows * c.outputs), want(rows * c.outputs);
  run(Kernel<gpu::FloatOutput>{{device_linear(c), a.data(), stride, count, {got.data(), c.outputs}}}, order);
  reference().linear(c.packed.view(), a.data(), stride, rows, want.data());
  expect_same(got.data(), want.data(), got.size(), what);

  const auto out_stride = static_cast<std::uint32_t>(spec::padded_outputs(c.outputs));
  Aligned<float> inverse = random_rows(random, out_stride, 20.0F);
  Aligned<std::int8_t> table(256), out(rows * out_stride), expected(rows * out_stride);
  for (std::size_t i = 0; i < 256; ++i) table[i] = random.byte(-128, 127);
  for (const bool look_up : {false, true}) {
    const std::int8_t* lookup = look_up ? table.data() : nullptr;
    const gpu::QuantizedOutput output{inverse.data(), lookup, out.data(), out_stride};
    run(Kernel<gpu::QuantizedOutput>{{device_linear(c), a.data(), stride, count, output}}, order);
    reference().linear_quantized(c.packed.view(), a.data(), stride, rows, inverse.data(), lookup, expected.data(),
                                 out_stride);
    for (std::size_t row = 0; row < rows; ++row) {
      expect_same(out.data() + row * out_stride, expected.data() + row * out_stride, c.outputs, what + " int8");
    }
  }
}

template <template <typename> typename Kernel>
void compare_linear_shapes() {
  Random random(21);
  for (const Shape& shape : kShapes) {
    const LinearCase c = random_linear(random, shape.outputs, shape.inputs);
    for (const std::size_t rows : kRowCounts) {
      ASSERT_NO_FATAL_FAILURE(compare_linear<Kernel>(c, rows, false, random, kThreadOrders[rows % 3]));
    }
  }
}

template <template <typename> typename Kernel>
void compare_linear_extremes() {
  Random random(22);
  for (const Shape& shape : {Shape{33, 128}, Shape{20, 4096}}) {
    const LinearCase c = random_linear(random, shape.outputs, shape.inputs, true);
    for (const ThreadOrder order : kThreadOrders) {
      ASSERT_NO_FATAL_FAILURE(compare_linear<Kernel>(c, 5, true, random, order));
    }
  }
}

// All products of one sign, the longest K: the largest sums there are.
template <template <typename> typename Kernel>
void compare_largest_sums() {
  constexpr std::uint32_t kOutputs = 3, kInputs = 32768;
  for (const int activation : {-128, 127}) {
    const std::vector<std::int8_t> weights(std::size_t{kOutputs} * kInputs, std::int8_t{-127});
    const std::vector<std::int32_t> bias(kOutputs, activation < 0 ? 8388608 : -8388608);
    const std::vector<float> scale(kOutputs, 1.0F);
    LinearCase c{kOutputs, kInputs, {}, {}, {}, {}};
    c.packed = runtime::pack_linear(weights.data(), bias.data(), scale.data(), kOutputs, kInputs);
    const std::vector<std::int8_t> a(kInputs, static_cast<std::int8_t>(activation));
    std::vector<float> y(kOutputs);
    run(Kernel<gpu::FloatOutput>{{device_linear(c), a.data(), kInputs, 1, {y.data(), kOutputs}}},
        ThreadOrder::kAscending);
    const auto want = static_cast<float>(std::int64_t{activation} * -127 * kInputs + bias[0]);
    for (const float value : y) ASSERT_TRUE(same_bits(value, want)) << value << " instead of " << want;
  }
}

TEST(CudaKernels, LinearEqualsTheReference) {
  compare_linear_shapes<gpu::Linear>();
  compare_linear_extremes<gpu::Linear>();
  compare_largest_sums<gpu::Linear>();
}

TEST(CudaKernels, LinearOnTensorCoresEqualsTheReference) {
  compare_linear_shapes<gpu::TensorCoreLinear>();
  compare_linear_extremes<gpu::TensorCoreLinear>();
  compare_largest_sums<gpu::TensorCoreLinear>();
}

// The instruction's definition byte by byte, as its manual words it (PTX ISA, "Matrix Fragments for mma.m16n8k32"):
// element i of a thread's fragments, with groupID = lane >> 2 and threadID_in_group = lane % 4.
TEST(CudaKernels, TensorCoreFragmentsLieAsTheManualSays) {
  Random random(30);
  std::int8_t a[16][32], b[32][8];
  for (auto& row : a) {
    for (auto& value : row) value = random.byte(-128, 127);
  }
  for (auto& row : b) {
    for (auto& value : row) value = random.byte(-127, 127);
  }
  const auto word = [](const auto& element) {
    std::uint32_t bytes = 0;
    for (unsigned i = 0; i < 4; ++i) bytes |= std::uint32_t{static_cast<std::uint8_t>(element(i))} << (8 * i);
    return static_cast<std::int32_t>(bytes);
  };
  const auto a_word = [&](unsigned lane, unsigned which) {
    return word([&](unsigned j) {
      const unsigned i = which * 4 + j, group = lane >> 2, thread = lane % 4;
      const unsigned row = i < 4 || (i >= 8 && i < 12) ? group : group + 8;
      const unsigned column = i < 8 ? thread * 4 + (i & 3) : thread * 4 + (i & 3) + 16;
      return a[row][column];
    });
  };
  const auto b_word = [&](unsigned lane, unsigned which) {
    return word([&](unsigned j) {
      const unsigned i = which * 4 + j, group = lane >> 2, thread = lane % 4;
      const unsigned row = i < 4 ? thread * 4 + (i & 3) : thread * 4 + (i & 3) + 16;
      return b[row][group];
    });
  };
  for (unsigned lane = 0; lane < 32; ++lane) {
    std::int32_t sum[4] = {1, 2, 3, 4};
    gpu::multiply_by_warp(lane, a_word, b_word, sum);
    for (unsigned i = 0; i < 4; ++i) {
      const unsigned row = i < 2 ? lane >> 2 : (lane >> 2) + 8, column = lane % 4 * 2 + (i & 1);
      std::int32_t want = static_cast<std::int32_t>(i) + 1;
      for (unsigned k = 0; k < 32; ++k) want += a[row][k] * b[k][column];
      EXPECT_EQ(sum[i], want) << "lane " << lane << ", element " << i;
    }
  }
}

// --- rows ----------------------------------------------------------------------------------------------------------

void compare_layer_norm(std::size_t rows, std::size_t width, bool with_residual, float range, Random& random,
                        ThreadOrder order) {
  const Aligned<float> x = random_rows(random, rows * width, range),
                       residual = random_rows(random, rows * width, range);
  const Aligned<float> gamma = random_rows(random, width, 1.5F), beta = random_rows(random, width, 0.3F);
  const std::size_t stride = spec::padded_inputs(width);
  Aligned<float> got = copy_of(x), want = copy_of(x);
  Aligned<std::int8_t> q(rows * stride), expected(rows * stride);
  const float* added = with_residual ? residual.data() : nullptr;
  run(gpu::AddLayerNorm{got.data(), added, gamma.data(), beta.data(), 1e-12F, 40.0F, q.data(),
                        static_cast<std::uint32_t>(stride), static_cast<std::uint32_t>(rows),
                        static_cast<std::uint32_t>(width)},
      order);
  reference().add_layer_norm(want.data(), added, rows, width, gamma.data(), beta.data(), 1e-12F, 40.0F, expected.data(),
                             stride);
  const std::string what = "rows=" + std::to_string(rows) + " D=" + std::to_string(width);
  expect_same(got.data(), want.data(), got.size(), what);
  expect_same(q.data(), expected.data(), q.size(), what + " int8");
}

TEST(CudaKernels, LayerNormEqualsTheReference) {
  Random random(23);
  for (const std::size_t width : {1, 2, 7, 15, 16, 17, 31, 33, 64, 127, 128, 384, 1031}) {
    for (const std::size_t rows : {1, 7, 8, 9, 20}) {
      const ThreadOrder order = kThreadOrders[(rows + width) % 3];
      ASSERT_NO_FATAL_FAILURE(compare_layer_norm(rows, width, rows % 2 == 0, 3.0F, random, order));
    }
  }
}

TEST(CudaKernels, LayerNormEqualsTheReferenceWhereResultsAreSubnormalOrNotANumber) {
  Random random(24);
  for (const float range : {1e-38F, 1e-42F, 1e38F, std::numeric_limits<float>::infinity(), 0.0F}) {
    ASSERT_NO_FATAL_FAILURE(compare_layer_norm(9, 40, true, range, random, ThreadOrder::kScattered)) << range;
  }
}

TEST(CudaKernels, LayerNormWithoutAnIntegerResultWritesNone) {
  Random random(25);
  Aligned<float> x = random_rows(random, 3 * 20, 1.0F), want = copy_of(x);
  const Aligned<float> gamma = random_rows(random, 20, 1.0F), beta = random_rows(random, 20, 1.0F);
  run(gpu::AddLayerNorm{x.data(), nullptr, gamma.data(), beta.data(), 1e-5F, 0.0F, nullptr, 0, 3, 20},
      ThreadOrder::kAscending);
  reference().add_layer_norm(want.data(), nullptr, 3, 20, gamma.data(), beta.data(), 1e-5F, 0.0F, nullptr, 0);
  expect_same(x.data(), want.data(), x.size(), "x");
}

TEST(CudaKernels, EmbeddingEqualsTheReference) {
  Random random(26);
  for (const std::uint32_t width : {1U, 7U, 128U, 300U}) {
    constexpr std::uint32_t kRows = 11, kPositions = 9;
    const Aligned<std::int8_t> word = random_activations(random, kRows, width),
                               position = random_activations(random, kPositions, width);
    const Aligned<float> word_scales = random_rows(random, kRows, 0.01F),
                         position_scales = random_rows(random, kPositions, 0.01F);
    const std::vector<std::uint32_t> ids = {3, 10, 0, 0, 7, 2}, positions = {0, 1, 2, 0, 1, 2};  // two texts
    std::vector<float> got(ids.size() * width), want(ids.size() * width);
    run(gpu::Embed{word.data(), position.data(), word_scales.data(), position_scales.data(), ids.data(),
                   positions.data(), got.data(), static_cast<std::uint32_t>(ids.size()), width},
        ThreadOrder::kDescending);
    const spec::EmbeddingView words{word.data(), word_scales.data(), kRows, width};
    const spec::EmbeddingView places{position.data(), position_scales.data(), kPositions, width};
    for (const std::size_t first : {0, 3})
      reference().embed(words, places, ids.data() + first, 3, want.data() + first * width);
    expect_same(got.data(), want.data(), got.size(), "D=" + std::to_string(width));
  }
}

TEST(CudaKernels, PoolingEqualsTheReference) {
  Random random(27);
  const std::vector<std::uint32_t> offsets = {0, 1, 8, 41};
  for (const std::uint32_t width : {1U, 20U, 128U, 129U, 400U}) {
    const Aligned<float> x = random_rows(random, 41 * width, 3.0F);
    const auto stride = static_cast<std::uint32_t>(spec::padded_inputs(width));
    Aligned<std::int8_t> got(3 * stride), want(3 * stride);
    for (const bool mean : {true, false}) {
      run(gpu::Pool{x.data(), offsets.data(), 40.0F, got.data(), stride, 3, width, mean}, ThreadOrder::kScattered);
      for (std::size_t b = 0; b < 3; ++b) {
        std::vector<float> pooled(x.data() + offsets[b] * width, x.data() + (offsets[b] + 1) * width);
        if (mean)
          reference().mean_pool(x.data() + offsets[b] * width, offsets[b + 1] - offsets[b], width, pooled.data());
        reference().quantize(pooled.data(), width, 40.0F, want.data() + b * stride);
      }
      expect_same(got.data(), want.data(), got.size(), "D=" + std::to_string(width));
    }
  }
}

// --- attention -----------------------------------------------------------------------------------------------------

struct AttentionShape {
  std::uint32_t heads, head_width;
  std::vector<std::uint32_t> lengths;  // T of each text
};

template <unsigned kChannels>
void compare_attention(const AttentionShape& shape, bool extreme, Random& random) {
  const std::uint32_t group = shape.heads * shape.head_width;
  const auto qkv_stride = static_cast<std::uint32_t>(spec::padded_outputs(3 * group)),
             context_stride = static_cast<std::uint32_t>(spec::padded_inputs(group));
  std::uint32_t tokens = 0;
  std::vector<gpu::QueryTile> tiles;
  for (const std::uint32_t length : shape.lengths) {
    for (std::uint32_t q = 0; q < length; q += 16) tiles.push_back({tokens, length, q});
    tokens += length;
  }
  const Aligned<std::int8_t> qkv = random_activations(random, tokens, qkv_stride, extreme);
  Aligned<std::int8_t> got(tokens * context_stride), want(tokens * context_stride);
  const float score_scale = spec::attention_score_scale(0.02F, 0.03F, shape.head_width), value_scale = 0.02F,
              inverse = 70.0F;
  for (const ThreadOrder order : kThreadOrders) {
    run(gpu::Attention<kChannels>{qkv.data(), got.data(), tiles.data(), static_cast<std::uint32_t>(tiles.size()),
                                  shape.heads, shape.head_width, qkv_stride, context_stride, score_scale, value_scale,
                                  inverse},
        order);
    std::uint32_t first = 0;
    for (const std::uint32_t length : shape.lengths) {
      Aligned<std::byte> scratch(runtime::attention_scratch_bytes(length, shape.head_width));
      reference().attention({qkv.data() + first * qkv_stride, qkv_stride, want.data() + first * context_stride,
                             context_stride, length, shape.heads, shape.head_width, score_scale, value_scale, inverse,
                             scratch.data()});
      first += length;
    }
    expect_same(got.data(), want.data(), got.size(),
                "H=" + std::to_string(shape.heads) + " W=" + std::to_string(shape.head_width) + " order " +
                    std::to_string(static_cast<int>(order)));
  }
}

TEST(CudaKernels, AttentionEqualsTheReference) {
  Random random(28);
  for (const bool extreme : {false, true}) {
    compare_attention<4>({1, 1, {1, 2, 17}}, extreme, random);
    compare_attention<4>({3, 5, {4, 31, 32, 33}}, extreme, random);
    compare_attention<4>({4, 32, {16, 1, 64, 129}}, extreme, random);
    compare_attention<4>({2, 30, {15, 40}}, extreme, random);
    compare_attention<8>({2, 64, {7, 65}}, extreme, random);
    compare_attention<8>({1, 33, {3, 100}}, extreme, random);
    compare_attention<32>({2, 256, {5, 33}}, extreme, random);
    compare_attention<32>({1, 131, {50}}, extreme, random);
  }
}

TEST(CudaKernels, AttentionEqualsTheReferenceOnTheLongestText) {
  Random random(29);
  compare_attention<4>({1, 8, {1500}}, false, random);
}

}  // namespace
}  // namespace noggin::testing
