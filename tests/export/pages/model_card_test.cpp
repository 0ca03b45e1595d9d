#include "export/pages/model_card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "tests/support/report_record.h"

namespace noggin::exporter {
namespace {

using test::made_up_run;
using testing::HasSubstr;
using testing::Not;

// The YAML between the first two lines of "---".
YAML::Node front_matter(const std::string& card) {
  EXPECT_TRUE(card.starts_with("---\n"));
  const std::size_t end = card.find("\n---\n", 4);
  EXPECT_NE(end, std::string::npos);
  return YAML::Load(card.substr(4, end - 4));
}

TEST(ModelCard, TheFrontMatterHoldsFiguresWithIntervals) {
  RunRecord run = made_up_run();
  run.card.license = "apache-2.0";
  run.card.language = "en, de";
  const YAML::Node front = front_matter(model_card(run));
  EXPECT_EQ(front["license"].as<std::string>(), "apache-2.0");
  EXPECT_EQ(front["language"].as<std::vector<std::string>>(), (std::vector<std::string>{"en", "de"}));
  EXPECT_EQ(front["pipeline_tag"].as<std::string>(), "text-classification");
  const YAML::Node result = front["model-index"][0]["results"][0];
  EXPECT_EQ(front["model-index"][0]["name"].as<std::string>(), "router");
  EXPECT_EQ(result["dataset"]["split"].as<std::string>(), "dev");
  const YAML::Node accuracy = result["metrics"][0];
  EXPECT_EQ(accuracy["type"].as<std::string>(), "accuracy");
  EXPECT_NEAR(accuracy["value"].as<double>(), 0.9, 1e-9);
  EXPECT_EQ(accuracy["args"]["n"].as<int>(), 98);
  EXPECT_NEAR(accuracy["args"]["low_95"].as<double>(), 0.84, 1e-9);
  EXPECT_NEAR(accuracy["args"]["high_95"].as<double>(), 0.95, 1e-9);
  EXPECT_EQ(result["metrics"][1]["type"].as<std::string>(), "in_scope_accuracy");
  EXPECT_EQ(result["metrics"][1]["args"]["n"].as<int>(), 78);
  EXPECT_EQ(result["metrics"][2]["args"]["n"].as<int>(), 20);
}

TEST(ModelCard, WhatTheAuthorDoesNotSayIsNotStated) {
  const std::string card = model_card(made_up_run());
  EXPECT_FALSE(front_matter(card)["license"]);
  EXPECT_FALSE(front_matter(card)["language"]);
  EXPECT_THAT(card, HasSubstr("## Intended use\n\nnot stated\n"));
  EXPECT_THAT(card, HasSubstr("Whether its terms permit training on its answers: not stated"));
  EXPECT_THAT(card, HasSubstr("noggin-run model.nog --verify parity.jsonl"));
  EXPECT_THAT(card, HasSubstr("`00ff00ff00ff00ff`"));
  EXPECT_THAT(card, HasSubstr("`bb00bb00bb00bb00`"));
  EXPECT_THAT(card, HasSubstr("cuda: not run, no GPU"));
  EXPECT_THAT(card, Not(HasSubstr("the worst text")));  // rows stay where they are
}

TEST(ModelCard, HostileTextsAreData) {
  const std::string hostile = "x\"\n---\nlicense: y # [a](b) <script> | ` \u202e\x01 schön 🙂";
  RunRecord run = made_up_run(hostile);
  run.name = hostile;
  run.card.license = run.card.limits = run.card.intended_use = run.card.description = hostile;
  const std::string card = model_card(run);
  const YAML::Node front = front_matter(card);
  EXPECT_THAT(front["license"].as<std::string>(), HasSubstr("x\"\n---\nlicense: y"));
  EXPECT_THAT(front["license"].as<std::string>(), HasSubstr("schön 🙂"));
  EXPECT_EQ(front["model-index"][0]["name"].as<std::string>(), front["license"].as<std::string>());
  const std::string body = card.substr(card.find("\n---\n", 4));
  EXPECT_THAT(body, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(body, Not(HasSubstr("<script>")));
  EXPECT_THAT(card, Not(HasSubstr("\u202e")));
  EXPECT_EQ(markdown_text("a|b\n# *c* <d>"), "a\\|b \\# \\*c\\* &lt;d&gt;");
}

TEST(ModelCard, ARejectedModelSaysSo) {
  RunRecord run = made_up_run();
  run.file.rejected = true;
  EXPECT_THAT(model_card(run), HasSubstr("It failed its gates"));
  EXPECT_THAT(model_card({}), HasSubstr("## How to verify"));  // of nothing: no fault
}

}  // namespace
}  // namespace noggin::exporter
