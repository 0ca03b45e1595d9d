// The lists of tokens that servers and clients log beside an answer. Told apart by what they hold, not by who wrote
// them:
//   {content: [...]}                                       chat completions: the list is inside
//   [{token, logprob, top_logprobs: [{token, logprob}]}]   chat completions, Responses, llama.cpp, Ollama
//   [{content, probs: [{tok_str, prob}]}]                  llama.cpp before 2025
//   {tokens, token_logprobs, top_logprobs: [{token: lp}]}  legacy completions
//   [{id: {logprob, rank, decoded_token}}]                 vLLM's own dump; the sampled ids stand beside it
//   [[logprob, id, text]], tops [[[logprob, id, text]]]    SGLang
//   [{id, text, logprob}], tops [[{id, text, logprob}]]    TGI
//   {chosenCandidates, topCandidates: [{candidates}]}      Gemini
#pragma once

#include <optional>

#include "data/answers/logged_answer.h"
#include "data/json/json_row.h"

namespace noggin::data {

struct TokenLists {
  std::optional<JsonValue> tokens{};  // the sampled tokens, in most shapes with their alternatives
  std::optional<JsonValue> tops{};    // the alternatives, where they are a list of their own
  std::optional<JsonValue> ids{};     // the ids of the sampled tokens
};

// Appends the positions to `answer` and sets has_tokens, if there are any. A candidate whose logprob is null has no
// mass; one without text is called "token_id:N".
Trouble read_token_lists(const TokenLists& lists, LoggedAnswer& answer);

}  // namespace noggin::data
