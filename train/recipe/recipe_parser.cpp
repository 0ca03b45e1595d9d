#include "train/recipe/recipe_parser.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "train/recipe/field_reader.h"
#include "train/recipe/nearest_name.h"

namespace noggin::train {
namespace {

namespace fs = std::filesystem;

class Parser {
 public:
  Parser(const std::string& path, const std::vector<RemovedKey>& removed) : path_(path), removed_(removed) {}

  ParsedRecipe parse(YamlTree& root) {
    recipe().path = path_;
    rename_removed(root);
    read_section(root, "");
    resolve_paths();
    return std::move(parsed_);
  }

  std::vector<RecipeProblem>& problems() { return parsed_.parse.problems; }

 private:
  Recipe& recipe() { return parsed_.parse.recipe; }
  void problem(const Origin& origin, const std::string& message) { problems().push_back({origin.where, message}); }

  // Moves values of removed keys to their successors, with a warning each.
  void rename_removed(YamlTree& root) {
    for (const RemovedKey& key : removed_) {
      std::optional<YamlTree::Entry> taken = take(root, key.key);
      if (!taken) continue;
      const std::string advice = key.successor.empty() ? "Fix: delete it" : "Fix: use " + key.successor;
      parsed_.parse.warnings.push_back(
          {taken->origin.where, fmt::format("key \"{}\" was removed: {}. {}", key.key, key.reason, advice)});
      if (!key.successor.empty()) put(root, key.successor, *taken);
    }
  }

  static std::optional<YamlTree::Entry> take(YamlTree& tree, const std::string& dotted) {
    const std::size_t dot = dotted.find('.');
    const std::string head = dotted.substr(0, dot);
    for (auto entry = tree.entries.begin(); entry != tree.entries.end(); ++entry) {
      if (entry->key != head) continue;
      if (dot != std::string::npos) return take(entry->value, dotted.substr(dot + 1));
      YamlTree::Entry taken = std::move(*entry);
      tree.entries.erase(entry);
      return taken;
    }
    return std::nullopt;
  }

  // If the successor is given too, it wins over the removed key.
  static void put(YamlTree& tree, const std::string& dotted, const YamlTree::Entry& taken) {
    const std::size_t dot = dotted.find('.');
    const std::string head = dotted.substr(0, dot);
    tree.kind = YamlTree::Kind::kMap;
    auto entry = std::find_if(tree.entries.begin(), tree.entries.end(), [&](const auto& e) { return e.key == head; });
    if (entry != tree.entries.end() && dot == std::string::npos) return;
    if (entry == tree.entries.end()) {
      tree.entries.push_back({head, taken.origin, {}});
      entry = tree.entries.end() - 1;
      entry->value.origin = taken.origin;
    }
    if (dot == std::string::npos)
      entry->value = taken.value;
    else
      put(entry->value, dotted.substr(dot + 1), taken);
  }

  // One map: reads fields, enters sections, rejects anything else.
  void read_section(const YamlTree& section, const std::string& prefix) {
    for (const YamlTree::Entry& entry : section.entries) {
      const std::string key = prefix + entry.key;
      if (key == "phases") {
        read_phases(entry.value);
      } else if (const Field<Recipe>* field = find_field(recipe_fields(), key)) {
        remember(key, entry.value);
        reader_.read(*field, key, entry.value, recipe());
      } else if (is_section(key)) {
        if (entry.value.kind == YamlTree::Kind::kMap)
          read_section(entry.value, key + ".");
        else if (entry.value.kind != YamlTree::Kind::kNull)
          problem(entry.origin, key + " is " + describe(entry.value) + ", must be a map of keys");
      } else {
        unknown(entry, key, siblings(prefix));
      }
    }
  }

  void read_phases(const YamlTree& list) {
    if (list.kind != YamlTree::Kind::kList) {
      return problem(list.origin,
                     "phases is " + describe(list) + ", must be a list, as in [{kind: distil}, {kind: qat}]");
    }
    remember("phases", list);
    recipe().phases.assign(list.items.size(), {});
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      read_phase(list.items[i], fmt::format("phases.{}", i), recipe().phases[i]);
    }
  }

  void read_phase(const YamlTree& tree, const std::string& name, Phase& phase) {
    const YamlTree* kind = tree.find("kind");
    remember(name, tree);
    if (kind == nullptr) return problem(tree.origin, name + " has no kind. Fix: add kind: distil, prune or qat");
    const std::size_t problems_before = problems().size();
    reader_.read(*find_field(phase_fields(), "kind"), name + ".kind", *kind, phase);
    if (problems().size() > problems_before) return;  // which keys belong here is unknown now
    const unsigned bit = 1U << static_cast<unsigned>(phase.kind);
    std::vector<std::string> allowed;
    for (const Field<Phase>& field : phase_fields()) {
      if ((field.used_by & bit) != 0) allowed.push_back(field.key);
    }
    for (const YamlTree::Entry& entry : tree.entries) {
      const std::string key = name + "." + entry.key;
      const Field<Phase>* field = find_field(phase_fields(), entry.key);
      if (field == nullptr) {
        unknown(entry, key, allowed);
      } else if ((field->used_by & bit) == 0) {
        problem(entry.origin, fmt::format("{} is not used by a {} phase. Fix: remove it. Keys of this kind: {}", key,
                                          phase_kind_name(phase.kind), fmt::join(allowed, ", ")));
      } else {
        remember(key, entry.value);
        if (entry.key != "kind") reader_.read(*field, key, entry.value, phase);
      }
    }
  }

  void remember(const std::string& key, const YamlTree& tree) { parsed_.origins[key] = tree.origin; }

  template <class Owner>
  static const Field<Owner>* find_field(const std::vector<Field<Owner>>& fields, const std::string& key) {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.key == key; });
    return found == fields.end() ? nullptr : &*found;
  }

  static bool is_section(const std::string& key) {
    return std::any_of(recipe_fields().begin(), recipe_fields().end(),
                       [&](const auto& field) { return field.key.starts_with(key + "."); });
  }

  // The names allowed on the level of an unknown key.
  static std::vector<std::string> siblings(const std::string& prefix) {
    std::vector<std::string> names;
    if (prefix.empty()) names.emplace_back("phases");
    for (const Field<Recipe>& field : recipe_fields()) {
      if (!field.key.starts_with(prefix)) continue;
      const std::string rest = field.key.substr(prefix.size());
      const std::string name = rest.substr(0, rest.find('.'));
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
  }

  // A much closer name in another section is suggested with its section.
  void unknown(const YamlTree::Entry& entry, const std::string& key, const std::vector<std::string>& names) {
    std::string nearest = nearest_name(entry.key, names);
    std::string nearest_key = key.substr(0, key.size() - entry.key.size()) + nearest;
    for (const Field<Recipe>& field : recipe_fields()) {
      const std::string last = field.key.substr(field.key.rfind('.') + 1);
      if (edit_distance(entry.key, last) >= edit_distance(entry.key, nearest)) continue;
      if (edit_distance(entry.key, last) > 1) continue;
      nearest = last;
      nearest_key = field.key;
    }
    problem(entry.origin, fmt::format("unknown key \"{}\"; the nearest is \"{}\". Known here: {}", key, nearest_key,
                                      fmt::join(names, ", ")));
  }

  void resolve_paths() {
    for (PendingPath& pending : pending_) {
      if (pending.key == "data.root") *pending.target = against_folder(pending);
    }
    for (PendingPath& pending : pending_) {
      if (pending.key != "data.root") resolve(pending);
    }
  }

  void resolve(PendingPath& pending) {
    static const std::string kRoot = "${root}";
    std::string& value = *pending.target;
    const std::string& root = recipe().data.root;
    for (std::size_t at = value.find("${"); at != std::string::npos; at = value.find("${", at + root.size())) {
      if (value.compare(at, kRoot.size(), kRoot) != 0) {
        return problem(pending.origin, pending.key + " is \"" + value + "\": the only variable is ${root} (data.root)");
      }
      if (root.empty()) {
        return problem(pending.origin, pending.key +
                                           " uses ${root}, but data.root is not set. Fix: add data.root=FOLDER to "
                                           "the command, or set data.root in the recipe");
      }
      value.replace(at, kRoot.size(), root);
    }
    value = against_folder(pending);
    parsed_.paths[pending.key] = pending.origin;
  }

  // Paths in the file are relative to the file's folder, those of the command line to the working directory.
  std::string against_folder(const PendingPath& pending) const {
    const fs::path base = pending.origin.command_line ? fs::current_path() : fs::absolute(path_).parent_path();
    const fs::path full = (base / *pending.target).lexically_normal();
    return full.has_filename() ? full.string() : full.parent_path().string();
  }

  const std::string& path_;
  const std::vector<RemovedKey>& removed_;
  ParsedRecipe parsed_;
  std::vector<PendingPath> pending_;
  FieldReader reader_{parsed_.parse.problems, pending_};
};

}  // namespace

ParsedRecipe parse_recipe(const std::string& path, const std::vector<std::string>& overrides,
                          const std::vector<RemovedKey>& removed) {
  Parser parser(path, removed);
  YamlTree root = load_yaml(path, parser.problems());
  if (root.kind != YamlTree::Kind::kMap) {  // unreadable: further problems would only hide that
    ParsedRecipe parsed;
    parsed.parse.problems = parser.problems();
    parsed.parse.recipe.path = path;
    return parsed;
  }
  for (const std::string& argument : overrides) apply_override(root, argument, parser.problems());
  ParsedRecipe parsed = parser.parse(root);
  check_recipe(parsed);
  return parsed;
}

RecipeParse read_recipe(const std::string& path, const std::vector<std::string>& overrides) {
  return parse_recipe(path, overrides, removed_keys()).parse;
}

}  // namespace noggin::train
