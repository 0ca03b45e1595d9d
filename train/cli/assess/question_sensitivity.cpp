// How sensitive the rows are: what a masking model finds. Neither a text nor a part of one is kept or printed.
#include <fmt/format.h>

#include "export/report/text_table.h"
#include "noggin/engine.h"
#include "prediction/predictor.h"
#include "train/cli/assess/questions.h"
#include "train/run/failure.h"
#include "train/run/progress.h"
#include "train/run/stop_signal.h"

namespace noggin::tool {
namespace {

constexpr std::size_t kMostTexts = 20'000;  // of training rows, evenly over the log

struct Found {
  std::vector<std::string> types;
  std::vector<std::uint64_t> spans;  // [types]
  std::uint64_t rows = 0, rows_with_any = 0;
};

Found spans_in(const AssessedJob& subject, const Model& model) {
  Session session = train::value_or_throw(Session::create(model));
  runtime::Predictor predictor(model, session);
  Found found;
  found.types.assign(model.span_types().begin(), model.span_types().end());
  found.spans.resize(found.types.size());
  const auto count = [&](std::size_t, const runtime::Prediction& prediction, std::span<const float>) {
    const auto& spans = std::get<runtime::SpanAnswer>(prediction).spans;
    for (const TaggedSpan& span : spans) ++found.spans[span.type];
    found.rows_with_any += spans.empty() ? 0 : 1;
  };
  const std::size_t all = subject.training.rows();
  found.rows = std::min(all, kMostTexts);
  for (std::size_t i = 0; i < found.rows; ++i) {
    train::StopSignal::throw_if_requested("assess was", "Nothing was written");
    const std::string_view text = subject.training.text_of(i * all / found.rows);
    train::throw_unless_ok(predictor.predict(std::span(&text, 1), count));
  }
  return found;
}

}  // namespace

assess::Question how_sensitive(const Assessment& given, assess::Evidence& evidence) {
  assess::Question question{"sensitivity", "How sensitive is the data?"};
  if (given.options.masking.empty()) {
    question.not_known("rows_with_any", "rows with private data",
                       "give --masking MODEL.nog, a tagger of private data (configs/presidio_pii.yaml)");
    return question;
  }
  const Found found = spans_in(given.subject, *given.options.masking_model);
  const exporter::Interval share = assess::share_of(found.rows_with_any, found.rows);
  evidence.sensitive_share = share.value;
  assess::Json value = assess::json_of(share);
  value["n"] = found.rows;
  question.measured(
      "rows_with_any", "rows with private data", exporter::percent(share) + " %", value,
      fmt::format("as {} finds it, which errs both ways; n = {} of {} training rows", given.options.masking,
                  train::format_count(found.rows), train::format_count(given.subject.training.rows())));
  for (std::size_t type = 0; type < found.types.size(); ++type) {
    const double per_thousand =
        1000.0 * static_cast<double>(found.spans[type]) / static_cast<double>(std::max<std::uint64_t>(found.rows, 1));
    question.measured("per_1000_" + found.types[type], found.types[type],
                      fmt::format("{:.1f} per 1,000 rows", per_thousand), per_thousand,
                      fmt::format("{} spans", train::format_count(found.spans[type])));
  }
  return question;
}

}  // namespace noggin::tool
