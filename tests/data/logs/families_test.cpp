// One row of each kind of log, as its writers write it: the text, the class and its probability must come out.
#include <gmock/gmock.h>

#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using testing::ElementsAre;

LabelSet desks() {
  return tests::labels_of({"billing", "delivery"}, {{"billing", {"A", "token_id:362"}}, {"delivery", {"B"}}});
}

tests::LogRead read_rows(const std::string& rows) { return tests::read_jsonl_text(rows, desks()); }

constexpr double kA = 0.9;

// A chat completion that answers A with .9 and B with .1.
const std::string kChat =
    R"({"object": "chat.completion", "choices": [{"index": 0, "message": {"role": "assistant", "content": "A"},
    "logprobs": {"content": [{"token": "A", "logprob": -0.10536051565782628, "top_logprobs": [
    {"token": "A", "logprob": -0.10536051565782628}, {"token": "B", "logprob": -2.302585092994046}]}]}}]})";

std::string on_one_line(std::string text) {
  std::erase(text, '\n');
  return text;
}

std::string quoted(const std::string& json) { return nlohmann::json(on_one_line(json)).dump(); }

struct Family {
  const char* name;
  std::string row;
  double probability = kA;  // of the class "billing"
};

std::vector<Family> families() {
  const std::string asked =
      R"([{"role": "system", "content": "A or B?"}, {"role": "user", "content": "charged twice"}])";
  const std::string request = R"({"model": "m", "messages": )" + asked + "}";
  const std::string top = R"([{"id": 362, "text": " A", "logprob": -0.10536051565782628},
                              {"id": 425, "text": " B", "logprob": -2.302585092994046}])";
  return {
      {"a batch's answer beside its request", R"({"custom_id": "1", "response": {"status_code": 200, "body": )" +
                                                  kChat + R"(}, "request": {"body": )" + request + "}}"},
      {"an envelope in another", R"({"time": 1, "event": {"kind": "done", "payload": )" +
                                     quoted(R"({"request": )" + request + R"(, "response": )" + kChat + "}") + "}}"},
      {"bedrock log", R"({"requestId": "1", "modelId": "m", "input": {"inputBodyJson": )" + request +
                          R"(}, "output": {"outputBodyJson": )" + kChat + "}}"},
      {"promptfoo", R"({"prompt": {"raw": "charged twice", "label": "p"}, "vars": {}, "response": {"output": "A"}})",
       1.0},
      {"prompt and response", R"({"prompt": "charged twice", "response": )" + kChat + "}"},
      {"request and response", R"({"request": )" + request + R"(, "response": )" + kChat + "}"},
      {"both as strings", R"({"request": )" + quoted(request) + R"(, "response": )" + quoted(kChat) + "}"},
      {"helicone", R"({"request_id": "1", "request_body": )" + request + R"(, "response_body": )" + kChat + "}"},
      {"litellm", R"({"id": "1", "call_type": "acompletion", "status": "success", "messages": )" + asked +
                      R"(, "response": )" + kChat + "}"},
      {"gemini batch",
       R"({"key": "1", "request": {"contents": [{"role": "user", "parts": [{"text": "charged twice"}]}]}, "response":
       {"candidates": [{"content": {"role": "model", "parts": [{"text": "A"}]}, "finishReason": "STOP",
       "logprobsResult": {"chosenCandidates": [{"token": "A", "logProbability": -0.10536051565782628}],
       "topCandidates": [{"candidates": [{"token": "A", "logProbability": -0.10536051565782628},
       {"token": "B", "logProbability": -2.302585092994046}]}]}}]}})"},
      {"bedrock",
       R"({"recordId": "1", "modelInput": {"messages": [{"role": "user", "content": [{"type": "text", "text":
       "charged twice"}]}]}, "modelOutput": {"role": "assistant", "content": [{"type": "text", "text": "billing"}],
       "stop_reason": "end_turn"}})",
       1.0},
      {"langfuse", R"({"id": "1", "input": )" + asked + R"(, "output": {"role": "assistant", "content": "billing"}})",
       1.0},
      {"langsmith",
       R"({"id": "1", "run_type": "llm", "inputs": {"messages": )" + asked +
           R"(}, "outputs": {"generations": [[{"text": "billing"}]]}})",
       1.0},
      {"otel, attributes as a map",
       R"({"spanId": "1", "attributes": {"gen_ai.input.messages": )" +
           quoted(R"([{"role": "user", "parts": [{"type": "text", "content": "charged twice"}]}])") +
           R"(, "gen_ai.output.messages": )" +
           quoted(R"([{"role": "assistant", "parts": [{"type": "text", "content": "billing"}]}])") + "}}",
       1.0},
      {"otel, attributes as a list",
       R"({"spanId": "1", "attributes": [{"key": "input.value", "value": {"stringValue": )" + quoted(request) +
           R"(}}, {"key": "output.value", "value": {"stringValue": )" + quoted(kChat) + "}}]}"},
      {"sglang",
       R"({"text": " A", "prompt": "charged twice", "meta_info": {"finish_reason": {"type": "stop"},
       "output_token_logprobs": [[-0.10536051565782628, 362, " A"]],
       "output_top_logprobs": [[[-0.10536051565782628, 362, " A"], [-2.302585092994046, 425, " B"]]]}})"},
      {"sglang without texts of tokens",
       R"({"text": " A", "prompt": "charged twice", "meta_info": {"output_token_logprobs":
       [[-0.10536051565782628, 362, null]], "output_top_logprobs": [[[-0.10536051565782628, 362, null]]]}})"},
      {"sglang without the text of the candidate that was sampled",
       R"({"text": " A", "prompt": "charged twice", "meta_info": {"output_token_logprobs":
       [[-0.10536051565782628, 362, " A"]], "output_top_logprobs": [[[-0.10536051565782628, 362, null],
       [-2.302585092994046, 425, " B"]]]}})"},
      {"tgi", R"({"inputs": "charged twice", "generated_text": " A", "details": {"tokens": [{"id": 362, "text": " A",
       "logprob": -0.10536051565782628}], "top_tokens": [)" +
                  top + "]}}"},
      {"llama.cpp",
       R"({"content": " A", "prompt": "charged twice", "completion_probabilities": [{"id": 362, "token": " A",
       "logprob": -0.10536051565782628, "top_logprobs": [{"token": " A", "logprob": -0.10536051565782628}]}]})"},
      {"llama.cpp before 2025",
       R"({"content": " A", "prompt": "charged twice", "completion_probabilities": [{"content": " A", "probs":
       [{"prob": 0.9, "tok_str": " A"}, {"prob": 0.1, "tok_str": " B"}]}]})"},
      {"vllm's dump",
       R"({"prompt": "charged twice", "outputs": [{"index": 0, "text": " A", "token_ids": [362], "logprobs": [{"425":
       {"logprob": -2.302585092994046, "decoded_token": " B"}, "362": {"logprob": -0.10536051565782628, "decoded_token": " A"}}]}]})"},
      {"ollama", R"({"model": "m", "prompt": "charged twice", "response": "billing", "done": true})", 1.0},
      {"messages", R"({"messages": [{"role": "user", "content": "charged twice"}, {"role": "assistant", "content":
       "billing"}]})",
       1.0},
      {"sharegpt", R"({"conversations": [{"from": "human", "value": "charged twice"}, {"from": "gpt", "value":
       "billing"}]})",
       1.0},
      {"alpaca", R"({"instruction": "Which desk?", "input": "charged twice", "output": "billing"})", 1.0},
      {"alpaca without input", R"({"instruction": "charged twice", "input": "", "output": "billing"})", 1.0},
      {"a completion that is JSON", R"({"prompt": "charged twice", "completion": "{\"label\": \"billing\"}"})", 1.0},
      {"prompt and completion", R"({"prompt": "charged twice", "completion": " billing"})", 1.0},
  };
}

TEST(Families, EachGivesItsTextAndItsDistribution) {
  for (const Family& family : families()) {
    const auto read = read_rows(on_one_line(family.row));
    ASSERT_EQ(read.records.size(), 1U) << family.name << ": " << read.quarantine.size() << " "
                                       << (read.quarantine.empty() ? "" : read.quarantine[0].dump());
    EXPECT_EQ(read.records[0].text, "charged twice") << family.name;
    EXPECT_EQ(read.records[0].teacher.classes.front(), 0) << family.name;
    EXPECT_NEAR(read.records[0].teacher.probabilities.front(), family.probability, 1e-6) << family.name;
    EXPECT_EQ(read.report.answers.from_text, family.probability == 1.0 ? 1U : 0U) << family.name;
  }
}

TEST(Families, OneFileMayHoldSeveral) {
  std::string log;
  for (const Family& family : families()) log += on_one_line(family.row) + "\n";
  const auto read = read_rows(log);
  EXPECT_EQ(read.records.size(), families().size());
  EXPECT_GT(read.report.sources.at(0).families.size(), 10U);
}

TEST(Families, AForcedOneRefusesTheOthers) {
  const test::TemporaryFolder folder;
  const std::string row = R"({"prompt": "charged twice", "completion": " billing"})";
  const Source source{.path = folder.write("log.jsonl", row), .family = "alpaca"};
  const auto read = tests::read_log(folder, {"split", {source}, false}, desks());
  EXPECT_TRUE(read.records.empty());
  const Source unknown{.path = source.path, .family = "alpacca"};
  const auto report = read_split({"split", {unknown}, false}, desks(), {}, "", [](Record&&) { return Status(); });
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kInvalidArgument);
}

TEST(Families, WhatIsNoClassifiersLogIsNamed) {
  const std::pair<const char*, std::string> cases[] = {
      {"no_text", on_one_line(kChat)},
      {"generative_log", R"({"messages": [], "token_ids": [[1, 2]], "logprobs": [[-0.1, -2.0]]})"},
      {"generative_log", R"({"input_ids": [1], "compressed_logprobs": ["YWJj"]})"},
      {"unknown_answer_shape", R"({"request": {"prompt": "x"}, "response": {"what": 1}})"},
      {"teacher_error", R"({"request": {"prompt": "x"}, "response": null, "error": {"code": "rate_limit"}})"},
      {"teacher_error", R"({"request": {"prompt": "x"}, "response": {"error": {"message": "overloaded"}}})"},
      {"no_question",
       R"({"request": {"model": "m", "state": "x", "questions": {"q": {"type": "noul", "instructions": "ok?"}}},
                       "response": {"model": "m", "answers": {"q": {"noul": 0.5}}}})"},
  };
  for (const auto& [reason, row] : cases)
    EXPECT_THAT(read_rows(on_one_line(row)).reasons(), ElementsAre(reason)) << row;
}

TEST(Families, APathOfFieldsReachesEveryPlace) {
  const test::TemporaryFolder folder;
  const std::string row =
      R"({"meta": {"who": [{"name": "x"}, {"name": "y"}]}, "in": {"q": "charged twice"}, "gold": "billing"})";
  const Source source{.path = folder.write("log.jsonl", row),
                      .fields = {{"text", "in.q"}, {"label", "gold"}, {"id", "meta.who[-1].name"}}};
  const auto read = tests::read_log(folder, {"split", {source}, false}, desks());
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].id, "y");
  EXPECT_EQ(read.records[0].text, "charged twice");
  EXPECT_EQ(read.records[0].label, 0);
}

TEST(Families, MessagesOfLangChainsConstructors) {
  const auto message = [](const char* name, const char* text) {
    return fmt::format(R"({{"lc": 1, "id": ["langchain", "{}"], "kwargs": {{"content": "{}"}}}})", name, text);
  };
  const auto read =
      read_rows(R"({"inputs": {"messages": [[)" + message("SystemMessage", "s") + ", " + message("HumanMessage", "a") +
                R"(]]}, "outputs": {"generations": [[{"text": "A"}]]}})" + "\n");
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].text, "a");
}

TEST(Families, ARowWithATextIsNotWhatItsNotesHold) {
  const auto read = read_rows(
      R"({"sentence": "charged twice", "label": "delivery", "meta": {"prompt": "other", "completion": "billing"}})"
      "\n");
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].text, "charged twice");
  EXPECT_EQ(read.records[0].label, 1);
}

TEST(Families, TheTextIsTakenOutOfItsPrompt) {
  const test::TemporaryFolder folder;
  const auto prompt = [](const std::string& text) {
    return nlohmann::json{{"prompt", text}, {"completion", "billing"}}.dump() + "\n";
  };
  Source source{Adapter::kJsonl,
                folder.write("log.jsonl", prompt("Route it.\n\nTicket: charged twice\n\nAnswer:\n") +
                                              prompt("Route it.\n\nTicket:  \n\nAnswer:") + prompt("something else"))};
  source.text_template = "Route it.\n\nTicket: {text}\nAnswer:";
  const auto read = tests::read_log(folder, {"split", {source}, false}, desks());
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].text, "charged twice");
  EXPECT_THAT(read.reasons(), ElementsAre("empty_text", "other_template"));
  for (const char* wrong : {"no place", "{text}", "{text} and {text}"}) {
    source.text_template = wrong;
    const auto refused = read_split({"split", {source}, false}, desks(), {}, {}, RowTaker{});
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace noggin::data
