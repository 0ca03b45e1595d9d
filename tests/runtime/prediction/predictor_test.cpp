// A Predictor's answers against the calls of the Session.
#include "prediction/predictor.h"

#include <gtest/gtest.h>

#include "format/reader.h"
#include "tests/support/engine_model.h"

namespace noggin::runtime {
namespace {

format::FrozenModel model_of(TaskKind kind) {
  spec::ModelConfig config = test::engine_config();
  if (spec::traits_of(kind).per_token()) config.pooling = spec::Pooling::kEveryToken;
  if (kind == TaskKind::kEdit) config.classes = 2;
  if (kind == TaskKind::kScore) config.classes = 1;
  format::FrozenModel frozen = test::random_frozen_model(config, 4, 0);
  frozen.tokenizer = tests::tiny_tokenizer(config.vocabulary_size);
  frozen.task.kind = kind;
  frozen.task.none_class = -1;
  if (kind == TaskKind::kTag) frozen.task.labels = {"O", "B-EMAIL", "I-EMAIL"};
  if (kind == TaskKind::kEdit) frozen.task.labels = {"keep", "delete"};
  return frozen;
}

std::vector<std::string_view> texts() { return {test::sample_texts().begin(), test::sample_texts().end()}; }

TEST(Predictor, AnswersAsTheSessionDoes) {
  for (const spec::TaskTraits& task : spec::all_tasks()) {
    SCOPED_TRACE(task.name);
    const test::OpenModel open = test::open_model(model_of(task.kind));
    Session session = *Session::create(open.model), asked = *Session::create(open.model);
    const Result<std::vector<Prediction>> all = all_predictions(open.model, session, texts());
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->size(), texts().size());
    for (std::size_t i = 0; i < all->size(); ++i) {
      if (task.answers(spec::Call::kTag)) {
        std::vector<TaggedSpan> spans(*asked.tag(texts()[i], {}));
        (void)asked.tag(texts()[i], spans);
        EXPECT_EQ(std::get<SpanAnswer>((*all)[i]).spans, spans);
      } else if (task.answers(spec::Call::kClassify)) {
        const Answer answer = *asked.classify(texts()[i]);
        if (const auto* one = std::get_if<ClassAnswer>(&(*all)[i])) {
          EXPECT_EQ(one->label, answer.label);
          EXPECT_EQ(one->probability, answer.probability);
        } else {
          EXPECT_EQ(std::get<ScoreAnswer>((*all)[i]).score, answer.probability);
        }
      } else {
        const std::span<const float> probabilities = *asked.probabilities(texts()[i]);
        const LabelSetAnswer expected = labels_above(probabilities, open.model.view().decision);
        const auto& found = std::get<LabelSetAnswer>((*all)[i]);
        ASSERT_EQ(found.labels.size(), expected.labels.size());
        for (std::size_t k = 0; k < found.labels.size(); ++k) {
          EXPECT_EQ(found.labels[k].probability, expected.labels[k].probability);
        }
      }
    }
  }
}

TEST(Predictor, RewritesTexts) {
  for (const TaskKind kind : {TaskKind::kTag, TaskKind::kEdit}) {
    const test::OpenModel open = test::open_model(model_of(kind));
    Session session = *Session::create(open.model), asked = *Session::create(open.model);
    Predictor predictor(open.model, session, kind == TaskKind::kTag ? Form::kMasked : Form::kEdited);
    std::size_t changed = 0;
    const Status status = predictor.predict(texts(), [&](std::size_t i, const Prediction& prediction, auto) {
      const auto& answer = std::get<TextAnswer>(prediction);
      EXPECT_EQ(answer.text, kind == TaskKind::kTag ? *asked.mask(texts()[i]) : *asked.edit(texts()[i]));
      EXPECT_EQ(answer.kind, kind == TaskKind::kTag ? TextAnswer::Kind::kMasked : TextAnswer::Kind::kEdited);
      changed += answer.text != texts()[i];
    });
    EXPECT_TRUE(status);
    EXPECT_GT(changed, 0U);
  }
}

TEST(Predictor, GivesTheLogitsOfEachText) {
  for (const TaskKind kind : {TaskKind::kSingleLabel, TaskKind::kMultiLabel}) {
    const test::OpenModel open = test::open_model(model_of(kind));
    Session session = *Session::create(open.model), asked = *Session::create(open.model);
    Predictor predictor(open.model, session);
    std::size_t compared = 0;
    const auto compare = [&](std::size_t i, const Prediction&, std::span<const float> logits) {
      const std::vector<float> expected = test::copied(*asked.logits(asked.tokenize(texts()[i])));
      EXPECT_EQ(test::bits(logits), test::bits(expected));
      ++compared;
    };
    EXPECT_TRUE(predictor.predict(texts(), compare, true));
    EXPECT_EQ(compared, texts().size());
    EXPECT_TRUE(predictor.predict(
        texts(), [](std::size_t, const Prediction&, std::span<const float> logits) { EXPECT_TRUE(logits.empty()); }));
  }
}

}  // namespace
}  // namespace noggin::runtime
