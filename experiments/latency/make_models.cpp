// make_models FOLDER: writes each model of the benchmark as .nog and, from the same frozen value, as .onnx (Q/DQ).
#include <cstdio>
#include <string>

#include "experiments/latency/bench_models.h"
#include "export/onnx/onnx_export.h"
#include "format/writer.h"
#include "spec/quant.h"
#include "tests/support/format_random_model.h"
#include "tests/support/tokenizer_tiny.h"
#include "tokenizer/wordpiece.h"

namespace noggin::latency {
namespace {

constexpr std::uint64_t kSeed = 2024;

// Output scales as freezing makes them, fl(s_a * s_w), so that the ONNX graph can hold them exactly.
void make_scales_products(format::FrozenModel& model) {
  for (const spec::TensorSpec& tensor : spec::tensor_table(model.config)) {
    if (tensor.kind != spec::TensorKind::kLinear) continue;
    const float input_scale = model.tensors.at(tensor.input_scale).floats.front();
    for (float& scale : model.tensors.at(tensor.name).floats) {
      scale = spec::output_scale(input_scale, scale / input_scale);
    }
  }
}

Status make(const BenchModel& model, const std::string& folder) {
  format::FrozenModel frozen = test::random_frozen_model(model.config, kSeed, 0);
  frozen.tokenizer = tests::tiny_tokenizer(model.config.vocabulary_size);
  make_scales_products(frozen);
  const Result<std::vector<std::byte>> tokenizer = runtime::serialize_tokenizer(frozen.tokenizer);
  if (!tokenizer) return tokenizer.error();
  if (Status s = format::write_model(frozen, *tokenizer, nog_path(folder, model)); !s) return s;
  return exporter::write_onnx(frozen, onnx_path(folder, model, "qdq"));
}

int run(const std::string& folder) {
  for (const BenchModel& model : {small_model(), large_model()}) {
    if (Status s = make(model, folder); !s) {
      std::fprintf(stderr, "make_models: %s\n", s.error().message.c_str());
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace noggin::latency

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_models FOLDER\n");
    return 2;
  }
  return noggin::latency::run(argv[1]);
}
