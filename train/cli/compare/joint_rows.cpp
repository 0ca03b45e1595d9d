#include "train/cli/compare/joint_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "data/rows/labels.h"
#include "data/shards/shard.h"
#include "train/cli/compare/row_fields.h"
#include "train/cli/held_out_rows.h"
#include "train/cli/recipe_check.h"
#include "train/cli/stages.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;
using train::ExitCode;
using train::Failure;
using train::value_or_throw;

bool is_shard(const std::string& path) { return path.ends_with(".h5"); }

// A folder stands for its dev shards, or, if there are none, for all of its shards.
std::vector<std::string> files_of(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> shards = data::list_shards(path + "/dev");
  if (!shards.empty()) return shards;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    if (is_shard(entry.path().string())) shards.push_back(entry.path().string());
  }
  std::ranges::sort(shards);
  if (shards.empty())
    throw Failure(ExitCode::kBadData, path + " holds no shards. Fix: name a folder with .h5 files, or a file of rows");
  return shards;
}

std::vector<std::string> files_of(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    const std::vector<std::string> more = files_of(path);
    files.insert(files.end(), more.begin(), more.end());
  }
  const auto shards = static_cast<std::size_t>(std::ranges::count_if(files, is_shard));
  if (files.empty() || (shards != files.size() && files.size() > 1)) {
    throw Failure(ExitCode::kUsage, "the rows must be shards, or one file of JSON lines. Fix: one of them");
  }
  return files;
}

// The classes of the run that a shard was made for, if it lies in one that can still tell.
std::optional<std::vector<std::string>> classes_of_run(const std::string& shard) {
  const std::string run = run_of(fs::absolute(shard).parent_path().string());
  if (run.empty()) return std::nullopt;
  const train::RecipeParse parse = train::read_recipe(train::RunDirectory::existing(run).resolved_recipe(), {});
  if (!parse.problems.empty()) return std::nullopt;
  const Result<data::LabelSet> labels = labels_of(parse.recipe);
  return labels ? std::optional(labels->names()) : std::nullopt;
}

// A shard has numbers in place of classes.
std::vector<std::string> classes_of_shard(const std::string& path, const data::ExampleTable& table, const Model& before,
                                          const Model& after) {
  if (auto classes = classes_of_run(path); classes && classes->size() == table.classes) return *classes;
  const auto fits = [&](const Model& model) { return model.labels().size() == table.classes; };
  if (fits(before) && fits(after) && !std::ranges::equal(before.labels(), after.labels())) {
    throw Failure(ExitCode::kBadData,
                  path +
                      " has numbers in place of classes, and the two models number theirs differently. Fix: the "
                      "shard in its run directory, or the rows as JSON lines");
  }
  if (!fits(before) && !fits(after)) {
    throw Failure(ExitCode::kBadData, fmt::format("{} was made for {} classes, but the models have {} and {}. Fix: use "
                                                  "rows of the models' task",
                                                  path, table.classes, before.labels().size(), after.labels().size()));
  }
  const auto labels = fits(after) ? after.labels() : before.labels();
  return {labels.begin(), labels.end()};
}

void renumber(std::vector<std::int32_t>& classes, const ClassMap& map) {
  for (std::int32_t& c : classes) {
    if (c >= 0) c = map.classes[static_cast<std::size_t>(c)];
  }
}

// The same rows in joint classes.
void into_joint_classes(data::ExampleTable& table, const ClassMap& map, std::size_t joint_classes) {
  if (!table.has_values()) renumber(table.label, map);
  renumber(table.teacher_classes, map);
  for (std::uint32_t& type : table.span_type) type = map.types[type];
  if (!table.gold_values.empty()) {
    std::vector<float> values(table.rows() * joint_classes, 0.0F);
    for (std::size_t row = 0; row < table.rows(); ++row) {
      for (std::size_t c = 0; c < table.classes; ++c) {
        values[row * joint_classes + static_cast<std::size_t>(map.classes[c])] =
            table.gold_values[row * table.classes + c];
      }
    }
    table.gold_values = std::move(values);
  }
  table.classes = static_cast<std::uint32_t>(joint_classes);
}

data::ExampleTable read_joint_shards(const std::vector<std::string>& files, const JointTask& joint, const Model& before,
                                     const Model& after) {
  data::ExampleTable table = value_or_throw(data::read_shards(files));
  if (table.task != joint.reader->task().kind) {
    throw Failure(ExitCode::kBadData,
                  fmt::format("{} holds rows of a {} task, but the models answer a {} task. Fix: use "
                              "rows of the models' task",
                              files[0], spec::task_name(table.task), joint.reader->traits().name));
  }
  const std::vector<std::string> names = classes_of_shard(files[0], table, before, after);
  const bool is_number = joint.reader->traits().is_number();  // its one class may have any name
  into_joint_classes(table, is_number ? joint.from_new : map_of(joint, names, files[0]), joint.class_names().size());
  return table;
}

// Groups by value; a row without one is a group of its own.
std::vector<std::uint32_t> numbered(const std::vector<std::string>& values) {
  std::map<std::string, std::uint32_t> known;
  std::vector<std::uint32_t> groups;
  std::uint32_t next = 0;
  for (const std::string& value : values) {
    if (value == kNoValue) {
      groups.push_back(next++);
      continue;
    }
    const auto [group, is_new] = known.try_emplace(value, next);
    if (is_new) ++next;
    groups.push_back(group->second);
  }
  return groups;
}

void read_fields(const CompareRequest& request, const std::vector<std::uint64_t>& lines, JointRows& rows) {
  std::vector<std::string> names = request.rules.by;
  if (!request.rules.group.empty()) names.push_back(request.rules.group);
  if (names.empty()) return;
  std::vector<std::vector<std::string>> values = row_fields(rows.files[0], names, lines);
  if (!request.rules.group.empty()) rows.groups = numbered(values.back());
  for (std::size_t f = 0; f < request.rules.by.size(); ++f) rows.fields.emplace_back(names[f], std::move(values[f]));
}

}  // namespace

JointRows read_joint_rows(const CompareRequest& request, const JointTask& joint, const Model& before,
                          const Model& after, train::Progress& progress) {
  JointRows rows;
  rows.files = files_of(request.rows);
  const train::TaskReader& reader = *joint.reader;
  if (is_shard(rows.files[0])) {
    if (!request.rules.by.empty() || !request.rules.group.empty()) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("{} is a shard, which keeps no field \"{}\". Fix: compare on the JSON "
                                "lines that it was made from",
                                rows.files[0], request.rules.by.empty() ? request.rules.group : request.rules.by[0]));
    }
    rows.table = read_joint_shards(rows.files, joint, before, after);
  } else {
    const format::TaskContents& task = reader.task();
    const std::string none =
        task.none_class < 0 ? std::string() : task.labels[static_cast<std::size_t>(task.none_class)];
    const data::LabelSet labels = value_or_throw(data::LabelSet::create(task.labels, {}, none, task.kind));
    const auto classes = static_cast<std::uint32_t>(task.labels.size());
    JsonRows read = json_rows(rows.files[0],
                              {.labels = labels,
                               .task = task.kind,
                               .top_k = reader.traits().is_classification() ? 1 : classes,
                               .gold_threshold = gold_threshold_of(after),
                               .tokenizer = reader.per_token() ? &after.tokenizer() : nullptr,
                               .max_tokens = after.max_tokens()},
                              progress);
    rows.table = std::move(read.table);
    rows.rejected = read.rejected;
    if (rows.table.rows() > 0) read_fields(request, read.lines, rows);
  }
  if (rows.table.rows() == 0) {
    throw Failure(ExitCode::kBadData, rows.files[0] +
                                          " holds no row to compare on. Fix: rows with a text, and a label "
                                          "where it is known");
  }
  return rows;
}

}  // namespace noggin::tool
