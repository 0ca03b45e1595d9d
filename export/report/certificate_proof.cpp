#include "export/report/certificate_proof.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "bytes/foreign_text.h"
#include "export/report/text_table.h"

namespace noggin::exporter {
namespace {

constexpr char kSeparator = '\x1F';  // between the names of a path, which may hold dots

using Members = std::vector<std::pair<std::string, Json>>;  // path, value

// Every value that has no parts; an empty object or array is such a value, too.
void flatten(const Json& json, const std::string& path, Members& members) {
  if (!json.is_structured() || json.empty()) {
    members.emplace_back(path, json);
    return;
  }
  std::map<std::string, std::size_t> seen;
  std::size_t index = 0;
  for (const auto& [key, value] : json.items()) {
    std::string name = key;
    if (json.is_array()) {
      const bool named = value.is_object() && value.contains("name") && value["name"].is_string();
      name = named ? value["name"].get<std::string>() : std::to_string(index);
      if (named && ++seen[name] > 1) name += fmt::format(" ({})", seen[name]);
    }
    ++index;
    flatten(value, path.empty() ? name : path + kSeparator + name, members);
  }
}

std::vector<std::string> names_of(const std::string& path) {
  std::vector<std::string> names{""};
  for (const char c : path) {
    if (c == kSeparator)
      names.emplace_back();
    else
      names.back() += c;
  }
  return names;
}

// Does `wanted` name the member, or something that it is a part of?
bool fits(const std::vector<std::string>& wanted, const std::vector<std::string>& names) {
  if (wanted.size() > names.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i] != "*" && wanted[i] != names[i]) return false;
  return true;
}

const Missing* find(const std::vector<Missing>& missing, const std::vector<std::string>& names) {
  const auto found = std::ranges::find_if(missing, [&](const Missing& one) { return fits(one.path, names); });
  return found == missing.end() ? nullptr : &*found;
}

ProvenMember proven(const std::string& path, const Json& stated, const std::map<std::string, Json>& found,
                    const std::vector<Missing>& missing) {
  static const std::vector<Missing> unprovable = unprovable_statements();
  const std::vector<std::string> names = names_of(path);
  ProvenMember member{.path = fmt::format("{}", fmt::join(names, ".")), .stated = stated, .found = {}, .why = {}};
  const auto anew = found.find(path);
  if (anew != found.end()) member.found = anew->second;
  const Missing* reason = find(unprovable, names);
  const bool proves = reason == nullptr || !reason->even_if_equal;
  if (proves && anew != found.end() && anew->second == stated) {
    member.standing = Standing::kHolds;
    return member;
  }
  if (reason == nullptr && anew == found.end()) reason = find(missing, names);
  if (reason != nullptr) {
    member.standing = Standing::kNotChecked;
    member.why = reason->why;
  } else if (anew == found.end()) {
    member.why = "no certificate of this model has it";
  }
  return member;
}

std::string line_of(const std::string& path) {
  const std::vector<std::string> names = names_of(path);
  const bool grouped = names.size() > 2 || names[0] == "statistics" || names[0] == "not_run";
  return grouped ? names[0] + "." + names[1] : names.size() == 2 ? names[0] : path;
}

std::string short_text(const Json& json) {
  constexpr std::size_t kMost = 70;
  std::string text = json.is_null() ? "nothing" : json.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > kMost) text = text.substr(0, kMost - 3) + "...";
  return printable(text);
}

// What is to say about a line: each member that fails, else what was not checked.
std::string remark_on(const ProofLine& line) {
  std::string remark;
  std::size_t open = 0;
  const ProvenMember* first_open = nullptr;
  for (const ProvenMember& member : line.members) {
    if (member.standing == Standing::kFails) {
      remark += fmt::format("{}{}: stated {}, found {}{}", remark.empty() ? "" : "; ", printable(member.path),
                            short_text(member.stated), short_text(member.found),
                            member.why.empty() ? "" : " (" + member.why + ")");
    }
    if (member.standing != Standing::kNotChecked) continue;
    ++open;
    if (first_open == nullptr) first_open = &member;
  }
  if (!remark.empty() || open == 0) return remark;
  if (open == line.members.size()) return first_open->why;
  return fmt::format("but for {}{}: {}", printable(first_open->path.substr(first_open->path.rfind('.') + 1)),
                     open == 1 ? "" : fmt::format(" and {} more", open - 1), first_open->why);
}

std::size_t count_of(const std::vector<ProofLine>& lines, Standing standing) {
  std::size_t count = 0;
  for (const ProofLine& line : lines)
    count += static_cast<std::size_t>(std::ranges::count(line.members, standing, &ProvenMember::standing));
  return count;
}

}  // namespace

const char* standing_name(Standing standing) {
  switch (standing) {
    case Standing::kHolds:
      return "holds";
    case Standing::kNotChecked:
      return "not checked";
    case Standing::kFails:
      break;
  }
  return "does not hold";
}

std::vector<Missing> unprovable_statements() {
  const char* const speed = "a speed, on the machine that wrote it";
  const char* const machine = "what another machine could not run";
  const char* const name = "the file has another name here";
  const char* const sums = "ONNX Runtime's sums depend on the processor";
  const char* const independent = "another build checks this one: that is what makes it independent";
  return {{{"run", "time"}, "a time", true},
          {{"program", "compiler"}, independent},
          {{"program", "sha256"}, independent},
          {{"targets", "*", "median_microseconds"}, speed},
          {{"targets", "*", "why_not"}, machine},
          {{"not_run"}, machine},
          {{"subject", "*", "file"}, name},
          {{"subject", "rows", "files", "*", "file"}, name},
          {{"targets", "onnxruntime", "max_abs_logit_diff"}, sums},
          {{"targets", "onnxruntime", "differing_bits_rows"}, sums}};
}

std::vector<ProofLine> prove(const Json& stated, const Json& found, const std::vector<Missing>& missing) {
  Members stated_members, found_members;
  flatten(stated, "", stated_members);
  flatten(found, "", found_members);
  const std::map<std::string, Json> anew(found_members.begin(), found_members.end());
  std::vector<ProofLine> lines;
  const auto add = [&](const std::string& path, ProvenMember member) {
    const std::string name = line_of(path);
    auto line = std::ranges::find(lines, name, &ProofLine::name);
    if (line == lines.end()) line = lines.insert(lines.end(), {name, Standing::kHolds, {}});
    line->members.push_back(std::move(member));
  };
  std::set<std::string> stated_paths;
  for (const auto& [path, value] : stated_members) {
    add(path, proven(path, value, anew, missing));
    stated_paths.insert(path);
  }
  for (const auto& [path, value] : found_members) {
    if (stated_paths.contains(path)) continue;
    add(path, {.path = fmt::format("{}", fmt::join(names_of(path), ".")),
               .stated = {},
               .found = value,
               .why = "the certificate does not state it"});
  }
  for (ProofLine& line : lines) {
    const auto any = [&](Standing standing) {
      return std::ranges::find(line.members, standing, &ProvenMember::standing) != line.members.end();
    };
    line.standing = any(Standing::kFails)   ? Standing::kFails
                    : any(Standing::kHolds) ? Standing::kHolds
                                            : Standing::kNotChecked;
  }
  return lines;
}

Json proof_json(const std::vector<ProofLine>& lines) {
  Json json{{"lines", Json::array()}};
  for (const ProofLine& line : lines) {
    Json members = Json::array();
    for (const ProvenMember& member : line.members) {
      members.push_back({{"path", member.path},
                         {"standing", standing_name(member.standing)},
                         {"stated", member.stated},
                         {"found", member.found},
                         {"why", member.why}});
    }
    json["lines"].push_back({{"line", line.name}, {"standing", standing_name(line.standing)}, {"members", members}});
  }
  json["holds"] = count_of(lines, Standing::kHolds);
  json["fails"] = count_of(lines, Standing::kFails);
  json["not_checked"] = count_of(lines, Standing::kNotChecked);
  json["passed"] = count_of(lines, Standing::kFails) == 0;
  return json;
}

std::string proof_table(const std::vector<ProofLine>& lines) {
  TextTable table({"line", "standing", "members", "remark"}, /*left=*/true);
  for (const ProofLine& line : lines) {
    table.add(
        {printable(line.name), standing_name(line.standing), std::to_string(line.members.size()), remark_on(line)});
  }
  return table.text() + fmt::format("{} members hold, {} do not, {} were not checked\n",
                                    count_of(lines, Standing::kHolds), count_of(lines, Standing::kFails),
                                    count_of(lines, Standing::kNotChecked));
}

}  // namespace noggin::exporter
