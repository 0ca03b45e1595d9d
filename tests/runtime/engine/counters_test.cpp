// Opt-in counts: what each kind of task counts, by whom, and that it changes no answer.
#include "noggin/counters.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <thread>

#include "noggin/noggin.h"
#include "tests/support/engine_model.h"
#include "tests/support/ngram_model.h"

namespace noggin {
namespace {

using ::testing::HasSubstr;

template <typename Bins>
std::uint64_t sum(const Bins& bins) {
  return std::accumulate(bins.begin(), bins.end(), std::uint64_t{0});
}

format::FrozenModel model_of(TaskKind kind, std::uint32_t classes = 3) {
  spec::ModelConfig config = test::engine_config();
  config.classes = classes;
  if (spec::traits_of(kind).per_token()) config.pooling = spec::Pooling::kEveryToken;
  format::FrozenModel frozen = test::random_frozen_model(config, 3, 0);
  frozen.tokenizer = tests::tiny_tokenizer(config.vocabulary_size);
  frozen.task.kind = kind;
  frozen.task.none_class = -1;
  if (kind == TaskKind::kEdit) frozen.task.labels = {"keep", "delete"};
  return frozen;
}

TEST(Counters, CountWhatWasAskedAndAnswered) {
  format::FrozenModel frozen = model_of(TaskKind::kSingleLabel);
  frozen.task.abstain_below = 0.4F;
  const test::OpenModel open = test::open_model(frozen);
  Session session = *Session::create(open.model);
  Counters counters = *Counters::create(open.model);
  ASSERT_TRUE(session.set_counters(&counters));
  std::vector<std::string> all = test::sample_texts();
  all.emplace_back("the \xE4\xB8\xAD \xE2\x82\xAC where is it");  // letters that no piece has
  Counts expected;
  expected.answers.resize(3);
  for (const std::string& text : all) {
    const Answer answer = *session.classify(text);
    const std::span<const std::uint32_t> ids = session.tokenize(text);  // not counted
    ++expected.requests;
    ++(answer.abstained ? expected.unanswered : expected.answers[answer.label]);
    ++expected.probability[std::min<std::size_t>(19, static_cast<std::size_t>(answer.probability * 20.0F))];
    const auto bin = std::lower_bound(kMostTokensOfBin.begin(), kMostTokensOfBin.end(), ids.size());
    ++expected.tokens[static_cast<std::size_t>(bin - kMostTokensOfBin.begin())];
    const auto unknown = static_cast<std::size_t>(std::ranges::count(ids, open.model.tokenizer().unknown_id()));
    const std::size_t words = ids.size() - 2;
    ++expected.unknown[words == 0 ? 0 : (10 * unknown + words - 1) / words];
  }
  EXPECT_EQ(counters.read(), expected);
  EXPECT_GT(expected.unknown[0], 0U);
  EXPECT_LT(expected.unknown[0], expected.requests);  // the texts have unknown words, too
  EXPECT_EQ(counters.take(), expected);
  Counts nothing;
  nothing.answers.resize(3);
  EXPECT_EQ(counters.read(), nothing);
  std::vector<std::string_view> texts(all.begin(), all.end());
  std::vector<Answer> answers(texts.size());
  ASSERT_TRUE(session.classify_batch(texts, answers));
  EXPECT_EQ(counters.take(), expected);  // a batch counts as its texts do
  for (const std::string& text : all) ASSERT_TRUE(session.probabilities(text));
  EXPECT_EQ(counters.take(), expected);
}

TEST(Counters, ErrorsAreCountedAndNotAsRequests) {
  const test::OpenModel open = test::open_model(model_of(TaskKind::kSingleLabel));
  Session session = *Session::create(open.model);
  Counters counters = *Counters::create(open.model);
  ASSERT_TRUE(session.set_counters(&counters));
  EXPECT_FALSE(session.mask("a text"));
  const Counts counts = counters.read();
  EXPECT_EQ(counts.errors, 1U);
  EXPECT_EQ(counts.requests, 0U);
  ASSERT_TRUE(session.set_counters(nullptr));
  ASSERT_TRUE(session.classify("a text"));
  EXPECT_EQ(counters.read(), counts);
}

TEST(Counters, OfMultiLabelCountEachPositiveLabel) {
  const test::OpenModel open = test::open_model(model_of(TaskKind::kMultiLabel));
  Session session = *Session::create(open.model);
  Counters counters = *Counters::create(open.model);
  ASSERT_TRUE(session.set_counters(&counters));
  std::vector<std::uint64_t> positive(3);
  std::uint64_t without = 0;
  for (const std::string& text : test::sample_texts()) {
    const std::span<const float> probabilities = *session.probabilities(text);
    bool any = false;
    for (std::size_t c = 0; c < 3; ++c) {
      positive[c] += probabilities[c] >= 0.5F;
      any = any || probabilities[c] >= 0.5F;
    }
    without += !any;
  }
  const Counts counts = counters.read();
  EXPECT_EQ(counts.answers, positive);
  EXPECT_EQ(counts.unanswered, without);
  EXPECT_EQ(counts.requests, test::sample_texts().size());
  EXPECT_EQ(sum(counts.probability), sum(positive) + without);
}

TEST(Counters, OfAScoreCountYesAndNo) {
  const test::OpenModel open = test::open_model(model_of(TaskKind::kScore, 1));
  Session session = *Session::create(open.model);
  Counters counters = *Counters::create(open.model);
  ASSERT_TRUE(session.set_counters(&counters));
  std::uint64_t yes = 0;
  for (const std::string& text : test::sample_texts()) yes += session.classify(text)->probability >= 0.5F;
  EXPECT_EQ(counters.read().answers, std::vector<std::uint64_t>{yes});
  EXPECT_EQ(counters.read().unanswered, test::sample_texts().size() - yes);
}

TEST(Counters, OfATaggerCountSpansByTypeAndTextsWithout) {
  format::FrozenModel frozen = model_of(TaskKind::kTag, 5);
  frozen.task.labels = {"O", "B-a", "I-a", "B-b", "I-b"};
  const test::OpenModel open = test::open_model(frozen);
  Session session = *Session::create(open.model);
  Counters counters = *Counters::create(open.model);
  ASSERT_TRUE(session.set_counters(&counters));
  std::vector<std::uint64_t> types(2);
  std::uint64_t without = 0;
  for (const std::string& text : test::sample_texts()) {
    std::vector<TaggedSpan> spans(64);
    spans.resize(*session.tag(text, spans));
    for (const TaggedSpan& span : spans) ++types[span.type];
    without += spans.empty();
  }
  const Counts counts = counters.take();
  EXPECT_GT(sum(types), 0U);
  EXPECT_GT(without, 0U);
  EXPECT_EQ(counts.answers, types);
  EXPECT_EQ(counts.unanswered, without);
  EXPECT_EQ(counts.requests, test::sample_texts().size());
  EXPECT_EQ(sum(counts.probability), sum(types));  // no span has no probability
  for (const std::string& text : test::sample_texts()) ASSERT_TRUE(session.mask(text));
  EXPECT_EQ(counters.read(), counts);
}

TEST(Counters, OfNgramsKnowNoUnknownWord) {
  const format::FrozenModel frozen = test::random_ngram_model({"where is my parcel"}, 3, 5);
  const test::AlignedBytes bytes(*format::serialize(frozen, *runtime::serialize_ngrams(frozen.ngrams)));
  const Model model = *Model::from_memory(bytes.span());
  Session session = *Session::create(model);
  Counters counters = *Counters::create(model);
  ASSERT_TRUE(session.set_counters(&counters));
  ASSERT_TRUE(session.classify("where is my parcel"));
  ASSERT_TRUE(session.classify("qqqq"));
  EXPECT_EQ(counters.read().unknown[0], 2U);
}

TEST(Counters, AreForOneModel) {
  const test::OpenModel open = test::open_model(model_of(TaskKind::kSingleLabel)),
                        other = test::open_model(model_of(TaskKind::kMultiLabel));
  Session session = *Session::create(open.model);
  Counters counters = *Counters::create(other.model);
  const Status status = session.set_counters(&counters);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(status.error().message, HasSubstr("another model"));
}

// Several threads count, another one reads and resets: nothing is lost.
TEST(Counters, SeveralSessionsShareThem) {
  const test::OpenModel open = test::open_model(model_of(TaskKind::kSingleLabel));
  Counters counters = *Counters::create(open.model);
  constexpr std::size_t kThreads = 4, kTexts = 200;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      Session session = *Session::create(open.model);
      if (!session.set_counters(&counters)) std::abort();
      for (std::size_t i = 0; i < kTexts; ++i)
        if (!session.classify(test::sample_texts()[i % test::sample_texts().size()])) std::abort();
    });
  }
  Counts total;
  for (int i = 0; i < 50; ++i) total += counters.take();
  for (std::thread& thread : threads) thread.join();
  total += counters.take();
  EXPECT_EQ(total.requests, kThreads * kTexts);
  EXPECT_EQ(sum(total.answers) + total.unanswered, kThreads * kTexts);
}

TEST(Counters, TheCInterfaceReadsAndResets) {
  const test::AlignedBytes bytes(test::serialized(model_of(TaskKind::kSingleLabel)));
  noggin_model* model = nullptr;
  noggin_session* session = nullptr;
  noggin_counters* counters = nullptr;
  noggin_error error;
  ASSERT_EQ(noggin_model_open_memory(bytes.span().data(), bytes.span().size(), &model, &error), NOGGIN_OK);
  ASSERT_EQ(noggin_session_create(model, nullptr, &session, &error), NOGGIN_OK);
  ASSERT_EQ(noggin_counters_create(model, &counters, &error), NOGGIN_OK);
  ASSERT_EQ(noggin_counters_answer_count(counters), 3U);
  ASSERT_EQ(noggin_session_set_counters(session, counters, &error), NOGGIN_OK);
  noggin_answer answer;
  ASSERT_EQ(noggin_session_classify(session, "the", 3, &answer, nullptr, 0, &error), NOGGIN_OK);
  noggin_counts counts;
  uint64_t answers[3];
  ASSERT_EQ(noggin_counters_read(counters, 1, &counts, answers, 3, &error), NOGGIN_OK);
  EXPECT_EQ(counts.requests, 1U);
  EXPECT_EQ(answers[answer.label], 1U);
  EXPECT_EQ(sum(std::span(counts.tokens)), 1U);
  noggin_counters_destroy(counters);  // the session keeps what it needs
  ASSERT_EQ(noggin_session_classify(session, "the", 3, &answer, nullptr, 0, &error), NOGGIN_OK);
  ASSERT_EQ(noggin_counters_create(model, &counters, &error), NOGGIN_OK);
  EXPECT_EQ(noggin_counters_read(counters, 0, &counts, answers, 2, &error), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_counters_read(nullptr, 0, &counts, answers, 3, &error), NOGGIN_INVALID_ARGUMENT);
  ASSERT_EQ(noggin_counters_read(counters, 0, &counts, answers, 3, &error), NOGGIN_OK);
  EXPECT_EQ(counts.requests, 0U);
  EXPECT_EQ(noggin_counters_create(nullptr, &counters, &error), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_session_set_counters(nullptr, nullptr, &error), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_session_set_counters(session, nullptr, &error), NOGGIN_OK);
  EXPECT_EQ(noggin_counters_answer_count(nullptr), 0U);
  noggin_counters_destroy(counters);
  noggin_counters_destroy(nullptr);
  noggin_session_destroy(session);
  noggin_model_close(model);
}

}  // namespace
}  // namespace noggin
