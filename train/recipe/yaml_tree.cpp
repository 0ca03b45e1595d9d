#include "train/recipe/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>

namespace noggin::train {
namespace {

// Aliases can make a short file describe an endless tree.
constexpr int kDeepest = 16;
constexpr std::size_t kMaxNodes = 200000;

// Converts yaml-cpp's nodes, collecting problems.
class Converter {
 public:
  // `line_origin`: null for files (each node then has its own line).
  Converter(const std::string& path, const Origin* fixed_origin, std::vector<RecipeProblem>& problems)
      : path_(path), fixed_origin_(fixed_origin), problems_(problems) {}

  YamlTree convert(const YAML::Node& node, int depth = 0) {
    YamlTree tree;
    tree.origin = origin_of(node);
    if (depth > kDeepest || ++nodes_ > kMaxNodes) {
      if (!too_large_) problems_.push_back({tree.origin.where, "nested too deeply or too large (repeated aliases?)"});
      too_large_ = true;
      return tree;
    }
    if (node.IsScalar()) {
      tree.kind = YamlTree::Kind::kScalar;
      tree.scalar = node.Scalar();
    } else if (node.IsSequence()) {
      tree.kind = YamlTree::Kind::kList;
      for (const YAML::Node& item : node) {
        if (too_large_) break;
        tree.items.push_back(convert(item, depth + 1));
      }
    } else if (node.IsMap()) {
      tree.kind = YamlTree::Kind::kMap;
      for (const auto& pair : node) {
        if (too_large_) break;
        add_entry(tree, pair.first, pair.second, depth);
      }
    }
    return tree;
  }

 private:
  Origin origin_of(const YAML::Node& node) const {
    if (fixed_origin_ != nullptr) return *fixed_origin_;
    return {fmt::format("{}:{}", path_, node.Mark().line + 1), false};
  }

  void add_entry(YamlTree& tree, const YAML::Node& key, const YAML::Node& value, int depth) {
    const Origin origin = origin_of(key);
    if (!key.IsScalar()) {
      problems_.push_back({origin.where, "a key must be plain text. Fix: write `name: value`"});
      return;
    }
    for (const YamlTree::Entry& entry : tree.entries) {
      if (entry.key != key.Scalar()) continue;
      problems_.push_back({origin.where, fmt::format("key \"{}\" is given twice, first at {}. Fix: keep one of the two",
                                                     entry.key, entry.origin.where)});
      return;
    }
    tree.entries.push_back({key.Scalar(), origin, convert(value, depth + 1)});
  }

  const std::string& path_;
  const Origin* fixed_origin_;
  std::vector<RecipeProblem>& problems_;
  std::size_t nodes_ = 0;
  bool too_large_ = false;
};

std::vector<std::string> split(const std::string& dotted) {
  std::vector<std::string> parts(1);
  for (const char c : dotted) {
    if (c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

// The child that `part` names, created if a map lacks it; null, with a message, if that is impossible.
YamlTree* child(YamlTree& tree, const std::string& part, const std::string& parent, const Origin& origin,
                std::string& problem) {
  if (tree.kind == YamlTree::Kind::kNull) tree.kind = YamlTree::Kind::kMap;
  if (tree.kind == YamlTree::Kind::kMap) {
    for (YamlTree::Entry& entry : tree.entries) {
      if (entry.key == part) return &entry.value;
    }
    tree.entries.push_back({part, origin, {}});
    tree.entries.back().value.origin = origin;
    return &tree.entries.back().value;
  }
  if (tree.kind == YamlTree::Kind::kScalar) {
    problem = fmt::format("\"{}\" is a plain value and has no \"{}\"", parent, part);
    return nullptr;
  }
  std::size_t index = 0;
  const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), index);
  if (code == std::errc() && end == part.data() + part.size() && index < tree.items.size()) return &tree.items[index];
  problem = fmt::format("\"{}\" is a list of {} items; \"{}\" is not one of them. Fix: count from 0", parent,
                        tree.items.size(), part);
  return nullptr;
}

}  // namespace

const YamlTree* YamlTree::find(const std::string& key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

YamlTree load_yaml(const std::string& path, std::vector<RecipeProblem>& problems) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    problems.push_back({path, "cannot be read. Fix: give the path of a recipe (`noggin init DIR` writes one)"});
    return {};
  }
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() == 1 && documents[0].IsMap()) return Converter(path, nullptr, problems).convert(documents[0]);
    problems.push_back({path + ":1", documents.size() > 1
                                         ? "holds several YAML documents; a recipe is one document"
                                         : "is not a recipe: a recipe is a map of `key: value` lines"});
  } catch (const YAML::Exception& error) {
    problems.push_back({fmt::format("{}:{}", path, error.mark.line + 1), "not valid YAML: " + error.msg});
  }
  return {};
}

void apply_override(YamlTree& root, const std::string& argument, std::vector<RecipeProblem>& problems) {
  const Origin origin{"command line: " + argument, true};
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos || equals == 0) {
    problems.push_back({origin.where, "not an override. Fix: write key=value, as in train.batch_rows=32"});
    return;
  }
  YamlTree value;
  try {
    value = Converter({}, &origin, problems).convert(YAML::Load(argument.substr(equals + 1)));
  } catch (const YAML::Exception& error) {
    problems.push_back({origin.where, "the value is not valid YAML: " + error.msg + ". Fix: put it in quotes"});
    return;
  }
  value.origin = origin;
  YamlTree* target = &root;
  std::string parent;
  for (const std::string& part : split(argument.substr(0, equals))) {
    std::string problem;
    target = child(*target, part, parent, origin, problem);
    if (target == nullptr) {
      problems.push_back({origin.where, problem});
      return;
    }
    parent += (parent.empty() ? "" : ".") + part;
  }
  *target = std::move(value);
}

std::string describe(const YamlTree& tree) {
  switch (tree.kind) {
    case YamlTree::Kind::kNull:
      return "nothing";
    case YamlTree::Kind::kScalar:
      return "\"" + tree.scalar + "\"";
    case YamlTree::Kind::kList:
      return "a list";
    case YamlTree::Kind::kMap:
      return "a map";
  }
  return "nothing";
}

}  // namespace noggin::train
