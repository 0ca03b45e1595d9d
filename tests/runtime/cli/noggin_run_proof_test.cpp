// What noggin-run proves of a file on the machine at hand: --self-test and --verify.
#include <gmock/gmock.h>

#include <bit>

#include "bytes/content_hash.h"
#include "bytes/float_hash.h"
#include "bytes/hex.h"
#include "engine/answer.h"
#include "prediction/json_writer.h"
#include "streams/json_reader.h"
#include "tests/support/engine_run_tool.h"

namespace noggin {
namespace {

using test::lines_of;
using test::ProcessResult;
using ::testing::HasSubstr;

class NogginRunProof : public test::RunTool {
 protected:
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
};

TEST_F(NogginRunProof, SelfTestPassesAndFails) {
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

TEST_F(NogginRunProof, VerifyAcceptsTheTrainersOwnBits) {
  const ProcessResult result = run({model_, "--verify", parity_file(parity_rows())});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_THAT(result.output, HasSubstr("equal to the last bit"));
}

TEST_F(NogginRunProof, VerifyKnowsManyLogitsByTheirHash) {
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
class BoundParity : public NogginRunProof {
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

TEST_F(NogginRunProof, VerifyNamesFlipsAndCountsBits) {
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

TEST_F(NogginRunProof, VerifyNamesFileAndLineOfBadInput) {
  std::vector<std::string> rows = parity_rows();
  rows.insert(rows.begin() + 2, "{\"text\": \"cut off\n");
  const ProcessResult result = run({model_, "--verify", parity_file(rows)});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.errors, HasSubstr("parity.jsonl:3: column 18: "));
  EXPECT_EQ(run({model_, "--verify", "no/such.jsonl"}).exit_code, 3);
  EXPECT_EQ(run({model_, "--verify", parity_file({"\n"})}).exit_code, 3);  // verifies nothing
}

}  // namespace
}  // namespace noggin
