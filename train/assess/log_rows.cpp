#include "train/assess/log_rows.h"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "bytes/content_hash.h"
#include "data/rows/content_key.h"

namespace noggin::assess {
namespace {

constexpr float kYes = 0.5F;

std::int32_t first_class(const data::TeacherDistribution& teacher) {
  const auto most = std::ranges::max_element(teacher.probabilities);
  return teacher.classes[static_cast<std::size_t>(most - teacher.probabilities.begin())];
}

// The first class that is given, C without any; of a score, its tenth.
template <typename ValueOf>
std::int32_t bin_of_values(std::size_t classes, const ValueOf& value_of) {
  constexpr std::int32_t kTenths = 10;
  if (classes == 1) return std::min(static_cast<std::int32_t>(value_of(0) * kTenths), kTenths - 1);
  for (std::size_t c = 0; c < classes; ++c)
    if (value_of(c) >= kYes) return static_cast<std::int32_t>(c);
  return static_cast<std::int32_t>(classes);
}

// The first class of a word that is no background: in the log's order, 0 without any.
std::int32_t first_tag(const data::Record& record) {
  for (const data::TeacherToken& token : record.teacher_tokens)
    if (const std::int32_t tag = token.teacher.empty() ? 0 : first_class(token.teacher); tag > 0) return tag;
  return 0;
}

std::int32_t answer_of(const data::Record& record, const spec::TaskTraits& task, std::size_t classes) {
  if (task.per_token()) {
    if (!record.has_spans) return first_tag(record);
    return record.spans.empty() ? 0 : static_cast<std::int32_t>(classes + record.spans.front().type);
  }
  if (task.activation == spec::Activation::kSoftmax) {
    if (record.label != data::kNoLabel) return record.label;
    return record.teacher.empty() ? data::kNoLabel : first_class(record.teacher);
  }
  if (!record.gold_values.empty()) return bin_of_values(classes, [&](std::size_t c) { return record.gold_values[c]; });
  return bin_of_values(classes, [&](std::size_t c) {
    const auto at = std::ranges::find(record.teacher.classes, static_cast<std::int32_t>(c));
    const bool listed = at != record.teacher.classes.end();
    return listed ? record.teacher.probabilities[static_cast<std::size_t>(at - record.teacher.classes.begin())] : 0.0F;
  });
}

std::optional<std::uint64_t> said_in(const data::Record& record, const spec::TaskTraits& task) {
  if (!record.has_teacher()) return std::nullopt;
  std::string said;
  const auto say = [&said](std::int32_t answer) { said += std::to_string(answer) + ","; };
  for (const data::TeacherToken& token : record.teacher_tokens)
    say(token.teacher.empty() ? data::kNoLabel : first_class(token.teacher));
  if (!task.per_token() && task.activation == spec::Activation::kSoftmax) say(first_class(record.teacher));
  if (task.activation == spec::Activation::kSigmoid)
    for (std::size_t i = 0; i < record.teacher.classes.size(); ++i)
      if (record.teacher.probabilities[i] >= kYes) say(record.teacher.classes[i]);
  return content_hash(said.data(), said.size());
}

using Rows = std::vector<LogRow>;

template <typename BinOf>
Stability moved_between(const Rows& rows, std::size_t third, const BinOf& bin_of) {
  std::size_t bins = 0;
  for (const LogRow& row : rows) bins = std::max(bins, bin_of(row) + 1);
  std::vector<std::uint64_t> counts[2] = {std::vector<std::uint64_t>(bins), std::vector<std::uint64_t>(bins)};
  for (std::size_t part = 0; part < 2; ++part)
    for (std::size_t i = rows.size() * (third + part) / 3; i < rows.size() * (third + part + 1) / 3; ++i)
      ++counts[part][bin_of(rows[i])];
  return population_stability(counts[0], counts[1]);
}

// Whether the rows have times to be ordered by; orders them.
bool order_by_time(Rows& rows) {
  constexpr std::size_t kTen = 10, kNine = 9;
  const auto timed =
      static_cast<std::size_t>(std::ranges::count_if(rows, [](const LogRow& row) { return row.time.has_value(); }));
  if (timed * kTen < rows.size() * kNine) return false;
  Rows ordered(rows);
  std::erase_if(ordered, [](const LogRow& row) { return !row.time; });
  std::ranges::stable_sort(ordered, {}, [](const LogRow& row) { return *row.time; });
  if (*ordered.front().time == *ordered.back().time) return false;
  rows = std::move(ordered);
  return true;
}

}  // namespace

Result<LogRows> read_log_rows(data::SplitInput split, const data::LabelSet& labels, data::IngestOptions options,
                              spec::TaskKind task, const LogFacts& facts) {
  split.training = false;  // repeats stay
  split.share = {};
  options.measure_by_teacher = false;
  const spec::TaskTraits& traits = spec::traits_of(task);
  LogRows log;
  const auto accept = [&](data::Record&& record) -> Status {
    log.is_whole = log.rows.size() < LogRows::kMostRows;
    if (!log.is_whole) return Error{ErrorCode::kBadData, "enough was read"};
    log.rows.push_back({data::content_key(record.text), answer_of(record, traits, labels.names().size()),
                        static_cast<std::uint32_t>(record.text.size()), said_in(record, traits),
                        facts.time_of(record.file, record.line)});
    return {};
  };
  const auto counts = data::read_split(split, labels, options, {}, accept, nullptr, task);
  if (!counts && log.is_whole) return counts.error();
  return log;
}

SelfAgreement self_agreement(const std::vector<LogRow>& rows) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> said;  // text, answer
  for (const LogRow& row : rows)
    if (row.said) said.emplace_back(row.key, *row.said);
  std::ranges::sort(said);
  SelfAgreement found;
  for (std::size_t begin = 0, end = 0; begin < said.size(); begin = end) {
    std::uint64_t most = 0, run = 0;
    for (end = begin; end < said.size() && said[end].first == said[begin].first; ++end) {
      run = end > begin && said[end].second == said[end - 1].second ? run + 1 : 1;
      most = std::max(most, run);
    }
    if (end - begin < 2) continue;
    ++found.texts;
    found.answers += end - begin;
    found.same += most;
  }
  return found;
}

std::optional<Course> course_of(std::vector<LogRow> rows) {
  constexpr double kSecondsPerDay = 86400.0;
  std::erase_if(rows, [](const LogRow& row) { return row.answer == data::kNoLabel; });
  if (rows.size() < kFewestRows) return std::nullopt;
  Course course;
  course.by_time = order_by_time(rows);
  if (course.by_time) course.days = (*rows.back().time - *rows.front().time) / kSecondsPerDay;
  std::vector<std::int32_t> answers;
  for (const LogRow& row : rows) answers.push_back(row.answer);
  course.sorted = !course.by_time && looks_sorted(answers);
  if (course.sorted) return course;
  for (std::size_t third = 0; third < 2; ++third) {
    course.answers[third] =
        moved_between(rows, third, [](const LogRow& row) { return static_cast<std::size_t>(row.answer); });
    course.lengths[third] = moved_between(
        rows, third, [](const LogRow& row) { return static_cast<std::size_t>(std::bit_width(row.bytes)); });
  }
  return course;
}

}  // namespace noggin::assess
