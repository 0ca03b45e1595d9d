// What noggin-run proves of a certificate, and what it counts.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "bytes/bound_text.h"
#include "bytes/content_hash.h"
#include "bytes/hex.h"
#include "bytes/sha256.h"
#include "spec/versions.h"
#include "streams/json_reader.h"
#include "tests/support/engine_run_tool.h"

namespace noggin {
namespace {

using test::ProcessResult;
using ::testing::HasSubstr;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class NogginRunCertificate : public test::RunTool {
 protected:
  // The parts of a certificate that a device reads.
  std::string certificate(const std::string& sha256, const std::string& more = {}) {
    const std::string bytes = content_of(model_);
    std::ostringstream text;
    text << "{\n  \"certificate\": 2," << more << "\n  \"program\": {\"numerics_version\": " << spec::kNumericsVersion
         << "},\n  \"subject\": {\"model\": {\"bytes\": " << bytes.size() << ", \"sha256\": \"" << sha256
         << "\", \"xxh3\": \"" << hex(content_hash(bytes.data(), bytes.size())) << "\", \"content_hash\": \""
         << hex(open_.model.content_hash()) << "\"}},\n  \"golden\": {\"vectors\": 6}\n}\n";
    return bind_text(text.str());
  }
  ProcessResult judged(const std::string& text) {
    return run({model_, "--certificate", folder_.write("certificate.json", text)});
  }
};

TEST_F(NogginRunCertificate, HoldsOrSaysWhichLineDoesNot) {
  const std::string right = sha256_hex(content_of(model_));
  const ProcessResult holds = judged(certificate(right));
  EXPECT_EQ(holds.exit_code, 0) << holds.output << holds.errors;
  EXPECT_THAT(holds.output, HasSubstr("golden vectors, bits ("));
  const ProcessResult other = judged(certificate(std::string(64, '0')));
  EXPECT_EQ(other.exit_code, 5);
  EXPECT_THAT(other.output, HasSubstr("DOES NOT HOLD  model SHA-256: stated 0000"));
  std::string changed = certificate(right);
  changed[changed.find("\"vectors\": 6") + 11] = '7';
  const ProcessResult edited = judged(changed);
  EXPECT_EQ(edited.exit_code, 5);
  EXPECT_THAT(edited.output, AllOf(HasSubstr("DOES NOT HOLD  certificate unchanged"),
                                   HasSubstr("DOES NOT HOLD  golden vectors: stated 7, found 6")));
  EXPECT_EQ(judged(certificate(right, "\n  \"stale\": {\"why\": \"a new one\"},")).exit_code, 5);
}

TEST_F(NogginRunCertificate, WhatIsNoneIsRefused) {
  EXPECT_EQ(judged("").exit_code, 3);
  EXPECT_EQ(judged("{\"subject\": {}}").exit_code, 3);
  EXPECT_EQ(judged("{\"certificate\": 1, \"subject\": {}}").exit_code, 3);
  EXPECT_EQ(judged(std::string(3000, '[')).exit_code, 3);
  EXPECT_EQ(run({model_, "--certificate", folder_.path("missing.json")}).exit_code, 3);
  EXPECT_EQ(run({model_, "--certificate"}).exit_code, 2);
  EXPECT_EQ(run({model_, "--certificate", "x.json", "--bench"}).exit_code, 2);
  // Hostile text comes back escaped.
  const ProcessResult hostile = judged(certificate("\\u001b[2J"));
  EXPECT_EQ(hostile.exit_code, 5);
  EXPECT_EQ(hostile.output.find('\x1b'), std::string::npos);
}

TEST_F(NogginRunCertificate, CountersHoldCountsAndNoText) {
  const std::string file = folder_.path("counts.json");
  const ProcessResult plain = run({model_}, "where is my parcel\nthe secretword\n"),
                      counted = run({model_, "--counters", file}, "where is my parcel\nthe secretword\n");
  EXPECT_EQ(counted.exit_code, 0) << counted.errors;
  EXPECT_EQ(counted.output, plain.output);
  const std::string text = content_of(file);
  EXPECT_EQ(text.find("secretword"), std::string::npos);
  EXPECT_EQ(text.find("parcel"), std::string::npos);
  const Result<JsonValue> counts = parse_json(text.substr(0, text.size() - 1));
  ASSERT_TRUE(counts) << text;
  EXPECT_EQ(counts->find("requests")->text, "2");
  EXPECT_EQ(counts->find("model_content_hash")->text, hex(open_.model.content_hash()));
  EXPECT_EQ(counts->find("labels")->items.size(), counts->find("answers")->items.size());
  EXPECT_EQ(run({model_, "--counters", folder_.path("no") + "/such/file"}, "x\n").exit_code, 4);
  EXPECT_EQ(run({model_, "--counters", file, "--self-test"}).exit_code, 2);
}

// A service is mostly killed: standard input stays open here.
TEST_F(NogginRunCertificate, CountersAreWrittenWhileItAnswers) {
  const std::string file = folder_.path("counts.json");
  const std::string script =
      "(echo where is my parcel; sleep 60) | \"$0\" \"$@\" > /dev/null & until grep -q '\"requests\":1,' \"" + file +
      "\" 2> /dev/null; do sleep 0.1; done; kill %1";
  std::vector<std::string> words = {"/usr/bin/timeout", "30", "/bin/bash", "-mc", script};
  for (const std::string& word : command({model_, "--counters", file, "--counters-every", "1"})) words.push_back(word);
  EXPECT_EQ(test::run_process(words).exit_code, 0) << content_of(file);
  for (const char* seconds : {"0", "86401", "-1", "x"})
    EXPECT_EQ(run({model_, "--counters", file, "--counters-every", seconds}).exit_code, 2) << seconds;
}

// The counts of what was answered are there although the input has ended badly.
TEST_F(NogginRunCertificate, CountersAreWrittenAfterABadLine) {
  const std::string file = folder_.path("counts.json");
  EXPECT_EQ(run({model_, "--jsonl", "--counters", file}, "{\"text\": \"a\"}\nnot json\n").exit_code, 3);
  EXPECT_THAT(content_of(file), HasSubstr("\"requests\":1,"));
}

}  // namespace
}  // namespace noggin
