#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>

#include "engine/answer.h"
#include "engine/arena.h"
#include "format/file_layout.h"
#include "spec/formulas.h"
#include "tests/support/engine_model.h"

namespace noggin {
namespace {

using test::OpenModel;
using ::testing::HasSubstr;

OpenModel small_model() { return test::open_model(test::frozen_model_with_golden(test::engine_config(), 3)); }

Session session_of(const Model& model, std::string_view kernels = {}) { return *Session::create(model, kernels); }

TEST(Model, ShowsWhatTheFileHolds) {
  const OpenModel open = small_model();
  EXPECT_THAT(open.model.labels(), ::testing::ElementsAre("label_0", "label_1", "label_2"));
  EXPECT_EQ(open.model.none_class(), 2);
  EXPECT_EQ(open.model.max_tokens(), 19U);
  EXPECT_THAT(std::string(open.model.provenance()), HasSubstr("random_frozen_model"));
  EXPECT_NE(open.model.content_hash(), 0U);
}

TEST(Model, AMissingFileIsNamed) {
  const Result<Model> model = Model::open("no/such/router.nog");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(model.error().message, HasSubstr("no/such/router.nog"));
}

TEST(Model, AVocabularyOfAnotherSizeIsRefused) {
  format::FrozenModel frozen = test::random_frozen_model(test::engine_config(), 3, 0);
  const Result<std::vector<std::byte>> other =
      runtime::serialize_tokenizer(tests::tiny_tokenizer(test::engine_config().vocabulary_size - 1));
  ASSERT_TRUE(other);
  frozen.tokenizer = tests::tiny_tokenizer(test::engine_config().vocabulary_size);
  const test::AlignedBytes bytes(*format::serialize(frozen, *other));
  const Result<Model> model = Model::from_memory(bytes.span());
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(model.error().message, AllOf(HasSubstr("89"), HasSubstr("90")));
}

TEST(Session, AnUnknownKernelSetIsRefusedWithTheKnownOnes) {
  const OpenModel open = small_model();
  const Result<Session> session = Session::create(open.model, "mmx");
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(session.error().message, AllOf(HasSubstr("'mmx'"), HasSubstr("reference")));
}

TEST(Session, TheEnvironmentMayForceAKernelSet) {
  const OpenModel open = small_model();
  const char* before = std::getenv("NOGGIN_FORCE_ISA");
  const std::string outer = before == nullptr ? "" : before;
  ASSERT_EQ(setenv("NOGGIN_FORCE_ISA", "reference", 1), 0);
  const Result<Session> forced = Session::create(open.model);
  ASSERT_EQ(setenv("NOGGIN_FORCE_ISA", "abacus", 1), 0);
  const Result<Session> unknown = Session::create(open.model);
  ASSERT_EQ(outer.empty() ? unsetenv("NOGGIN_FORCE_ISA") : setenv("NOGGIN_FORCE_ISA", outer.c_str(), 1), 0);
  ASSERT_TRUE(forced);
  EXPECT_STREQ(forced->kernel_set(), "reference");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("NOGGIN_FORCE_ISA"));
}

TEST(Session, MemoryIsTheArenaAndIsKnownBefore) {
  const OpenModel open = small_model();
  const Session session = session_of(open.model);
  EXPECT_EQ(session.memory_bytes(), *Session::memory_bytes(open.model));
  for (const SessionOptions& options :
       {SessionOptions{.threads = 2}, SessionOptions{.threads = 3, .batch_tokens = 500}}) {
    EXPECT_EQ(Session::create(open.model, options)->memory_bytes(), *Session::memory_bytes(open.model, options));
    EXPECT_GT(*Session::memory_bytes(open.model, options), session.memory_bytes());
  }
  EXPECT_EQ(session.memory_bytes() % 64, 0U);
}

TEST(Arena, BuffersAreAlignedApartAndInside) {
  for (const spec::ModelConfig& config : test::odd_configs()) {
    Result<runtime::Arena> arena = runtime::Arena::create(config, runtime::chunk_limits(config, 0, 1));
    ASSERT_TRUE(arena);
    const runtime::Workspace w = arena->workspace();
    const std::size_t P = config.max_tokens;
    struct Piece {
      const void* start;
      std::size_t bytes;
    };
    const auto last_layer = config.encoder.layers;
    std::size_t heads = 0, ffn = 0;
    for (const spec::LayerConfig& layer : last_layer) {
      heads = std::max<std::size_t>(heads, layer.heads);
      ffn = std::max<std::size_t>(ffn, layer.ffn_width);
    }
    EXPECT_GE(w.qkv_stride, spec::padded_outputs(3 * heads * config.encoder.head_width));
    EXPECT_GE(w.context_stride, spec::padded_inputs(heads * config.encoder.head_width));
    EXPECT_GE(w.hidden_stride, spec::padded_outputs(ffn));
    const auto check = [&](std::vector<Piece> pieces) {  // in the order of their addresses
      for (std::size_t i = 0; i < pieces.size(); ++i) {
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pieces[i].start) % 64, 0U) << i;
        if (i == 0) continue;
        EXPECT_GE(static_cast<const char*>(pieces[i].start),
                  static_cast<const char*>(pieces[i - 1].start) + pieces[i - 1].bytes)
            << i;
      }
      const auto* end = static_cast<const char*>(pieces.back().start) + pieces.back().bytes;
      EXPECT_LE(end, reinterpret_cast<const char*>(w.token_ids) + arena->size_bytes());
    };
    const std::vector<Piece> common = {
        {w.token_ids, P * 4},
        {w.logits, config.classes * 4},
        {w.x, P * config.encoder.width * 4},
        {w.y, P * config.encoder.width * 4},
        {w.input, P * w.input_stride},
        {w.pooled, config.encoder.width * 4},
        {w.thread_scratch, runtime::attention_scratch_bytes(P, config.encoder.head_width)}};
    std::vector<Piece> attention = common, feed_forward = common;
    attention.push_back({w.qkv, P * w.qkv_stride});
    attention.push_back({w.context, P * w.context_stride});
    feed_forward.push_back({w.hidden, P * w.hidden_stride});
    check(attention);
    check(feed_forward);
  }
}

TEST(Session, LogitsRefusesIdsThatNoModelCouldRead) {
  const OpenModel open = small_model();
  Session session = session_of(open.model);
  EXPECT_FALSE(session.logits({}));
  EXPECT_FALSE(session.logits(std::vector<std::uint32_t>(20, 5)));
  EXPECT_TRUE(session.logits(std::vector<std::uint32_t>(19, 5)));
  EXPECT_TRUE(session.logits(std::vector<std::uint32_t>{89}));
  const auto beyond = session.logits(std::vector<std::uint32_t>{2, 90, 3});
  ASSERT_FALSE(beyond);
  EXPECT_THAT(beyond.error().message, AllOf(HasSubstr("90"), HasSubstr("position 1")));
}

TEST(Session, ClassifyIsTokenizeThenLogits) {
  const OpenModel open = small_model();
  Session session = session_of(open.model);
  const Answer answer = *session.classify("where is my parcel");
  const std::vector<float> logits = test::copied(session.last_logits());
  const auto again = session.logits(session.tokenize("where is my parcel"));  // ids lie in the session's own memory
  ASSERT_TRUE(again);
  EXPECT_EQ(test::bits(*again), test::bits(logits));
  EXPECT_EQ(answer.label, runtime::argmax(logits));
}

TEST(Session, SurvivesBeingMoved) {
  const OpenModel open = small_model();
  Session first = session_of(open.model);
  ASSERT_TRUE(first.classify("a"));
  const std::vector<std::uint32_t> expected = test::bits(first.last_logits());
  Session second = std::move(first);
  Session third = session_of(open.model);
  third = std::move(second);
  ASSERT_TRUE(third.classify("a"));
  EXPECT_EQ(test::bits(third.last_logits()), expected);
}

TEST(Answer, TiesGoToTheLowestClass) {
  EXPECT_EQ(runtime::argmax(std::vector<float>{1.0F, 3.0F, 3.0F, 2.0F}), 1U);
  EXPECT_EQ(runtime::argmax(std::vector<float>{-0.0F, 0.0F}), 0U);
}

TEST(Answer, NanNeverWins) {
  const float nan = std::nanf("");
  EXPECT_EQ(runtime::argmax(std::vector<float>{nan, -5.0F, nan, 7.0F, nan}), 3U);
  EXPECT_EQ(runtime::argmax(std::vector<float>{nan, nan}), 0U);
}

TEST(SelfTest, PassesOnEveryKernelSet) {
  const OpenModel open = small_model();
  for (const std::string& name : test::executable_kernel_sets()) {
    const SelfTest result = session_of(open.model, name).self_test();
    EXPECT_EQ(result.checked, test::sample_texts().size());
    EXPECT_EQ(result.failed, 0U) << result.first_failure;
    EXPECT_EQ(result.first_failure, "");
  }
}

TEST(SelfTest, FindsALogitThatIsOffByOneBit) {
  format::FrozenModel frozen = test::frozen_model_with_golden(test::engine_config(), 3);
  float& logit = frozen.golden[2].logits[1];
  logit = std::bit_cast<float>(std::bit_cast<std::uint32_t>(logit) ^ 1U);
  const OpenModel open = test::open_model(frozen);
  const SelfTest result = session_of(open.model).self_test();
  EXPECT_EQ(result.failed, 1U);
  EXPECT_THAT(result.first_failure, AllOf(HasSubstr("golden vector 2"), HasSubstr("logit 1 is")));
}

TEST(SelfTest, FindsOtherTokenIds) {
  format::FrozenModel frozen = test::frozen_model_with_golden(test::engine_config(), 3);
  frozen.golden[0].token_ids[1] ^= 1U;
  frozen.golden[3].token_ids.push_back(3);
  const OpenModel open = test::open_model(frozen);
  const SelfTest result = session_of(open.model).self_test();
  EXPECT_EQ(result.failed, 2U);
  EXPECT_THAT(result.first_failure, AllOf(HasSubstr("golden vector 0"), HasSubstr("token 1 is")));
}

// A model of so many classes that its file knows most golden vectors by a hash of their logits.
format::FrozenModel model_of_many_classes() {
  spec::ModelConfig config = test::engine_config();
  config.classes = format::kMostGoldenClasses + 1;
  return test::frozen_model_with_golden(config, 3);
}

TEST(SelfTest, HashesProveAsMuchAsLogits) {
  const format::FrozenModel frozen = model_of_many_classes();
  const OpenModel open = test::open_model(frozen);
  for (const std::string& name : test::executable_kernel_sets()) {
    const SelfTest result = session_of(open.model, name).self_test();
    EXPECT_EQ(result.checked, test::sample_texts().size());
    EXPECT_EQ(result.failed, 0U) << result.first_failure;
  }
  format::FrozenModel other_bit = frozen;
  float& logit = other_bit.golden[2].logits[500];
  logit = std::bit_cast<float>(std::bit_cast<std::uint32_t>(logit) ^ 1U);
  const SelfTest bit = session_of(test::open_model(other_bit).model).self_test();
  EXPECT_EQ(bit.failed, 1U);
  EXPECT_THAT(bit.first_failure, AllOf(HasSubstr("golden vector 2"), HasSubstr("another hash")));
  format::FrozenModel other_ids = frozen;
  other_ids.golden[3].token_ids[1] ^= 1U;
  const SelfTest ids = session_of(test::open_model(other_ids).model).self_test();
  EXPECT_EQ(ids.failed, 1U);
  EXPECT_THAT(ids.first_failure, AllOf(HasSubstr("golden vector 3"), HasSubstr("token 1 is")));
}

TEST(SelfTest, FindsOneChangedWeight) {
  format::FrozenModel frozen = test::frozen_model_with_golden(test::engine_config(), 3);
  for (std::int8_t& weight : frozen.tensors["layers.1.ffn.down"].values) weight = static_cast<std::int8_t>(-weight);
  const OpenModel open = test::open_model(frozen);
  EXPECT_GT(session_of(open.model).self_test().failed, 0U);
}

}  // namespace
}  // namespace noggin
