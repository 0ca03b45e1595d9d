#include "data/rows/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <utility>

#include "bytes/foreign_text.h"
#include "bytes/utf8.h"
#include "data/files/input_file.h"
#include "data/files/json_document.h"
#include "data/rows/class_name.h"
#include "data/rows/excerpt.h"
#include "data/rows/invalid.h"
#include "format/file_layout.h"
#include "spec/model_config.h"

namespace noggin::data {
namespace {

constexpr const char* kComparison =
    "names are compared without outer spaces and characters that show nothing, composed or decomposed";

Error bad_file(const std::string& path, const std::string& what) {
  return Error{ErrorCode::kBadData, path + ": " + what};
}

bool is_ascii_word(std::string_view word) {
  return std::ranges::all_of(word, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

constexpr std::size_t kFoldedOnStack = 128;  // bytes

std::string_view without_outer_spaces(std::string_view word) {
  constexpr std::string_view kSpaces = " \t\r\n\v\f";
  const std::size_t first = word.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return word.substr(first, word.find_last_not_of(kSpaces) - first + 1);
}

// What a model file may hold and a terminal may show. Names that are refused are shown in ASCII.
Status check_name(std::size_t index, const std::string& name) {
  const auto refused = [&](const std::string& why) {
    std::string shown = nlohmann::json(name).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    constexpr std::size_t kMaxShown = 60;
    if (shown.size() > kMaxShown) shown = shown.substr(0, kMaxShown) + "...";
    return invalid(
        fmt::format("class {}, {}, {}. Fix: rename it, and let data.label_words map the teacher's spelling to "
                    "the new name",
                    index, shown, why));
  };
  if (name.size() > format::kMaxLabelBytes)
    return refused(fmt::format("has {} bytes; a model file holds at most {}", name.size(), format::kMaxLabelBytes));
  if (!is_valid_utf8(name)) return refused("is not UTF-8");
  for (std::size_t at = 0; at < name.size();) {
    const std::uint32_t code_point = decode_utf8(name, at);
    if (is_unprintable(code_point)) {
      return refused(fmt::format(
          "holds U+{:04X}, a control character or one that changes how the text around it is shown", code_point));
    }
  }
  return {};
}

Result<std::vector<std::string>> names_of_json(const std::string& path, std::string_view text) {
  const std::optional<nlohmann::json> json = parse_json(text);
  const nlohmann::json* list = json ? &*json : nullptr;
  for (const char* name : {"labels", "tags"})
    if (json && json->is_object() && json->contains(name)) list = &json->at(name);
  if (list == nullptr || !list->is_array())
    return bad_file(path,
                    "is neither a JSON array of class names nor an object {\"labels\": [...]} or {\"tags\": [...]}. "
                    "Fix: write one of the two, or a plain text file with one name per line");
  std::vector<std::string> names;
  for (const nlohmann::json& name : *list) {
    if (!name.is_string())
      return bad_file(path, fmt::format("entry {} of the labels is not a string. Fix: put it in quotes", names.size()));
    names.push_back(name.get<std::string>());
  }
  return names;
}

// Appends the missing partner of a "B-x" or "I-x".
void complete_tags(std::vector<std::string>& tags) {
  const std::size_t given = tags.size();
  for (std::size_t i = 0; i < given; ++i) {
    if (!tags[i].starts_with("B-") && !tags[i].starts_with("I-")) continue;
    std::string partner = tags[i];
    partner[0] = partner[0] == 'B' ? 'I' : 'B';
    if (std::find(tags.begin(), tags.end(), partner) == tags.end()) tags.push_back(std::move(partner));
  }
}

std::vector<std::string>::const_iterator find_name(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find_if(
      names, [key = exact_class_key(name)](const std::string& other) { return exact_class_key(other) == key; });
}

// Names that look the same, told apart: "é" (c3 a9).
std::string in_bytes(std::string_view name) {
  std::string text = excerpt(name);
  if (is_ascii_word(name)) return text;
  text += " (bytes";
  for (const char c : name) text += fmt::format(" {:02x}", static_cast<unsigned char>(c));
  return text + ")";
}

// Adds a task's implied classes and checks the given ones.
Status settle_classes(const spec::TaskTraits& task, std::vector<std::string>& labels) {
  if (labels.empty()) {
    for (const std::string_view name : task.fixed_classes) {
      if (!name.empty()) labels.emplace_back(name);
    }
  }
  if (task.classes == spec::ClassNames::kIob2) complete_tags(labels);
  if (task.per_token()) {
    const Result<spec::TagScheme> scheme =
        spec::make_tag_scheme(task.kind, std::vector<std::string_view>(labels.begin(), labels.end()));
    return scheme ? Status() : Status(scheme.error());
  }
  if (task.is_number() && labels.size() != 1)
    return invalid(fmt::format("a score task has one class, {} given. Fix: leave data.labels out", labels.size()));
  if (labels.size() >= task.min_classes) return {};
  return invalid(fmt::format("a {} task needs at least {} classes, {} given. Fix: list them in data.labels", task.name,
                             task.min_classes, labels.size()));
}

}  // namespace

Result<LabelSet> LabelSet::create(std::vector<std::string> labels,
                                  const std::map<std::string, std::vector<std::string>>& words,
                                  const std::string& none_label, spec::TaskKind task) {
  if (Status status = settle_classes(spec::traits_of(task), labels); !status) return status.error();
  if (labels.size() > spec::kMaxClasses)
    return invalid(fmt::format("{} classes; at most {} are supported", labels.size(), spec::kMaxClasses));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (Status status = check_name(i, labels[i]); !status) return status.error();
  }
  static std::atomic<std::uint64_t> sets_made{0};
  LabelSet set;
  set.identity_ = ++sets_made;
  set.names_ = std::move(labels);
  for (std::size_t i = 0; i < set.names_.size(); ++i) {
    const auto twin = set.exact_.find(exact_class_key(set.names_[i]));
    if (twin != set.exact_.end())
      return invalid(
          fmt::format("the class name {} appears twice, as {} and {} ({}). Fix: remove or rename one in data.labels",
                      excerpt(set.names_[i]), in_bytes(set.names_[static_cast<std::size_t>(twin->second)]),
                      in_bytes(set.names_[i]), kComparison));
    if (Status status = set.claim(set.names_[i], static_cast<std::int32_t>(i)); !status) return status.error();
    set.look_alikes_.emplace(look_alike_key(set.names_[i]), static_cast<std::int32_t>(i));
  }
  for (const auto& [name, spellings] : words) {
    const auto owner = find_name(set.names_, name);
    if (owner == set.names_.end())
      return invalid(
          fmt::format("data.label_words names the class \"{}\", which data.labels does not list. Fix: correct the "
                      "name",
                      name));
    for (const std::string& word : spellings)
      if (Status status = set.claim(word, static_cast<std::int32_t>(owner - set.names_.begin())); !status)
        return status.error();
  }
  set.index_words();
  if (!none_label.empty()) {
    const auto none = find_name(set.names_, none_label);
    if (none == set.names_.end())
      return invalid(
          fmt::format("data.none_label is \"{}\", which data.labels does not list. Fix: correct it or leave it "
                      "out",
                      none_label));
    set.none_class_ = static_cast<std::int32_t>(none - set.names_.begin());
  }
  return set;
}

Result<std::vector<std::string>> LabelSet::read_names(const std::string& path) {
  const Result<std::string> bytes = read_input_file(path);
  if (!bytes) return Error{bytes.error().code, "data.labels_file: " + bytes.error().message};
  if (!is_valid_utf8(*bytes))
    return bad_file(path, "the labels file is not UTF-8 (editors also call UTF-16 \"Unicode\"). Fix: save it as UTF-8");
  const std::string_view text = trimmed_name(*bytes);
  if (text.empty()) return bad_file(path, "the labels file is empty. Fix: write one class name per line");
  if (text[0] == '[' || text[0] == '{') return names_of_json(path, text);
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (const std::string_view name = trimmed_name(text.substr(begin, end - begin)); !name.empty())
      names.emplace_back(name);
    begin = end + 1;
  }
  return names;
}

Status LabelSet::claim(std::string_view word, std::int32_t owner) {
  const std::string key = exact_class_key(word);
  if (key.empty()) return invalid(fmt::format("class {} has an empty name or word. Fix: remove it", owner));
  has_numbers_ = has_numbers_ || key.find_first_not_of("0123456789") == std::string::npos;
  const auto [entry, is_new] = exact_.emplace(key, owner);
  if (!is_new && entry->second != owner)
    return invalid(
        fmt::format("the word {} is claimed by two classes, {} and {} ({}). Fix: give it to one of them in "
                    "data.label_words",
                    excerpt(key), excerpt(names_[static_cast<std::size_t>(entry->second)]),
                    excerpt(names_[static_cast<std::size_t>(owner)]), kComparison));
  return {};
}

void LabelSet::index_words() {
  const auto add = [](ByWord& words, std::string key, std::int32_t owner) {
    const auto [entry, is_new] = words.emplace(std::move(key), owner);
    if (!is_new && entry->second != owner) entry->second = kSeveralClasses;
  };
  std::vector<WordPrefixes::Word> spellings;
  for (const auto& [word, owner] : exact_) {
    add(folded_, class_key(word), owner);
    add(loose_, loose_key(word), owner);
    spellings.push_back({word, owner});
  }
  prefixes_ = WordPrefixes(std::move(spellings));
}

std::int32_t LabelSet::find(std::string_view word) const {
  const std::string_view bare = without_outer_spaces(word);
  std::array<char, kFoldedOnStack> buffer;
  const bool simple = bare.size() <= buffer.size() && is_ascii_word(bare);
  if (simple)
    std::transform(bare.begin(), bare.end(), buffer.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const auto found =
      simple ? folded_.find(std::string_view(buffer.data(), bare.size())) : folded_.find(class_key(bare));
  if (found == folded_.end()) return kNoClass;
  if (found->second != kSeveralClasses) return found->second;
  const auto exact = simple ? exact_.find(bare) : exact_.find(exact_class_key(bare));
  return exact == exact_.end() ? kNoClass : exact->second;
}

std::int32_t LabelSet::find_loosely(std::string_view word) const {
  if (const std::int32_t index = find(word); index != kNoClass) return index;
  const std::string_view bare = without_outer_spaces(word);
  std::array<char, kFoldedOnStack> buffer;
  ByWord::const_iterator found;
  if (bare.size() <= buffer.size() && is_ascii_word(bare)) {
    // Without a separator the loose key is the folded one.
    if (bare.find_first_of("_- \t\r\n\v\f") == std::string_view::npos) return kNoClass;
    found = loose_.find(std::string_view(buffer.data(), loose_ascii_key(bare, buffer.data())));
  } else {
    found = loose_.find(loose_key(bare));
  }
  return found == loose_.end() || found->second == kSeveralClasses ? kNoClass : found->second;
}

std::string LabelSet::look_alike(std::string_view word) const {
  const auto found = look_alikes_.find(look_alike_key(word));
  return found == look_alikes_.end() ? std::string() : names_[static_cast<std::size_t>(found->second)];
}

}  // namespace noggin::data
