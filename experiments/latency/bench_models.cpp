#include "experiments/latency/bench_models.h"

namespace noggin::latency {
namespace {

BenchModel bench_model(const char* name, std::uint32_t layers, std::uint32_t width, spec::LayerConfig layer) {
  spec::ModelConfig config;
  config.vocabulary_size = 5000;
  config.max_tokens = 128;
  config.encoder.width = width;
  config.encoder.head_width = width / layer.heads;
  config.classes = 64;
  config.encoder.layers.assign(layers, layer);
  return {name, config};
}

}  // namespace

BenchModel small_model() { return bench_model("small", 2, 128, {2, 512}); }
BenchModel large_model() { return bench_model("large", 6, 384, {12, 1536}); }

std::string nog_path(const std::string& folder, const BenchModel& model) { return folder + '/' + model.name + ".nog"; }

std::string onnx_path(const std::string& folder, const BenchModel& model, const std::string& variant) {
  return folder + '/' + model.name + '.' + variant + ".onnx";
}

}  // namespace noggin::latency
