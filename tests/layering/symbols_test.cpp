// What the runtime takes from the machine it lands on, and what it shows: read from the linked files themselves.
#include <gmock/gmock.h>

#include <regex>
#include <set>
#include <sstream>

#include "tests/support/engine_process.h"
#include "tests/support/engine_source_scan.h"

namespace noggin {
namespace {

const std::string kLibrary = std::string(NOGGIN_BIN_DIR) + "/../lib/libnoggin.so";
const std::string kTool = std::string(NOGGIN_BIN_DIR) + "/noggin-run";

std::vector<std::string> output_lines(std::vector<std::string> command) {
  command.insert(command.begin(), "/usr/bin/env");
  const test::ProcessResult result = test::run_process(command);
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  return test::split_lines(result.output);
}

// Names without version that the file wants from others; `foreign` collects those that come from no allowed library.
std::set<std::string> undefined_symbols(const std::string& file, std::vector<std::string>& foreign) {
  // libc and libm are GLIBC; weak hooks of the tool chain have no version.
  static const std::regex known(".* U ([A-Za-z_0-9.]+)@+(GLIBC|GLIBCXX|CXXABI|GCC)_[0-9.]+$");
  static const std::regex hook(".* w [A-Za-z_0-9.]+(@.*)?$");
  std::set<std::string> names;
  for (const std::string& line : output_lines({"nm", "-D", "--undefined-only", file})) {
    std::smatch match;
    if (std::regex_match(line, match, known)) {
      names.insert(match[1]);
    } else if (!line.empty() && !std::regex_match(line, hook)) {
      foreign.push_back(line);
    }
  }
  return names;
}

class Symbols : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
#if !defined(__linux__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "reads ELF files without sanitizers";
#endif
  }
};

TEST_P(Symbols, ComeFromTheStandardLibrariesOnly) {
  std::vector<std::string> foreign;
  const std::set<std::string> names = undefined_symbols(GetParam(), foreign);
  EXPECT_THAT(foreign, ::testing::IsEmpty());
  EXPECT_TRUE(names.contains("memcpy") || names.contains("memmove")) << "nm's output was not understood";
}

TEST_P(Symbols, HoldNoElementaryFunctionAndNoRounding) {
  static const std::regex libm(
      "_*(rint|nearbyint|lrint|llrint|lround|llround|round|roundeven|floor|ceil|trunc|exp|exp2|exp10|expm1|log|log2|"
      "log10|log1p|pow|erf|erfc|tanh|sinh|cosh|asinh|acosh|atanh|sin|cos|sincos|tan|asin|acos|atan|atan2|cbrt|hypot|"
      "fma|"
      "fmod|remainder|tgamma|lgamma|fesetround)[fl]?(_finite)?");
  std::vector<std::string> foreign;
  for (const std::string& name : undefined_symbols(GetParam(), foreign))
    EXPECT_FALSE(std::regex_match(name, libm)) << name;
}

TEST_P(Symbols, NeedNoOtherSharedLibrary) {
  static const std::regex needed(".*\\(NEEDED\\).*\\[(.*)\\].*");
  static const std::regex allowed("lib(stdc\\+\\+|gcc_s|c|m)\\.so\\.[0-9]+|ld-linux.*");
  std::size_t seen = 0;
  for (const std::string& line : output_lines({"readelf", "-d", GetParam()})) {
    std::smatch match;
    if (!std::regex_match(line, match, needed)) continue;
    ++seen;
    EXPECT_TRUE(std::regex_match(match[1].str(), allowed)) << match[1];
  }
  EXPECT_GT(seen, 0U);
}

INSTANTIATE_TEST_SUITE_P(Runtime, Symbols, ::testing::Values(kLibrary, kTool), [](const auto& parameter) {
  return parameter.param == kTool ? std::string("NogginRun") : std::string("Libnoggin");
});

TEST(ExportedSymbols, AreTheCInterfaceAndTheClassesOfTheHeaders) {
#if !defined(__linux__)
  GTEST_SKIP() << "reads ELF files";
#endif
  static const std::regex allowed("(noggin_[a-z_]+)|(_ZNK?6noggin(5Model|7Session|8Counters(?!5State)).*)");
  std::size_t of_c = 0;
  for (const std::string& line : output_lines({"nm", "-D", "--defined-only", kLibrary})) {
    const std::string name = line.substr(std::min(line.size(), line.rfind(' ') + 1));
    if (name.empty()) continue;
    EXPECT_TRUE(std::regex_match(name, allowed)) << name;
    if (name.starts_with("noggin_")) ++of_c;
  }
  // As many as noggin.h declares.
  const std::string header = test::file_content(std::string(NOGGIN_SOURCE_DIR) + "/runtime/include/noggin/noggin.h");
  std::size_t declared = 0;
  for (std::size_t at = 0; (at = header.find("\nNOGGIN_EXPORT ", at)) != std::string::npos; ++at) ++declared;
  EXPECT_EQ(of_c, declared);
}

}  // namespace
}  // namespace noggin
