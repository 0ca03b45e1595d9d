#include "train/search/trial_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/cli_temporary_folder.h"
#include "train/run/failure.h"
#include "train/search/search_state.h"

namespace noggin::train {
namespace {

using testing::HasSubstr;

Trial trial(const std::string& name) {
  return {name, name, CandidateKind::kStatic, 0.25, 2,     0.35,   0.1, 4000, 3900,
          12.5, 13.0, {0.91, 0.9, 0.92},      7.5,  "run", "model"};
}

TEST(TrialLog, WhatWasWrittenIsRead) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("trials.jsonl");
  TrialLog log(path);
  log.add(trial("a"));
  log.add(trial("b \"quoted\""));
  const TrialLog again(path);
  ASSERT_EQ(again.trials().size(), 2U);
  EXPECT_EQ(again.trials(), log.trials());
  ASSERT_NE(again.find("a"), nullptr);
  EXPECT_EQ(again.find("c"), nullptr);
}

TEST(TrialLog, ALineThatAKillHasCutIsMeasuredAgainAndAnyOtherDamageIsNamed) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("trials.jsonl");
  TrialLog(path).add(trial("a"));
  std::ofstream(path, std::ios::app) << "{\"name\": \"b";
  EXPECT_EQ(TrialLog(path).trials().size(), 1U);
  std::ofstream(path, std::ios::app) << "\n{}\n";
  try {
    const TrialLog log(path);
    ADD_FAILURE() << "was not refused";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kBadData);
    EXPECT_THAT(failure.what(), HasSubstr("trials.jsonl:2"));
  }
}

TEST(SearchState, MeasuresOnceAndKnowsItsSettings) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("search.json");
  int measured = 0;
  const auto clock = [&] { return 10.0 + measured++; };
  {
    SearchState state(path, "one");
    EXPECT_EQ(state.clocked("a", clock), 10.0);
    EXPECT_EQ(state.latency_model("int8", [] { return LatencyModel{1, 2, 3, 4}; }).per_head, 3);
  }
  SearchState again(path, "one");
  EXPECT_FALSE(again.is_of_another());
  EXPECT_EQ(again.clocked("a", clock), 10.0);
  EXPECT_EQ(measured, 1);
  EXPECT_EQ(again.latency_model("int8", [] { return LatencyModel{}; }).per_head, 3);
  SearchState other(path, "two");
  EXPECT_TRUE(other.is_of_another());
  other.begin_anew();
  EXPECT_EQ(other.clocked("a", clock), 11.0);
}

}  // namespace
}  // namespace noggin::train
