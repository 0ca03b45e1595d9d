// noggin-run with taggers: spans, masked and edited lines, through pipes.
#include <gmock/gmock.h>

#include <cstdlib>
#include <new>
#include <optional>

#include "prediction/answer_printer.h"
#include "streams/json_reader.h"
#include "tests/support/engine_model.h"
#include "tests/support/engine_process.h"

namespace {
constexpr std::size_t kAllAllocations = static_cast<std::size_t>(-1);
thread_local std::size_t allocations_left = kAllAllocations;
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  if (allocations_left == 0) throw std::bad_alloc();
  if (allocations_left != kAllAllocations) --allocations_left;
  void* const block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace noggin {
namespace {

using test::lines_of;
using test::ProcessResult;
using ::testing::HasSubstr;

const std::string kText = "where is parcel 7, \xFF the other one? how do i do it and 3 more things";

class TagLines : public ::testing::Test {
 protected:
  // kTag, kEdit, or the plain classifier.
  std::string model_of(TaskKind task) {
    spec::ModelConfig config = test::engine_config();
    if (task != TaskKind::kSingleLabel) config.pooling = spec::Pooling::kEveryToken;
    if (task == TaskKind::kEdit) config.classes = 2;
    format::FrozenModel frozen = test::random_frozen_model(config, 4, 0);
    frozen.tokenizer = tests::tiny_tokenizer(config.vocabulary_size);
    if (task == TaskKind::kTag) frozen.task.labels = {"O", "B-EMAIL", "I-EMAIL"};
    if (task == TaskKind::kEdit) frozen.task = {{"keep", "delete"}, -1, task};
    const std::vector<std::byte> bytes = test::serialized(frozen);
    open_.emplace(test::open_model(frozen));
    session_.emplace(*Session::create(open_->model));
    return folder_.write("model.nog", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  static ProcessResult run(std::vector<std::string> words, const std::string& input) {
    words.insert(words.begin(), std::string(NOGGIN_BIN_DIR) + "/noggin-run");
    return test::run_process(words, input);
  }

  test::TestFolder folder_;
  std::optional<test::OpenModel> open_;
  std::optional<Session> session_;
};

TEST_F(TagLines, MaskPrintsEachLineMasked) {
  const std::string model = model_of(TaskKind::kTag), masked = *session_->mask(kText);
  EXPECT_THAT(masked, HasSubstr("[EMAIL]"));
  const ProcessResult result = run({"--mask", model}, kText + "\r\n\n" + kText);
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output, masked + "\n\n" + masked + "\n");
  const ProcessResult json = run({model, "--mask", "--json"}, "where is it\n");
  const Result<JsonValue> row = parse_json(lines_of(json.output).at(0));
  ASSERT_TRUE(row);
  EXPECT_EQ(row->find("masked")->text, *session_->mask("where is it"));
  EXPECT_EQ(row->members.size(), 1U);  // not the text
}

TEST_F(TagLines, EditPrintsEachLineEdited) {
  const std::string model = model_of(TaskKind::kEdit);
  const ProcessResult result = run({"--edit", model}, kText + "\n");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output, *session_->edit(kText) + "\n");
  EXPECT_LT(result.output.size(), kText.size());
  EXPECT_THAT(run({"--edit", "--json", model}, kText).output, HasSubstr("{\"edited\":\""));
}

TEST_F(TagLines, SpansAreAFieldEachOrJson) {
  const std::string model = model_of(TaskKind::kTag);
  std::vector<TaggedSpan> spans(99);
  spans.resize(*session_->tag(kText, spans));
  ASSERT_GT(spans.size(), 1U);
  const TextSpan first = spans[0].place;
  const std::string begin = "EMAIL\t" + std::to_string(first.begin) + "\t" + std::to_string(first.end);
  const std::vector<std::string> lines = lines_of(run({model}, kText + "\n\n").output);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], ::testing::StartsWith(begin + "\t"));
  EXPECT_EQ(std::count(lines[0].begin(), lines[0].end(), '\t') + 1, 4 * static_cast<std::ptrdiff_t>(spans.size()));
  EXPECT_EQ(lines[1], "");

  const Result<JsonValue> row = parse_json(lines_of(run({model, "--json"}, kText).output).at(0));
  ASSERT_TRUE(row) << row.error().message;
  const std::vector<JsonValue>& items = row->find("spans")->items;
  ASSERT_EQ(items.size(), spans.size());
  EXPECT_EQ(row->find("unit")->text, "byte");
  const std::string& shown = row->find("text")->text;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const std::size_t start = std::stoul(items[i].find("start")->text), end = std::stoul(items[i].find("end")->text);
    EXPECT_EQ(shown.substr(start, end - start), items[i].find("text")->text) << "in the text as it is printed";
    EXPECT_EQ(items[i].find("type")->text, "EMAIL");
    EXPECT_EQ(std::stof(items[i].find("probability")->text), spans[i].probability);
  }
}

TEST_F(TagLines, PlacesCountTheUnitAskedFor) {
  const std::string model = model_of(TaskKind::kTag);
  const auto starts = [&](const char* unit) {
    const Result<JsonValue> row =
        parse_json(lines_of(run({model, "--unit", unit}, "\xF0\x9F\x98\x80 " + kText).output).at(0));
    std::vector<int> places;
    EXPECT_EQ(row->find("unit")->text, unit);
    for (const JsonValue& item : row->find("spans")->items) places.push_back(std::stoi(item.find("start")->text));
    return places;
  };
  const std::vector<int> bytes = starts("byte"), code_points = starts("code_point"), utf16 = starts("utf16");
  ASSERT_GT(bytes.size(), 1U);
  ASSERT_EQ(code_points.size(), bytes.size());
  ASSERT_EQ(utf16.size(), bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == 0) continue;
    const int behind = bytes[i] > 25 ? 2 : 0;  // U+FFFD in place of the bad byte
    EXPECT_EQ(code_points[i], bytes[i] - 3 - behind);
    EXPECT_EQ(utf16[i], bytes[i] - 2 - behind);
  }
}

TEST_F(TagLines, WhatDoesNotSuitTheModelIsRefusedAndPrintsNothing) {
  const struct {
    TaskKind task;
    const char* option;
    const char* message;
  } cases[] = {
      {TaskKind::kSingleLabel, "--mask", "--mask is for models of the task tag, this model's is single_label"},
      {TaskKind::kSingleLabel, "--edit", "--edit is for models of the task edit, this model's is single_label"},
      {TaskKind::kEdit, "--mask", "this model's is edit"},
      {TaskKind::kTag, "--edit", "this model's is tag"},
      {TaskKind::kSingleLabel, "--unit=utf16", "--unit is for models of the task tag or edit"},
      {TaskKind::kTag, "--logits", "--logits is for models of the task"},
  };
  for (const auto& one : cases) {
    const ProcessResult result = run({model_of(one.task), one.option}, "anna@example.org\n");
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.output, "");
    EXPECT_THAT(result.errors, HasSubstr(one.message));
  }
}

// A line for which there is no memory: what was masked before it is printed, of the line itself nothing.
TEST_F(TagLines, ALineThatCannotBeAnsweredIsNotPrinted) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need the address space that this test takes away";
#endif
  const std::string model = model_of(TaskKind::kTag), first = "where is it";
  const std::string program = std::string(NOGGIN_BIN_DIR) + "/noggin-run";
  std::string secret;
  while (secret.size() < (6U << 20)) secret += std::string(200, 'a') + ",";
  const std::string command = "ulimit -v 30000; exec '" + program + "' --mask '" + model + "'";
  const ProcessResult result = test::run_process({"/bin/sh", "-c", command}, first + "\n" + secret + "\n");
  EXPECT_EQ(result.exit_code, 6) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("out of memory"));
  EXPECT_TRUE(result.output.empty() || result.output == *session_->mask(first) + "\n") << result.output.size();
}

// The same wherever memory ends while the answer is made.
TEST_F(TagLines, AnAnswerThatFailsAppendsNothing) {
  model_of(TaskKind::kTag);
  const std::string text = kText + kText + kText;
  for (const bool mask : {true, false}) {
    for (const bool json : {true, false}) {
      const runtime::PrintOptions options{
          .form = mask ? runtime::Form::kMasked : runtime::Form::kAnswer, .json = json, .text = !mask};
      bool answered = false;
      for (std::size_t allocations = 0; !answered; ++allocations) {
        runtime::AnswerPrinter printer(open_->model, *session_, options);
        const std::string_view one = text;
        std::string out = "before";
        allocations_left = allocations;
        const Status status = printer.print(std::span(&one, 1), {}, out, [](const runtime::Printed&) {});
        allocations_left = kAllAllocations;
        answered = static_cast<bool>(status);
        EXPECT_EQ(out == "before", !answered);
        EXPECT_TRUE(answered ? allocations > 1 : status.error().code == ErrorCode::kOutOfSpace);
      }
    }
  }
}

}  // namespace
}  // namespace noggin
