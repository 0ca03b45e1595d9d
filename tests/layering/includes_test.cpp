// Which part may include which. The edges between parts are those of configs/build/layering.cmake, read from that file;
// what comes from outside the project is listed here.
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include "tests/support/engine_source_scan.h"

namespace noggin {
namespace {

// Where a part's files lie, and how others spell its headers. The longest match wins.
struct Part {
  const char* name;  // as in layering.cmake
  const char* folder;
  const char* spelling;  // what an include of it starts with
};
constexpr Part kParts[] = {
    {"bytes", "runtime/bytes/", "bytes/"},
    {"spec", "runtime/spec/", "spec/"},
    {"format", "runtime/format/", "format/"},
    {"tokenizer", "runtime/tokenizer/", "tokenizer/"},
    {"kernels", "runtime/kernels/", "kernels/"},
    {"checks", "runtime/checks/", "checks/"},
    {"runtime", "runtime/engine/", "engine/"},
    {"runtime", "runtime/include/noggin/", "noggin/"},
    {"bytes", "runtime/include/noggin/result.h", "noggin/result.h"},  // how every part reports failure
    {"spec", "runtime/include/noggin/text_span.h", "noggin/text_span.h"},
    {"spec", "runtime/include/noggin/task_kind.h", "noggin/task_kind.h"},
    {"spec", "runtime/include/noggin/counts.h", "noggin/counts.h"},
    {"gpu", "runtime/gpu/", "gpu/"},
    {"cuda", "runtime/gpu/cuda/", "gpu/cuda/"},
    {"vulkan", "runtime/gpu/vulkan/", "gpu/vulkan/"},
    {"vulkan", "runtime/include/noggin/gpu.h", "noggin/gpu.h"},
    {"vulkan", "runtime/include/noggin/noggin_gpu.h", "noggin/noggin_gpu.h"},
    {"streams", "runtime/streams/", "streams/"},
    {"prediction", "runtime/prediction/", "prediction/"},
    {"update", "runtime/update/", "update/"},
    {"update", "runtime/include/noggin/update.h", "noggin/update.h"},
    {"update", "runtime/include/noggin/noggin_update.h", "noggin/noggin_update.h"},
    {"run_tool", "runtime/cli/", "cli/"},
    {"data", "data/", "data/"},
    {"recipe", "train/recipe/", "train/recipe/"},
    {"run", "train/run/", "train/run/"},
    {"baseline", "train/baseline/", "train/baseline/"},
    {"task", "train/task/", "train/task/"},
    {"augment", "train/augment/", "train/augment/"},
    {"search", "train/search/", "train/search/"},
    {"nightly", "train/nightly/", "train/nightly/"},
    {"assess", "train/assess/", "train/assess/"},
    {"train_kernels", "train/kernels/", "train/kernels/"},
    {"model", "train/model/", "train/model/"},
    {"checkpoint", "train/checkpoint/", "train/checkpoint/"},
    {"pretrained", "train/pretrained/", "train/pretrained/"},
    {"start", "train/start/", "train/start/"},
    {"compress", "train/compress/", "train/compress/"},
    {"train", "train/loop/", "train/loop/"},
    {"distill", "distill/", "distill/"},
    {"freeze", "export/", "export/"},
    {"onnx", "export/onnx/", "export/onnx/"},
    {"onnx_metadata", "export/onnx_metadata/", "export/onnx_metadata/"},
    {"onnx_runtime", "export/onnx_runtime/", "export/onnx_runtime/"},
    {"report", "export/report/", "export/report/"},
    {"html", "export/html/", "export/html/"},
    {"pages", "export/pages/", "export/pages/"},
    {"compare", "export/compare/", "export/compare/"},
    {"plan", "export/plan/", "export/plan/"},
    {"publish", "export/publish/", "export/publish/"},
    {"drift", "export/drift/", "export/drift/"},
    {"verify", "export/verify/", "export/verify/"},
    {"everything", "train/cli/", "train/cli/"},
};

// Headers from outside, by how they start, and the parts that may see them. "*" is every part above the runtime.
const std::map<std::string, std::set<std::string>>& outside() {
  static const std::set<std::string> torch = {"model",      "pretrained", "compress", "distill", "train",
                                              "checkpoint", "start",      "freeze",   "verify",  "everything"};
  static const std::set<std::string> above = {"*"};
  static const std::map<std::string, std::set<std::string>> rules = {
      {"torch/", torch},
      {"ATen/", torch},
      {"c10/", torch},
      {"hdf5.h", {"data"}},
      {"yaml-cpp/", {"recipe"}},
      {"Eigen/", {"baseline", "compress", "pretrained", "report", "verify"}},
      {"onnx/", {"onnx"}},
      {"google/protobuf/", {"onnx"}},
      {"utf8proc.h", {"data"}},
      {"simdjson.h", {"data"}},
      {"zlib.h", {"data"}},
      {"zstd.h", {"data", "update", "publish"}},
      {"sodium.h", {"update", "publish"}},
      {"bzlib.h", {"data"}},
      {"lzma.h", {"data"}},
      {"boost/math/", {"assess"}},  // chi-square; headers alone
      {"boost/program_options", {"everything"}},
      {"termios.h", {"everything"}},  // a password without echo
      {"boost/version.hpp", {"everything"}},
      {"fmt/", above},
      {"nlohmann/", above},
      {"xxhash.h", {"bytes"}},  // a header, nothing to link
      {"immintrin.h", {"kernels", "runtime"}},
      {"arm_neon.h", {"kernels"}},
      {"cpuid.h", {"bytes"}},
      {"cuda_runtime.h", {"cuda"}},
      {"vulkan/vulkan.h", {"vulkan"}},
      {"noggin_shaders/", {"vulkan"}},  // SPIR-V that the build has compiled
      {"sys/auxv.h", {"kernels"}},
      {"sys/syscall.h", {"kernels"}},
      {"asm/hwcap.h", {"kernels"}},  // what a CPU may run
      {"stddef.h", {"runtime", "update"}},
      {"stdint.h", {"runtime", "update"}},
      {"fcntl.h", {"bytes", "format", "streams", "update", "run_tool", "*"}},
      {"unistd.h", {"bytes", "format", "streams", "update", "run_tool", "kernels", "runtime", "cuda", "vulkan", "*"}},
      {"sys/", {"bytes", "format", "streams", "update", "run_tool", "*"}},
      {"dlfcn.h", {"vulkan", "model", "onnx_runtime", "run", "everything"}},
      {"poll.h", {"streams", "update", "*"}},
      {"netdb.h", {"train"}},  // where the processes of a group meet
      {"signal.h", above},
      {"malloc.h", {"train"}},
      {"link.h", {"model", "everything"}},
  };
  return rules;
}

bool below_the_trainer(const std::string& part) {
  static const std::set<std::string> parts = {"bytes",   "spec",       "format", "tokenizer", "kernels",
                                              "checks",  "runtime",    "gpu",    "cuda",      "vulkan",
                                              "streams", "prediction", "update", "run_tool"};
  return parts.contains(part);
}

std::string part_of(const std::string& path, const char* Part::*where) {
  const Part* best = nullptr;
  for (const Part& part : kParts) {
    const std::string prefix = part.*where;
    if (path.starts_with(prefix) && (best == nullptr || prefix.size() > std::string(best->*where).size())) best = &part;
  }
  return best == nullptr ? "" : best->name;
}

// part -> parts it may know, from the rows set(PREFIX_part a b c) of layering.cmake.
std::map<std::string, std::set<std::string>> rows_of(const std::string& prefix) {
  const std::string text =
      test::file_content(std::filesystem::path(NOGGIN_SOURCE_DIR) / "configs/build/layering.cmake");
  const std::regex row("set\\(" + prefix + "_([a-z_]+)\\s+([^)]*)\\)");
  std::map<std::string, std::set<std::string>> edges;
  for (auto it = std::sregex_iterator(text.begin(), text.end(), row); it != std::sregex_iterator(); ++it) {
    std::istringstream names((*it)[2]);
    std::set<std::string>& allowed = edges[(*it)[1]];
    for (std::string name; names >> name;)
      if (name != "\"\"") allowed.insert(name);
  }
  return edges;
}

std::map<std::string, std::set<std::string>> allowed_edges() {
  std::map<std::string, std::set<std::string>> edges = rows_of("NOGGIN_LAYERS");
  for (const Part& part : kParts) edges["everything"].insert(part.name);
  return edges;
}

// Empty when allowed, else the reason why not.
std::string judge(const std::string& file, const std::string& header) {
  static const auto edges = allowed_edges();
  const std::string from = part_of(file, &Part::folder);
  if (from.empty()) return "the file belongs to no part; add its folder to includes_test.cpp";
  static const std::regex standard("[a-z_0-9]+");
  if (std::regex_match(header, standard)) return "";
  // An interface that needs nothing itself: the trainer's quantized forward reports the same steps.
  if (header == "engine/trace.h" && from == "compress") return "";
  const std::string to = part_of(header, &Part::spelling);
  if (!to.empty()) {
    const auto allowed = edges.find(from);
    const bool known = to == from || (allowed != edges.end() && allowed->second.contains(to));
    return known ? "" : from + " may not know " + to;
  }
  for (auto rule = outside().rbegin(); rule != outside().rend(); ++rule) {  // the longest match comes first
    if (!header.starts_with(rule->first)) continue;
    const bool above = rule->second.contains("*") && !below_the_trainer(from);
    return above || rule->second.contains(from) ? "" : from + " may not use this library";
  }
  return "nobody may include this; if it is needed, add it to includes_test.cpp and to README.md";
}

TEST(Includes, EveryIncludeIsAllowed) {
  static const std::regex include("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]");
  std::size_t seen = 0;
  for (const test::SourceFile& file : test::source_files({"runtime", "data", "train", "distill", "export"}, true)) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_search(file.lines[i], match, include)) continue;
      ++seen;
      const std::string reason = judge(file.path, match[1]);
      EXPECT_EQ(reason, "") << file.path << ":" << i + 1 << ": #include of " << match[1];
    }
  }
  EXPECT_GT(seen, 100U);
}

TEST(Includes, TheRulesRefuseWhatTheyShould) {
  const std::pair<const char*, const char*> forbidden[] = {
      {"runtime/spec/quant.h", "format/reader.h"},
      {"runtime/tokenizer/wordpiece.cpp", "format/reader.h"},
      {"runtime/kernels/reference.cpp", "engine/families/encoder/forward.h"},
      {"runtime/engine/model.cpp", "data/rows/record.h"},
      {"runtime/engine/model.cpp", "fmt/format.h"},
      {"runtime/format/reader.cpp", "noggin/engine.h"},
      {"runtime/cli/main.cpp", "nlohmann/json.hpp"},
      {"data/shards/shard.cpp", "torch/torch.h"},
      {"data/shards/shard.cpp", "engine/families/encoder/forward.h"},
      {"export/onnx/graph.cpp", "torch/torch.h"},
      {"export/onnx/graph.cpp", "train/model/student.h"},
      {"export/verify/parity.cpp", "onnx/onnx_pb.h"},
      {"distill/losses.cpp", "train/loop/step.h"},
      {"train/model/student.cpp", "data/rows/record.h"},
      {"train/model/student.cpp", "engine/families/encoder/forward.h"},
      {"data/shards/shard.cpp", "curl/curl.h"},
      {"runtime/engine/model.cpp", "gpu/batch.h"},
      {"runtime/gpu/kernel.h", "cuda_runtime.h"},
      {"somewhere/else.cpp", "vector"},
  };
  for (const auto& [file, header] : forbidden) EXPECT_NE(judge(file, header), "") << file << " -> " << header;
  const std::pair<const char*, const char*> allowed[] = {
      {"runtime/spec/quant.h", "cstdint"},
      {"runtime/spec/model_config.h", "noggin/result.h"},
      {"runtime/engine/model.cpp", "format/reader.h"},
      {"export/verify/parity.cpp", "noggin/engine.h"},
      {"train/loop/step.cpp", "torch/torch.h"},
      {"train/cli/main.cpp", "export/onnx/graph.h"},
      {"train/compress/qat.cpp", "kernels/kernel_set.h"},
      {"data/shards/shard.cpp", "hdf5.h"},
  };
  for (const auto& [file, header] : allowed) EXPECT_EQ(judge(file, header), "") << file << " -> " << header;
}

// Rooms that `room` reaches by the table; itself among them where the table has a circle.
std::set<std::string> reach(const std::string& room, const std::map<std::string, std::set<std::string>>& rooms) {
  std::set<std::string> seen;
  std::vector<std::string> open = {room};
  while (!open.empty()) {
    const std::string next = open.back();
    open.pop_back();
    for (const std::string& below : rooms.at(next))
      if (seen.insert(below).second) open.push_back(below);
  }
  return seen;
}

TEST(Includes, RoomsOfDataKeepTheirOrder) {
  const auto rooms = rows_of("NOGGIN_ROOMS");
  for (const auto& [room, below] : rooms) EXPECT_FALSE(reach(room, rooms).contains(room)) << room << " is in a circle";
  static const std::regex include("^\\s*#\\s*include\\s*\"data/([a-z_]+)/");
  std::size_t seen = 0;
  for (const test::SourceFile& file : test::source_files({"data"}, true)) {
    const std::string room = std::filesystem::path(file.path).parent_path().filename().string();
    ASSERT_TRUE(rooms.contains(room)) << file.path << ": add its folder to configs/build/layering.cmake";
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_search(file.lines[i], match, include)) continue;
      ++seen;
      EXPECT_TRUE(match[1] == room || rooms.at(room).contains(match[1]))
          << file.path << ":" << i + 1 << ": " << room << " may not include " << match[1];
    }
  }
  EXPECT_GT(seen, 100U);
}

TEST(Includes, LayeringCmakeIsRead) {
  const auto edges = allowed_edges();
  EXPECT_TRUE(edges.at("runtime").contains("tokenizer"));
  EXPECT_FALSE(edges.at("data").contains("torch"));
}

}  // namespace
}  // namespace noggin
