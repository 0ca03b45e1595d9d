// Whole n-gram models: file, session, C API, and what a bent file is told.
#include "tests/support/ngram_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "engine/trace.h"
#include "kernels/float_environment.h"
#include "noggin/noggin.h"
#include "tests/support/engine_model.h"
#include "tests/support/format_nog_editor.h"
#include "tokenizer/ngram_tokenizer.h"

namespace noggin {
namespace {

std::string long_text(std::size_t words) {
  std::string text;
  for (std::size_t i = 0; i < words; ++i) text += i % 3 == 0 ? "parcel " : "the ";
  return text;
}

const std::vector<std::string>& texts() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> made = test::sample_texts();
    made.insert(made.end(),
                {"qqqq zzzz", std::string("\x80\x80\xFF\xC3 parcel\0x", 13), long_text(20), long_text(3000)});
    return made;
  }();
  return all;
}

std::vector<std::byte> file_of(const format::FrozenModel& frozen) {
  Result<std::vector<std::byte>> bytes = format::serialize(frozen, *runtime::serialize_ngrams(frozen.ngrams));
  EXPECT_TRUE(bytes) << (bytes ? "" : bytes.error().message);
  return bytes ? *std::move(bytes) : std::vector<std::byte>();
}

format::FrozenModel with_golden(format::FrozenModel frozen) {
  return test::with_ngram_golden(std::move(frozen), texts());
}

// What other tests start from: every sample text is known but for the last four.
format::FrozenModel frozen_model(std::uint32_t classes = 5) {
  return with_golden(test::random_ngram_model(test::sample_texts(), classes, 7));
}

test::OpenModel open(const format::FrozenModel& frozen) {
  test::AlignedBytes bytes(file_of(frozen));
  Result<Model> model = Model::from_memory(bytes.span());
  EXPECT_TRUE(model) << (model ? "" : model.error().message);
  return {std::move(bytes), *std::move(model)};
}

TEST(NgramModel, GivesTheBitsOfThePlainFormOnEverySetThreadCountAndBatch) {
  for (const std::uint32_t classes : {1U, 2U, 5U, 151U}) {
    const format::FrozenModel frozen = frozen_model(classes);
    const test::OpenModel model = open(frozen);
    for (const std::string& kernels : test::executable_kernel_sets()) {
      for (const std::size_t threads : {1U, 3U}) {
        Session session =
            *Session::create(model.model, {.kernel_set = kernels, .threads = threads, .batch_tokens = 9000});
        const SelfTest result = session.self_test();
        EXPECT_EQ(result.checked, texts().size());
        EXPECT_EQ(result.failed, 0U) << result.first_failure;
        const std::vector<std::string_view> views(texts().begin(), texts().end());
        std::vector<Answer> answers(views.size());
        std::vector<float> logits(views.size() * classes);
        ASSERT_TRUE(session.classify_batch(views, answers, logits));
        for (std::size_t i = 0; i < views.size(); ++i) {
          const std::span<const float> mine(logits.data() + i * classes, classes);
          EXPECT_EQ(test::bits(mine), test::bits(frozen.golden[i].logits)) << kernels << ' ' << views[i].substr(0, 40);
          EXPECT_EQ(session.classify(views[i])->label, answers[i].label);
          EXPECT_EQ(test::bits(session.last_logits()), test::bits(mine));
        }
      }
    }
  }
}

TEST(NgramModel, ATextWithoutAKnownNgramGetsTheBias) {
  const format::FrozenModel frozen = frozen_model();
  const test::OpenModel model = open(frozen);
  Session session = *Session::create(model.model);
  for (const char* text : {"", "qqqq zzzz", "\x01\x02"}) {
    EXPECT_TRUE(session.tokenize(text).empty());
    ASSERT_TRUE(session.classify(text));
    EXPECT_EQ(test::copied(session.last_logits()), frozen.tensors.at("head.bias").floats);
  }
  EXPECT_EQ(test::copied(*session.logits({})), frozen.tensors.at("head.bias").floats);
}

// The first step in double precision: values of a vector of length 1, and the order of the ids does not matter.
TEST(NgramModel, ValuesAreTermFrequencyTimesInverseDocumentFrequencyAtLengthOne) {
  struct Recorder : runtime::TraceSink {
    void record(std::string_view step, const float* v, std::size_t, std::size_t columns, std::size_t) override {
      if (step == "ngrams.value") values.assign(v, v + columns);
    }
    void record(std::string_view, const std::int8_t*, std::size_t, std::size_t, std::size_t) override {}
    std::vector<float> values;
  } recorder;
  const format::FrozenModel frozen = frozen_model();
  const test::OpenModel model = open(frozen);
  Session session = *Session::create(model.model);
  session.set_trace(&recorder);
  const std::vector<std::uint32_t> ids = {9, 3, 9, 4, 9, 20}, sorted = {3, 4, 9, 9, 9, 20};
  const std::vector<float> logits = test::copied(*session.logits(ids));
  EXPECT_EQ(test::bits(logits), test::bits(*session.logits(sorted)));
  const std::vector<float>& idf = frozen.tensors.at("ngrams.weight").floats;
  const std::vector<double> raw = {idf[3], idf[4], (1.0 + std::log(3.0)) * idf[9], idf[20]};
  double squares = 0.0;
  for (const double value : raw) squares += value * value;
  ASSERT_EQ(recorder.values.size(), raw.size());
  for (std::size_t k = 0; k < raw.size(); ++k)
    EXPECT_NEAR(recorder.values[k], raw[k] / std::sqrt(squares) * 32768.0, 0.51);
}

TEST(NgramModel, OneNgramAloneIsOneStepShortOfOne) {  // 32768 does not fit 16 bits
  const format::FrozenModel frozen = frozen_model(2);
  const test::OpenModel model = open(frozen);
  Session session = *Session::create(model.model);
  const float expected = static_cast<float>(32767 * frozen.tensors.at("ngrams.weight").values[2 * 2]) *
                             frozen.tensors.at("head.scale").floats[0] +
                         frozen.tensors.at("head.bias").floats[0];
  EXPECT_EQ((*session.logits(std::vector<std::uint32_t>{2, 2}))[0], expected);
}

// The most that a sum can reach: as many equal values as a text may hold, all of them times the largest weight.
TEST(NgramModel, NoSumOverflows) {
  format::FrozenModel frozen = test::random_ngram_model({}, 2, 3);
  frozen.ngrams = {5003, {}};
  for (std::uint32_t bucket = 0; bucket < 4096; ++bucket) frozen.ngrams.known_buckets.push_back(bucket);
  frozen.config.vocabulary_size = 4096;
  format::FrozenTensor& weight = frozen.tensors["ngrams.weight"];
  weight.values.assign(std::size_t{4096} * 2, 127);
  for (const float idf : {spec::kSmallestScale, 1.0F, 16777216.0F}) {
    weight.floats.assign(4096, idf);
    const test::OpenModel model = open(frozen);
    Session session = *Session::create(model.model);
    std::vector<std::uint32_t> ids(4096);
    for (std::uint32_t i = 0; i < 4096; ++i) ids[i] = 4095 - i;
    EXPECT_EQ(test::bits(*session.logits(ids)), test::bits(test::plain_ngram_logits(frozen, ids)));
    EXPECT_GT((*session.logits(ids))[0] / frozen.tensors["head.scale"].floats[0], 2.6e8F);
  }
}

TEST(NgramModel, ServesTheCInterface) {
  const format::FrozenModel frozen = frozen_model();
  const test::AlignedBytes bytes(file_of(frozen));
  noggin_error error;
  noggin_model* model = nullptr;
  noggin_session* session = nullptr;
  ASSERT_EQ(noggin_model_open_memory(bytes.span().data(), bytes.span().size(), &model, &error), NOGGIN_OK)
      << error.message;
  ASSERT_EQ(noggin_session_create(model, nullptr, &session, &error), NOGGIN_OK) << error.message;
  std::vector<std::uint32_t> ids(noggin_model_max_tokens(model));
  std::vector<noggin_span> places(ids.size());
  std::size_t count = 0;
  const std::string text = "where is my parcel";
  ASSERT_EQ(
      noggin_session_tokenize(session, text.data(), text.size(), ids.data(), places.data(), ids.size(), &count, &error),
      NOGGIN_OK);
  ids.resize(count);
  EXPECT_EQ(ids, frozen.golden[0].token_ids);
  EXPECT_EQ(places[0].end, 5U);
  std::vector<float> logits(5);
  const auto length = static_cast<std::uint32_t>(count);
  ASSERT_EQ(noggin_session_logits(session, ids.data(), &length, 1, logits.data(), logits.size(), &error), NOGGIN_OK)
      << error.message;
  EXPECT_EQ(test::bits(logits), test::bits(frozen.golden[0].logits));
  std::size_t checked = 0, failed = 0;
  EXPECT_EQ(noggin_session_self_test(session, &checked, &failed, &error), NOGGIN_OK) << error.message;
  noggin_session_destroy(session);
  noggin_model_close(model);
}

TEST(NgramModel, HasLayoutTwoAndAnAbstainingDecision) {
  format::FrozenModel frozen = frozen_model();
  frozen.task.temperature = 0.5F;
  frozen.task.abstain_below = 1.0F;
  const test::OpenModel model = open(frozen);
  EXPECT_EQ(std::to_integer<int>(model.bytes.span()[format::kLayoutVersionOffset]), 2);
  Session session = *Session::create(model.model);
  EXPECT_TRUE(session.classify("where is my parcel")->abstained);
  std::vector<TaggedSpan> buffer(4);
  EXPECT_EQ(session.tag("where", buffer).error().code, ErrorCode::kInvalidArgument);
}

using Sections = std::vector<test::EditedSection>;

// What Model::from_memory says of the file with sections changed.
std::string refusal(const std::function<void(Sections&)>& edit) {
  const std::vector<std::byte> good = file_of(frozen_model());
  Sections sections = test::take_apart(good);
  edit(sections);
  const test::AlignedBytes bytes(test::put_together(good, sections));
  const Result<Model> model = Model::from_memory(bytes.span());
  return model ? "" : model.error().message;
}

std::string refusal_of_config(std::size_t field, std::uint32_t value) {
  return refusal([&](Sections& sections) {
    std::vector<std::byte>& config = test::content_of(sections, format::SectionKind::kConfig);
    for (unsigned i = 0; i < 4; ++i) config[4 * field + i] = static_cast<std::byte>(value >> (8 * i));
  });
}

TEST(NgramModel, BentFilesAreRefused) {
  EXPECT_EQ(refusal([](Sections&) {}), "");
  EXPECT_NE(refusal_of_config(0, 3).find("family 3 is unknown"), std::string::npos);
  EXPECT_NE(refusal_of_config(1, 3).find("pooling is 3"), std::string::npos);
  EXPECT_NE(refusal_of_config(2, 0).find("vocabulary_size is 0"), std::string::npos);
  EXPECT_NE(refusal_of_config(3, 0).find("max_tokens is 0"), std::string::npos);
  EXPECT_NE(refusal_of_config(3, 4097).find("max_tokens is 4097"), std::string::npos);
  EXPECT_NE(refusal_of_config(4, 8).find("width is 8, must be 0 to 0"), std::string::npos) << refusal_of_config(4, 8);
  EXPECT_NE(refusal_of_config(5, 8).find("head_width is 8"), std::string::npos);
  EXPECT_NE(refusal_of_config(6, 4).find("tensors: has"), std::string::npos);
  EXPECT_NE(refusal_of_config(7, 1).find("layer_norm_epsilon"), std::string::npos);
  EXPECT_NE(refusal([](Sections& sections) {
              test::content_of(sections, format::SectionKind::kTensors)[1] = std::byte{0x80};
            }).find("a weight is -128"),
            std::string::npos);
  EXPECT_NE(refusal([](Sections& sections) {  // a bit more than the vocabulary has
              test::content_of(sections, format::SectionKind::kTokenizer)[20] = std::byte{0xFF};
            })
                .find("are declared"),
            std::string::npos);
  EXPECT_NE(refusal([](Sections& sections) {  // a tokenizer of its own mind
              test::content_of(sections, format::SectionKind::kTokenizer) =
                  *runtime::serialize_ngrams({5003, {1, 2, 3}});
            })
                .find("its vocabulary has 3"),
            std::string::npos);
  EXPECT_NE(refusal([](Sections& sections) {  // golden ids
              std::vector<std::byte>& golden = test::content_of(sections, format::SectionKind::kGolden);
              golden[12] = golden[13] = golden[14] = std::byte{0xFF};
            })
                .find("token id 16777215"),
            std::string::npos);
}

TEST(NgramModel, TheWriterRefusesWhatItsReaderWould) {
  const auto refused = [](const std::function<void(format::FrozenModel&)>& edit) {
    format::FrozenModel frozen = frozen_model();
    edit(frozen);
    const Status status = format::validate(frozen);
    return status ? std::string() : status.error().message;
  };
  EXPECT_EQ(refused([](format::FrozenModel&) {}), "");
  EXPECT_NE(
      refused([](auto& m) { std::swap(m.ngrams.known_buckets[0], m.ngrams.known_buckets[1]); }).find("must ascend"),
      std::string::npos);
  EXPECT_NE(refused([](auto& m) { m.ngrams.known_buckets.back() = m.ngrams.buckets; }).find("stay below"),
            std::string::npos);
  EXPECT_NE(refused([](auto& m) { m.ngrams.known_buckets.pop_back(); }).find("known buckets"), std::string::npos);
  EXPECT_NE(refused([](auto& m) { m.tensors["ngrams.weight"].floats[0] = 0.0F; }).find("scale 0"), std::string::npos);
  EXPECT_NE(refused([](auto& m) { m.tensors["head.scale"].floats[0] = NAN; }).find("head.scale"), std::string::npos);
  EXPECT_NE(refused([](auto& m) {
              m.task = {{"O", "B-a", "I-a"}, -1, spec::TaskKind::kTag};
              m.task.labels.insert(m.task.labels.end(), {"B-b", "I-b"});
            }).find("pooling is 1 for a tag task"),
            std::string::npos);
}

}  // namespace
}  // namespace noggin
