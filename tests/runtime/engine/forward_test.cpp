#include <gmock/gmock.h>

#include <thread>

#include "engine/trace.h"
#include "tests/support/engine_model.h"

namespace noggin {
namespace {

using test::OpenModel;

std::vector<std::uint32_t> logits_of(Session& session, const std::string& text) {
  return test::bits(*session.logits(session.tokenize(text)));
}

Session session_of(const Model& model, std::string_view kernels = {}) {
  Result<Session> session = Session::create(model, kernels);
  EXPECT_TRUE(session) << (session ? "" : session.error().message);
  return *std::move(session);
}

TEST(Forward, EveryKernelSetGivesTheReferenceBits) {
  std::uint64_t seed = 1;
  for (const spec::ModelConfig& config : test::odd_configs()) {
    const OpenModel open = test::open_model(test::frozen_model_with_golden(config, seed++));
    Session reference = session_of(open.model, "reference");
    for (const std::string& name : test::executable_kernel_sets()) {
      Session session = session_of(open.model, name);
      ASSERT_EQ(session.kernel_set(), name);  // the force took
      for (const std::string& text : test::sample_texts()) {
        EXPECT_EQ(logits_of(session, text), logits_of(reference, text)) << name << ", width " << config.encoder.width;
      }
    }
  }
}

TEST(Forward, WhatASessionAnsweredBeforeDoesNotMatter) {
  const OpenModel open = test::open_model(test::frozen_model_with_golden(test::engine_config(), 7));
  Session used = session_of(open.model);
  for (const std::string& text : test::sample_texts()) {
    Session fresh = session_of(open.model);
    EXPECT_EQ(logits_of(used, text), logits_of(fresh, text)) << text;
  }
}

TEST(Forward, DifferentTextsGiveDifferentLogits) {  // or the equalities above would mean little
  const OpenModel open = test::open_model(test::frozen_model_with_golden(test::engine_config(), 7));
  Session session = session_of(open.model);
  EXPECT_NE(logits_of(session, "where is my parcel"), logits_of(session, "my parcel is where"));
  EXPECT_NE(logits_of(session, "a"), logits_of(session, ""));
}

TEST(Forward, SessionsOnManyThreadsGiveTheSameBits) {
  const OpenModel open = test::open_model(test::frozen_model_with_golden(test::odd_configs()[2], 8));
  Session reference = session_of(open.model, "reference");
  std::vector<std::vector<std::uint32_t>> expected;
  for (const std::string& text : test::sample_texts()) expected.push_back(logits_of(reference, text));
  std::vector<std::vector<std::vector<std::uint32_t>>> found(4);
  std::vector<std::thread> threads;
  for (auto& answers : found) {
    threads.emplace_back([&open, &answers] {
      Session session = session_of(open.model);
      for (int round = 0; round < 5; ++round) {
        answers.clear();
        for (const std::string& text : test::sample_texts()) answers.push_back(logits_of(session, text));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& answers : found) EXPECT_EQ(answers, expected);
}

struct Step {
  std::string name;
  char type;  // 'f' or 'i'
  std::size_t rows, columns;
  bool operator==(const Step&) const = default;
};
void PrintTo(const Step& step, std::ostream* out) {
  *out << step.name << ' ' << step.type << " [" << step.rows << ", " << step.columns << "]";
}

class Recorder : public runtime::TraceSink {
 public:
  void record(std::string_view step, const float* values, std::size_t rows, std::size_t columns,
              std::size_t stride) override {
    steps.push_back({std::string(step), 'f', rows, columns});
    EXPECT_GE(stride, columns);
    last_floats.assign(values + (rows - 1) * stride, values + (rows - 1) * stride + columns);
  }
  void record(std::string_view step, const std::int8_t*, std::size_t rows, std::size_t columns,
              std::size_t stride) override {
    steps.push_back({std::string(step), 'i', rows, columns});
    EXPECT_GE(stride, columns);
  }
  std::vector<Step> steps;
  std::vector<float> last_floats;
};

TEST(Forward, TracesTheHeadForEveryToken) {
  spec::ModelConfig config = test::engine_config();
  config.pooling = spec::Pooling::kEveryToken;
  const OpenModel open = test::open_model(test::frozen_model_with_golden(config, 9));
  Session session = session_of(open.model);
  Recorder recorder;
  session.set_trace(&recorder);
  const std::vector<std::uint32_t> ids = {2, 7, 8, 3};
  const Result<std::span<const float>> logits = session.logits(ids);
  ASSERT_TRUE(logits);
  ASSERT_EQ(logits->size(), 4U * 3U);
  const std::vector<Step> tail(recorder.steps.end() - 3, recorder.steps.end());
  const std::vector<Step> expected = {
      {"layers.1.ffn.norm", 'f', 4, 20}, {"head.input", 'i', 4, 20}, {"head.classifier", 'f', 4, 3}};
  EXPECT_EQ(tail, expected);
  EXPECT_EQ(test::bits(recorder.last_floats), test::bits(logits->last(3)));
  session.set_trace(nullptr);  // tracing changes nothing
  EXPECT_EQ(test::bits(recorder.last_floats), test::bits(session.logits(ids)->last(3)));
}

TEST(Forward, TracesEveryStepInTheOrderOfTraceH) {
  spec::ModelConfig config = test::engine_config();  // D = 20, W = 5, C = 3, layers {2, 13}, {1, 18}
  const OpenModel open = test::open_model(test::frozen_model_with_golden(config, 9));
  Session session = session_of(open.model);
  Recorder recorder;
  session.set_trace(&recorder);
  const std::vector<std::uint32_t> ids = {2, 7, 8, 3};
  const Result<std::span<const float>> logits = session.logits(ids);
  ASSERT_TRUE(logits);

  std::vector<Step> expected = {{"embeddings.norm", 'f', 4, 20}};
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string prefix = "layers." + std::to_string(i) + ".";
    const std::size_t attention = config.encoder.layers[i].heads * 5, ffn = config.encoder.layers[i].ffn_width;
    const Step steps[] = {{"attention.input", 'i', 4, 20},
                          {"attention.qkv", 'i', 4, 3 * attention},
                          {"attention.context", 'i', 4, attention},
                          {"attention.output", 'f', 4, 20},
                          {"attention.norm", 'f', 4, 20},
                          {"ffn.input", 'i', 4, 20},
                          {"ffn.hidden", 'i', 4, ffn},
                          {"ffn.down", 'f', 4, 20},
                          {"ffn.norm", 'f', 4, 20}};
    for (const Step& step : steps) expected.push_back({prefix + step.name, step.type, step.rows, step.columns});
  }
  expected.push_back({"pooled", 'f', 1, 20});
  expected.push_back({"head.input", 'i', 1, 20});
  expected.push_back({"head.classifier", 'f', 1, 3});
  EXPECT_EQ(recorder.steps, expected);
  EXPECT_EQ(test::bits(recorder.last_floats), test::bits(*logits));

  session.set_trace(nullptr);
  ASSERT_TRUE(session.classify("quiet"));
  EXPECT_EQ(recorder.steps.size(), expected.size());
}

}  // namespace
}  // namespace noggin
