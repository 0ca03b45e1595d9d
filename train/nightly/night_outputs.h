// What a night says of itself, for people and programs, all from its summary.json:
//
//   {"schema": "noggin-nightly/1", "recipe", "night", "time", "decision": "shipped" | "held back" | "nothing new",
//    "reason", "exit_code", "inputs", "rows": {"train", "new"}, "seconds",
//    "checks": [{"name", "passed", "detail"}], "notes": [...],
//    "metric", "quality": {"new", "shipped", "difference", "low", "high"}, "verdict", "mended", "broken",
//    "model": {"bytes", "content_hash"}, "published": {"serial", "folder", "channel"}, "drift": {"verdict", "why"}}
//
// From "metric" on a key is there only where it is known.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace noggin::train {

using Json = nlohmann::ordered_json;

inline constexpr const char* kNightlySchema = "noggin-nightly/1";

// The text format of Prometheus, for node_exporter's textfile collector.
std::string prometheus_text(const Json& summary);
// A call that ended with a fault: its exit code and time alone, so that an alert can see it.
std::string prometheus_fault(const std::string& recipe, const std::string& time, int exit_code);

// JUnit XML, one test case for each check.
std::string junit_text(const Json& summary);

// One line for a chat.
std::string chat_line(const Json& summary);

}  // namespace noggin::train
