#include "data/logs/span_places.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "data/rows/excerpt.h"
#include "data/rows/word_character.h"

namespace noggin::data {
namespace {

TypedSpan typed(const TextSpan& place, std::uint32_t type) {
  return {static_cast<std::uint32_t>(place.begin), static_cast<std::uint32_t>(place.end), type};
}

Trouble places_in(TextUnit unit, std::vector<LoggedSpan> logged, std::string_view text, std::vector<TypedSpan>& spans) {
  std::stable_sort(logged.begin(), logged.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
  OffsetWalk walk(text, unit);
  for (const LoggedSpan& span : logged) {
    TextSpan place;
    if (Trouble trouble = place_of(walk, span.start, span.end, place)) return trouble;
    const std::string_view found = text.substr(place.begin, place.end - place.begin);
    if (!span.text.empty() && span.text != found)
      return Rejection{Reason::kSpanMismatch, fmt::format("the span says {}, the text has {} at [{}, {}]",
                                                          excerpt(span.text), excerpt(found), span.start, span.end)};
    spans.push_back(typed(place, span.type));
  }
  return std::nullopt;
}

Trouble places_by_offset(const std::vector<LoggedSpan>& logged, std::string_view text, TextUnit& unit, RowNotes& notes,
                         std::vector<TypedSpan>& spans) {
  Trouble trouble = places_in(unit, logged, text, spans);
  const bool have_text =
      std::any_of(logged.begin(), logged.end(), [](const LoggedSpan& span) { return !span.text.empty(); });
  if (!trouble || !have_text) return trouble;
  std::optional<TextUnit> other;
  std::vector<TypedSpan> places;
  for (const TextUnit candidate : {TextUnit::kUtf16, TextUnit::kByte, TextUnit::kCodePoint}) {
    std::vector<TypedSpan> found;
    if (candidate == unit || places_in(candidate, logged, text, found)) continue;
    if (other && found != places) return trouble;
    if (!other) other = candidate;
    places = std::move(found);
  }
  if (!other) return trouble;
  unit = *other;
  notes.other_unit = other;
  spans = std::move(places);
  return std::nullopt;
}

bool is_word_at(std::string_view text, std::size_t at) { return at < text.size() && next_is_letter_or_digit(text, at); }

std::size_t character_before(std::string_view text, std::size_t at) {
  do --at;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U);
  return at;
}

// "Bo" in "Bob" is a part of a word.
bool cuts_word(std::string_view text, const TextSpan& place) {
  const bool begins_inside =
      place.begin > 0 && is_word_at(text, place.begin) && is_word_at(text, character_before(text, place.begin));
  return begins_inside || (is_word_at(text, place.end) && is_word_at(text, character_before(text, place.end)));
}

bool is_taken(const TextSpan& place, const std::vector<TypedSpan>& spans) {
  return std::any_of(spans.begin(), spans.end(),
                     [&](const TypedSpan& span) { return place.begin < span.end && span.begin < place.end; });
}

// Where `wanted` stands outside of `spans`: as whole words if it does so anywhere, else anywhere.
std::vector<TextSpan> occurrences(std::string_view text, std::string_view wanted, const std::vector<TypedSpan>& spans) {
  std::vector<TextSpan> whole, any;
  for (std::size_t at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + 1)) {
    const TextSpan place{at, at + wanted.size()};
    if (is_taken(place, spans)) continue;
    if (!any.empty() && any.back().end > at) continue;
    any.push_back(place);
    if (!cuts_word(text, place)) whole.push_back(place);
  }
  return whole.empty() ? any : whole;
}

std::string times(std::size_t count) { return count == 1 ? "once" : fmt::format("{} times", count); }

// Bounds the time for a row that was made to take long.
constexpr std::size_t kMostCompared = std::size_t{1} << 28U;

// The longer texts first, so that what they hold is not taken for a span of its own.
Trouble places_by_text(std::vector<LoggedSpan> logged, std::string_view text, std::vector<TypedSpan>& spans) {
  if (logged.size() * text.size() > kMostCompared)
    return Rejection{Reason::kSpanNotFound, fmt::format("{} spans without offsets are too many for a text of {} bytes",
                                                        logged.size(), text.size())};
  const auto longer = [](const LoggedSpan& a, const LoggedSpan& b) {
    return a.text.size() != b.text.size() ? a.text.size() > b.text.size() : a.text < b.text;
  };
  std::stable_sort(logged.begin(), logged.end(), longer);
  for (std::size_t first = 0, next = 0; first < logged.size(); first = next) {
    while (next < logged.size() && logged[next].text == logged[first].text) ++next;
    const std::vector<TextSpan> found = occurrences(text, logged[first].text, spans);
    if (found.size() != next - first)
      return Rejection{Reason::kSpanNotFound,
                       found.empty()
                           ? excerpt(logged[first].text)
                           : fmt::format("{} stands there {}, and the spans name it {}", excerpt(logged[first].text),
                                         times(found.size()), times(next - first))};
    for (std::size_t i = 0; i < found.size(); ++i) spans.push_back(typed(found[i], logged[first + i].type));
  }
  std::sort(spans.begin(), spans.end());
  return std::nullopt;
}

}  // namespace

Trouble place_of(OffsetWalk& walk, std::int64_t start, std::int64_t end, TextSpan& place) {
  const auto begin = walk.byte_of(start);
  const auto stop = begin ? walk.byte_of(end) : std::nullopt;
  if (!begin || !stop || *stop == *begin) return Rejection{Reason::kBadOffset, fmt::format("[{}, {}]", start, end)};
  place = {*begin, *stop};
  return std::nullopt;
}

Trouble place_spans(const std::vector<LoggedSpan>& logged, std::string_view text, TextUnit& unit, RowNotes& notes,
                    std::vector<TypedSpan>& spans) {
  std::vector<LoggedSpan> placed, named;
  for (const LoggedSpan& span : logged) (span.has_place() ? placed : named).push_back(span);
  if (Trouble trouble = places_by_offset(placed, text, unit, notes, spans)) return trouble;
  notes.found_spans += static_cast<std::uint32_t>(named.size());
  return places_by_text(std::move(named), text, spans);
}

}  // namespace noggin::data
