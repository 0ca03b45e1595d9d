// The instruction-set files must define nothing that a linker may share with other code: a weak function compiled with
// AVX-512 could be chosen for the whole program. Reads the library's symbols with nm.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "kernels/kernel_set.h"

namespace noggin::testing {
namespace {

const std::string kLibrary = std::string(NOGGIN_BIN_DIR) + "/../lib/libnoggin_kernels.a";

std::string output_of(const std::string& command) {
  std::string output;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> buffer;
  while (const std::size_t read = std::fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), read);
  return ::pclose(pipe) == 0 ? output : std::string();
}

bool starts_with_any(const std::string& symbol, std::initializer_list<const char*> prefixes) {
  for (const char* prefix : prefixes) {
    if (symbol.starts_with(prefix)) return true;
  }
  return false;
}

class InstructionSetSymbols : public ::testing::TestWithParam<std::string> {
 protected:
  // "type name" for each symbol of the object file `set`.cpp.o.
  void SetUp() override {
    if (!std::filesystem::exists(kLibrary)) GTEST_SKIP() << "not run: no " << kLibrary;
    const std::string all = output_of("nm -A -P '" + kLibrary + "' 2>/dev/null");
    if (all.empty()) GTEST_SKIP() << "not run: nm cannot be executed";
    std::istringstream lines(all);  // library[member]: name type ...
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string where, name, type;
      words >> where >> name >> type;
      if (where.find("[" + GetParam() + ".cpp.o]") != std::string::npos) symbols_.emplace_back(type, name);
    }
    ASSERT_FALSE(symbols_.empty()) << "no member " << GetParam() << ".cpp.o in " << kLibrary;
  }
  std::vector<std::pair<std::string, std::string>> symbols_;
};

std::vector<std::string> fast_sets() {
  std::vector<std::string> names;
  const runtime::KernelSetList list = runtime::kernel_sets();
  for (std::size_t i = 0; i + 1 < list.count; ++i) names.emplace_back(list.entries[i].kernels->name);
  return names;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(InstructionSetSymbols);
INSTANTIATE_TEST_SUITE_P(Sets, InstructionSetSymbols, ::testing::ValuesIn(fast_sets()),
                         [](const auto& test) { return test.param; });

TEST_P(InstructionSetSymbols, DefineOnlyTheKernelTable) {
  for (const auto& [type, name] : symbols_) {
    EXPECT_TRUE(type != "W" && type != "V" && type != "u") << "weak definition: " << name;
    if (type == "T" || type == "D" || type == "R" || type == "B") {
      EXPECT_NE(name.find("Kernels"), std::string::npos) << "exported besides the kernel table: " << name;
    }
  }
}

TEST_P(InstructionSetSymbols, CallNothingButMemoryFunctions) {
  for (const auto& [type, name] : symbols_) {
    if (type != "U" && type != "w") continue;
    EXPECT_TRUE(starts_with_any(name, {"mem", "_GLOBAL_OFFSET_TABLE_", "__stack_chk", "__asan", "__ubsan", "__tsan"}))
        << "calls " << name;
  }
}

}  // namespace
}  // namespace noggin::testing
