#include <gmock/gmock.h>

#include <cmath>

#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::FloatNear;
using testing::IsEmpty;

LabelSet labels() {
  return tests::labels_of({"refund", "parcel", "other"}, {{"refund", {"A"}}, {"parcel", {"B"}}, {"other", {"C"}}});
}

json request(const std::string& id, const std::string& text) {
  return {{"custom_id", id},
          {"method", "POST"},
          {"url", "/v1/chat/completions"},
          {"body",
           {{"model", "teacher"},
            {"messages",
             {{{"role", "system"}, {"content", "Answer A, B or C."}}, {{"role", "user"}, {"content", text}}}}}}};
}

using Words = std::vector<std::pair<std::string, double>>;

json position(const std::string& token, double probability, const Words& top) {
  json list = json::array();
  for (const auto& [word, p] : top) list.push_back({{"token", word}, {"logprob", std::log(p)}, {"bytes", nullptr}});
  return {{"token", token}, {"logprob", std::log(probability)}, {"bytes", {65}}, {"top_logprobs", list}};
}

json body(const std::string& content, const json& positions) {
  return {{"id", "chatcmpl-1"},
          {"object", "chat.completion"},
          {"choices",
           {{{"index", 0},
             {"message", {{"role", "assistant"}, {"content", content}, {"refusal", nullptr}}},
             {"logprobs", positions.is_null() ? json(nullptr) : json{{"content", positions}, {"refusal", nullptr}}},
             {"finish_reason", "stop"}}}},
          {"usage", {{"total_tokens", 20}}}};
}

json answer(const std::string& id, const json& of_body) {
  return {{"id", "batch_req_1"},
          {"custom_id", id},
          {"response", {{"status_code", 200}, {"request_id", "r"}, {"body", of_body}}},
          {"error", nullptr}};
}

json simple(const std::string& id, const std::string& word) {
  return answer(id, body(word, json::array({position(word, 0.9, {{word, 0.9}, {"zzz", 0.05}})})));
}

json failure(const std::string& id, int status) {
  return {{"custom_id", id},
          {"response", {{"status_code", status}, {"body", {{"error", {{"message", "overloaded"}}}}}}},
          {"error", nullptr}};
}

std::string lines(const std::vector<json>& rows) {
  std::string text;
  for (const json& row : rows) text += row.dump() + "\n";
  return text;
}

tests::LogRead read_batch(const std::string& requests, const std::string& outputs, const IngestOptions& options = {}) {
  const test::TemporaryFolder folder;
  const Source source{Adapter::kOpenAiBatch, folder.write("output.jsonl", outputs),
                      folder.write("requests.jsonl", requests)};
  return tests::read_log(folder, {"train", {source}, true}, labels(), options);
}

TEST(OpenAiBatch, JoinsAnswersInAnyOrderToTheirRequests) {
  const auto read = read_batch(lines({request("r1", "one"), request("r2", "two"), request("r3", "three")}),
                               lines({simple("r3", "C"), simple("r1", "A"), simple("r2", "B")}));
  ASSERT_THAT(read.ids(), ElementsAre("r3", "r1", "r2"));
  EXPECT_EQ(read.records[0].text, "three");
  EXPECT_EQ(read.records[1].text, "one");
  EXPECT_EQ(read.records[2].text, "two");
  EXPECT_THAT(read.records[0].teacher.classes, ElementsAre(2));
  EXPECT_THAT(read.records[0].teacher.probabilities, ElementsAre(FloatNear(0.9F, 1e-6F)));
  EXPECT_NEAR(read.report.answers.class_mass, 3 * 0.9, 1e-6) << "what other words have is tail";
  EXPECT_EQ(read.records[1].label, kNoLabel);
  EXPECT_THAT(read.quarantine, IsEmpty());
  EXPECT_EQ(read.report.files.size(), 2U);
}

TEST(OpenAiBatch, ReadsCompressedFilesTheSame) {
  const std::string requests = lines({request("r1", "one"), request("r2", "two")});
  const std::string outputs = lines({simple("r2", "B"), simple("r1", "A")});
  for (const auto& packed_requests : {tests::gzip(requests), tests::zstandard(requests)}) {
    const auto read = read_batch(packed_requests, tests::gzip(outputs));
    ASSERT_THAT(read.ids(), ElementsAre("r2", "r1"));
    EXPECT_EQ(read.records[0].text, "two");
  }
}

TEST(OpenAiBatch, ReadsWhereTheAnswerStandsAndAddsTheSpellingsOfAClass) {
  const json positions = json::array({position("\"", 0.99, {{"\"", 0.99}, {"\n", 0.01}}),
                                      position(" A", 0.5, {{" A", 0.5}, {"a", 0.2}, {"B", 0.2}, {"I", 0.05}}),
                                      position("B", 1.0, {{"B", 1.0}})});
  const auto read = read_batch(lines({request("r", "text")}), lines({answer("r", body("\"A\"", positions))}));
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_THAT(read.records[0].teacher.classes, ElementsAre(0, 1));
  EXPECT_THAT(read.records[0].teacher.probabilities, ElementsAre(FloatNear(0.7F, 1e-6F), FloatNear(0.2F, 1e-6F)));
  EXPECT_EQ(read.report.answers.from_tokens, 1U);
}

TEST(OpenAiBatch, CountsASampledTokenThatIsNotListed) {
  const auto read = read_batch(lines({request("r", "text")}),
                               lines({answer("r", body("B", json::array({position("B", 0.1, {{"A", 0.6}})})))}));
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_THAT(read.records[0].teacher.classes, ElementsAre(0, 1));
}

TEST(OpenAiBatch, UsesTheLastUserMessageAndJoinsTextParts) {
  json row = request("r", "first question");
  row["body"]["messages"].push_back({{"role", "assistant"}, {"content", "A"}});
  row["body"]["messages"].push_back(
      {{"content", {{{"type", "text"}, {"text", "second"}}, {{"type", "text"}, {"text", "question"}}}},
       {"role", "user"}});
  row["body"]["messages"].push_back({{"role", "assistant"}, {"content", nullptr}});
  const auto read = read_batch(lines({row}), lines({simple("r", "A")}));
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].text, "second\nquestion");
}

TEST(OpenAiBatch, ReadsChatCompletionsWithACustomId) {
  json row = body("A", json::array({position("A", 0.8, {{"A", 0.8}, {"B", 0.1}})}));
  row["custom_id"] = "r";
  const auto read =
      read_batch(lines({{{"custom_id", "r"}, {"messages", {{{"role", "user"}, {"content", "hi"}}}}}}), lines({row}));
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].text, "hi");
}

TEST(OpenAiBatch, KeepsTheFirstSuccessOfARetriedRequest) {
  const auto read = read_batch(lines({request("r1", "one"), request("r2", "two"), request("r3", "three")}),
                               lines({failure("r1", 429), simple("r2", "B"), simple("r1", "A"), simple("r2", "C"),
                                      failure("r2", 500), failure("r3", 429), failure("r3", 500)}));
  ASSERT_THAT(read.ids(), ElementsAre("r2", "r1"));
  EXPECT_THAT(read.records[0].teacher.classes, ElementsAre(1));
  EXPECT_EQ(read.report.retried, 4U);  // a failure of r1, two rows of r2, the second failure of r3
  EXPECT_THAT(read.reasons(), ElementsAre("teacher_error"));
  EXPECT_EQ(read.quarantine[0]["line"], 6);
}

TEST(OpenAiBatch, GivesEachFaultItsReason) {
  json status_error = simple("r", "A");
  status_error["response"]["status_code"] = 500;
  json outer_error = {
      {"custom_id", "r"}, {"response", nullptr}, {"error", {{"code", "expired"}, {"message", "too late"}}}};
  json no_choice = simple("r", "A");
  no_choice["response"]["body"]["choices"] = json::array();
  json no_choices = simple("r", "A");
  no_choices["response"]["body"].erase("choices");

  json no_token = simple("r", "A");
  no_token["response"]["body"]["choices"][0]["logprobs"]["content"][0]["top_logprobs"][0].erase("token");
  json text_logprob = simple("r", "A");
  text_logprob["response"]["body"]["choices"][0]["logprobs"]["content"][0]["logprob"] = "low";
  const json positive = answer("r", body("A", json::array({position("A", 0.9, {{"A", 7.0}})})));
  const json above = answer("r", body("A", json::array({position("A", 0.9, {{"A", 0.9}, {"B", 0.9}})})));
  const json mute = answer("r", body("I cannot", json::array({position("I", 0.9, {{"I", 0.9}})})));
  const std::vector<std::pair<std::string, json>> faults = {{"teacher_error", status_error},
                                                            {"teacher_error", outer_error},
                                                            {"teacher_error", failure("r", 429)},
                                                            {"no_choice", no_choice},
                                                            {"unknown_answer_shape", no_choices},

                                                            {"missing_field", no_token},
                                                            {"wrong_type", text_logprob},
                                                            {"positive_logprob", positive},
                                                            {"sum_above_one", above},
                                                            {"teacher_refused", mute},
                                                            {"missing_logprobs", answer("r", body("A", json::array()))},
                                                            {"missing_logprobs", answer("r", body("A", nullptr))}};
  for (const auto& [reason, row] : faults) {
    const auto read = read_batch(lines({request("r", "bad"), request("s", "good")}), lines({row, simple("s", "A")}),
                                 {.on_missing_logprobs = OnMissingLogprobs::kReject});
    EXPECT_THAT(read.reasons(), ElementsAre(reason)) << row.dump();
    EXPECT_THAT(read.ids(), ElementsAre("s")) << row.dump();
  }
}

TEST(OpenAiBatch, RejectsNullLogprobsWithTheFixOrTakesTheAnswerAsHardLabel) {
  const std::string requests = lines({request("r1", "one"), request("r2", "two")});
  const std::string outputs = lines({answer("r1", body(" b\n", nullptr)), answer("r2", body("dunno", nullptr))});
  const auto rejected = read_batch(requests, outputs, {.on_missing_logprobs = OnMissingLogprobs::kReject});
  ASSERT_EQ(rejected.quarantine.size(), 2U);
  EXPECT_THAT(rejected.quarantine[0]["message"].get<std::string>(),
              testing::EndsWith(
                  "output.jsonl:1: choices[0].logprobs is null (the teacher was called without logprobs). Fix: call it "
                  "again with logprobs=true, or set data.on_missing_logprobs: hard_label"));
  const auto hard = read_batch(requests, outputs, {.on_missing_logprobs = OnMissingLogprobs::kHardLabel});
  ASSERT_THAT(hard.ids(), ElementsAre("r1"));
  EXPECT_THAT(hard.records[0].teacher.classes, ElementsAre(1));
  EXPECT_THAT(hard.records[0].teacher.probabilities, ElementsAre(1.0F));
  EXPECT_THAT(hard.reasons(), ElementsAre("no_class_in_answer"));
}

TEST(OpenAiBatch, ReportsRequestsAndAnswersThatHaveNoPartner) {
  const auto read =
      read_batch(lines({request("r1", "one"), request("r2", "two"), request("r3", "three"), request("r1", "again")}),
                 lines({simple("r9", "A"), simple("r3", "A")}));
  EXPECT_THAT(read.ids(), ElementsAre("r3"));
  EXPECT_THAT(read.reasons(),
              ElementsAre("duplicate_custom_id", "unknown_custom_id", "duplicate_custom_id", "no_answer"));
  EXPECT_EQ(read.quarantine[0]["line"], 4);
  EXPECT_EQ(read.quarantine[2]["line"], 1) << "nothing says which of the two an answer would belong to";
  EXPECT_EQ(read.quarantine[3]["content"], "two");
}

TEST(OpenAiBatch, QuarantinesACutLastLineAndItsOpenRequest) {
  const std::string whole = simple("r2", "B").dump();
  for (std::size_t length = 1; length < whole.size(); length += 7) {
    const auto read = read_batch(lines({request("r1", "one"), request("r2", "two")}),
                                 lines({simple("r1", "A")}) + whole.substr(0, length));
    EXPECT_THAT(read.ids(), ElementsAre("r1"));
    EXPECT_EQ(read.reasons()[0], "cut_last_line") << whole.substr(0, length);
  }
}

TEST(OpenAiBatch, RejectsRequestsThatHaveNoText) {
  json image = request("r1", "x");
  image["body"]["messages"][1]["content"] = {{{"type", "image_url"}, {"image_url", {{"url", "u"}}}}};
  json silent = request("r2", "x");
  silent["body"]["messages"].erase(1);
  json nameless = request("r3", "x");
  nameless.erase("custom_id");
  const auto read = read_batch(lines({image, silent, nameless, request("r4", " "), request("r5", "good")}),
                               lines({simple("r5", "A")}));
  EXPECT_THAT(read.reasons(), ElementsAre("not_text", "missing_field", "missing_field", "empty_text"));
  EXPECT_THAT(read.ids(), ElementsAre("r5"));
}

TEST(OpenAiBatch, NeedsARequestFile) {
  const test::TemporaryFolder folder;
  const auto report = read_split({"train", {{Adapter::kOpenAiBatch, folder.write("o", "{}"), {}}}, true}, labels(), {},
                                 {}, [](Record&&) { return Status(); });
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace noggin::data
