#include <gmock/gmock.h>

#include <cstring>

#include "noggin/noggin.h"
#include "tests/support/engine_model.h"

namespace noggin {
namespace {

using ::testing::HasSubstr;

class CApi : public ::testing::Test {
 protected:
  CApi() : bytes_(test::serialized(test::frozen_model_with_golden(test::engine_config(), 31))) {
    EXPECT_EQ(noggin_model_open_memory(bytes_.span().data(), bytes_.span().size(), &model_, &error_), NOGGIN_OK)
        << error_.message;
    EXPECT_EQ(noggin_session_create(model_, nullptr, &session_, &error_), NOGGIN_OK) << error_.message;
  }
  ~CApi() override {
    noggin_session_destroy(session_);
    noggin_model_close(model_);
  }

  test::AlignedBytes bytes_;
  noggin_error error_{};
  noggin_model* model_ = nullptr;
  noggin_session* session_ = nullptr;
};

TEST_F(CApi, TellsAboutTheModel) {
  ASSERT_EQ(noggin_model_class_count(model_), 3U);
  EXPECT_STREQ(noggin_model_label(model_, 1), "label_1");
  EXPECT_EQ(noggin_model_label(model_, 3), nullptr);
  EXPECT_EQ(noggin_model_none_class(model_), 2);
  EXPECT_EQ(noggin_model_max_tokens(model_), 19U);
  EXPECT_THAT(noggin_model_provenance(model_), HasSubstr("random_frozen_model"));
  EXPECT_NE(noggin_model_content_hash(model_), 0U);
  EXPECT_STREQ(noggin_version(), "0.1.0");
  EXPECT_GT(noggin_session_memory_bytes(session_), 0U);
}

TEST_F(CApi, AnswersAsTheCppInterfaceDoes) {
  Result<Model> model = Model::from_memory(bytes_.span());
  Session session = *Session::create(*model, "reference");
  for (const std::string& text : test::sample_texts()) {
    noggin_answer answer;
    float logits[3];
    ASSERT_EQ(noggin_session_classify(session_, text.data(), text.size(), &answer, logits, 3, &error_), NOGGIN_OK);
    EXPECT_EQ(error_.status, NOGGIN_OK);
    EXPECT_STREQ(error_.message, "");
    const Answer expected = *session.classify(text);
    EXPECT_EQ(answer.label, expected.label);
    EXPECT_EQ(answer.probability, expected.probability);
    EXPECT_EQ(answer.abstained, 0);
    EXPECT_EQ(test::bits(logits), test::bits(session.last_logits()));
  }
}

TEST_F(CApi, ABatchGivesTheBitsOfSingleCalls) {
  std::vector<noggin_text> texts;
  for (const std::string& text : test::sample_texts()) texts.push_back({text.data(), text.size()});
  texts.push_back({nullptr, 0});
  std::vector<noggin_answer> answers(texts.size());
  std::vector<float> logits(texts.size() * 3);
  ASSERT_EQ(noggin_session_classify_batch(session_, texts.data(), texts.size(), answers.data(), logits.data(),
                                          logits.size(), &error_),
            NOGGIN_OK)
      << error_.message;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    noggin_answer answer;
    float single[3];
    ASSERT_EQ(noggin_session_classify(session_, texts[i].data, texts[i].length, &answer, single, 3, nullptr),
              NOGGIN_OK);
    EXPECT_EQ(answers[i].label, answer.label);
    EXPECT_EQ(answers[i].probability, answer.probability);
    EXPECT_EQ(std::memcmp(single, &logits[i * 3], sizeof single), 0);
  }
  EXPECT_EQ(noggin_session_classify_batch(session_, nullptr, 0, nullptr, nullptr, 0, nullptr), NOGGIN_OK);
}

TEST_F(CApi, RefusesWrongArgumentsWithoutTouchingTheOutput) {
  noggin_answer answer{77, 0.5F, 0};
  float logits[3];
  const noggin_text texts[] = {{"a", 1}, {nullptr, 5}};
  noggin_answer answers[2];
  const noggin_status statuses[] = {
      noggin_session_classify(nullptr, "a", 1, &answer, nullptr, 0, &error_),
      noggin_session_classify(session_, nullptr, 1, &answer, nullptr, 0, &error_),
      noggin_session_classify(session_, "a", 1, nullptr, nullptr, 0, &error_),
      noggin_session_classify(session_, "a", 1, &answer, logits, 2, &error_),
      noggin_session_classify(session_, "a", 1, &answer, logits, 4, &error_),
      noggin_session_classify(session_, "a", 1, &answer, nullptr, 3, &error_),
      noggin_session_classify_batch(session_, texts, 2, answers, nullptr, 0, &error_),
      noggin_session_create(nullptr, nullptr, &session_, &error_),
      noggin_session_create(model_, nullptr, nullptr, &error_),
      noggin_model_open(nullptr, &model_, &error_),
      noggin_model_open("x", nullptr, &error_),
      noggin_session_self_test(nullptr, nullptr, nullptr, &error_),
  };
  for (const noggin_status status : statuses) EXPECT_EQ(status, NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(error_.status, NOGGIN_INVALID_ARGUMENT);
  EXPECT_NE(error_.message[0], '\0');
  EXPECT_EQ(answer.label, 77U);
  EXPECT_NE(model_, nullptr);
  noggin_session* none = session_;
  const noggin_session_options abacus = {"abacus", 0, 0};
  EXPECT_EQ(noggin_session_create(model_, &abacus, &none, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(none, nullptr);
  EXPECT_THAT(error_.message, HasSubstr("abacus"));
  noggin_session_destroy(nullptr);
  noggin_model_close(nullptr);
}

TEST_F(CApi, TokenizesAndTakesTokenIds) {
  const std::string text = "Where is  my parcel?";
  std::vector<std::uint32_t> ids(noggin_model_max_tokens(model_));
  std::vector<noggin_span> spans(ids.size());
  std::size_t count = 0;
  ASSERT_EQ(noggin_session_tokenize(session_, text.data(), text.size(), ids.data(), spans.data(), ids.size(), &count,
                                    &error_),
            NOGGIN_OK);
  ASSERT_EQ(count, 7U);
  EXPECT_EQ(text.substr(spans[1].begin, spans[1].end - spans[1].begin), "Where");
  EXPECT_EQ(text.substr(spans[4].begin, spans[4].end - spans[4].begin), "parcel");
  EXPECT_EQ(spans[6].end, 0U);  // [SEP]
  std::vector<std::uint32_t> without(ids.size());
  std::size_t same = 0;
  ASSERT_EQ(
      noggin_session_tokenize(session_, text.data(), text.size(), without.data(), nullptr, ids.size(), &same, nullptr),
      NOGGIN_OK);
  EXPECT_EQ(without, ids);

  noggin_answer answer;
  float want[3], got[6];
  ASSERT_EQ(noggin_session_classify(session_, text.data(), text.size(), &answer, want, 3, &error_), NOGGIN_OK);
  std::vector<std::uint32_t> twice(ids.begin(), ids.begin() + 7);
  twice.insert(twice.end(), ids.begin(), ids.begin() + 7);
  const std::uint32_t lengths[] = {7, 7};
  ASSERT_EQ(noggin_session_logits(session_, twice.data(), lengths, 2, got, 6, &error_), NOGGIN_OK) << error_.message;
  EXPECT_EQ(test::bits(std::span(got, 3)), test::bits(want));
  EXPECT_EQ(test::bits(std::span(got + 3, 3)), test::bits(want));

  EXPECT_EQ(noggin_session_logits(session_, twice.data(), lengths, 2, got, 5, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_session_logits(session_, nullptr, lengths, 2, got, 6, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_session_tokenize(session_, "a", 1, ids.data(), nullptr, ids.size() - 1, &count, &error_),
            NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_session_tokenize(session_, nullptr, 1, ids.data(), nullptr, ids.size(), &count, &error_),
            NOGGIN_INVALID_ARGUMENT);
}

TEST_F(CApi, MemoryIsKnownBeforeASessionIsMade) {
  const noggin_session_options options = {nullptr, 2, 300};
  std::size_t bytes = 0;
  ASSERT_EQ(noggin_session_memory_needed(model_, &options, &bytes, &error_), NOGGIN_OK);
  noggin_session* session = nullptr;
  ASSERT_EQ(noggin_session_create(model_, &options, &session, &error_), NOGGIN_OK);
  EXPECT_EQ(noggin_session_memory_bytes(session), bytes);
  noggin_session_destroy(session);
  const noggin_session_options many = {nullptr, 65, 0};
  EXPECT_EQ(noggin_session_memory_needed(model_, &many, &bytes, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_session_memory_needed(nullptr, nullptr, &bytes, &error_), NOGGIN_INVALID_ARGUMENT);
}

TEST_F(CApi, ErrorsSayWhatIsWrongWithTheFile) {
  noggin_model* model = model_;
  EXPECT_EQ(noggin_model_open("no/such.nog", &model, &error_), NOGGIN_NOT_FOUND);
  EXPECT_EQ(model, nullptr);
  EXPECT_THAT(error_.message, HasSubstr("no/such.nog"));
  bytes_.span()[bytes_.span().size() / 2] ^= std::byte{1};
  EXPECT_EQ(noggin_model_open_memory(bytes_.span().data(), bytes_.span().size(), &model, &error_), NOGGIN_CORRUPT);
  EXPECT_EQ(noggin_model_open(std::string(5000, 'x').c_str(), &model, &error_), NOGGIN_IO);
  EXPECT_EQ(std::strlen(error_.message), sizeof error_.message - 1);  // cut, not overrun
}

TEST_F(CApi, TellsTheTaskAndRefusesWhatDoesNotSuitIt) {
  EXPECT_EQ(noggin_model_task(model_), NOGGIN_TASK_SINGLE_LABEL);
  EXPECT_EQ(noggin_model_span_type_count(model_), 0U);
  EXPECT_EQ(noggin_model_span_type(model_, 0), nullptr);
  EXPECT_EQ(noggin_model_task(nullptr), NOGGIN_TASK_NONE);
  spec::ModelConfig config = test::engine_config();
  config.pooling = spec::Pooling::kEveryToken;
  const test::AlignedBytes bytes(test::serialized(test::frozen_model_with_golden(config, 31)));
  noggin_model* tagger = nullptr;
  noggin_session* session = nullptr;
  ASSERT_EQ(noggin_model_open_memory(bytes.span().data(), bytes.span().size(), &tagger, &error_), NOGGIN_OK);
  ASSERT_EQ(noggin_session_create(tagger, nullptr, &session, &error_), NOGGIN_OK);
  EXPECT_EQ(noggin_model_task(tagger), NOGGIN_TASK_TAG);
  EXPECT_EQ(noggin_model_span_type_count(tagger), 1U);
  EXPECT_STREQ(noggin_model_span_type(tagger, 0), "type_0");
  noggin_answer answer;
  float found[3];
  EXPECT_EQ(noggin_session_classify(session, "a", 1, &answer, nullptr, 0, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_THAT(error_.message, HasSubstr("this model's is tag"));
  EXPECT_EQ(noggin_session_probabilities(session, "a", 1, found, 3, &error_), NOGGIN_INVALID_ARGUMENT);
  // Logits have a row for each id.
  const std::uint32_t ids[] = {2, 5, 3, 2, 3}, lengths[] = {3, 2};
  std::vector<float> logits(5 * 3);
  EXPECT_EQ(noggin_session_logits(session, ids, lengths, 2, logits.data(), logits.size(), &error_), NOGGIN_OK);
  EXPECT_EQ(noggin_session_logits(session, ids, lengths, 2, logits.data(), 6, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_THAT(error_.message, HasSubstr("5 rows of 3 classes need 15"));
  std::size_t checked = 0;
  EXPECT_EQ(noggin_session_self_test(session, &checked, nullptr, &error_), NOGGIN_OK) << error_.message;
  EXPECT_GT(checked, 0U);
  noggin_session_destroy(session);
  noggin_model_close(tagger);
}

TEST_F(CApi, AbstainsAndGivesProbabilities) {
  format::FrozenModel frozen = test::frozen_model_with_golden(test::engine_config(), 31);
  frozen.task.temperature = 2.0F;
  frozen.task.abstain_below = 1.0F;
  const test::AlignedBytes bytes(test::serialized(frozen));
  noggin_model* model = nullptr;
  noggin_session* session = nullptr;
  ASSERT_EQ(noggin_model_open_memory(bytes.span().data(), bytes.span().size(), &model, &error_), NOGGIN_OK);
  ASSERT_EQ(noggin_session_create(model, nullptr, &session, &error_), NOGGIN_OK);
  EXPECT_EQ(noggin_model_temperature(model), 2.0F);
  EXPECT_EQ(noggin_model_abstain_below(model), 1.0F);
  EXPECT_EQ(noggin_model_threshold(model, 1), 0.5F);
  EXPECT_EQ(noggin_model_threshold(model, 3), 0.0F);  // no such label
  noggin_answer answer, plain;
  ASSERT_EQ(noggin_session_classify(session, "the thing", 9, &answer, nullptr, 0, &error_), NOGGIN_OK);
  ASSERT_EQ(noggin_session_classify(session_, "the thing", 9, &plain, nullptr, 0, &error_), NOGGIN_OK);
  EXPECT_EQ(answer.abstained, 1);
  EXPECT_EQ(plain.abstained, 0);
  EXPECT_EQ(answer.label, plain.label);
  EXPECT_LT(answer.probability, plain.probability);
  float found[3];
  ASSERT_EQ(noggin_session_probabilities(session, "the thing", 9, found, 3, &error_), NOGGIN_OK);
  EXPECT_EQ(found[answer.label], answer.probability);
  EXPECT_EQ(noggin_session_probabilities(session, "the thing", 9, found, 2, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_session_probabilities(session, nullptr, 9, found, 3, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_session_probabilities(nullptr, "a", 1, found, 3, &error_), NOGGIN_INVALID_ARGUMENT);
  noggin_session_destroy(session);
  noggin_model_close(model);
}

TEST_F(CApi, TheModelMayBeClosedBeforeItsSession) {
  noggin_model_close(model_);
  model_ = nullptr;
  noggin_answer answer;
  EXPECT_EQ(noggin_session_classify(session_, "where", 5, &answer, nullptr, 0, &error_), NOGGIN_OK);
  std::size_t checked = 0, failed = 1;
  EXPECT_EQ(noggin_session_self_test(session_, &checked, &failed, &error_), NOGGIN_OK) << error_.message;
  EXPECT_EQ(checked, test::sample_texts().size());
  EXPECT_EQ(failed, 0U);
}

TEST_F(CApi, SelfTestReportsWhatFailedAndRefusesToPassOnNothing) {
  format::FrozenModel frozen = test::frozen_model_with_golden(test::engine_config(), 31);
  frozen.golden[1].logits[0] += 1.0F;
  for (const bool with_golden : {true, false}) {
    if (!with_golden) frozen.golden.clear();
    const test::AlignedBytes bytes(test::serialized(frozen));
    noggin_model* model = nullptr;
    noggin_session* session = nullptr;
    ASSERT_EQ(noggin_model_open_memory(bytes.span().data(), bytes.span().size(), &model, &error_), NOGGIN_OK);
    ASSERT_EQ(noggin_session_create(model, nullptr, &session, &error_), NOGGIN_OK);
    std::size_t failed = 0;
    EXPECT_EQ(noggin_session_self_test(session, nullptr, &failed, &error_), NOGGIN_VERIFICATION_FAILED);
    EXPECT_EQ(failed, with_golden ? 1U : 0U);
    EXPECT_THAT(error_.message, HasSubstr(with_golden ? "golden vector 1" : "no golden vectors"));
    noggin_session_destroy(session);
    noggin_model_close(model);
  }
}

}  // namespace
}  // namespace noggin
