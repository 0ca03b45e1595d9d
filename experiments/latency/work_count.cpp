#include "experiments/latency/work_count.h"

namespace noggin::latency {
namespace {

// Operations on one element.
constexpr double kQuantize = 4;     // times 1/s, two bounds, round and convert
constexpr double kFloatOutput = 2;  // convert the sum, times its scale
constexpr double kQuantizedOutput = kFloatOutput + kQuantize;
constexpr double kEmbedding = 5;  // convert and scale two integers, add
constexpr double kNorm = 7;       // sum, subtract, square, sum, times inverse, gamma, beta
constexpr double kResidual = 1;
constexpr double kExp = 20;  // bound 1; n: multiply, round 2; r: 4; polynomial: 6 multiply, 6 add; times 2^n 1
constexpr double kScore = 2 + kFloatOutput + kExp + 3;  // max, minus max; real value; exp; times 127, convert, sum
constexpr double kNormDivisions = 4;                    // a row: mean, variance, square root, inverse

void add_layer(WorkCount& work, double T, double D, double W, const spec::LayerConfig& layer) {
  const double H = layer.heads, F = layer.ffn_width, HW = H * W;
  const double weights = D * 3 * HW + HW * D + 2 * D * F;
  work.weight_bytes += weights;
  work.products += T * weights + 2 * T * T * HW;
  work.float_operations += T * 3 * HW * kQuantizedOutput + H * T * T * kScore + T * HW * kQuantizedOutput;
  work.float_operations += T * D * kFloatOutput + T * F * kQuantizedOutput + T * D * kFloatOutput;
  work.float_operations += 2 * T * D * (kResidual + kNorm + kQuantize);  // the quantized input of what follows
  work.divisions += 2 * T * kNormDivisions + H * T;
}

}  // namespace

WorkCount work_of(const spec::ModelConfig& config, std::size_t tokens) {
  const double T = static_cast<double>(tokens), D = config.encoder.width, C = config.classes;
  WorkCount work;
  work.float_operations += T * D * (kEmbedding + kNorm + kQuantize);
  if (const double E = config.encoder.embedding_width; E > 0) {
    work.products += T * E * D;
    work.float_operations += T * D * kFloatOutput;
    work.weight_bytes += E * D;
  }
  work.divisions += T * kNormDivisions;
  for (const spec::LayerConfig& layer : config.encoder.layers) add_layer(work, T, D, config.encoder.head_width, layer);
  work.float_operations -= T * D * kQuantize;  // nothing follows the last norm but pooling
  if (config.pooling == spec::Pooling::kMean) {
    work.float_operations += T * D;
    work.divisions += D;
  }
  work.float_operations += D * kQuantize + C * kFloatOutput;
  work.products += D * C;
  work.weight_bytes += D * C;
  return work;
}

}  // namespace noggin::latency
