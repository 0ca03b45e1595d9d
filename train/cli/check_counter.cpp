#include "train/cli/check_counter.h"

#include <algorithm>
#include <string_view>

#include "checks/find.h"
#include "spec/tag_scheme.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

constexpr std::size_t kFewestMatches = 20;  // fewer could agree by chance
constexpr std::size_t kFaultsPerHundred = 1;

std::vector<spec::CheckKind> every_kind() {
  std::vector<spec::CheckKind> kinds;
  for (std::size_t i = 1; i <= spec::kCheckNames.size(); ++i) kinds.push_back(static_cast<spec::CheckKind>(i));
  return kinds;
}

}  // namespace

bool CheckAgreement::agrees() const {
  return exact > 0 && matches >= kFewestMatches && (matches - exact) * 100 <= kFaultsPerHundred * matches;
}

CheckCounter::CheckCounter(spec::TaskKind task, const data::LabelSet& labels) {
  const std::vector<std::string_view> names(labels.names().begin(), labels.names().end());
  const spec::TagScheme scheme = train::value_or_throw(spec::make_tag_scheme(task, names));
  types_.assign(scheme.types.begin(), scheme.types.end());
}

void CheckCounter::add(const data::Record& record) {
  if (!record.has_spans) return;
  const double place = data::TextShare::place_of(record.text);
  for (const spec::CheckKind kind : every_kind()) {
    const spec::Check check{kind, 0};
    TaggedSpan span{};
    for (std::size_t from = 0; checks::find_next({&check, 1}, record.text, from, span); from = span.place.end) {
      const auto gold = std::ranges::find_if(record.spans, [&](const data::TypedSpan& typed) {
        return typed.begin == span.place.begin && typed.end == span.place.end;
      });
      matches_.push_back({place, kind, gold == record.spans.end() ? types_.size() : gold->type});
    }
  }
}

std::vector<CheckAgreement> CheckCounter::agreements(const data::TextShare& left_out) const {
  std::vector<CheckAgreement> agreements;
  for (const spec::CheckKind kind : every_kind()) {
    std::vector<std::size_t> counts(types_.size() + 1);
    std::size_t matches = 0;
    for (const Match& match : matches_) {
      if (match.kind != kind || (match.place >= left_out.begin && match.place < left_out.end)) continue;
      ++counts[match.type];
      ++matches;
    }
    if (matches == 0) continue;
    counts.pop_back();
    const auto most = std::ranges::max_element(counts);
    const bool any = most != counts.end() && *most > 0;
    agreements.push_back({kind, matches, any ? *most : 0,
                          any ? types_[static_cast<std::size_t>(most - counts.begin())] : std::string()});
  }
  return agreements;
}

}  // namespace noggin::tool
