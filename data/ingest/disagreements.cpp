#include "data/ingest/disagreements.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "bytes/text_unit.h"
#include "data/logs/tag_row.h"

namespace noggin::data {
namespace {

using Json = nlohmann::ordered_json;

constexpr float kYes = 0.5F;

std::int32_t first_class(const TeacherDistribution& teacher) {
  return teacher.empty() ? kNoLabel : teacher.classes.front();
}

// The spans of the teacher's first classes on its own tokens.
std::vector<TypedSpan> teacher_spans(const Record& record, const spec::TagScheme& tags) {
  std::vector<std::int32_t> classes;
  std::vector<TextSpan> places;
  for (const TeacherToken& token : record.teacher_tokens) {
    classes.push_back(first_class(token.teacher));
    places.push_back(token.place);
  }
  std::uint32_t normalized = 0;
  return spans_of_tags(classes, places, tags, normalized);
}

// Each comparison counts, adds the differences to `line`, and returns whether there were any.
class Comparison {
 public:
  Comparison(const Record& record, const EncodedRow& row, const RowSchema& schema, AgreementCounts& counts, Json& line)
      : record_(record), row_(row), schema_(schema), counts_(counts), line_(line) {}

  bool differs() {
    const spec::TaskTraits& task = spec::traits_of(schema_.task);
    if (task.per_token()) return words_differ();
    return task.is_classification() ? class_differs() : values_differ();
  }

 private:
  const std::string& name(std::int32_t c) const { return schema_.labels->names()[static_cast<std::size_t>(c)]; }

  bool class_differs() {
    const std::int32_t teacher = first_class(record_.teacher);
    ++counts_.rows;
    counts_.rows_agree += teacher == record_.label ? 1 : 0;
    if (teacher == record_.label) return false;
    ++counts_.confusions[{record_.label, teacher}];
    line_["gold"] = name(record_.label);
    line_["teacher"] = name(teacher);
    line_["probability"] = record_.teacher.probabilities.front();
    return true;
  }

  bool values_differ() {
    std::vector<float> taught(record_.gold_values.size(), 0.0F);
    for (std::size_t k = 0; k < record_.teacher.classes.size(); ++k)
      taught[static_cast<std::size_t>(record_.teacher.classes[k])] = record_.teacher.probabilities[k];
    ++counts_.rows;
    Json classes = Json::array();
    for (std::size_t i = 0; i < taught.size(); ++i) {
      const bool gold = record_.gold_values[i] >= kYes;
      if (gold == (taught[i] >= kYes)) continue;
      const auto c = static_cast<std::int32_t>(i);
      ++counts_.confusions[{gold ? c : -1, gold ? -1 : c}];
      classes.push_back({{"class", name(c)}, {"gold", record_.gold_values[i]}, {"probability", taught[i]}});
    }
    counts_.rows_agree += classes.empty() ? 1 : 0;
    if (classes.empty()) return false;
    line_["classes"] = std::move(classes);
    return true;
  }

  bool words_differ() {
    if (!record_.has_spans) return false;
    ++counts_.rows;
    const std::vector<TypedSpan> spans = teacher_spans(record_, schema_.tags);
    counts_.teacher_spans += count_spans(spans, record_.spans);
    counts_.rows_agree += spans == record_.spans ? 1 : 0;
    const std::size_t top_k = row_.targets.teacher_classes.size() / row_.tokens.size();
    Json words = Json::array();
    for (const Word& word : row_.words) {
      const std::int32_t teacher = row_.targets.teacher_classes[word.token * top_k],
                         gold = row_.targets.label[word.token];
      if (teacher < 0) continue;
      ++counts_.words;
      counts_.words_agree += teacher == gold ? 1 : 0;
      if (teacher == gold) continue;
      ++counts_.confusions[{gold, teacher}];
      words.push_back({{"word", record_.text.substr(word.begin, word.end - word.begin)},
                       {"begin", word.begin},
                       {"end", word.end},
                       {"gold", name(gold)},
                       {"teacher", name(teacher)},
                       {"probability", row_.targets.teacher_probabilities[word.token * top_k]}});
    }
    if (words.empty()) return false;
    line_["unit"] = text_unit_name(TextUnit::kByte);
    line_["words"] = std::move(words);
    return true;
  }

  const Record& record_;
  const EncodedRow& row_;
  const RowSchema& schema_;
  AgreementCounts& counts_;
  Json& line_;
};

}  // namespace

std::vector<Confusion> top_confusions(const AgreementCounts& counts, std::size_t max_count) {
  std::vector<Confusion> pairs;
  for (const auto& [pair, count] : counts.confusions) pairs.push_back({pair.first, pair.second, count});
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  pairs.resize(std::min(pairs.size(), max_count));
  return pairs;
}

Status DisagreementFile::add(const std::string& split, const Record& record, const EncodedRow& row,
                             const RowSchema& schema, AgreementCounts& counts) {
  if (!record.has_gold() || !record.has_teacher()) return {};
  Json line = {{"split", split}, {"id", record.id}, {"text", record.text}};
  if (!Comparison(record, row, schema, counts, line).differs() || path_.empty()) return {};
  return write(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Status DisagreementFile::write(const std::string& line) {
  if (!file_) file_.reset(std::fopen(path_.c_str(), "wb"));
  if (file_ && std::fwrite(line.data(), 1, line.size(), file_.get()) == line.size()) return {};
  const int code = errno;
  return Error{code == ENOSPC ? ErrorCode::kOutOfSpace : ErrorCode::kIo,
               fmt::format("{}: cannot be written: {}. Fix: check the output folder and free space", path_,
                           std::strerror(code))};
}

Status DisagreementFile::flush() {
  if (!file_ || std::fflush(file_.get()) == 0) return {};
  return Error{ErrorCode::kIo, path_ + ": cannot be written to its end. Fix: check free space"};
}

}  // namespace noggin::data
