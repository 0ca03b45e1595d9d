#include "experiments/training_speed/our_loop.h"

#include <cstdio>

#include "experiments/training_speed/loads.h"
#include "train/compress/calibrate.h"
#include "train/compress/quantized_arithmetic.h"
#include "train/loop/precision.h"
#include "train/loop/process_settings.h"

namespace noggin::experiments {

using train::Tensor;

spec::ModelConfig config_of(const std::string& model) {
  unsigned layers = 0, width = 0, ffn_width = 0, vocabulary = 0;
  if (std::sscanf(model.c_str(), "%ux%ux%ux%u", &layers, &width, &ffn_width, &vocabulary) != 4) {
    throw std::invalid_argument("the model must be LAYERSxWIDTHxFFNxVOCABULARY, not " + model);
  }
  spec::ModelConfig config;
  config.pooling = spec::Pooling::kMean;
  config.vocabulary_size = vocabulary;
  config.max_tokens = kMaxTokens;
  config.encoder.width = width;
  config.encoder.head_width = 32;
  config.classes = kClasses;
  config.encoder.layer_norm_epsilon = 1e-12F;
  config.encoder.layers.assign(layers, {width / 32, ffn_width});
  return config;
}

OurLoop::OurLoop(const spec::ModelConfig& config, const std::vector<std::string>& shards, std::uint32_t batch_rows,
                 const std::string& mode)
    : stream_(shards), student_(train::make_student(config, 0.02, 1)) {
  train::keep_freed_memory();
  options_.sampler.seed = 1;
  options_.sampler.batch_rows = batch_rows;
  const bool quantized = mode.starts_with("qat-");
  if (quantized) {
    torch::NoGradGuard no_grad;
    train::CalibratingArithmetic observer;
    forward(student_, stream_.batch(0, 0, options_).packed, observer);
    observer.set_scales(student_);
    arithmetic_ = std::make_unique<train::QuantizedArithmetic>(mode == "qat-bf16");
  } else {
    arithmetic_ = train::float_arithmetic(train::precision_from_name(mode));
  }
  train::OptimizerOptions options;
  options.scale_learning_rate = quantized ? 0.1 : 0.0;
  optimizer_ = std::make_unique<train::Optimizer>(student_, options);
}

double OurLoop::step() {
  const std::uint64_t steps = stream_.steps_per_epoch(options_.sampler.batch_rows);
  const train::TrainingBatch batch = stream_.batch(step_ / steps, step_ % steps, options_);
  torch::manual_seed(step_++);
  optimizer_->look_up(batch.packed.token_ids);
  const Tensor logits = forward(student_, batch.packed, *arithmetic_, 0.1);
  const Tensor loss = 0.9 * distill::distillation_kl(logits, batch.teacher, 1.0) +
                      0.1 * distill::gold_cross_entropy(logits, batch.labels, 0.0);
  loss.backward();
  optimizer_->step(1e-4);
  return loss.item<double>();
}

}  // namespace noggin::experiments
