#include "data/logs/answer_shapes.h"

#include <fmt/format.h>

#include <vector>

#include "data/json/first_names.h"
#include "data/logs/messages.h"
#include "data/logs/token_lists.h"
#include "data/rows/blank.h"

namespace noggin::data {
namespace {

// Paths, relative to `base`; "" for what a shape does not have. Two paths joined by | are tried in order.
struct ShapeRow {
  std::string_view name{};
  std::string_view needs{};  // exists in responses of this shape only
  std::string_view base{}, text{}, call{}, tokens{}, tops{}, ids{}, finish{}, refusal{}, failure{};
};

// The more particular ones first.
constexpr ShapeRow kShapeRows[] = {
    {.name = "a chat completion",
     .needs = "choices[0].message",
     .base = "choices[index=0]|choices[0]",
     .text = "message.content",
     .call = "message.tool_calls[0].function.arguments|message.function_call.arguments",
     .tokens = "logprobs",
     .finish = "finish_reason",
     .refusal = "message.refusal"},
    {.name = "a text completion",
     .needs = "choices[0].text",
     .base = "choices[index=0]|choices[0]",
     .text = "text",
     .tokens = "logprobs",
     .finish = "finish_reason"},
    {.name = "a Responses API answer",
     .needs = "output[type=message].content|output[type=function_call].arguments",
     .text = "output[type=message].content[type=output_text].text",
     .call = "output[type=function_call].arguments",
     .tokens = "output[type=message].content[type=output_text].logprobs",
     .finish = "incomplete_details.reason|status",
     .refusal = "output[type=message].content[type=refusal].refusal"},
    {.name = "a Gemini answer",
     .needs = "candidates[0].content|candidates[0].finishReason",
     .base = "candidates[index=0]|candidates[0]",
     .text = "content.parts",
     .call = "content.parts[0].functionCall.args",
     .tokens = "logprobsResult",
     .finish = "finishReason"},
    {.name = "a blocked Gemini answer",
     .needs = "promptFeedback.blockReason|prompt_feedback.block_reason",
     .failure = "promptFeedback.blockReason|prompt_feedback.block_reason"},
    {.name = "a vLLM output",
     .needs = "outputs[0].token_ids",
     .base = "outputs[index=0]|outputs[0]",
     .text = "text",
     .tokens = "logprobs",
     .ids = "token_ids",
     .finish = "finish_reason"},
    {.name = "an SGLang answer",
     .needs = "meta_info.output_token_logprobs|meta_info.finish_reason",
     .text = "text",
     .tokens = "meta_info.output_token_logprobs",
     .tops = "meta_info.output_top_logprobs",
     .finish = "meta_info.finish_reason.type|meta_info.finish_reason"},
    {.name = "a TGI answer",
     .needs = "generated_text",
     .text = "generated_text",
     .tokens = "details.tokens",
     .tops = "details.top_tokens",
     .finish = "details.finish_reason"},
    {.name = "a list of TGI answers",
     .needs = "[0].generated_text",
     .base = "[0]",
     .text = "generated_text",
     .tokens = "details.tokens",
     .tops = "details.top_tokens",
     .finish = "details.finish_reason"},
    {.name = "a llama.cpp completion",
     .needs = "completion_probabilities",
     .text = "content",
     .tokens = "completion_probabilities",
     .finish = "stop_type"},
    {.name = "a llama.cpp completion",
     .needs = "generation_settings|timings|id_slot",
     .text = "content",
     .finish = "stop_type"},
    {.name = "an Ollama chat answer",
     .needs = "message.role",
     .text = "message.content",
     .call = "message.tool_calls[0].function.arguments",
     .tokens = "logprobs",
     .finish = "done_reason"},
    {.name = "an Ollama answer", .needs = "done", .text = "response", .tokens = "logprobs", .finish = "done_reason"},
    {.name = "an Anthropic message",
     .needs = "stop_reason",
     .text = "content",
     .call = "content[type=tool_use].input",
     .finish = "stop_reason"},
    {.name = "a Bedrock Converse answer",
     .needs = "output.message.content",
     .text = "output.message.content",
     .call = "output.message.content[0].toolUse.input",
     .finish = "stopReason"},
    {.name = "a Bedrock Titan answer",
     .needs = "results[0].outputText",
     .text = "results[0].outputText",
     .finish = "results[0].completionReason"},
    {.name = "a Bedrock Llama answer", .needs = "generation", .text = "generation", .finish = "stop_reason"},
    {.name = "a Cohere answer", .needs = "generations[0].text", .text = "generations[0].text"},
    {.name = "a LangChain result",
     .needs = "generations[0][0].text|generations[0][0].message",
     .text = "generations[0][0].text|generations[0][0].message.content|generations[0][0].message.kwargs.content"},
    {.name = "a conversation",
     .needs = "messages[-1]|conversations[-1]|conversation[-1]",
     .text = "messages|conversations|conversation"},
    {.name = "an answer's text",
     .needs = "completion|response|answer|output|outputText|generated_text|text|content|value|parts",
     .text = "completion|response|answer|output|outputText|generated_text|text|content|value|parts",
     .call = "tool_calls[0].function.arguments",
     .finish = "finish_reason"},
};

// A string is the text of a call's arguments; an object is written out again.
void read_call(JsonValue arguments, LoggedAnswer& answer) {
  answer.text = arguments.is_string() ? std::string(string_of(arguments)) : simdjson::minify(arguments);
  answer.has_text = true;
}

// A list of calls that are not alone is no answer: nothing says which one counts.
bool is_one_call(JsonValue base) {
  const auto message = field_of(base, "message");
  const auto calls = field_of(message ? *message : base, "tool_calls");
  JsonArray array;
  return !calls || calls->get_array().get(array) != simdjson::SUCCESS || array.size() == 1;
}

}  // namespace

struct AnswerShape {
  std::string_view name;
  JsonPaths needs, base, text, call, tokens, tops, ids, finish, refusal, failure;
  explicit AnswerShape(const ShapeRow& row)
      : name(row.name),
        needs(row.needs),
        base(row.base),
        text(row.text),
        call(row.call),
        tokens(row.tokens),
        tops(row.tops),
        ids(row.ids),
        finish(row.finish),
        refusal(row.refusal),
        failure(row.failure) {}
};

namespace {

const std::vector<AnswerShape>& shapes() {
  static const std::vector<AnswerShape> all(std::begin(kShapeRows), std::end(kShapeRows));
  return all;
}

struct NeededNames {
  FirstNames names;
  std::vector<FirstNames::Set> of_shape;

  explicit NeededNames(const std::vector<AnswerShape>& all) {
    for (const AnswerShape& shape : all) of_shape.push_back(names.add(shape.needs));
  }
};

// A string, a list of parts or messages: what has no fields to look for.
const AnswerShape& plain_shape() {
  static const AnswerShape shape(ShapeRow{.name = "an answer's text"});
  return shape;
}

}  // namespace

std::string_view name_of(const AnswerShape& shape) { return shape.name; }

const AnswerShape* find_answer_shape(JsonValue response, EmbeddedJson& inner, bool is_whole_row) {
  const JsonValue value = inner.open(response);
  const std::vector<AnswerShape>& all = shapes();
  static const NeededNames needed(all);
  if (all.front().needs.find(value, inner)) return &all.front();  // what most logs hold
  const FirstNames::Set has = needed.names.in(value);
  for (std::size_t i = 1; i < all.size() - (is_whole_row ? 1 : 0); ++i)
    if ((has & needed.of_shape[i]) != 0 && all[i].needs.find(value, inner)) return &all[i];
  if (is_whole_row) return nullptr;
  return response.is_string() || value.is_array() ? &plain_shape() : nullptr;
}

Trouble read_shaped_answer(const AnswerShape& shape, JsonValue response, EmbeddedJson& inner, LoggedAnswer& answer) {
  JsonValue root = inner.open(response);
  if (&shape == &plain_shape() && root.is_object()) root = response;  // an answer that is JSON by itself
  const std::optional<JsonValue> base = shape.base.empty() ? root : shape.base.find(root, inner);
  if (!base) return Rejection{Reason::kNoChoice, {}};
  if (const auto failure = shape.failure.find(*base, inner))
    return Rejection{Reason::kTeacherError, std::string(string_of(*failure).substr(0, 200))};
  if (const auto finish = shape.finish.find(*base, inner)) answer.finish_reason = string_of(*finish);
  if (const auto refusal = shape.refusal.find(*base, inner)) answer.refused = !string_of(*refusal).empty();
  std::optional<JsonValue> text = &shape == &plain_shape() ? root : shape.text.find(*base, inner);
  if (text && is_conversation(*text)) {
    const std::optional<JsonValue> message = last_assistant(*text);
    if (!message) return Rejection{Reason::kMissingField, "an answer of the assistant as the last message"};
    text = content_of(*message);
    if (!text)
      if (const auto call = call_of(*message)) read_call(*call, answer);
  }
  if (text && read_content(*text, answer.text)) answer.text.clear();
  answer.has_text = answer.has_text || (text && !is_blank(answer.text));
  if (!answer.has_text)
    if (const auto call = shape.call.find(*base, inner); call && is_one_call(*base)) read_call(*call, answer);
  return read_token_lists(
      {shape.tokens.find(*base, inner), shape.tops.find(*base, inner), shape.ids.find(*base, inner)}, answer);
}

}  // namespace noggin::data
