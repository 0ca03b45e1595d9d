// The demo is honest only if its composed texts cannot be told by their word pairs.
#include <gtest/gtest.h>

#include <map>

#include "data/demo/demo_grammar.h"
#include "data/demo/demo_teacher.h"
#include "train/baseline/linear_ngram.h"

namespace noggin::train {
namespace {

using data::DemoDifficulty;

data::DemoText draw(std::uint64_t index, data::TeacherDistribution* teacher) {
  data::DemoRandom random(11, index);
  const data::DemoText text = data::draw_demo_text(random);
  if (!teacher) return text;
  for (const data::DemoToken& token : data::ask_demo_teacher(text, random)) {
    for (std::size_t c = 0; c < data::demo_labels().size(); ++c) {
      if (token.word != data::demo_labels()[c]) continue;
      teacher->classes.push_back(static_cast<std::int32_t>(c));
      teacher->probabilities.push_back(static_cast<float>(token.probability));
    }
  }
  return text;
}

TEST(DemoGap, TheBaselineReadsPlainTextsAndNotComposedOnes) {
  data::ExampleTable rows;
  rows.classes = static_cast<std::uint32_t>(data::demo_labels().size());
  rows.top_k = rows.classes;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    data::Record record;
    record.text = draw(i, &record.teacher).text;
    rows.append(record, {});
  }
  const LinearNgram model = LinearNgram::train(rows, {});

  std::map<DemoDifficulty, std::pair<int, int>> score;  // right, texts
  for (std::uint64_t i = 10000; i < 12000; ++i) {
    const data::DemoText text = draw(i, nullptr);
    score[text.difficulty].first += model.predict(text.text) == text.label ? 1 : 0;
    ++score[text.difficulty].second;
  }
  const auto accuracy = [&](DemoDifficulty difficulty) {
    return static_cast<double>(score[difficulty].first) / score[difficulty].second;
  };
  RecordProperty("plain_accuracy", std::to_string(accuracy(DemoDifficulty::kPlain)));
  RecordProperty("composed_accuracy", std::to_string(accuracy(DemoDifficulty::kComposed)));
  EXPECT_GT(accuracy(DemoDifficulty::kPlain), 0.95);
  EXPECT_LT(accuracy(DemoDifficulty::kComposed), 0.70);
}

}  // namespace
}  // namespace noggin::train
