// Recipes as text: the resolved copy, the commented file of `init`, and --explain. All walk the field tables.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "train/recipe/adoption.h"
#include "train/recipe/recipe_fields.h"
#include "train/recipe/recipe_parser.h"
#include "train/recipe/stage_sections.h"

namespace noggin::train {
namespace {

// Quotes text that YAML would read as something else.
bool plain(const std::string& text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '/'; };
  const auto inner = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  static const std::vector<std::string> words = {"null", "Null", "NULL", "true", "false", "yes",
                                                 "no",   "on",   "off",  "y",    "n"};
  return !text.empty() && letter(text[0]) && std::all_of(text.begin(), text.end(), inner) &&
         std::find(words.begin(), words.end(), text) == words.end();
}

std::string to_text(const std::string& text) {
  if (plain(text)) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n')
      quoted += "\\n";
    else if (static_cast<unsigned char>(c) < 0x20)
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    else
      quoted += c;
  }
  return quoted + "\"";
}

std::string to_text(bool value) { return value ? "true" : "false"; }
std::string to_text(std::uint32_t value) { return std::to_string(value); }
std::string to_text(std::uint64_t value) { return std::to_string(value); }
std::string to_text(double value) { return fmt::format("{}", value); }

std::string to_text(const std::vector<std::string>& values) {
  std::string text = "[";
  for (const std::string& value : values) text += (text.size() > 1 ? ", " : "") + to_text(value);
  return text + "]";
}

std::string to_text(const std::vector<std::uint32_t>& values) { return fmt::format("[{}]", fmt::join(values, ", ")); }

template <class Value>
std::string to_text(const std::map<std::string, Value>& values) {
  std::string text = "{";
  for (const auto& [key, value] : values) text += (text.size() > 1 ? ", " : "") + to_text(key) + ": " + to_text(value);
  return text + "}";
}

std::string to_text(const std::vector<data::Source>& sources) {
  std::string text;
  for (const data::Source& source : sources) {
    text += fmt::format("\n    - {{adapter: {}, path: {}", adapter_names()[static_cast<std::size_t>(source.adapter)],
                        to_text(source.path));
    if (!source.family.empty()) text += ", family: " + to_text(source.family);
    if (!source.text_template.empty()) text += ", template: " + to_text(source.text_template);
    if (!source.permit.empty()) text += ", permit: " + to_text(source.permit);
    if (!source.requests_path.empty()) text += ", requests: " + to_text(source.requests_path);
    if (!source.fields.empty()) text += ", fields: " + to_text(source.fields);
    if (!source.columns.empty()) text += ", columns: " + to_text(source.columns);
    if (source.unit != data::Source().unit) text += fmt::format(", unit: {}", text_unit_name(source.unit));
    text += "}";
  }
  return text.empty() ? "[]" : text;
}

template <class Owner>
std::string value_text(const Field<Owner>& field, Owner owner) {
  if (const auto* choice = std::get_if<ChoiceAccess<Owner>>(&field.access)) return choice->names[choice->get(owner)];
  if (const auto* path = std::get_if<PathAccess<Owner>>(&field.access)) return to_text(path->get(owner));
  return std::visit(
      [&](const auto& access) -> std::string {
        if constexpr (requires { access(owner); })
          return to_text(access(owner));
        else
          return {};
      },
      field.access);
}

bool uses(const Field<Phase>& field, const Phase& phase) {
  return (field.used_by & (1U << static_cast<unsigned>(phase.kind))) != 0;
}

// kChosen: with comments, and only what every recipe has or what differs from its default.
enum class Extent { kAll, kChosen };

bool every_recipe_has(std::string_view key) {
  constexpr std::string_view kKeys[] = {"name", "task", "data.labels", "data.train", "data.dev", "data.test"};
  return std::ranges::find(kKeys, key) != std::end(kKeys);
}

// Writes sections in the order of the table, phases after "train".
class Writer {
 public:
  explicit Writer(Extent extent) : chosen_(extent == Extent::kChosen) {}

  std::string write(const Recipe& recipe) { return write(recipe, std::nullopt); }

  // Keys outside `sections` get their defaults.
  std::string write(const Recipe& recipe, std::optional<std::span<const std::string_view>> sections) {
    const Recipe defaults;
    const auto source = [&](std::string_view key) -> const Recipe& {
      return !sections || in_sections(key, *sections) ? recipe : defaults;
    };
    std::string section;
    bool phases_written = false;
    for (const Field<Recipe>& field : recipe_fields()) {
      if (sections && !field.changes_results) continue;
      const std::size_t dot = field.key.find('.');
      const std::string next = dot == std::string::npos ? std::string() : field.key.substr(0, dot);
      const std::string value = value_text(field, source(field.key));
      if (next != section) {
        if (section == "train") {
          write_phases(source("phases"));
          phases_written = true;
        }
        section = next;
        headed_ = false;
      }
      if (chosen_ && !uses_key(field, recipe, value, value_text(field, defaults))) continue;
      if (!headed_) header(section);
      line(next.empty() ? "" : "  ", field.key.substr(dot == std::string::npos ? 0 : dot + 1), value, field.meaning);
    }
    if (!phases_written) write_phases(source("phases"));
    return std::move(text_);
  }

 private:
  static bool uses_key(const Field<Recipe>& field, const Recipe& recipe, const std::string& value,
                       const std::string& otherwise) {
    if (value != otherwise) return true;
    const bool other_labels = field.key == "data.labels" && !recipe.data.labels_file.empty();
    return every_recipe_has(field.key) && !other_labels;
  }

  void header(const std::string& section) {
    headed_ = true;
    if (section.empty()) return;
    if (chosen_) text_ += "\n# " + section_meanings().at(section) + "\n";
    text_ += section + ":\n";
  }

  void line(const std::string& indent, const std::string& key, const std::string& value, const std::string& meaning) {
    if (chosen_) text_ += indent + "# " + meaning + "\n";
    text_ += indent + key + ":" + (value.starts_with('\n') ? "" : " ") + value + "\n";
  }

  // The meaning of a key is written at its first occurrence.
  void write_phases(const Recipe& recipe) {
    header("phases");
    std::vector<std::string> explained;
    for (const Phase& phase : recipe.phases) {
      bool first = true;
      Phase defaults;
      defaults.kind = phase.kind;
      for (const Field<Phase>& field : phase_fields()) {
        if (!uses(field, phase)) continue;
        if (chosen_ && !first && value_text(field, phase) == value_text(field, defaults)) continue;
        text_ += fmt::format("{}{}: {}", first ? "  - " : "    ", field.key, value_text(field, phase));
        if (chosen_ && std::find(explained.begin(), explained.end(), field.key) == explained.end()) {
          text_ += "  # " + field.meaning;
          explained.push_back(field.key);
        }
        text_ += "\n";
        first = false;
      }
    }
  }

  bool chosen_;
  bool headed_ = false;  // the section has a header already
  std::string text_;
};

std::string origin_text(const ParsedRecipe& parsed, const std::string& key) {
  const auto origin = parsed.origins.find(key);
  if (origin == parsed.origins.end()) return "default";
  return origin->second.command_line ? "command line" : "from " + origin->second.where;
}

std::string single_line(std::string text) {
  std::string line;
  for (const char c : text) {
    if (c == '\n')
      line += ' ';
    else if (c != ' ' || !line.ends_with(' '))
      line += c;
  }
  return line.starts_with(' ') ? line.substr(1) : line;
}

// Distil, prune, qat: what a recipe begins with when nothing is known of its data.
std::vector<Phase> usual_phases() {
  Phase distil, prune, qat;
  prune.kind = PhaseKind::kPrune;
  prune.ffn_fraction = 0.25;
  prune.epochs = 4;
  prune.learning_rate = 5e-4;
  qat.kind = PhaseKind::kQat;
  qat.epochs = 4;
  qat.learning_rate = 1e-4;
  qat.scale_learning_rate = 1.0;
  return {distil, prune, qat};
}

}  // namespace

std::string to_yaml(const Recipe& recipe) { return Writer(Extent::kAll).write(recipe); }

std::string to_yaml(const Recipe& recipe, std::span<const std::string_view> sections) {
  return Writer(Extent::kAll).write(recipe, sections);
}

std::string commented_yaml(const Recipe& recipe) {
  return "# A Noggin recipe: `noggin check` validates it, `noggin run` does all of it.\n"
         "# Paths in it count from its own folder. Any key can also be set on the command line, as in "
         "train.batch_rows=32;\n"
         "# paths there count from the working directory.\n"
         "# Every key that is not here has its default: `noggin check --explain` lists all, with what they mean.\n\n" +
         Writer(Extent::kChosen).write(recipe);
}

std::string explain(const std::string& path, const std::vector<std::string>& overrides, const Adopt& adopt) {
  const ParsedRecipe parsed = parse_recipe(path, overrides, removed_keys());
  const Recipe& written = parsed.parse.recipe;
  Recipe recipe = written;
  const bool adopted = recipe.init.given() && adopt(recipe);  // what is wrong, `check` says
  if (!adopted) recipe = written;
  const std::string& start = recipe.init.from.empty() ? recipe.init.folder : recipe.init.from;
  std::string text;
  const auto add = [&](const std::string& key, const std::string& value, const std::string& origin,
                       const std::string& meaning) {
    text += fmt::format("{} = {}   ({})   {}\n", key, single_line(value), origin, meaning);
  };
  for (const Field<Recipe>& field : recipe_fields()) {
    const std::string value = value_text(field, recipe);
    const bool of_start = adopted && is_adopted(recipe.init, field.key) &&
                          (!parsed.origins.contains(field.key) || value != value_text(field, written));
    add(field.key, value, of_start ? "from " + start : origin_text(parsed, field.key), field.meaning);
  }
  for (std::size_t i = 0; i < recipe.phases.size(); ++i) {
    for (const Field<Phase>& field : phase_fields()) {
      if (uses(field, recipe.phases[i])) {
        const std::string key = fmt::format("phases.{}.{}", i, field.key);
        add(key, value_text(field, recipe.phases[i]), origin_text(parsed, key), field.meaning);
      }
    }
  }
  return text;
}

std::string commented_template() {
  Recipe recipe;
  recipe.data.labels = {"first_class", "second_class"};
  recipe.data.train = {
      {.adapter = data::Adapter::kOpenAiBatch, .path = "output.jsonl", .requests_path = "requests.jsonl"}};
  recipe.data.dev = {{.path = "dev.jsonl"}};
  recipe.data.test = {{.path = "test.jsonl"}};
  recipe.phases = usual_phases();
  return commented_yaml(recipe);
}

}  // namespace noggin::train
