#include "data/logs/envelopes.h"

#include <cstddef>
#include <vector>

#include "data/json/first_names.h"
#include "data/logs/field_aliases.h"

namespace noggin::data {
namespace {

// The more particular ones first.
const std::vector<Envelope>& envelopes() {
  const auto paths = [](std::string_view text) { return JsonPaths(text); };
  static const std::vector<Envelope> all = {
      {"anthropic_batch", paths("custom_id"), paths("result|params"), paths("custom_id"), paths("params"),
       paths("result.message"), paths("result.type"), paths("result.error.error|result.error")},
      // OpenAI's and what follows it: Azure, Mistral, Together, vLLM, SGLang.
      {"openai_batch", paths("custom_id"), paths("choices|output"), paths("custom_id"), paths("request.body|request"),
       paths("."), paths("status_code"), paths("error")},
      {"openai_batch", paths("custom_id"), paths("body|response|error|messages"), paths("custom_id"),
       paths("body|messages|request.body|request"), paths("response.body|response"),
       paths("response.status_code|status_code"), paths("error|response.body.error|response.error")},
      {"bedrock_batch", paths("recordId"), paths("modelInput|modelOutput|error"), paths("recordId"),
       paths("modelInput"), paths("modelOutput"), paths(""), paths("error")},
      {"gemini_batch", paths("key"), paths("request|response|error"), paths("key"), paths("request"), paths("response"),
       paths(""), paths("error|response.error|status.message")},
      {"helicone", paths("request_body|response_body"), paths(""), paths("request_id|id"), paths("request_body"),
       paths("response_body"), paths("response_status|status_code|status"), paths("error|response_body.error")},
      {"litellm", paths("call_type|proxy_server_request|litellm_params"), paths("response|error_str|status"),
       paths("id|request_id|litellm_call_id"), paths("messages|proxy_server_request.body|proxy_server_request|input"),
       paths("response"), paths("status"), paths("error_str|error_information.error_message|exception|response.error")},
      {"otel_genai", paths("attributes.\"gen_ai.input.messages\"|attributes.\"gen_ai.output.messages\""), paths(""),
       paths("spanId|span_id|context.span_id|id"), paths("attributes.\"gen_ai.input.messages\""),
       paths("attributes.\"gen_ai.output.messages\""), paths(""),
       paths("attributes.\"error.type\"|attributes.\"exception.message\"")},
      {"openinference", paths("attributes.\"output.value\"|attributes.\"input.value\""), paths(""),
       paths("context.span_id|spanId|span_id|id"), paths("attributes.\"input.value\""),
       paths("attributes.\"output.value\""), paths("status_code|status.code|status.status_code"),
       paths("attributes.\"exception.message\"|status.message")},
      {"traceloop", paths("attributes.\"gen_ai.prompt.0.content\"|attributes.\"llm.prompts.0.content\""), paths(""),
       paths("spanId|span_id|context.span_id|id"),
       paths("attributes.\"gen_ai.prompt.1.content\"|attributes.\"gen_ai.prompt.0.content\"|"
             "attributes.\"llm.prompts.0.content\""),
       paths("attributes.\"gen_ai.completion.0.content\"|attributes.\"llm.completions.0.content\""), paths(""),
       paths("attributes.\"error.type\"")},
      {"langsmith", paths("inputs.messages[0][0]"), paths("outputs|run_type"), paths("id|run_id"),
       paths("inputs.messages[0]"), paths("outputs"), paths("status"), paths("error")},
      {"langsmith", paths("inputs"), paths("outputs|run_type"), paths("id|run_id"), paths("inputs"), paths("outputs"),
       paths("status"), paths("error")},
      {"request_response", paths("request"), paths("response|error|status"), paths("id|request_id|custom_id"),
       paths("request.body|request"), paths("response.body|response"), paths("response.status_code|status_code|status"),
       paths("error|response.body.error|response.error")},
      {"alpaca", paths("instruction"), paths("output|response"), paths("id"), paths("."), paths("output|response"),
       paths(""), paths("error")},
      {"bedrock_log", paths("input.inputBodyJson"), paths(""), paths("requestId"), paths("input.inputBodyJson"),
       paths("output.outputBodyJson"), paths(""), paths("errorCode")},
      {"promptfoo", paths("prompt.raw"), paths("response"), paths("id"), paths("prompt.raw"),
       paths("response.output|response"), paths(""), paths("error|response.error")},
      {"prompt_completion", paths("prompt|query|question"), paths("completion|response"), paths("id"),
       paths("prompt|query|question"), paths("completion|response"), paths(""), paths("error")},
      {"input_output", paths("input"), paths("output"), paths("id"), paths("input"), paths("output"), paths("status"),
       paths("error|statusMessage")},
  };
  return all;
}

// The envelopes with the fields that each needs, in the order of the table.
struct Candidates {
  struct Needed {
    FirstNames::Set needs, also;
  };
  FirstNames names;
  std::vector<Needed> needed;

  Candidates() {
    for (const Envelope& envelope : envelopes())
      needed.push_back(
          {names.add(envelope.needs), envelope.also.empty() ? FirstNames::kAny : names.add(envelope.also)});
  }
};

// A row of our own kind under other names: a text, a class and what each class is worth.
bool is_own_row(const Envelope& envelope, JsonValue row) {
  return (envelope.name == "input_output" || envelope.name == "prompt_completion") && has_usual_text(row) &&
         has_usual_distribution(row);
}

bool fits(const Envelope& envelope, JsonValue row, EmbeddedJson& inner) {
  return envelope.needs.find(row, inner) && (envelope.also.empty() || envelope.also.find(row, inner)) &&
         !is_own_row(envelope, row);
}

}  // namespace

const Envelope* find_envelope(JsonValue row, EmbeddedJson& inner) {
  if (!row.is_object()) return nullptr;
  static const Candidates candidates;
  const FirstNames::Set has = candidates.names.in(row);
  for (std::size_t i = 0; i < candidates.needed.size(); ++i) {
    const auto& [needs, also] = candidates.needed[i];
    if ((has & needs) == 0 || (has & also) == 0) continue;
    if (fits(envelopes()[i], row, inner)) return &envelopes()[i];
  }
  return nullptr;
}

const Envelope* envelope_named(std::string_view name) {
  for (const Envelope& envelope : envelopes())
    if (envelope.name == name) return &envelope;
  return nullptr;
}

}  // namespace noggin::data
