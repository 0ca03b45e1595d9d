#include "train/cli/console.h"

#include <fmt/format.h>

#include <filesystem>

#include "bytes/foreign_text.h"
#include "bytes/hex.h"
#include "export/report/text_table.h"
#include "train/run/stage_cache.h"

namespace noggin::tool {
namespace {

struct FileFacts {
  std::string path;
  std::uint64_t bytes = 0;
  std::string hash;
};

// Files that have disappeared in the meantime are left out.
std::vector<FileFacts> facts(const std::vector<std::string>& paths) {
  std::vector<FileFacts> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) continue;
    files.push_back({path, std::filesystem::file_size(path, error), hex(train::hash_file(path))});
  }
  return files;
}

Json to_json(const std::vector<std::string>& paths) {
  Json array = Json::array();
  for (const FileFacts& file : facts(paths))
    array.push_back({{"path", file.path}, {"bytes", file.bytes}, {"xxh3", file.hash}});
  return array;
}

}  // namespace

Console::Console(std::ostream& results, std::ostream& messages, train::ProgressOptions options, bool json)
    : results_(results),
      messages_(messages),
      options_(std::move(options)),
      progress_(messages_, options_),
      json_(json) {}

double Console::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

void Console::finish(const Summary& summary, const std::string& text, Json result) {
  progress_.end();
  const std::string shown = text + (text.empty() ? "" : "\n") + table(summary);
  progress_.record("result\n" + shown);
  if (!json_) {
    results_ << printable(shown) << std::flush;
    return;
  }
  result["inputs"] = to_json(summary.inputs);
  result["outputs"] = to_json(summary.outputs);
  result["seconds"] = seconds();
  results_ << printable(result.dump(-1, ' ', false, Json::error_handler_t::replace)) << '\n' << std::flush;
}

void Console::finish_quietly(const Summary& summary) { progress_.note(table(summary)); }

std::string Console::table(const Summary& summary) const {
  exporter::TextTable text({}, true);
  for (const FileFacts& file : facts(summary.inputs)) {
    text.add({"input", file.path, exporter::format_bytes(file.bytes), file.hash});
  }
  for (const FileFacts& file : facts(summary.outputs)) {
    text.add({"output", file.path, exporter::format_bytes(file.bytes), file.hash});
  }
  for (const auto& [name, value] : summary.figures) text.add({name, value});
  text.add({"time", train::format_duration(seconds())});
  if (!summary.next.empty()) text.add({"next", summary.next});
  return text.text();
}

}  // namespace noggin::tool
