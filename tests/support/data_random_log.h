// Logs of every kind of line that a file of lines may hold, by a seed.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <random>
#include <string>

namespace noggin::tests {

// `faults`: whether there are lines that are refused, but for ids that stand twice. Classes: refund, parcel.
inline std::string random_log(std::uint32_t seed, int lines, bool faults = true) {
  std::mt19937 random(seed);
  const auto below = [&random](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  std::string log;
  for (int i = 0; i < lines; ++i) {
    const std::string text = fmt::format("order {} of {}", below(60), below(5) == 0 ? "a caf\xC3\xA9" : "the shop");
    const std::string label = below(2) == 0 ? "refund" : "parcel";
    const std::uint32_t id = below(50);
    const std::string question =
        fmt::format(R"({{"model": "m", "messages": [{{"role": "user", "content": "{}"}}]}})", text);
    const std::string answer = fmt::format(R"({{"choices": [{{"message": {{"content": "{}"}}}}]}})", label);
    switch (below(faults ? 14 : 9)) {
      case 0:  // many of these ids are of other texts
        log += fmt::format(R"({{"id": "{}", "text": "{}", "label": "{}"}})", id, text, label);
        break;
      case 1:
        log += fmt::format(R"({{"id": {}, "text": "order {}", "label": "{}"}})", id, id, label);
        break;
      case 2:
        log += fmt::format(R"({{"text": "{}", "probs": {{"refund": 0.{}, "other": 0.1}}}})", text, 1 + below(8));
        break;
      case 3:
        log += fmt::format(R"({{"request": {}, "response": {}}})", question, answer);
        break;
      case 4:
        log += fmt::format(R"({{"custom_id": "{}", "body": {}}})", i, question);
        break;
      case 5:  // of a request before it, or after it, or of none
        log += fmt::format(R"({{"custom_id": "{}", "response": {{"status_code": 200, "body": {}}}}})",
                           below(static_cast<std::uint32_t>(lines)), answer);
        break;
      case 6:
        log += fmt::format(R"({{"rows": [{{"text": "{}", "label": "refund"}}, {{"id": "{}", "text": "x {}", "label":)"
                           R"( "parcel"}}]}})",
                           text, id, i);
        break;
      case 7:
        log += below(2) == 0 ? "" : " \t ";
        break;
      case 8:
        log += fmt::format("{}{{\"text\": \"line {}\", \"label\": \"{}\"}}", i == 0 ? "" : "\xEF\xBB\xBF", i, label);
        break;
      case 9:
        log += R"({"text": "cut off, "lab)";
        break;
      case 10:
        log += R"({"text": "", "label": "refund"})";
        break;
      case 11:
        log += fmt::format(R"({{"text": "{}", "label": "nobody's class"}})", text);
        break;
      case 12:
        log += std::string(200 + below(3000), '#');
        break;
      default:
        log += fmt::format(R"({{"text": "bad {} \ud800", "label": "{}"}})", "\xFF", label);
    }
    log += below(6) == 0 ? "\r\n" : "\n";
  }
  if (below(2) == 0) log += R"({"text": "the last line", "label": "refund"})";
  if (faults && below(3) == 0) log += R"({"text": "the writer was kil)";
  return log;
}

}  // namespace noggin::tests
