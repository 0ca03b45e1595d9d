#include "data/logs/token_lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "data/json/json_path.h"

namespace noggin::data {
namespace {

constexpr std::string_view kHalf = "\uFFFD";
constexpr double kNoMass = -std::numeric_limits<double>::infinity();

std::optional<JsonValue> first_field(JsonValue object, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    JsonValue field;
    if (object.at_key(name).get(field) == simdjson::SUCCESS) return field;
  }
  return std::nullopt;
}

// The fields of one listed token, by what they say. Of several names for one thing the first in this order counts.
struct EntryFields {
  enum Kind : std::uint8_t { kToken, kLogprob, kId, kProbability, kAlternatives, kKinds };
  struct Known {
    std::string_view name;
    Kind kind;
  };
  static constexpr Known kKnown[] = {{"token", kToken},
                                     {"text", kToken},
                                     {"decoded_token", kToken},
                                     {"tok_str", kToken},
                                     {"content", kToken},
                                     {"logprob", kLogprob},
                                     {"logProbability", kLogprob},
                                     {"id", kId},
                                     {"tokenId", kId},
                                     {"token_id", kId},
                                     {"prob", kProbability},
                                     {"probability", kProbability},
                                     {"top_logprobs", kAlternatives},
                                     {"probs", kAlternatives},
                                     {"top_probs", kAlternatives},
                                     {"candidates", kAlternatives}};

  static constexpr std::size_t kLongestName = 14;
  // The known names of each size, as bits.
  static constexpr std::array<std::uint32_t, kLongestName + 1> kOfSize = [] {
    std::array<std::uint32_t, kLongestName + 1> of_size{};
    for (std::size_t i = 0; i < std::size(kKnown); ++i) of_size[kKnown[i].name.size()] |= std::uint32_t{1} << i;
    return of_size;
  }();

  // The same as looking for each name, in one pass.
  explicit EntryFields(JsonObject object) {
    const auto end = object.end();
    for (auto field = object.begin(); field != end; ++field) {
      const std::string_view key = field.key();
      if (key.size() > kLongestName) continue;
      for (std::uint32_t left = kOfSize[key.size()]; left != 0; left &= left - 1) {
        const auto i = static_cast<std::uint8_t>(std::countr_zero(left));
        if (kKnown[i].name[0] != key[0] || kKnown[i].name != key) continue;
        const Kind kind = kKnown[i].kind;
        if (i < place_[kind]) {
          place_[kind] = i;
          values_[kind] = field.value();
        }
        break;
      }
    }
  }

  bool has(Kind kind) const { return place_[kind] != kNone; }
  std::optional<JsonValue> operator[](Kind kind) const {
    return has(kind) ? std::optional(values_[kind]) : std::nullopt;
  }

 private:
  static constexpr std::uint8_t kNone = 0xFF;
  std::array<std::uint8_t, kKinds> place_ = {kNone, kNone, kNone, kNone, kNone};
  std::array<JsonValue, kKinds> values_;
};

class TokenReader {
 public:
  explicit TokenReader(LoggedAnswer& answer) : answer_(answer) {}

  Trouble read(const TokenLists& lists) {
    JsonValue tokens = *lists.tokens;
    if (tokens.is_object()) {
      if (const auto content = field_of(tokens, "content")) return read_positions(*content, std::nullopt, std::nullopt);
      if (const auto names = field_of(tokens, "tokens")) return read_columns(tokens, *names);
      if (const auto chosen = field_of(tokens, "chosenCandidates"))
        return read_positions(*chosen, field_of(tokens, "topCandidates"), std::nullopt);
      return std::nullopt;
    }
    return read_positions(tokens, lists.tops, lists.ids);
  }

 private:
  // A token that is half a character has U+FFFD as its text; what it is, its bytes say.
  std::string_view text_of(JsonValue value, std::string_view text) {
    JsonArray bytes;
    const bool may_be_half = std::ranges::find(text, kHalf[0]) != text.end();  // a loop: tokens are short
    if (!may_be_half || text.find(kHalf) == std::string_view::npos || !value.is_object() ||
        value.at_key("bytes").get_array().get(bytes) != simdjson::SUCCESS)
      return text;
    std::string whole;
    for (const JsonValue byte : bytes) {
      std::uint64_t code = 0;
      if (byte.get_uint64().get(code) != simdjson::SUCCESS || code > 0xFF) return text;
      whole += static_cast<char>(code);
    }
    return answer_.keep(std::move(whole));
  }

  // What most logs list, {"token": "a", "logprob": -0.1, ...}, as read_entry() reads it, without a look at what follows
  // the two. False: it is something else, and nothing is read.
  [[gnu::flatten]] bool read_usual_entry(JsonValue value, ListedToken& entry) {
    JsonObject object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return false;
    std::string_view token;
    double logprob = 0;
    bool has_token = false, has_logprob = false;
    const auto end = object.end();
    for (auto field = object.begin(); field != end && !(has_token && has_logprob); ++field) {
      if (!has_token && field.key_equals("token")) {
        if (field.value().get_string().get(token) != simdjson::SUCCESS) return false;
        has_token = true;
      } else if (!has_logprob && field.key_equals("logprob")) {
        if (field.value().get_double().get(logprob) != simdjson::SUCCESS) return false;
        has_logprob = true;
      }
    }
    if (!has_token || !has_logprob) return false;
    entry.token = text_of(value, token);
    entry.logprob = logprob;
    return true;
  }

  // One token with its number; a list of alternatives inside it is read as well.
  Trouble read_entry(JsonValue value, ListedToken& entry, std::optional<JsonValue>& alternatives) {
    std::optional<JsonValue> token, number, id;
    bool is_probability = false;
    if (value.is_array()) {  // [logprob, id, text]
      const std::array<std::optional<JsonValue>*, 3> parts = {&number, &id, &token};
      std::size_t i = 0;
      JsonArray triple;
      if (value.get_array().get(triple) != simdjson::SUCCESS) return std::nullopt;
      for (const JsonValue part : triple)
        if (i < parts.size()) *parts[i++] = part;
    } else if (value.is_object()) {
      const EntryFields fields{JsonObject(value)};
      token = fields[EntryFields::kToken];
      id = fields[EntryFields::kId];
      is_probability = !fields.has(EntryFields::kLogprob) && fields.has(EntryFields::kProbability);
      number = fields[is_probability ? EntryFields::kProbability : EntryFields::kLogprob];
      alternatives = fields[EntryFields::kAlternatives];
    }
    if (!token && !id) return Rejection{Reason::kMissingField, "token of a logprob"};
    if (!number && !alternatives) return Rejection{Reason::kMissingField, "logprob of a token"};
    entry.logprob = kNoMass;
    double plain = 0;
    if (number && number->get_double().get(plain) == simdjson::SUCCESS && !is_probability) {
      entry.logprob = plain;
    } else if (number && !is_null(*number)) {
      const Checked<double> read = read_number(*number, is_probability ? "prob of a token" : "logprob of a token");
      if (const auto* bad = std::get_if<Rejection>(&read)) return *bad;
      entry.logprob = is_probability ? std::log(std::get<double>(read)) : std::get<double>(read);
      if (std::isnan(entry.logprob)) return Rejection{Reason::kNegativeProbability, "prob of a token"};
    }
    if (token && token->is_string())
      entry.token = text_of(value, string_of(*token));
    else if (id)
      entry.token = answer_.keep(numbered(*id));
    else
      return Rejection{Reason::kWrongType, "a token must be a string"};
    return std::nullopt;
  }

  static std::string numbered(JsonValue id) { return fmt::format("token_id:{}", simdjson::minify(id)); }

  // SGLang leaves out the text of some candidates. That of the sampled token stands beside its number.
  void name_sampled(JsonValue triple, std::string_view token, std::size_t first) {
    JsonArray parts;
    if (triple.get_array().get(parts) != simdjson::SUCCESS || parts.size() < 2) return;
    for (std::size_t i = first; i < answer_.alternatives.size(); ++i) {
      std::string_view& listed = answer_.alternatives[i].token;
      if (listed.starts_with("token_id:") && listed == numbered(JsonValue(parts.at(1)))) listed = token;
    }
  }

  // {"362": {"logprob", "rank"}}: the id is all that is known.
  Trouble read_unnamed(std::string_view id, JsonValue value, ListedToken& entry) {
    entry.token = answer_.keep(fmt::format("token_id:{}", id));
    const auto number = field_of(value, "logprob");
    if (!number) return std::nullopt;
    const Checked<double> read = read_number(*number, "logprob of a token");
    if (const auto* bad = std::get_if<Rejection>(&read)) return *bad;
    entry.logprob = std::get<double>(read);
    return std::nullopt;
  }

  // An array of entries, or a map of token -> logprob, or of id -> {logprob, decoded_token}.
  Trouble read_alternatives(JsonValue value) {
    std::optional<JsonValue> nested;
    JsonObject map;
    if (value.get_object().get(map) == simdjson::SUCCESS) {
      if (const auto candidates = field_of(value, "candidates")) return read_alternatives(*candidates);
      for (const auto field : map) {
        ListedToken entry{field.key, kNoMass};
        Trouble trouble;
        if (field.value.is_object()) {
          const bool named = first_field(field.value, {"token", "text", "decoded_token"}).has_value();
          trouble = named ? read_entry(field.value, entry, nested) : read_unnamed(field.key, field.value, entry);
        } else if (!is_null(field.value)) {
          const Checked<double> read = read_number(field.value, "logprob of a token");
          if (const auto* bad = std::get_if<Rejection>(&read)) return *bad;
          entry.logprob = std::get<double>(read);
        }
        if (trouble) return trouble;
        answer_.alternatives.push_back(entry);
      }
      return std::nullopt;
    }
    if (is_null(value)) return std::nullopt;
    return for_each_element(value, "top_logprobs", [&](JsonValue item) -> Trouble {
      ListedToken entry(std::string_view(), kNoMass);
      if (read_usual_entry(item, entry)) {
        answer_.alternatives.push_back(entry);
        return std::nullopt;
      }
      if (Trouble trouble = read_entry(item, entry, nested)) return trouble;
      answer_.alternatives.push_back(entry);
      return std::nullopt;
    });
  }

  void finish_position(ListedToken sampled, std::size_t first) {
    const std::size_t count = answer_.alternatives.size() - first;
    answer_.positions.push_back({sampled.token, sampled.logprob, first, count});
    answer_.has_tokens = true;
  }

  // vLLM's dump: a map of id -> candidate. The sampled one is that of `id`, or the first.
  Trouble read_candidates(JsonValue map, std::optional<JsonValue> id, ListedToken& sampled) {
    const std::size_t first = answer_.alternatives.size();
    if (Trouble trouble = read_alternatives(map)) return trouble;
    if (answer_.alternatives.size() == first) return Rejection{Reason::kMissingField, "candidates of a token"};
    sampled = answer_.alternatives[first];
    if (!id) return std::nullopt;
    const std::string wanted = simdjson::minify(*id);
    std::size_t at = first;
    for (const auto field : JsonObject(map)) {
      if (field.key == wanted) sampled = answer_.alternatives[at];
      ++at;
    }
    return std::nullopt;
  }

  Trouble read_positions(JsonValue list, std::optional<JsonValue> tops, std::optional<JsonValue> ids) {
    JsonArray tops_array, ids_array;
    const bool has_tops = tops && tops->get_array().get(tops_array) == simdjson::SUCCESS;
    const bool has_ids = ids && ids->get_array().get(ids_array) == simdjson::SUCCESS;
    auto top = has_tops ? tops_array.begin() : JsonArray::iterator();
    auto id = has_ids ? ids_array.begin() : JsonArray::iterator();
    return for_each_element(list, "logprobs", [&](JsonValue item) -> Trouble {
      const std::size_t first = answer_.alternatives.size();
      ListedToken sampled(std::string_view(), kNoMass);
      std::optional<JsonValue> alternatives;
      const bool is_map = item.is_object() && !first_field(item, {"token", "text", "content", "logProbability"});
      Trouble trouble;
      if (is_map) {
        const bool known = has_ids && id != ids_array.end();
        trouble = read_candidates(item, known ? std::optional<JsonValue>(*id) : std::nullopt, sampled);
      } else {
        trouble = read_entry(item, sampled, alternatives);
        if (!trouble && alternatives) trouble = read_alternatives(*alternatives);
        if (!trouble && has_tops && top != tops_array.end()) trouble = read_alternatives(*top);
        if (!trouble && item.is_array()) name_sampled(item, sampled.token, first);
        if (!trouble && sampled.logprob == kNoMass) take_logprob(sampled, first);
      }
      if (has_tops && top != tops_array.end()) ++top;
      if (has_ids && id != ids_array.end()) ++id;
      if (!trouble) finish_position(sampled, first);
      return trouble;
    });
  }

  // A sampled token whose own number is missing: as listed.
  void take_logprob(ListedToken& sampled, std::size_t first) const {
    for (std::size_t i = first; i < answer_.alternatives.size(); ++i)
      if (answer_.alternatives[i].token == sampled.token) sampled.logprob = answer_.alternatives[i].logprob;
  }

  // Legacy completions: parallel columns.
  Trouble read_columns(JsonValue columns, JsonValue names) {
    const std::optional<JsonValue> numbers = field_of(columns, "token_logprobs");
    const std::optional<JsonValue> tops = field_of(columns, "top_logprobs");
    JsonArray name_array, number_array, top_array;
    if (names.get_array().get(name_array) != simdjson::SUCCESS) return std::nullopt;
    if (!numbers || numbers->get_array().get(number_array) != simdjson::SUCCESS)
      return Rejection{Reason::kMissingField, "token_logprobs beside tokens"};
    const bool has_tops = tops && tops->get_array().get(top_array) == simdjson::SUCCESS;
    if (number_array.size() != name_array.size() || (has_tops && top_array.size() != name_array.size()))
      return Rejection{Reason::kTokenCount, "tokens, token_logprobs and top_logprobs"};
    auto number = number_array.begin();
    auto top = has_tops ? top_array.begin() : JsonArray::iterator();
    for (const JsonValue name : name_array) {
      const std::size_t first = answer_.alternatives.size();
      ListedToken sampled{string_of(name), kNoMass};
      const JsonValue value = *number;
      if (!is_null(value)) {
        const Checked<double> read = read_number(value, "token_logprobs");
        if (const auto* bad = std::get_if<Rejection>(&read)) return *bad;
        sampled.logprob = std::get<double>(read);
      }
      if (has_tops)
        if (Trouble trouble = read_alternatives(*top)) return trouble;
      finish_position(sampled, first);
      ++number;
      if (has_tops) ++top;
    }
    return std::nullopt;
  }

  LoggedAnswer& answer_;
};

}  // namespace

Trouble read_token_lists(const TokenLists& lists, LoggedAnswer& answer) {
  if (!lists.tokens) return std::nullopt;
  return TokenReader(answer).read(lists);
}

}  // namespace noggin::data
