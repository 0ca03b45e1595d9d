#include "data/demo/demo.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <unordered_set>

#include "data/demo/demo_grammar.h"
#include "data/demo/demo_log.h"

namespace noggin::data {
namespace {

namespace fs = std::filesystem;

Status check_options(const DemoOptions& options) {
  if (options.training_texts >= kMinDemoRequests) return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("demo: training_texts is {}, too few for a log with failed rows. Fix: ask for {} or more",
                           options.training_texts, kMinDemoRequests)};
}

Status make_folder(const std::string& folder) {
  std::error_code problem;
  if (fs::exists(folder, problem) && !(fs::is_directory(folder, problem) && fs::is_empty(folder, problem))) {
    return Error{ErrorCode::kExists, folder +
                                         ": exists and is not an empty folder; the demo overwrites nothing. Fix: "
                                         "name another folder, or remove this one"};
  }
  fs::create_directories(folder, problem);
  if (problem)
    return Error{ErrorCode::kIo, folder + ": cannot be created (" + problem.message() +
                                     "). Fix: name a folder "
                                     "whose parent you may write to"};
  return {};
}

// Draws until it has `count` texts that no split has yet, so that nothing in dev or test was seen in training.
std::vector<DemoText> draw_split(std::uint32_t count, std::uint64_t seed, std::uint64_t& stream,
                                 std::unordered_set<std::string>& seen) {
  std::vector<DemoText> texts;
  while (texts.size() < count) {
    DemoRandom random(seed, stream++);
    DemoText drawn = draw_demo_text(random);
    if (seen.insert(drawn.text).second) texts.push_back(std::move(drawn));
  }
  return texts;
}

std::string labelled_lines(const std::string& split, const std::vector<DemoText>& texts) {
  std::string lines;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const nlohmann::ordered_json row = {{"id", fmt::format("{}-{:05}", split, i)},
                                        {"text", texts[i].text},
                                        {"label", demo_labels()[static_cast<std::size_t>(texts[i].label)]}};
    lines += row.dump() + "\n";
  }
  return lines;
}

Status write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  if (file) return {};
  return Error{ErrorCode::kIo, path + ": could not be written. Fix: check free space and permissions of the folder"};
}

}  // namespace

Result<std::vector<std::string>> write_demo(const std::string& folder, const DemoOptions& options) {
  if (Status status = check_options(options); !status) return status.error();
  if (Status status = make_folder(folder); !status) return status.error();

  std::unordered_set<std::string> seen;
  std::uint64_t stream = 0;
  const std::vector<DemoText> train = draw_split(options.training_texts, options.seed, stream, seen);
  const std::vector<DemoText> dev = draw_split(options.dev_texts, options.seed, stream, seen);
  const std::vector<DemoText> test = draw_split(options.test_texts, options.seed, stream, seen);

  const std::vector<std::pair<std::string, std::string>> files = {
      {"requests.jsonl", demo_requests(train)},
      {"output.jsonl", demo_output(train, options.seed)},
      {"dev.jsonl", labelled_lines("dev", dev)},
      {"test.jsonl", labelled_lines("test", test)},
      {"labels.json", nlohmann::ordered_json(demo_labels()).dump(2) + "\n"}};
  std::vector<std::string> paths;
  for (const auto& [name, content] : files) {
    paths.push_back((fs::path(folder) / name).string());
    if (Status status = write_file(paths.back(), content); !status) return status.error();
  }
  return paths;
}

}  // namespace noggin::data
