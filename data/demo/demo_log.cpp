#include "data/demo/demo_log.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "data/demo/demo_teacher.h"

namespace noggin::data {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kTeacher = "teacher-large";
constexpr std::uint64_t kAnswerStream = 1ULL << 40, kOrderStream = 2ULL << 40;

std::string custom_id(std::size_t request) { return fmt::format("request-{:05}", request); }

std::string system_prompt() {
  std::string prompt = "You route messages of a support desk. Answer with exactly one of these words: ";
  for (const std::string& label : demo_labels()) prompt += label + (label == kDemoNoneLabel ? "." : ", ");
  return prompt + " Answer \"" + kDemoNoneLabel + "\" when none of the others is what the writer wants.";
}

// Logs hold rounded numbers, which is why the probabilities of a row may add up to a little more than 1.
double rounded(double logprob) { return std::round(logprob * 1e5) / 1e5; }

Json token_json(const DemoToken& token) {
  return {{"token", token.word}, {"logprob", rounded(std::log(token.probability))}, {"bytes", nullptr}};
}

Json logprobs_json(const std::vector<DemoToken>& tokens) {
  Json sampled = token_json(tokens.front());  // temperature 0
  for (const DemoToken& token : tokens) sampled["top_logprobs"].push_back(token_json(token));
  return {{"content", Json::array({sampled})}};
}

Json output_row(std::size_t request, std::size_t row, int status_code, Json body) {
  return {{"id", fmt::format("batch_req_{:06}", row)},
          {"custom_id", custom_id(request)},
          {"response",
           {{"status_code", status_code}, {"request_id", fmt::format("req_{:06}", row)}, {"body", std::move(body)}}},
          {"error", nullptr}};
}

// One event of the log. A request may have several.
struct Event {
  enum class Kind { kAnswer, kAnswerWithoutLogprobs, kServerError, kRateLimit };
  std::size_t request;
  Kind kind = Kind::kAnswer;
};

std::string answer_line(const Event& event, std::size_t row, const DemoText& text, std::uint64_t seed, bool repeated) {
  DemoRandom random(seed, kAnswerStream + 2 * event.request + (repeated ? 1 : 0));
  const std::vector<DemoToken> tokens = ask_demo_teacher(text, random);
  const bool with_logprobs = event.kind == Event::Kind::kAnswer;
  const Json choice = {{"index", 0},
                       {"message", {{"role", "assistant"}, {"content", tokens.front().word}}},
                       {"logprobs", with_logprobs ? logprobs_json(tokens) : Json(nullptr)},
                       {"finish_reason", "stop"}};
  const std::size_t prompt_tokens = 120 + text.text.size() / 4;
  const Json usage = {{"prompt_tokens", prompt_tokens}, {"completion_tokens", 1}, {"total_tokens", prompt_tokens + 1}};
  const Json body = {{"id", fmt::format("chatcmpl-{:06}", row)},
                     {"object", "chat.completion"},
                     {"model", kTeacher},
                     {"choices", Json::array({choice})},
                     {"usage", usage}};
  return output_row(event.request, row, 200, body).dump();
}

std::string error_line(const Event& event, std::size_t row) {
  if (event.kind == Event::Kind::kServerError) {
    const Json error = {{"message", "The server had an error while processing your request."},
                        {"type", "server_error"}};
    return output_row(event.request, row, 500, {{"error", error}}).dump();
  }
  Json line = output_row(event.request, row, 429, nullptr);
  line["response"] = nullptr;
  line["error"] = {{"code", "rate_limit_exceeded"}, {"message", "Rate limit reached for teacher-large."}};
  return line.dump();
}

std::vector<Event> draw_order(std::size_t requests, DemoRandom& random) {
  std::vector<Event> events;
  for (std::size_t request = 0; request < requests; ++request) events.push_back({request});
  for (std::size_t i = events.size(); i > 1; --i) std::swap(events[i - 1], events[random.below(i)]);
  return events;
}

// See demo_output. The first rows go wrong in place; repeated requests are answered at the end, before the cut line.
void add_accidents(std::vector<Event>& events) {
  using Kind = Event::Kind;
  const std::size_t gap = events.size() / 8;  // spread over the file
  const Event cut = events.back();
  events.pop_back();
  std::vector<Event> repeats;
  for (const std::size_t place : {gap, 2 * gap, 3 * gap, 4 * gap}) {
    repeats.push_back(events[place]);
    events[place].kind = place == 2 * gap ? Kind::kRateLimit : Kind::kServerError;
  }
  Event failed_again = repeats[0];
  failed_again.kind = Kind::kRateLimit;
  repeats.insert(repeats.begin(), failed_again);
  events[5 * gap].kind = Kind::kServerError;
  events[6 * gap].kind = Kind::kAnswerWithoutLogprobs;
  repeats.push_back(events[7 * gap]);
  events.insert(events.end(), repeats.begin(), repeats.end());
  events.push_back(cut);
}

}  // namespace

std::string demo_requests(const std::vector<DemoText>& texts) {
  const std::string prompt = system_prompt();
  std::string lines;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Json messages =
        Json::array({{{"role", "system"}, {"content", prompt}}, {{"role", "user"}, {"content", texts[i].text}}});
    const Json body = {{"model", kTeacher}, {"messages", messages}, {"temperature", 0},
                       {"max_tokens", 1},   {"logprobs", true},     {"top_logprobs", 20}};
    const Json row = {{"custom_id", custom_id(i)}, {"method", "POST"}, {"url", "/v1/chat/completions"}, {"body", body}};
    lines += row.dump() + "\n";
  }
  return lines;
}

std::string demo_output(const std::vector<DemoText>& texts, std::uint64_t seed) {
  DemoRandom random(seed, kOrderStream);
  std::vector<Event> events = draw_order(texts.size(), random);
  add_accidents(events);
  std::vector<bool> answered(texts.size(), false);
  std::string lines, line;
  for (std::size_t row = 0; row < events.size(); ++row) {
    const Event& event = events[row];
    const bool failed = event.kind == Event::Kind::kServerError || event.kind == Event::Kind::kRateLimit;
    line =
        failed ? error_line(event, row) : answer_line(event, row, texts[event.request], seed, answered[event.request]);
    if (!failed) answered[event.request] = true;
    if (row + 1 < events.size()) lines += line + "\n";
  }
  return lines + line.substr(0, line.size() / 2);  // the writer was stopped
}

}  // namespace noggin::data
