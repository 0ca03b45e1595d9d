#include <filesystem>

#include "export/report/text_table.h"
#include "train/cli/environment.h"
#include "train/cli/verbs.h"

namespace noggin::tool {
namespace {

std::string shown(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Json& item : value) text += (text.empty() ? "" : ", ") + shown(item);
  return text.empty() ? "none" : text;
}

}  // namespace

Options doctor_options() { return Options("Options"); }

train::ExitCode doctor(const Arguments& arguments, Console& console) {
  arguments.refuse_overrides();
  const Json environment = describe_environment(std::filesystem::current_path().string());
  exporter::TextTable table({}, true);
  for (const auto& [name, value] : environment.items()) table.add({name, shown(value)});
  console.finish({}, table.text(), environment);
  return train::ExitCode::kOk;
}

}  // namespace noggin::tool
