// Reads one YAML value into one field, whatever its type; every mistake becomes a problem that names key, place, value
// and what is allowed.
#pragma once

#include <string>
#include <vector>

#include "train/recipe/recipe_fields.h"
#include "train/recipe/yaml_tree.h"

namespace noggin::train {

// A path that is still relative; resolved once data.root is known.
struct PendingPath {
  std::string key;
  std::string* target;
  Origin origin;
};

class FieldReader {
 public:
  FieldReader(std::vector<RecipeProblem>& problems, std::vector<PendingPath>& pending_paths)
      : problems_(problems), pending_paths_(pending_paths) {}

  // `key`: the full dotted name, for messages.
  template <class Owner>
  void read(const Field<Owner>& field, const std::string& key, const YamlTree& tree, Owner& owner);

 private:
  void read_value(const std::string& key, const YamlTree& tree, const Range&, bool& value);
  void read_value(const std::string& key, const YamlTree& tree, const Range& range, std::uint32_t& value);
  void read_value(const std::string& key, const YamlTree& tree, const Range& range, std::uint64_t& value);
  void read_value(const std::string& key, const YamlTree& tree, const Range& range, double& value);
  void read_value(const std::string& key, const YamlTree& tree, const Range&, std::string& value);
  void read_value(const std::string& key, const YamlTree& tree, const Range&, std::vector<std::string>& value);
  void read_value(const std::string& key, const YamlTree& tree, const Range& range, std::vector<std::uint32_t>& value);
  void read_value(const std::string& key, const YamlTree& tree, const Range&,
                  std::map<std::string, std::vector<std::string>>& value);
  void read_value(const std::string& key, const YamlTree& tree, const Range&, std::vector<data::Source>& value);
  void read_path(const std::string& key, const YamlTree& tree, std::string& value);
  std::size_t read_choice(const std::string& key, const YamlTree& tree, const std::vector<std::string>& names,
                          std::size_t otherwise);
  void read_source(const std::string& key, const YamlTree& tree, data::Source& source);
  void read_fields(const std::string& key, const YamlTree& tree, std::map<std::string, std::string>& fields);
  void wrong(const std::string& key, const YamlTree& tree, const std::string& wanted);

  std::vector<RecipeProblem>& problems_;
  std::vector<PendingPath>& pending_paths_;
};

template <class Owner>
void FieldReader::read(const Field<Owner>& field, const std::string& key, const YamlTree& tree, Owner& owner) {
  if (const auto* choice = std::get_if<ChoiceAccess<Owner>>(&field.access)) {
    choice->set(owner, read_choice(key, tree, choice->names, choice->get(owner)));
  } else if (const auto* path = std::get_if<PathAccess<Owner>>(&field.access)) {
    read_path(key, tree, path->get(owner));
  } else {
    std::visit(
        [&](const auto& access) {
          if constexpr (requires { access(owner); }) read_value(key, tree, field.range, access(owner));
        },
        field.access);
  }
}

}  // namespace noggin::train
