// Rounding has one home (spec/quant.h) and the runtime has its own elementary functions (spec/formulas.h). Any other
// call, outside spec/ and the kernels, stands in numeric_calls.txt with its reason.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "tests/support/engine_numeric_calls.h"
#include "tests/support/engine_source_scan.h"

namespace noggin {
namespace {

using FileAndCall = std::pair<std::string, std::string>;

// Lines "path call,call reason"; '#' starts a comment.
std::set<FileAndCall> allowed_calls() {
  std::set<FileAndCall> allowed;
  for (const std::string& line : test::split_lines(
           test::file_content(std::filesystem::path(NOGGIN_SOURCE_DIR) / "tests/layering/numeric_calls.txt"))) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string path, calls, reason;
    words >> path >> calls;
    std::getline(words, reason);
    EXPECT_GT(reason.size(), 10U) << "numeric_calls.txt: no reason given in: " << line;
    std::istringstream names(calls);
    for (std::string name; std::getline(names, name, ',');) allowed.insert({path, name});
  }
  return allowed;
}

std::map<FileAndCall, std::string> scan_the_tree() {  // -> file:line
  std::map<FileAndCall, std::string> calls;
  for (const test::SourceFile& file : test::source_files({"runtime", "data", "train", "distill", "export"}, false)) {
    if (file.path.starts_with("runtime/spec/") || file.path.starts_with("runtime/kernels/")) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (const std::string& call : test::numeric_calls(file.lines[i])) {
        const bool own = file.lines[i].find("spec::" + call) != std::string::npos;
        if (!own) calls.emplace(FileAndCall{file.path, call}, file.path + ":" + std::to_string(i + 1));
      }
    }
  }
  return calls;
}

const std::map<FileAndCall, std::string>& calls_in_the_tree() {
  static const std::map<FileAndCall, std::string> calls = scan_the_tree();
  return calls;
}

TEST(NumericCalls, OutsideSpecAndKernelsOnlyTheListedOnes) {
  const std::set<FileAndCall> allowed = allowed_calls();
  for (const auto& [call, place] : calls_in_the_tree()) {
    EXPECT_TRUE(allowed.contains(call))
        << place << " calls " << call.second << "(). Fix: use spec/quant.h or "
        << "spec/formulas.h; or, where no shipped number depends on it, add to tests/layering/numeric_calls.txt: "
        << call.first << " " << call.second << " (reason)";
  }
}

TEST(NumericCalls, NothingIsListedThatIsNotThere) {
  const std::map<FileAndCall, std::string>& found = calls_in_the_tree();
  for (const FileAndCall& call : allowed_calls()) {
    const bool folder_is_here =
        std::filesystem::exists(std::filesystem::path(NOGGIN_SOURCE_DIR) / call.first.substr(0, call.first.find('/')));
    EXPECT_TRUE(found.contains(call) || !folder_is_here)
        << "numeric_calls.txt lists " << call.first << " " << call.second
        << ", which is not there any more. Fix: remove it from the list";
  }
}

TEST(NumericCalls, TheRuntimeHasNone) {
  for (const auto& [call, place] : calls_in_the_tree()) EXPECT_FALSE(call.first.starts_with("runtime/")) << place;
}

TEST(NumericCalls, TheScanSeesWhatItShould) {
  const auto found = [](const std::string& line) { return test::numeric_calls(test::without_comments(line, false)); };
  using Names = std::vector<std::string>;
  EXPECT_EQ(found("x = std::exp(y) + floorf(z);"), (Names{"exp", "floor"}));
  EXPECT_EQ(found("long i = ::lrint (x);"), (Names{"lrint"}));
  EXPECT_EQ(found("q = x.round().clamp(0, 1); r = torch::floor(x); p->ceil_();"), (Names{"round", "floor", "ceil_"}));
  EXPECT_EQ(found("y = torch::exp(x) + x.log() + at::tanh(x) + std::sqrt(x);"), Names{});
  EXPECT_EQ(found("// exp(x) \n /* log(x) */ s = \"pow(2)\"; c = '\\''; d = \"\\\"exp(x)\";"), Names{});
  EXPECT_EQ(found("n = 1'000'000; y = R\"(exp(x))\"; background(1); my_round(2); expand(3);"), Names{});
  EXPECT_EQ(found("float exp(float x);"), Names{});
}

}  // namespace
}  // namespace noggin
