#include "data/logs/tag_row.h"

#include <fmt/format.h>

#include "data/logs/span_places.h"
#include "data/rows/offset_walk.h"
#include "data/rows/word_character.h"

namespace noggin::data {
namespace {

bool has_letter_or_digit(std::string_view text) {
  for (std::size_t at = 0; at < text.size();)
    if (next_is_letter_or_digit(text, at)) return true;
  return false;
}

Trouble places_by_offsets(const RowFields& row, std::string_view text, std::vector<TextSpan>& places) {
  OffsetWalk walk(text, row.unit);
  for (std::size_t i = 0; i < row.offsets.size(); ++i) {
    TextSpan place;
    if (Trouble trouble = place_of(walk, row.offsets[i].first, row.offsets[i].second, place)) return trouble;
    const std::string_view found = text.substr(place.begin, place.end - place.begin);
    if (row.has(RowFields::kTokens) && row.tokens[i] != found)
      return Rejection{Reason::kTokenMismatch, fmt::format("\"{}\", the text has \"{}\"", row.tokens[i], found)};
    places.push_back(place);
  }
  return std::nullopt;
}

Trouble places_by_search(const RowFields& row, std::string_view text, std::vector<TextSpan>& places) {
  std::size_t free = 0;
  for (const std::string_view token : row.tokens) {
    const std::size_t begin = token.empty() ? std::string_view::npos : text.find(token, free);
    if (begin == std::string_view::npos || has_letter_or_digit(text.substr(free, begin - free)))
      return Rejection{Reason::kTokenNotFound, fmt::format("\"{}\"", token)};
    free = begin + token.size();
    places.push_back({begin, free});
  }
  return std::nullopt;
}

Trouble check_counts(const RowFields& row, std::size_t tokens) {
  const auto wrong = [tokens](const char* what, std::size_t count) {
    return Rejection{Reason::kTokenCount, fmt::format("{} {} for {} tokens", count, what, tokens)};
  };
  if (row.has(RowFields::kOffsets) && row.offsets.size() != tokens) return wrong("offsets", row.offsets.size());
  if (row.has(RowFields::kTags) && row.tags.size() != tokens) return wrong("tags", row.tags.size());
  if (row.has(RowFields::kValues) && row.word_ends.size() != tokens)
    return wrong("distributions", row.word_ends.size());
  return std::nullopt;
}

Trouble place_tokens(const RowFields& row, std::string_view text, std::vector<TextSpan>& places) {
  const bool offsets = row.has(RowFields::kOffsets);
  if (!offsets && !row.has(RowFields::kTokens)) {
    if (row.has(RowFields::kTags) || row.has(RowFields::kValues)) return Rejection{Reason::kMissingField, "tokens"};
    return std::nullopt;
  }
  if (Trouble trouble = check_counts(row, row.has(RowFields::kTokens) ? row.tokens.size() : row.offsets.size()))
    return trouble;
  if (offsets && !row.has(RowFields::kText)) return Rejection{Reason::kMissingField, "text, which has the offsets"};
  return offsets ? places_by_offsets(row, text, places) : places_by_search(row, text, places);
}

Trouble read_teacher(const RowFields& row, const RowSchema& schema, std::span<const TextSpan> places, Record& record,
                     RowNotes& notes) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto words = std::span(row.words).subspan(begin, row.word_ends[i] - begin);
    begin = row.word_ends[i];
    if (words.empty()) {
      record.teacher_tokens.push_back({places[i], {}});
      continue;
    }
    Checked<BuiltDistribution> built = build_distribution(row.kind, words, schema.top_k);
    if (auto* bad = std::get_if<Rejection>(&built))
      return Rejection{bad->reason, fmt::format("token {}: {}", i + 1, bad->detail)};
    auto& distribution = std::get<BuiltDistribution>(built);
    notes.unmapped_words += distribution.unmapped_words;
    notes.renormalized = notes.renormalized || distribution.renormalized;
    record.teacher_tokens.push_back({places[i], std::move(distribution.teacher)});
  }
  return std::nullopt;
}

}  // namespace

std::string join_tokens(const RowFields& fields) {
  std::string text;
  for (const std::string_view token : fields.tokens) {
    if (!text.empty()) text += ' ';
    text += token;
  }
  return text;
}

std::vector<TypedSpan> spans_of_tags(std::span<const std::int32_t> classes, std::span<const TextSpan> places,
                                     const spec::TagScheme& scheme, std::uint32_t& normalized) {
  std::vector<TypedSpan> spans;
  std::uint32_t open = spec::TagScheme::kOutside;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const std::uint32_t c = classes[i] < 0 ? scheme.outside : static_cast<std::uint32_t>(classes[i]);
    const std::uint32_t type = scheme.type_of[c];
    const auto end = static_cast<std::uint32_t>(places[i].end);
    if (type != spec::TagScheme::kOutside) {
      const bool has_begin = scheme.begin_class[type] != scheme.inside_class[type];
      const bool begins = has_begin && scheme.begins(c);
      if (!begins && type == open) {
        spans.back().end = end;
      } else {
        spans.push_back({static_cast<std::uint32_t>(places[i].begin), end, type});
        normalized += has_begin && !begins ? 1 : 0;
      }
    }
    open = type;
  }
  return spans;
}

Trouble build_tag_row(const RowFields& row, const RowSchema& schema, Record& record, RowNotes& notes) {
  std::vector<TextSpan> places;
  if (Trouble trouble = place_tokens(row, record.text, places)) return trouble;
  if (row.has(RowFields::kTags) && row.has(RowFields::kSpans))
    return Rejection{Reason::kSeveralGolds, "tags and spans"};
  record.unit = row.unit;
  record.has_spans = row.has(RowFields::kTags) || row.has(RowFields::kSpans);
  if (row.has(RowFields::kTags)) record.spans = spans_of_tags(row.tags, places, schema.tags, notes.normalized_tags);
  if (row.has(RowFields::kSpans))
    if (Trouble trouble = place_spans(row.spans, record.text, record.unit, notes, record.spans)) return trouble;
  if (!row.has(RowFields::kValues)) return std::nullopt;
  return read_teacher(row, schema, places, record, notes);
}

}  // namespace noggin::data
