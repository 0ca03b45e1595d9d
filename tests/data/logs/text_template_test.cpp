#include "data/logs/text_template.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace noggin::data {
namespace {

std::string shared_by(const std::string& before, const std::string& behind, int prompts = 30) {
  CommonTemplate common;
  for (int i = 0; i < prompts; ++i) common.add(fmt::format("{}text {} of many{}", before, i * 7, behind));
  return common.written();
}

TEST(TextTemplate, IsFoundInWhatPromptsShare) {
  EXPECT_EQ(shared_by("Classify.\nTicket: ", "\n\nAnswer: "), "Classify.\nTicket: {text}\n\nAnswer:");
  EXPECT_EQ(shared_by("Is this spam? \"", "\" Yes or no."), "Is this spam? \"{text}\" Yes or no.");
  EXPECT_EQ(shared_by("<ticket>", "</ticket>\nOne word."), "<ticket>{text}</ticket>\nOne word.");
  EXPECT_EQ(shared_by("Label the message: ", ""), "Label the message: {text}");
}

TEST(TextTemplate, IsNotWhatPeopleHappenToWrite) {
  EXPECT_EQ(shared_by("could you please tell me ", " thank you very much"), "");
  EXPECT_EQ(shared_by("Q: ", ""), "") << "too little to be sure of";
  EXPECT_EQ(shared_by("Classify.\nTicket: ", "\n\nAnswer:", 5), "") << "too few prompts";
  CommonTemplate same;
  for (int i = 0; i < 40; ++i) same.add("Classify.\nTicket: always the same");
  EXPECT_EQ(same.written(), "");
}

TEST(TextTemplate, GivesBackWhatItFramed) {
  for (const auto& [before, behind] : {std::pair("Route it.\n\nTicket: ", "\n\nAnswer:"), {"<a>", "</a>\ndone now"}}) {
    const auto parsed = TextTemplate::parse(shared_by(before, behind));
    ASSERT_TRUE(parsed) << parsed.error().message;
    std::string prompt = fmt::format("{}text 7 of many{}", before, behind);
    ASSERT_TRUE(parsed->take_text(prompt));
    EXPECT_EQ(prompt, "text 7 of many");
    EXPECT_FALSE(parsed->take_text(prompt));
    EXPECT_EQ(prompt, "text 7 of many");
  }
}

}  // namespace
}  // namespace noggin::data
