// An .onnx file states how its logits become answers: all of it, for every task, and nothing else is accepted.
#include "export/onnx_metadata/decision_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace noggin::exporter {
namespace {

using nlohmann::json;
using spec::TaskKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

format::TaskContents task_of(TaskKind kind) {
  format::TaskContents task;
  task.kind = kind;
  task.temperature = 1.7F;
  switch (kind) {
    case TaskKind::kSingleLabel:
      task.labels = {"refund", "a \"quoted\" one", "other"};
      task.none_class = 2;
      task.abstain_below = 0.62F;
      break;
    case TaskKind::kMultiLabel:
      task.labels = {"a", "b", "c"};
      task.thresholds = {0.1F, 0.9F, 0.35F};
      break;
    case TaskKind::kScore:
      task.labels = {"score"};
      task.thresholds = {0.4123F};
      break;
    case TaskKind::kTag:
      task.labels = {"B-X", "O", "I-X", "B-Y", "I-Y"};
      task.checks = {{spec::CheckKind::kIp, 1}, {spec::CheckKind::kCard, 0}};
      break;
    case TaskKind::kEdit:
      task.labels = {"keep", "delete"};
      break;
  }
  return task;
}

class EveryTask : public testing::TestWithParam<TaskKind> {};
INSTANTIATE_TEST_SUITE_P(DecisionMetadata, EveryTask,
                         testing::Values(TaskKind::kSingleLabel, TaskKind::kMultiLabel, TaskKind::kTag,
                                         TaskKind::kScore, TaskKind::kEdit));

TEST_P(EveryTask, IsReadBackAsItWas) {
  const format::TaskContents task = task_of(GetParam());
  const auto read = read_decision_metadata(decision_metadata(task));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(decision_differences(*read, task), IsEmpty());
  EXPECT_EQ(read->kind, task.kind);
  EXPECT_EQ(read->labels, task.labels);
  EXPECT_EQ(read->none_class, task.none_class);
  EXPECT_EQ(read->temperature, task.temperature);
  EXPECT_EQ(read->abstain_below, task.abstain_below);
  EXPECT_EQ(read->thresholds, task.thresholds);
  EXPECT_EQ(read->checks, task.checks);
}

// Whatever single value is changed or taken away: refused, or named as a difference.
TEST_P(EveryTask, EveryChangedValueIsFound) {
  const format::TaskContents task = task_of(GetParam());
  const DecisionMetadata good = decision_metadata(task);
  const auto found = [&](const DecisionMetadata& metadata) {
    const auto read = read_decision_metadata(metadata);
    return !read || !decision_differences(*read, task).empty();
  };
  const json decision = json::parse(good.decision);
  const json flat = decision.flatten();
  for (const auto& [place, value] : flat.items()) {
    json changed = decision;
    json& target = changed[json::json_pointer(place)];
    target = value.is_string() ? json(value.get<std::string>() + "x") : json(value.get<double>() * 0.5 + 0.25);
    DecisionMetadata metadata = good;
    metadata.decision = changed.dump();
    EXPECT_TRUE(found(metadata)) << place;
  }
  for (const auto& [key, value] : decision.items()) {
    json changed = decision;
    changed.erase(key);
    DecisionMetadata metadata = good;
    metadata.decision = changed.dump();
    EXPECT_TRUE(found(metadata)) << key;
  }
  for (std::size_t c = 0; c < task.labels.size(); ++c) {
    format::TaskContents other = task;
    other.labels[c] += "x";
    EXPECT_TRUE(found(decision_metadata(other))) << c;
  }
  DecisionMetadata metadata = good;
  metadata.none_class = task.none_class == 0 ? "-1" : "0";
  EXPECT_TRUE(found(metadata));
}

TEST(DecisionMetadata, SaysWhatAnApplicationNeeds) {
  const json score = json::parse(decision_metadata(task_of(TaskKind::kScore)).decision);
  EXPECT_EQ(score["activation"], "sigmoid");
  EXPECT_EQ(score["range"], json::array({0, 1}));
  EXPECT_EQ(score["thresholds"][0].get<float>(), 0.4123F);
  const json tag = json::parse(decision_metadata(task_of(TaskKind::kTag)).decision);
  EXPECT_EQ(tag["logits_of"], "token");
  EXPECT_EQ(tag["outside_class"], 1);
  EXPECT_EQ(tag["spans"], json::parse(R"([{"type": "X", "begins": [0], "continues": 2},
                                          {"type": "Y", "begins": [3], "continues": 4}])"));
  format::TaskContents plain = task_of(TaskKind::kMultiLabel);
  plain.thresholds.clear();  // 0.5 each, which a reader should not have to know
  EXPECT_EQ(json::parse(decision_metadata(plain).decision)["thresholds"], json::array({0.5, 0.5, 0.5}));
}

TEST(DecisionMetadata, NamesWhatIsMissingOrWrong) {
  const DecisionMetadata good = decision_metadata(task_of(TaskKind::kSingleLabel));
  const auto message = [&](const DecisionMetadata& metadata) {
    const auto read = read_decision_metadata(metadata);
    return read ? std::string("accepted") : read.error().message;
  };
  EXPECT_THAT(message({"", "-1", good.decision}), HasSubstr("noggin.labels is missing"));
  EXPECT_THAT(message({"[1]", "-1", good.decision}), HasSubstr("noggin.labels is not a list"));
  EXPECT_THAT(message({good.labels, "7", good.decision}), HasSubstr("noggin.none_class is not a class"));
  EXPECT_THAT(message({good.labels, "2", ""}), HasSubstr("noggin.decision is missing"));
  EXPECT_THAT(message({good.labels, "2", "[]"}), HasSubstr("noggin.decision is not a JSON object"));
  EXPECT_THAT(message({good.labels, "2", std::string(100000, '[')}), HasSubstr("noggin.decision is not"));
  EXPECT_THAT(message({good.labels, "2", R"({"task": "poem"})"}), HasSubstr("no \"task\" that is known"));
  for (const char* temperature : {"0", "-1", "\"1\"", "null"}) {
    json decision = json::parse(good.decision);
    decision["temperature"] = json::parse(temperature);
    EXPECT_THAT(message({good.labels, "2", decision.dump()}), HasSubstr("temperature")) << temperature;
  }
}

TEST(DecisionMetadata, NamesEachDifference) {
  const format::TaskContents task = task_of(TaskKind::kMultiLabel);
  format::TaskContents other = task;
  other.temperature = 2.0F;
  other.thresholds[1] = 0.5F;
  std::swap(other.labels[0], other.labels[2]);
  EXPECT_THAT(decision_differences(other, task), ElementsAre("label 0 c, not a", "label 2 a, not c",
                                                             "temperature 2, not 1.7", "threshold of b 0.5, not 0.9"));
  EXPECT_THAT(decision_differences(task_of(TaskKind::kTag), task),
              ElementsAre("task tag, not multi_label", HasSubstr("labels 5")));
}

}  // namespace
}  // namespace noggin::exporter
