// A message that says what to do names only what there is: keys of a recipe, keys of a source, reasons to permit.
#include <gmock/gmock.h>

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "data/rows/rejection.h"
#include "tests/support/engine_source_scan.h"
#include "train/recipe/recipe_fields.h"

namespace noggin::train {
namespace {

struct Names {
  std::set<std::string> keys, sections, phase_keys, reasons;

  Names() {
    for (const Field<Recipe>& field : recipe_fields()) {
      keys.insert(field.key);
      if (const std::size_t dot = field.key.find('.'); dot != std::string::npos)
        sections.insert(field.key.substr(0, dot));
    }
    for (const Field<Phase>& field : phase_fields()) phase_keys.insert(field.key);
    for (int i = 0; data::reason_code(static_cast<data::Reason>(i)) != "unknown"; ++i)
      reasons.emplace(data::reason_code(static_cast<data::Reason>(i)));
    reasons.insert("empty");   // a source without rows
    reasons.insert("reason");  // stands for any of them
  }
  // A key of the recipe, or of one of the sources that it lists.
  bool is_key(const std::string& name) const {
    static const std::regex of_source(
        R"(data\.(train|dev|test)(\.(\d+|\{\}))?(\.(path|requests|family|template|fields|permit|adapter|columns|unit))?)");
    static const std::regex of_any_split(R"(data\.\{\})");  // put in where the message is made
    return keys.contains(name) || std::regex_match(name, of_source) || std::regex_match(name, of_any_split);
  }
};

// "data.min_class_mass" where `data` is a section; the name of a file ("train.jsonl") is no key.
std::vector<std::string> unknown_keys(const std::string& text, const Names& names) {
  static const std::regex word(R"(([a-z_]+)((?:\.(?:[a-z_0-9]+|\{\}))+))");
  static const std::regex file(
      R"(.*\.(jsonl|json|h5|yaml|yml|nog|txt|md|gz|zst|cpp|h|tsv|csv|ann|safetensors|bin|onnx|html))");
  std::vector<std::string> unknown;
  for (std::sregex_iterator at(text.begin(), text.end(), word), end; at != end; ++at) {
    const std::string name = at->str();
    const bool inside = at->position() > 0 && (text[static_cast<std::size_t>(at->position()) - 1] == '/' ||
                                               text[static_cast<std::size_t>(at->position()) - 1] == '.');
    if (inside || !names.sections.contains(at->str(1)) || std::regex_match(name, file)) continue;
    if (!names.is_key(name)) unknown.push_back(name);
  }
  return unknown;
}

std::vector<std::string> unknown_phase_keys(const std::string& text, const Names& names) {
  static const std::regex key(R"(phases\.(?:\d+|\{\}|N)\.([a-z_]+))");
  std::vector<std::string> unknown;
  for (std::sregex_iterator at(text.begin(), text.end(), key), end; at != end; ++at)
    if (!names.phase_keys.contains(at->str(1))) unknown.push_back(at->str());
  return unknown;
}

std::vector<std::string> unknown_reasons(const std::string& text, const Names& names) {
  static const std::regex permit(R"(permit: \[([a-z_]+)\])");
  std::vector<std::string> unknown;
  for (std::sregex_iterator at(text.begin(), text.end(), permit), end; at != end; ++at)
    if (!names.reasons.contains(at->str(1))) unknown.push_back(at->str());
  return unknown;
}

std::vector<std::string> faults_of(const std::string& text, const Names& names) {
  std::vector<std::string> faults = unknown_keys(text, names);
  for (const auto& more : {unknown_phase_keys(text, names), unknown_reasons(text, names)})
    faults.insert(faults.end(), more.begin(), more.end());
  return faults;
}

// The literals of a file. Those with nothing between them are one, as the compiler has it.
std::vector<std::string> literals_of(const test::SourceFile& file) {
  std::vector<std::string> literals;
  bool apart = true;
  for (const std::string& line : file.lines) {
    if (line.starts_with("#include")) continue;
    bool inside = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '"') {
        inside = !inside;
        if (inside && apart) literals.emplace_back();
        apart = false;
      } else if (inside) {
        const bool escape = line[i] == '\\';
        literals.back() += escape ? ' ' : line[i];
        i += escape ? 1 : 0;
      } else if (line[i] != ' ') {
        apart = true;
      }
    }
  }
  return literals;
}

TEST(Fixes, AreFoundOutWhereTheyNameWhatThereIsNot) {
  const Names names;
  EXPECT_THAT(faults_of("set data.quarantine_budget, phases.0.epochs or phases.{}.epochs; permit: [cut_file]", names),
              testing::IsEmpty());
  EXPECT_THAT(faults_of("data.ingest.quarantine_budget", names), testing::ElementsAre("data.ingest.quarantine_budget"));
  EXPECT_THAT(faults_of("phases.1.epoch", names), testing::ElementsAre("phases.1.epoch"));
  EXPECT_THAT(faults_of("permit: [no_such_reason]", names), testing::ElementsAre("permit: [no_such_reason]"));
  EXPECT_THAT(faults_of("name train.jsonl in data.train.0.path", names), testing::IsEmpty());
}

TEST(Fixes, OfRejectedRowsNameOnlyKeysThatThereAre) {
  const Names names;
  ASSERT_GT(names.reasons.size(), 60U);
  for (int i = 0; data::reason_code(static_cast<data::Reason>(i)) != "unknown"; ++i) {
    const auto reason = static_cast<data::Reason>(i);
    EXPECT_THAT(faults_of(std::string(data::reason_fix(reason)), names), testing::IsEmpty())
        << data::reason_code(reason);
    EXPECT_FALSE(data::reason_fix(reason).empty()) << data::reason_code(reason);
  }
}

TEST(Fixes, InTheSourcesNameOnlyKeysThatThereAre) {
  const Names names;
  std::size_t messages = 0;
  for (const test::SourceFile& file : test::source_files({"data", "train", "export"}, true)) {
    for (const std::string& text : literals_of(file)) {
      if (text.find("Fix: ") == std::string::npos) continue;
      ++messages;
      EXPECT_THAT(faults_of(text, names), testing::IsEmpty()) << file.path << ": " << text;
    }
  }
  EXPECT_GT(messages, 200U) << "the scan has lost the messages";
}

}  // namespace
}  // namespace noggin::train
