// Batches and threads cannot show in an answer: every kernel set, batch size, mix of lengths, thread count and pass
// size against the reference one text at a time.
#include <gmock/gmock.h>

#include "tests/support/engine_model.h"

namespace noggin {
namespace {

using test::OpenModel;
using ::testing::HasSubstr;

spec::ModelConfig config_with(spec::Pooling pooling) {
  spec::ModelConfig config = test::engine_config();
  config.max_tokens = 40;
  config.encoder.width = 72;
  config.encoder.head_width = 12;
  config.classes = 5;
  config.pooling = pooling;
  config.encoder.layers = {{3, 100}, {2, 64}};
  return config;
}

OpenModel open_model(const spec::ModelConfig& config) {
  format::FrozenModel frozen = test::random_frozen_model(config, 77, 0);
  frozen.tokenizer = tests::tiny_tokenizer(config.vocabulary_size);
  return test::open_model(frozen);
}

struct Batch {
  std::vector<std::uint32_t> ids, lengths;
};

Batch random_batch(test::Random& random, const spec::ModelConfig& config, std::size_t texts) {
  Batch batch;
  for (std::size_t b = 0; b < texts; ++b) {
    // Short ones, long ones, and the two ends.
    const std::uint32_t kinds[] = {1, 2, config.max_tokens,
                                   1 + static_cast<std::uint32_t>(random.below(config.max_tokens))};
    batch.lengths.push_back(kinds[random.below(4)]);
    for (std::uint32_t t = 0; t < batch.lengths.back(); ++t) {
      batch.ids.push_back(static_cast<std::uint32_t>(random.below(config.vocabulary_size)));
    }
  }
  return batch;
}

std::vector<std::uint32_t> one_by_one(Session& session, const Batch& batch) {
  std::vector<std::uint32_t> all;
  std::size_t start = 0;
  for (const std::uint32_t length : batch.lengths) {
    const std::vector<std::uint32_t> one = test::bits(*session.logits(std::span(batch.ids).subspan(start, length)));
    all.insert(all.end(), one.begin(), one.end());
    start += length;
  }
  return all;
}

std::string name_of(const ::testing::TestParamInfo<spec::Pooling>& test) {
  if (test.param == spec::Pooling::kEveryToken) return "every_token";
  return test.param == spec::Pooling::kMean ? "mean" : "first_token";
}

class Batches : public ::testing::TestWithParam<spec::Pooling> {};
INSTANTIATE_TEST_SUITE_P(Poolings, Batches,
                         ::testing::Values(spec::Pooling::kMean, spec::Pooling::kFirstToken,
                                           spec::Pooling::kEveryToken),
                         name_of);

TEST_P(Batches, GiveTheBitsOfOneByOne) {
  const spec::ModelConfig config = config_with(GetParam());
  const OpenModel open = open_model(config);
  Session reference = *Session::create(open.model, "reference");
  test::Random random(5);
  std::vector<Batch> batches;
  std::vector<std::vector<std::uint32_t>> expected;
  for (const std::size_t texts : {1, 2, 3, 7, 16, 31, 64, 130}) {
    batches.push_back(random_batch(random, config, texts));
    expected.push_back(one_by_one(reference, batches.back()));
  }
  for (const std::string& name : test::executable_kernel_sets()) {
    for (const std::size_t threads : {1, 2, 3, 5}) {
      for (const std::size_t batch_tokens : {0, 45, 333, 4000}) {
        if (name == "reference" && (threads > 2 || batch_tokens % 333 != 0)) continue;  // slow
        Session session = *Session::create(open.model, {name, threads, batch_tokens});
        for (std::size_t i = 0; i < batches.size(); ++i) {
          std::vector<float> logits(expected[i].size());
          ASSERT_TRUE(session.logits_batch(batches[i].ids, batches[i].lengths, logits));
          ASSERT_EQ(test::bits(logits), expected[i]) << name << ", " << batches[i].lengths.size() << " texts, "
                                                     << threads << " threads, passes of " << batch_tokens << " tokens";
        }
      }
    }
  }
}

TEST_P(Batches, OneTextIsDividedAmongThreads) {
  const spec::ModelConfig config = config_with(GetParam());
  const OpenModel open = open_model(config);
  Session alone = *Session::create(open.model);
  for (const std::size_t threads : {2, 4, 7}) {
    Session together = *Session::create(open.model, SessionOptions{.threads = threads});
    test::Random random(6);
    for (int i = 0; i < 40; ++i) {
      const Batch one = random_batch(random, config, 1);
      ASSERT_EQ(test::bits(*together.logits(one.ids)), test::bits(*alone.logits(one.ids)))
          << threads << " threads, " << one.ids.size() << " tokens";
    }
  }
}

TEST(Batch, TextsGetTheAnswersThatTheyGetAlone) {
  const OpenModel open = open_model(config_with(spec::Pooling::kMean));
  std::vector<std::string> words;
  for (int i = 0; i < 100; ++i) words.push_back(std::string(static_cast<std::size_t>(i * 3 % 71), "ab c"[i % 4]));
  const std::vector<std::string_view> texts(words.begin(), words.end());
  Session session = *Session::create(open.model, {.threads = 2, .batch_tokens = 100});
  Session alone = *Session::create(open.model);
  std::vector<Answer> answers(texts.size());
  std::vector<float> logits(texts.size() * 5);
  ASSERT_TRUE(session.classify_batch(texts, answers, logits));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Answer want = *alone.classify(texts[i]);
    EXPECT_EQ(answers[i].label, want.label) << i;
    EXPECT_EQ(answers[i].probability, want.probability) << i;
    EXPECT_EQ(test::bits(std::span(logits).subspan(i * 5, 5)), test::bits(alone.last_logits())) << i;
  }
  EXPECT_TRUE(session.classify_batch({}, {}));
}

TEST(Batch, WrongRoomAndWrongIdsAreRefused) {
  const OpenModel open = open_model(config_with(spec::Pooling::kMean));
  Session session = *Session::create(open.model);
  const std::string_view texts[] = {"a", "b"};
  std::vector<Answer> answers(3);
  EXPECT_THAT(session.classify_batch(texts, answers).error().message, HasSubstr("3 answers given for 2 texts"));
  std::vector<float> logits(9);
  EXPECT_THAT(session.classify_batch(texts, std::span(answers).first(2), logits).error().message,
              HasSubstr("2 rows of 5 classes need 10"));
  logits.resize(10);
  const std::uint32_t ids[] = {1, 2, 3}, good[] = {1, 2}, short_sum[] = {1, 1}, long_sum[] = {1, 3}, empty[] = {3, 0};
  EXPECT_TRUE(session.logits_batch(ids, good, logits));
  for (const auto& lengths : {short_sum, long_sum}) {
    const Status status = session.logits_batch(ids, std::span(lengths, 2), logits);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(status.error().message, HasSubstr("3 token ids given"));
  }
  EXPECT_THAT(session.logits_batch(ids, empty, logits).error().message, HasSubstr("text 1: logits: 0 token ids"));
  const std::uint32_t unknown[] = {1, 2, 100000};
  EXPECT_THAT(session.logits_batch(unknown, good, logits).error().message,
              ::testing::AllOf(HasSubstr("text 1"), HasSubstr("100000")));
}

TEST(SessionOptions, OutsideTheirRangesAreRefused) {
  const OpenModel open = open_model(config_with(spec::Pooling::kMean));
  for (const std::size_t threads : {0, 65}) {
    const Result<Session> session = Session::create(open.model, SessionOptions{.threads = threads});
    ASSERT_FALSE(session);
    EXPECT_THAT(session.error().message, HasSubstr("must be 1 to 64"));
    EXPECT_FALSE(Session::memory_bytes(open.model, SessionOptions{.threads = threads}));
  }
  const Result<Session> session = Session::create(open.model, SessionOptions{.batch_tokens = kMostBatchTokens + 1});
  ASSERT_FALSE(session);
  EXPECT_THAT(session.error().message, HasSubstr("batch_tokens"));
}

}  // namespace
}  // namespace noggin
