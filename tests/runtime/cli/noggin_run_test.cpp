// noggin-run as a user meets it: a process with pipes and an exit code.
#include <gmock/gmock.h>

#include "bytes/content_hash.h"
#include "bytes/float_hash.h"
#include "bytes/hex.h"
#include "engine/answer.h"
#include "prediction/json_writer.h"
#include "streams/json_reader.h"
#include "tests/support/engine_model.h"
#include "tests/support/engine_process.h"

namespace noggin {
namespace {

using test::lines_of;
using test::Process;
using test::ProcessResult;
using ::testing::HasSubstr;

class NogginRun : public ::testing::Test {
 protected:
  NogginRun()
      : frozen_(test::frozen_model_with_golden(test::engine_config(), 41)),
        open_(test::open_model(frozen_)),
        session_(*Session::create(open_.model)) {
    const std::vector<std::byte> bytes = test::serialized(frozen_);
    model_ = folder_.write("model.nog", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }

  static std::vector<std::string> command(std::vector<std::string> words) {
    words.insert(words.begin(), std::string(NOGGIN_BIN_DIR) + "/noggin-run");
    return words;
  }
  ProcessResult run(std::vector<std::string> words, const std::string& input = {}) {
    return test::run_process(command(std::move(words)), input);
  }
  std::string label_of(std::string_view text) {
    return std::string(open_.model.labels()[session_.classify(text)->label]);
  }

  // A parity file of sample_texts(), all right.
  std::vector<std::string> parity_rows() {
    std::vector<std::string> rows;
    for (const std::string& text : test::sample_texts()) {
      const std::string label = label_of(text);
      std::string row;
      JsonObject(row).text("text", text).text("label", label).floats("logits", session_.last_logits()).finish();
      rows.push_back(row + "\n");
    }
    return rows;
  }
  std::string parity_file(const std::vector<std::string>& rows) {
    std::string content;
    for (const std::string& row : rows) content += row;
    return folder_.write("parity.jsonl", content);
  }

  test::TestFolder folder_;
  format::FrozenModel frozen_;
  test::OpenModel open_;
  Session session_;
  std::string model_;
};

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

TEST_F(NogginRun, SelfTestPassesAndFails) {
  const ProcessResult passed = run({model_, "--self-test"});
  EXPECT_EQ(passed.exit_code, 0) << passed.output;
  EXPECT_THAT(passed.output, HasSubstr("6 of 6"));
  frozen_.golden[3].logits[0] += 0.5F;
  std::vector<std::byte> bytes = test::serialized(frozen_);
  const std::string changed = folder_.write("changed.nog", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const ProcessResult failed = run({changed, "--self-test", "--json"});
  EXPECT_EQ(failed.exit_code, 5);
  EXPECT_EQ(parse_json(lines_of(failed.output).at(0))->find("failed")->text, "1");
  frozen_.golden.clear();
  bytes = test::serialized(frozen_);
  const std::string empty = folder_.write("empty.nog", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  EXPECT_EQ(run({empty, "--self-test"}).exit_code, 5);
}

TEST_F(NogginRun, VerifyAcceptsTheTrainersOwnBits) {
  const ProcessResult result = run({model_, "--verify", parity_file(parity_rows())});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_THAT(result.output, HasSubstr("equal to the last bit"));
}

TEST_F(NogginRun, VerifyKnowsManyLogitsByTheirHash) {
  const std::span<const std::uint32_t> tokens = session_.tokenize("where is my parcel");
  std::string ids;
  for (const std::uint32_t id : tokens) {
    if (!ids.empty()) ids += ',';
    ids += std::to_string(id);
  }
  std::vector<float> logits = test::copied(*session_.logits(tokens));
  const auto row = [&] {
    std::string line = R"({"id":"1","text":"where is my parcel","label":null,"token_ids":[)" + ids;
    line += R"(],"logits_xxh3":")" + hex(float_hash(logits)) + "\"}\n";
    return line;
  };
  const ProcessResult equal = run({model_, "--verify", parity_file({row()})});
  EXPECT_EQ(equal.exit_code, 0) << equal.output << equal.errors;
  EXPECT_THAT(equal.output, HasSubstr("rows known by hash   1 ("));
  EXPECT_THAT(equal.output, HasSubstr("equal to the last bit"));
  const std::string right = ids;
  ids += ",3";
  const ProcessResult other_tokens = run({model_, "--json", "--verify", parity_file({row()})});
  EXPECT_EQ(other_tokens.exit_code, 5);
  EXPECT_THAT(other_tokens.output, HasSubstr("\"hashed_rows\":1,\"other_tokens_rows\":1"));
  ids = right;
  logits[1] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(logits[1]) ^ 1U);
  const ProcessResult other_bit = run({model_, "--verify", parity_file({row()})});
  EXPECT_EQ(other_bit.exit_code, 5);
  EXPECT_THAT(other_bit.output, HasSubstr("rows, differing bits 1\n"));
  EXPECT_THAT(run({model_, "--json", "--verify", parity_file(parity_rows())}).output,
              ::testing::Not(HasSubstr("hashed_rows")));
}

// A parity file with its first line, as export writes it.
class BoundParity : public NogginRun {
 protected:
  std::string header(std::uint64_t model, const std::vector<std::string>& rows) {
    std::string all;
    for (const std::string& row : rows) all += row;
    std::string line;
    JsonObject(line)
        .raw("parity", "1")
        .text("model_content_hash", hex(model))
        .integer("rows", rows.size())
        .text("rows_xxh3", hex(content_hash(all.data(), all.size())))
        .finish();
    return line + "\n";
  }
  std::string header() { return header(open_.model.content_hash(), parity_rows()); }
  ProcessResult verify(std::vector<std::string> lines, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {model_, "--verify", parity_file(lines)});
    return run(more);
  }
  static std::vector<std::string> with(const std::string& head, std::vector<std::string> rows) {
    rows.insert(rows.begin(), head);
    return rows;
  }
};

TEST_F(BoundParity, TheExportedFilePasses) {
  const ProcessResult text = verify(with(header(), parity_rows()));
  EXPECT_EQ(text.exit_code, 0) << text.errors;
  EXPECT_EQ(text.errors, "");
  EXPECT_THAT(text.output, HasSubstr("names this model and these rows"));
  const ProcessResult json = verify(with(header(), parity_rows()), {"--json"});
  EXPECT_THAT(json.output, HasSubstr("\"rows\":" + std::to_string(parity_rows().size()) + ","));
  EXPECT_THAT(json.output, HasSubstr("\"bound\":true"));
}

TEST_F(BoundParity, AFileOfAnotherModelIsNamedAsSuch) {
  const ProcessResult result = verify(with(header(open_.model.content_hash() + 1, parity_rows()), parity_rows()));
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.errors,
              HasSubstr("belongs to the model with the content hash " + hex(open_.model.content_hash() + 1) +
                        ", this one has " + hex(open_.model.content_hash())));
}

TEST_F(BoundParity, LessMoreOrOtherRowsAreRefused) {
  std::vector<std::string> fewer = parity_rows(), more = parity_rows(), relabelled = parity_rows(),
                           swapped = parity_rows();
  fewer.pop_back();
  more.push_back(more.front());
  const std::size_t gold = relabelled[1].find("label_");
  ASSERT_NE(gold, std::string::npos);
  relabelled[1][gold + 6] = relabelled[1][gold + 6] == '0' ? '1' : '0';
  std::swap(swapped[0], swapped[1]);
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {fewer, "its first line says"}, {more, "its first line says"}, {relabelled, "not those"}, {swapped, "not those"}};
  for (const auto& [rows, why] : cases) {
    const ProcessResult result = verify(with(header(), rows));
    EXPECT_EQ(result.exit_code, 3) << why;
    EXPECT_THAT(result.errors, HasSubstr(why));
    EXPECT_EQ(result.output, "") << "no figures of a file that is not the exported one";
  }
}

TEST_F(BoundParity, AFileWithoutItsFirstLineIsReadWithAWarning) {
  const ProcessResult result = verify(parity_rows());
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.errors, HasSubstr("warning: "));
  EXPECT_THAT(result.errors, HasSubstr("does not say which model and rows it belongs to"));
  EXPECT_THAT(verify(parity_rows(), {"--json"}).output, HasSubstr("\"bound\":false"));
}

TEST_F(BoundParity, AValidatorInsistsOnTheHashOfTheFile) {
  std::string all = header();
  for (const std::string& row : parity_rows()) all += row;
  const std::string hash = hex(content_hash(all.data(), all.size()));
  EXPECT_EQ(verify(with(header(), parity_rows()), {"--expect", hash}).exit_code, 0);
  // Consistent in itself, and another file.
  std::vector<std::string> rows = parity_rows();
  rows.pop_back();
  const std::vector<std::string> other = with(header(open_.model.content_hash(), rows), rows);
  EXPECT_EQ(verify(other).exit_code, 0);
  const ProcessResult refused = verify(other, {"--expect", hash});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.errors, HasSubstr("not the expected " + hash));
}

TEST_F(BoundParity, DamagedFirstLinesAreRefused) {
  for (const char* head : {R"({"parity":2,"model_content_hash":"0000000000000000","rows":1,"rows_xxh3":"0"})",
                           R"({"parity":1,"model_content_hash":"00","rows":1,"rows_xxh3":"0000000000000000"})",
                           R"({"parity":1,"rows":1,"rows_xxh3":"0000000000000000"})",
                           R"({"parity":1,"model_content_hash":"0000000000000000","rows_xxh3":"0000000000000000"})"}) {
    const ProcessResult result = verify(with(std::string(head) + "\n", parity_rows()));
    EXPECT_EQ(result.exit_code, 3) << head;
    EXPECT_THAT(result.errors, HasSubstr("parity.jsonl:1: ")) << head;
  }
}

TEST_F(NogginRun, VerifyNamesFlipsAndCountsBits) {
  std::vector<std::string> rows = parity_rows();
  ASSERT_TRUE(session_.classify("a"));
  std::vector<float> logits = test::copied(session_.last_logits());
  logits[0] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(logits[0]) ^ 1U);  // one bit
  std::string row;
  JsonObject(row).text("text", "a").raw("label", "null").floats("logits", logits).finish();
  rows.push_back(row + "\n");
  logits[(runtime::argmax(logits) + 1) % 3] += 100.0F;  // a flip
  row.clear();
  JsonObject(row).text("id", "row-7").text("text", "a").text("label", "label_0").floats("logits", logits).finish();
  rows.push_back("\n" + row + "\n");
  const std::string file = parity_file(rows);
  const ProcessResult result = run({model_, "--verify", file});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.output, AllOf(HasSubstr("flip: row-7\t"), HasSubstr("NOT equal")));
  const Result<JsonValue> summary = parse_json(lines_of(run({model_, "--json", "--verify", file}).output).at(0));
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->find("rows")->text, "8");
  EXPECT_EQ(summary->find("flips")->text, "1");
  EXPECT_EQ(summary->find("differing_bits_rows")->text, "2");
  EXPECT_NEAR(std::stof(summary->find("max_abs_logit_diff")->text), 100.0F, 1e-3F);
  EXPECT_NE(summary->find("accuracy"), nullptr);
}

TEST_F(NogginRun, VerifyNamesFileAndLineOfBadInput) {
  std::vector<std::string> rows = parity_rows();
  rows.insert(rows.begin() + 2, "{\"text\": \"cut off\n");
  const ProcessResult result = run({model_, "--verify", parity_file(rows)});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.errors, HasSubstr("parity.jsonl:3: column 18: "));
  EXPECT_EQ(run({model_, "--verify", "no/such.jsonl"}).exit_code, 3);
  EXPECT_EQ(run({model_, "--verify", parity_file({"\n"})}).exit_code, 3);  // verifies nothing
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
