#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "cli/modes.h"
#include "format/reader.h"
#include "prediction/answer_lines.h"
#include "prediction/json_writer.h"

namespace noggin::run_tool {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kSecondsMeasured = 2.0;
constexpr std::size_t kMaxSamples = 1 << 20;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

struct Measurements {
  const char* kernels = "";
  double load_ms = 0, first_answer_ms = 0;
  std::vector<double> answer_ms;  // sorted
  double texts_per_second = 0;    // in batches
  std::size_t texts = 0, tokens = 0;
  std::size_t session_bytes = 0;
};

// Nearest rank.
double percentile(const std::vector<double>& sorted, std::size_t percent) {
  const std::size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[rank == 0 ? 0 : rank - 1];
}

// Makes the call that suits the task. For tag and edit: the logits of the text's first window.
Status ask(const Model& model, Session& session, std::string_view text) {
  const auto status_of = [](const auto& result) { return result ? Status() : Status(result.error()); };
  const spec::TaskTraits& task = spec::traits_of(model.task());
  if (task.answers(spec::Call::kClassify)) return status_of(session.classify(text));
  if (task.answers(spec::Call::kProbabilities)) return status_of(session.probabilities(text));
  return status_of(session.logits(session.tokenize(text)));
}

std::vector<std::string> texts_to_answer(LineInput* input, const Model& model) {
  std::vector<std::string> texts;
  std::string_view line;
  while (input != nullptr && input->next(line)) texts.emplace_back(line);
  if (texts.empty()) {
    for (const format::GoldenView& golden : model.view().golden) texts.emplace_back(golden.text);
  }
  return texts;
}

// One pass to warm up, then whole passes until there are enough answers, so that every text counts equally often.
Status measure_answers(const Model& model, Session& session, const std::vector<std::string>& texts,
                       Measurements& measured) {
  for (const std::string& text : texts) {
    if (Status status = ask(model, session, text); !status) return status;
  }
  const Clock::time_point start = Clock::now();
  do {
    for (const std::string& text : texts) {
      const Clock::time_point before = Clock::now();
      (void)ask(model, session, text);  // it has answered before
      measured.answer_ms.push_back(milliseconds_since(before));
    }
  } while (milliseconds_since(start) < kSecondsMeasured * 1000 && measured.answer_ms.size() < kMaxSamples);
  const std::size_t passes = measured.answer_ms.size() / texts.size();
  for (const std::string& text : texts) measured.tokens += passes * session.tokenize(text).size();
  std::sort(measured.answer_ms.begin(), measured.answer_ms.end());
  return {};
}

// As answer_lines() does: runtime::kTextsAtOnce texts at a time; 0 for tasks that are not answered in batches.
Status measure_batches(const Model& model, Session& session, const std::vector<std::string>& texts,
                       Measurements& measured) {
  if (!spec::traits_of(model.task()).answers(spec::Call::kClassify)) return {};
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::vector<Answer> answers(runtime::kTextsAtOnce);
  const Clock::time_point start = Clock::now();
  std::size_t answered = 0;
  double seconds = 0;
  do {
    for (std::size_t first = 0; first < views.size(); first += runtime::kTextsAtOnce) {
      const std::size_t count = std::min(runtime::kTextsAtOnce, views.size() - first);
      Status status = session.classify_batch(std::span(views).subspan(first, count), std::span(answers).first(count));
      if (!status) return status;
      answered += count;
    }
    seconds = milliseconds_since(start) / 1000;
  } while (seconds < kSecondsMeasured / 2);
  measured.texts_per_second = static_cast<double>(answered) / seconds;
  return {};
}

std::size_t peak_resident_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
#if defined(__APPLE__)
  return static_cast<std::size_t>(usage.ru_maxrss) / 1024;
#else
  return static_cast<std::size_t>(usage.ru_maxrss);
#endif
}

double tokens_per_second(const Measurements& measured) {
  double total_ms = 0;
  for (const double ms : measured.answer_ms) total_ms += ms;
  return static_cast<double>(measured.tokens) / (total_ms / 1000);
}

void append_json(const Measurements& measured, std::string& out) {
  JsonObject(out)
      .text("kernels", measured.kernels)
      .fixed("load_ms", measured.load_ms, 4)
      .fixed("first_answer_ms", measured.first_answer_ms, 4)
      .integer("texts", measured.texts)
      .integer("answers", measured.answer_ms.size())
      .fixed("p50_ms", percentile(measured.answer_ms, 50), 4)
      .fixed("p95_ms", percentile(measured.answer_ms, 95), 4)
      .fixed("p99_ms", percentile(measured.answer_ms, 99), 4)
      .fixed("tokens_per_second", tokens_per_second(measured), 0)
      .fixed("texts_per_second", measured.texts_per_second, 0)
      .integer("session_bytes", measured.session_bytes)
      .integer("peak_resident_kib", peak_resident_kib())
      .finish();
  out += '\n';
}

void append_table(const Measurements& measured, std::string& out) {
  const auto row = [&out](const char* name, double value, int decimals) {
    out += name;
    append_json_fixed(value, decimals, out);
    out += '\n';
  };
  out += "kernels              " + std::string(measured.kernels) + "\n";
  row("load, ms             ", measured.load_ms, 3);
  row("first answer, ms     ", measured.first_answer_ms, 3);
  row("texts                ", static_cast<double>(measured.texts), 0);
  row("answers              ", static_cast<double>(measured.answer_ms.size()), 0);
  row("p50 per text, ms     ", percentile(measured.answer_ms, 50), 4);
  row("p95 per text, ms     ", percentile(measured.answer_ms, 95), 4);
  row("p99 per text, ms     ", percentile(measured.answer_ms, 99), 4);
  row("tokens per second    ", tokens_per_second(measured), 0);
  row("texts/s, 64 at once  ", measured.texts_per_second, 0);
  row("session memory, KiB  ", static_cast<double>(measured.session_bytes) / 1024, 1);
  row("peak resident, KiB   ", static_cast<double>(peak_resident_kib()), 0);
}

}  // namespace

Status run_bench(const Arguments& arguments, LineInput* input, Output& output) {
  Measurements measured;
  const Clock::time_point start = Clock::now();
  Result<Model> model = Model::open(arguments.model);
  measured.load_ms = milliseconds_since(start);
  if (!model) return model.error();

  const std::vector<std::string> texts = texts_to_answer(input, *model);
  if (input != nullptr && !input->status()) return input->status();
  if (texts.empty()) {
    return Error{ErrorCode::kBadData, "bench: standard input has no lines and " + arguments.model +
                                          " holds no golden texts. Fix: give texts on standard input"};
  }
  const Clock::time_point created = Clock::now();
  Result<OpenedSession> opened = open_session(arguments, *model);
  if (!opened) return opened.error();
  Session* const session = &opened->session;
  if (Status status = ask(*model, *session, texts.front()); !status) return status;
  measured.first_answer_ms = milliseconds_since(created);
  measured.kernels = session->kernel_set();
  measured.texts = texts.size();
  measured.session_bytes = session->memory_bytes();
  if (Status status = measure_answers(*model, *session, texts, measured); !status) return status;
  if (Status status = measure_batches(*model, *session, texts, measured); !status) return status;
  if (Status status = opened->gpu_failure(); !status) return status;

  std::string text;
  arguments.json ? append_json(measured, text) : append_table(measured, text);
  output.write(text);
  return {};
}

}  // namespace noggin::run_tool
