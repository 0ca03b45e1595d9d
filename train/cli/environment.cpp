#include "train/cli/environment.h"

#include <fmt/format.h>

#include <boost/version.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "export/onnx_runtime/onnx_runtime.h"
#include "export/report/text_table.h"
#include "export/verify/vulkan_target.h"
#include "kernels/kernel_set.h"
#include "spec/versions.h"
#include "train/model/device.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;

// The first line of `path` that starts with `key`, without the key.
std::string value_after(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t start = line.find_first_not_of(" \t:", key.size());
    return start == std::string::npos ? std::string() : line.substr(start);
  }
  return {};
}

Json kernel_set_names() {
  Json names = Json::array();
  const runtime::KernelSetList sets = runtime::kernel_sets();
  for (std::size_t i = 0; i < sets.count; ++i) {
    names.push_back(std::string(sets.entries[i].kernels->name) +
                    (sets.entries[i].executable ? "" : " (not on this machine)"));
  }
  return names;
}

// Only the version: the rest may name its builder.
std::string kernel_version() {
  const std::string text = value_after("/proc/version", "Linux version");
  return text.substr(0, text.find(' '));
}

Json gpu_names() {
  Json names = Json::array();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc/driver/nvidia/gpus", error)) {
    names.push_back(value_after((entry.path() / "information").string(), "Model"));
  }
  return names;
}

}  // namespace

Json describe_environment(const std::string& folder) {
  std::error_code error;
  const fs::space_info space = fs::space(folder, error);
  const std::string obstacle = train::cuda_obstacle();
  const std::string no_vulkan = exporter::vulkan_obstacle();
  return {{"noggin", NOGGIN_VERSION},
          {"numerics_version", spec::kNumericsVersion},
          {"layout_version", spec::kLayoutVersion},
          {"compiler", fmt::format("GCC-compatible {}", __VERSION__)},
          {"torch", train::torch_description()},
          {"vulkan", no_vulkan.empty() ? "usable" : "not used: " + no_vulkan},
          {"cuda", obstacle.empty() ? "usable" : "not used: " + obstacle},
          {"onnx_runtime", exporter::describe_onnx_runtime({})},
          {"boost", fmt::format("{}.{}", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000)},
          {"cpu", value_after("/proc/cpuinfo", "model name")},
          {"threads", std::thread::hardware_concurrency()},
          {"memory", value_after("/proc/meminfo", "MemTotal")},
          {"kernel_sets", kernel_set_names()},
          {"gpus", gpu_names()},
          {"disk_free", error ? "unknown" : exporter::format_bytes(space.available)},
          {"system", value_after("/etc/os-release", "PRETTY_NAME=")},
          {"linux", kernel_version()}};
}

}  // namespace noggin::tool
