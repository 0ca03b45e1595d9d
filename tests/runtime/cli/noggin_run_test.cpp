// noggin-run as a user meets it: a process with pipes and an exit code.
#include <gmock/gmock.h>

#include "streams/json_reader.h"
#include "tests/support/engine_run_tool.h"

namespace noggin {
namespace {

using test::lines_of;
using test::Process;
using test::ProcessResult;
using ::testing::HasSubstr;

class NogginRun : public test::RunTool {};

TEST_F(NogginRun, AnswersEachLine) {
  const ProcessResult result = run({model_}, "where is my parcel\r\n\nthe last line has no end");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const std::vector<std::string> lines = lines_of(result.output);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[0], ::testing::StartsWith(label_of("where is my parcel") + "\t0."));
  EXPECT_EQ(lines[1], "abstain\tthe text is empty");
  EXPECT_THAT(result.errors, HasSubstr("warning: 1 text was empty (first: line 2)"));
  EXPECT_THAT(lines[2], ::testing::StartsWith(label_of("the last line has no end") + "\t0."));
  EXPECT_EQ(run({model_}).output, "");
}

TEST_F(NogginRun, JsonHoldsTextLabelProbabilityAndLogits) {
  const std::string text = "the \"parcel\" \xFF is\twhere";
  const ProcessResult result = run({model_, "--logits"}, text + "\n");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const Result<JsonValue> row = parse_json(lines_of(result.output).at(0));
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_EQ(row->find("text")->text, "the \"parcel\" \xEF\xBF\xBD is\twhere");
  const Answer answer = *session_.classify(text);
  EXPECT_EQ(row->find("label")->text, open_.model.labels()[answer.label]);
  EXPECT_EQ(std::stof(row->find("probability")->text), answer.probability);
  std::vector<float> logits;
  for (const JsonValue& logit : row->find("logits")->items) logits.push_back(std::stof(logit.text));
  EXPECT_EQ(test::bits(logits), test::bits(session_.last_logits()));
  const Result<JsonValue> short_row = parse_json(lines_of(run({model_, "--json"}, text + "\n").output).at(0));
  EXPECT_EQ(short_row->members.size(), 3U);
}

TEST_F(NogginRun, AnyBytesAndAnyLengthAreAnswered) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) {
    if (c != '\n') bytes += static_cast<char>(c);
  }
  const std::string long_line(3000000, 'x');
  const ProcessResult result = run({model_, "--json"}, bytes + "\n" + long_line + "\nwhere\n");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const std::vector<std::string> lines = lines_of(result.output);
  ASSERT_EQ(lines.size(), 3U);
  for (const std::string& line : lines) EXPECT_TRUE(parse_json(line));
  EXPECT_GT(lines[1].size(), long_line.size());
}

TEST_F(NogginRun, ObjectsKeepTheirIdsAndMayHoldLineBreaks) {
  const std::string input = R"({"id":"a\u00e9","text":"where is"})"
                            "\r\n\n"
                            R"({"text":"how\ndo i","other":[1]})"
                            "\n"
                            R"({"text":"where is","id":7})";
  const ProcessResult result = run({model_, "--jsonl"}, input);
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const std::vector<std::string> lines = lines_of(result.output);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[0], ::testing::StartsWith("{\"id\":\"a\u00e9\",\"text\":\"where is\",\"label\":\""));
  EXPECT_THAT(lines[1], ::testing::StartsWith(R"({"text":"how\ndo i","label":")" + label_of("how\ndo i") + "\""));
  EXPECT_THAT(lines[2], ::testing::StartsWith(R"({"id":7,"text":"where is",)"));
  EXPECT_EQ(result.errors, "");
}

TEST_F(NogginRun, AnObjectThatCannotBeAskedIsNamedAfterTheAnswersBeforeIt) {
  for (const char* wrong : {"where", "{\"text\":1}", "{\"txt\":\"a\"}", "[\"text\"]", R"({"text":"a","id":[1]})",
                            "{\"text\":\"a\"", R"({"text":"a"} {"text":"b"})"}) {
    std::string input = "{\"text\":\"where\"}\n";
    input += wrong;
    const ProcessResult result = run({model_, "--jsonl"}, input + "\n{\"text\":\"how\"}\n");
    EXPECT_EQ(result.exit_code, 3) << wrong;
    EXPECT_EQ(lines_of(result.output).size(), 1U) << wrong;
    EXPECT_THAT(result.errors, HasSubstr("standard input:2: ")) << wrong;
    EXPECT_THAT(result.errors, HasSubstr("{\"text\": \"...\"}")) << wrong;
  }
}

TEST_F(NogginRun, ALineThatLooksLikeAnObjectIsAnsweredWithAWarning) {
  const std::string warning = "looks like a JSON object, but the whole line is read as the text";
  const ProcessResult result = run({model_}, "where\n{\"text\": \"how\"}\n{\"text\": \"how\"}\n");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(lines_of(result.output).size(), 3U);
  EXPECT_THAT(result.errors, HasSubstr("warning: standard input:2: " + warning));
  EXPECT_EQ(lines_of(result.errors).size(), 1U);
  EXPECT_EQ(run({model_}, "{text}\n{\"a\": 1}\n{\n").errors, "");
}

TEST_F(NogginRun, ACutTextIsMarkedAndCounted) {
  std::string fits = "a", cut = "a";
  for (std::uint32_t tokens = 3; tokens < open_.model.max_tokens(); ++tokens) fits += " a";
  cut = fits + " a";
  const ProcessResult result = run({model_, "--json"}, "a\n" + fits + "\n" + cut + "\n" + cut + " a\n");
  const std::vector<std::string> lines = lines_of(result.output);
  ASSERT_EQ(lines.size(), 4U);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Result<JsonValue> row = parse_json(lines[i]);
    ASSERT_TRUE(row);
    EXPECT_EQ(row->find("truncated") != nullptr, i >= 2) << i;
  }
  EXPECT_THAT(result.errors, HasSubstr("warning: 2 texts were longer than the "));
  EXPECT_THAT(result.errors, HasSubstr("first: line 3"));
}

TEST_F(NogginRun, AByteOrderMarkIsNoPartOfTheFirstText) {
  const std::string mark = "\xEF\xBB\xBF";
  EXPECT_EQ(run({model_, "--logits"}, mark + "where\nwhere\n").output,
            run({model_, "--logits"}, "where\nwhere\n").output);
  const std::vector<std::string> lines = lines_of(run({model_, "--json"}, "where\n" + mark + "where\n").output);
  EXPECT_THAT(lines.at(1), HasSubstr(mark));  // later it is a character
}

TEST_F(NogginRun, ALineWithoutEndIsRefused) {
  const std::string command = "(echo where; head -c 70000000 /dev/zero | tr '\\0' x) | \"$0\" \"$1\"";
  std::vector<std::string> words = {"/bin/sh", "-c", command};
  for (const std::string& word : NogginRun::command({model_})) words.push_back(word);
  const ProcessResult result = test::run_process(words);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(lines_of(result.output).size(), 1U);
  EXPECT_THAT(result.errors, HasSubstr("standard input:2: the line is longer than 64 MiB"));
}

TEST_F(NogginRun, AFileSizeLimitIsAnErrorWithAMessage) {
  std::string input;
  for (int i = 0; i < 5000; ++i) input += "where is my parcel\n";
  const std::string in = folder_.write("in.txt", input), out = folder_.path("out.txt");
  std::vector<std::string> words = {"/bin/sh", "-c", "ulimit -f 8; exec \"$0\" \"$1\" <\"$2\" >\"$3\""};
  for (const std::string& word : command({model_, in, out})) words.push_back(word);
  Process process(words);  // with pipes of its own: the limit is for out.txt alone
  const ProcessResult result = process.finish();
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.errors, HasSubstr("standard output: cannot be written"));
}

TEST_F(NogginRun, EveryKernelSetPrintsTheSame) {
  const std::string input = "where is my parcel\nhow do i\n";
  const std::string expected = run({model_, "--logits"}, input).output;
  for (const std::string& name : test::executable_kernel_sets()) {
    EXPECT_EQ(run({model_, "--logits", "--kernels", name}, input).output, expected) << name;
  }
  const ProcessResult unknown = run({model_, "--kernels", "abacus"}, input);
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.errors, HasSubstr("abacus"));
}

TEST_F(NogginRun, ACoprocessGetsItsAnswerBeforeItSendsMore) {
  Process process(command({model_}));
  process.send("where\n");
  EXPECT_THAT(process.read_line(20000), ::testing::StartsWith(label_of("where") + "\t"));
  process.send("how\nhalf a li");
  EXPECT_THAT(process.read_line(20000), ::testing::StartsWith(label_of("how") + "\t"));
  process.send("ne\n");
  EXPECT_THAT(process.read_line(20000), ::testing::StartsWith(label_of("half a line") + "\t"));
  EXPECT_EQ(process.finish().exit_code, 0);
}

// cp, rsync in place, a restored backup, a cut: whatever happens to the file, the opened model answers.
TEST_F(NogginRun, AModelFileThatIsWrittenOverWhileItAnswersDoesNotChangeTheAnswers) {
  const std::vector<std::byte> other = test::serialized(test::frozen_model_with_golden(test::engine_config(), 99));
  const std::string contents[] = {
      {reinterpret_cast<const char*>(other.data()), other.size()}, std::string(other.size(), '\xA5'), "NOGGIN", ""};
  const std::string expected = run({model_, "--logits"}, "where is my parcel\n").output;
  Process process(command({model_, "--logits"}));
  for (const std::string& content : contents) {
    process.send("where is my parcel\n");
    EXPECT_EQ(process.read_line(20000), expected);
    folder_.write("model.nog", content);  // in place: the same file, as cp does
  }
  process.send("where is my parcel\n");
  EXPECT_EQ(process.read_line(20000), expected);
  EXPECT_EQ(process.finish().exit_code, 0);
  EXPECT_EQ(run({model_}).exit_code, 3) << "a new process reads the new file";
}

TEST_F(NogginRun, AReaderThatLeavesIsNoError) {
  Process process(command({model_}));
  process.send("where\n");
  process.read_line(20000);
  process.close_output();
  process.send("where\nwhere\n");
  const ProcessResult result = process.finish();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.errors, "");
}

TEST_F(NogginRun, AFullDiskIsExit4) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full on this system";
  std::vector<std::string> words = {"/bin/sh", "-c", "echo where | \"$0\" \"$1\" >/dev/full"};
  for (const std::string& word : command({model_})) words.push_back(word);
  const ProcessResult result = test::run_process(words);
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.errors, HasSubstr("standard output"));
}

TEST_F(NogginRun, MistakesHaveMessagesAndCodes) {
  const ProcessResult missing = run({"no/such.nog"});
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.errors, HasSubstr("no/such.nog"));
  EXPECT_EQ(run({testing::TempDir()}).exit_code, 3) << "a folder cannot be read";
  const ProcessResult broken = run({folder_.write("broken.nog", "not a model")});
  EXPECT_EQ(broken.exit_code, 3);
  EXPECT_THAT(broken.errors, HasSubstr("broken.nog"));
  const ProcessResult misspelt = run({model_, "--logit"});
  EXPECT_EQ(misspelt.exit_code, 2);
  EXPECT_THAT(misspelt.errors, HasSubstr("--logits"));
  EXPECT_EQ(run({}).exit_code, 2);
}

TEST_F(NogginRun, HelpAndVersion) {
  EXPECT_THAT(run({"--help"}).output, HasSubstr("noggin-run MODEL.nog"));
  EXPECT_THAT(run({"--version"}).output, HasSubstr("noggin-run 0.1.0"));
}

TEST_F(NogginRun, InfoTellsWhatIsInTheFile) {
  const ProcessResult text = run({model_, "--info"});
  EXPECT_EQ(text.exit_code, 0) << text.errors;
  EXPECT_THAT(text.output, AllOf(HasSubstr("label_2 (none of these)"), HasSubstr("reference")));
  const Result<JsonValue> json = parse_json(lines_of(run({model_, "--info", "--json"}).output).at(0));
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(json->find("config")->find("layers")->items.size(), 2U);
  EXPECT_EQ(json->find("labels")->items.size(), 3U);
  EXPECT_EQ(json->find("provenance")->find("seed")->text, "41");
  EXPECT_EQ(json->find("kernel_sets")->items.back().find("name")->text, "reference");
}

TEST_F(NogginRun, BenchMeasuresLinesOrGoldenTexts) {
  const ProcessResult lines = run({model_, "--bench", "--json"}, "where\nhow do i\n");
  EXPECT_EQ(lines.exit_code, 0) << lines.errors;
  const Result<JsonValue> json = parse_json(lines_of(lines.output).at(0));
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(json->find("texts")->text, "2");
  EXPECT_GT(std::stod(json->find("tokens_per_second")->text), 0.0);
  EXPECT_LE(std::stod(json->find("p50_ms")->text), std::stod(json->find("p99_ms")->text));
  EXPECT_THAT(run({model_, "--bench"}).output, HasSubstr("texts                6\n"));
}

TEST_F(NogginRun, ManyLinesAndSeveralThreadsGiveTheSameAnswersInOrder) {
  std::string input;
  for (int i = 0; i < 500; ++i)
    input += test::sample_texts()[static_cast<std::size_t>(i) % test::sample_texts().size()] + "\n";
  const ProcessResult one = run({model_, "--logits"}, input), two = run({model_, "--logits", "--threads", "2"}, input);
  EXPECT_EQ(one.exit_code, 0);
  EXPECT_EQ(lines_of(one.output).size(), 500U);
  EXPECT_EQ(one.output, two.output);
  const ProcessResult word = run({model_, "--threads", "two"}), many = run({model_, "--threads=1000"});
  EXPECT_EQ(word.exit_code, 2);
  EXPECT_THAT(word.errors, HasSubstr("--threads needs a number, not 'two'"));
  EXPECT_EQ(many.exit_code, 2);
  EXPECT_THAT(many.errors, HasSubstr("must be 1 to 64"));
}

}  // namespace
}  // namespace noggin
