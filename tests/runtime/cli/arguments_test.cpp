#include "cli/arguments.h"

#include <gmock/gmock.h>

#include <vector>

namespace noggin::run_tool {
namespace {

using ::testing::HasSubstr;

Result<Arguments> parse(const std::vector<std::string_view>& words) { return parse_arguments(words); }

TEST(Arguments, ReadsModelAndOptionsInAnyOrder) {
  const Result<Arguments> arguments = parse({"--json", "m.nog", "--kernels", "reference"});
  ASSERT_TRUE(arguments) << arguments.error().message;
  EXPECT_EQ(arguments->mode, Mode::kAnswer);
  EXPECT_EQ(arguments->model, "m.nog");
  EXPECT_EQ(arguments->kernels, "reference");
  EXPECT_TRUE(arguments->json);
  EXPECT_FALSE(arguments->logits);
  EXPECT_EQ(parse({"m.nog", "--kernels=avx2"})->kernels, "avx2");
  EXPECT_EQ(parse({"m.nog", "--verify", "p.jsonl"})->parity, "p.jsonl");
  EXPECT_EQ(parse({"m.nog", "--verify", "p.jsonl", "--expect", "0123456789ABCDEF"})->expect, "0123456789abcdef");
  EXPECT_FALSE(parse({"m.nog", "--verify", "p.jsonl", "--expect", "0123"}));
  EXPECT_FALSE(parse({"m.nog", "--verify", "p.jsonl", "--expect", "0123456789abcdeg"}));
  EXPECT_FALSE(parse({"m.nog", "--expect", "0123456789abcdef"})) << "of what?";
  EXPECT_EQ(parse({"m.nog", "--verify=p.jsonl"})->mode, Mode::kVerify);
  EXPECT_EQ(parse({"--", "--strange.nog"})->model, "--strange.nog");
}

TEST(Arguments, LogitsImplyJson) { EXPECT_TRUE(parse({"m.nog", "--logits"})->json); }

TEST(Arguments, AUnitImpliesJson) {
  EXPECT_TRUE(parse({"m.nog", "--unit", "utf16"})->json);
  EXPECT_EQ(parse({"m.nog", "--unit=utf16"})->unit, "utf16");
}

TEST(Arguments, AGpuMayBeNamed) {
  EXPECT_FALSE(parse({"m.nog"})->on_gpu);
  EXPECT_TRUE(parse({"m.nog", "--gpu"})->on_gpu);
  EXPECT_EQ(parse({"m.nog", "--gpu"})->gpu, "");
  EXPECT_EQ(parse({"m.nog", "--gpu", "radeon"})->gpu, "radeon");
  EXPECT_EQ(parse({"m.nog", "--gpu", "--json"})->gpu, "");
  EXPECT_EQ(parse({"--gpu=radeon", "m.nog"})->gpu, "radeon");
  EXPECT_EQ(parse({"--gpu", "m.nog"})->model, "m.nog");
}

TEST(Arguments, HelpAndVersionNeedNoModel) {
  EXPECT_EQ(parse({"--help"})->mode, Mode::kHelp);
  EXPECT_EQ(parse({"-h"})->mode, Mode::kHelp);
  EXPECT_EQ(parse({"m.nog", "--bench", "--version"})->mode, Mode::kVersion);
}

TEST(Arguments, EachMistakeIsNamed) {
  const struct {
    std::vector<std::string_view> words;
    const char* message;
  } cases[] = {
      {{}, "no model file"},
      {{""}, "name is empty"},
      {{"m.nog", "--jsn"}, "did you mean --json?"},
      {{"m.nog", "--self_test"}, "did you mean --self-test?"},
      {{"m.nog", "--kernel=x"}, "did you mean --kernels?"},
      {{"m.nog", "--frobnicate"}, "unknown option '--frobnicate'"},
      {{"m.nog", "some text"}, "read from standard input"},
      {{"m.nog", "--verify"}, "--verify needs a value"},
      {{"m.nog", "--verify="}, "--verify needs a value"},
      {{"m.nog", "--json=yes"}, "--json takes no value"},
      {{"m.nog", "--gpu="}, "--gpu= needs a part"},
      {{"m.nog", "--gpu", "--kernels", "avx2"}, "--gpu cannot be given together with --kernels"},
      {{"m.nog", "--gpu", "--threads", "2"}, "--gpu cannot be given together with --kernels or --threads"},
      {{"m.nog", "--unit", "utf8"}, "--unit is 'utf8', must be byte, code_point or utf16"},
      {{"m.nog", "--unit", "byte", "--mask"}, "--unit is for spans"},
      {{"m.nog", "--bench", "--info"}, "--bench and --info cannot be given together"},
  };
  for (const auto& one : cases) {
    const Result<Arguments> arguments = parse(one.words);
    ASSERT_FALSE(arguments) << one.message;
    EXPECT_EQ(arguments.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(arguments.error().message, HasSubstr(one.message));
  }
  EXPECT_THAT(parse({"m.nog", "--frobnicate"}).error().message, ::testing::Not(HasSubstr("did you mean")));
}

TEST(Arguments, HelpNamesEveryOption) {
  for (const char* option :
       {"--json", "--logits", "--kernels", "--self-test", "--verify", "--bench", "--info", "--help", "--version"}) {
    EXPECT_THAT(std::string(help_text()), HasSubstr(option));
  }
}

}  // namespace
}  // namespace noggin::run_tool
