#include "train/recipe/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "bytes/utf8.h"
#include "data/files/input_file.h"

namespace noggin::train {
namespace {

// Aliases can make a short file describe an endless tree.
constexpr int kDeepest = 16;
constexpr std::size_t kMaxNodes = 200000;
constexpr std::uint64_t kMaxRecipeBytes = 16ULL << 20U;

// From 1.
std::size_t line_that_is_not_utf8(std::string_view text) {
  std::size_t line = 1;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (!is_valid_utf8(text.substr(begin, end - begin))) break;
    begin = end + 1;
  }
  return line;
}

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
      // An escape can write what no text can hold.
      if (!is_valid_utf8(tree.scalar) || tree.scalar.find('\0') != std::string::npos)
        problems_.push_back(
            {tree.origin.where, "a value is not text (UTF-8 without zero bytes). Fix: correct its escapes"});
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
  const Result<std::string> text = data::read_input_file(path, kMaxRecipeBytes);
  if (!text) {
    problems.push_back({path, text.error().message + " (`noggin init DIR` writes a recipe)"});
    return {};
  }
  if (!is_valid_utf8(*text)) {
    problems.push_back({fmt::format("{}:{}", path, line_that_is_not_utf8(*text)),
                        "not UTF-8. Fix: save the recipe with that encoding"});
    return {};
  }
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(*text);
    if (documents.size() == 1 && documents[0].IsMap()) return Converter(path, nullptr, problems).convert(documents[0]);
    problems.push_back({path + ":1", documents.size() > 1
                                         ? "holds several YAML documents; a recipe is one document"
                                         : "is not a recipe: a recipe is a map of `key: value` lines"});
  } catch (const YAML::Exception& error) {
    problems.push_back(
        {fmt::format("{}:{}", path, error.mark.line + 1),
         fmt::format("not valid YAML from column {} on. Fix: check indentation, brackets and quotes there "
                     "and above; text with \": \", \"#\" or a leading symbol needs quotes",
                     error.mark.column + 1)});
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
  if (!is_valid_utf8(argument)) {
    problems.push_back({"command line", "an override that is not UTF-8. Fix: write it with that encoding"});
    return;
  }
  YamlTree value;
  try {
    value = Converter({}, &origin, problems).convert(YAML::Load(argument.substr(equals + 1)));
  } catch (const YAML::Exception&) {
    problems.push_back({origin.where, "the value is not valid YAML. Fix: close its brackets, or put it in quotes"});
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
