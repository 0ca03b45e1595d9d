#include "data/logs/adapter_openai.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "data/logs/batch_answer.h"
#include "data/logs/request_index.h"

namespace noggin::data {
namespace {

// Failures are kept until the end, because a later row may still answer the request. Their lines are shortened.
struct Failure {
  std::uint64_t line;
  Rejection rejection;
  std::string excerpt;
};
constexpr std::size_t kFailureExcerptBytes = 240;

class BatchJoin {
 public:
  BatchJoin(RequestIndex& requests, const std::string& path, const LabelSet& labels, const IngestOptions& options,
            RowSink& sink)
      : requests_(requests), path_(path), labels_(labels), options_(options), sink_(sink) {}

  Status read_row(const Line& line) {
    Trouble trouble = read_answer(row_, line, labels_, answer_);
    if (!answer_.has_custom_id) return sink_.reject(path_, line.number, *trouble, line.text);
    const std::int64_t request = requests_.find(answer_.custom_id);
    if (request < 0) {
      const bool unreadable = trouble && (is_fatal(trouble) || trouble->reason == Reason::kCutLastLine);
      const Rejection unknown{Reason::kUnknownCustomId, fmt::format("\"{}\"", answer_.custom_id)};
      return sink_.reject(path_, line.number, unreadable ? *trouble : unknown, line.text);
    }
    RequestState& state = requests_.state(static_cast<std::size_t>(request));
    if (state == RequestState::kAnswered) {
      sink_.superseded();
      return {};
    }
    BuiltDistribution built;
    if (!trouble) trouble = judge(built);
    if (trouble) return fail(static_cast<std::size_t>(request), line, *std::move(trouble));
    if (state == RequestState::kFailed) {
      failures_.erase(static_cast<std::size_t>(request));
      sink_.superseded();
    }
    state = RequestState::kAnswered;
    return accept(static_cast<std::size_t>(request), line.number, std::move(built));
  }

  // Reports what is left after every answer has been read.
  Status finish() {
    std::map<std::uint64_t, const Failure*> by_line;
    for (const auto& [request, failure] : failures_) by_line.emplace(failure.line, &failure);
    for (const auto& [line, failure] : by_line)
      if (Status status = sink_.reject(path_, line, failure->rejection, failure->excerpt); !status) return status;
    for (const std::size_t request : requests_.open_requests()) {
      const Result<std::string> text = requests_.text(request);
      if (!text) return text.error();
      if (Status status = sink_.reject(requests_.path(), requests_.line_of(request), {Reason::kNoAnswer, {}}, *text);
          !status)
        return status;
    }
    return {};
  }

 private:
  // The distribution of an answer from the teacher.
  Trouble judge(BuiltDistribution& built) {
    if (answer_.has_logprobs) {
      if (answer_.words.empty())
        return Rejection{Reason::kNoLabelWord, fmt::format("{} token positions, answer \"{}\"", answer_.positions,
                                                           answer_.content.substr(0, 60))};
      Checked<BuiltDistribution> result = build_distribution(ValueKind::kLogprobs, answer_.words, options_.top_k);
      if (auto* bad = std::get_if<Rejection>(&result)) return std::move(*bad);
      built = std::get<BuiltDistribution>(std::move(result));
      return std::nullopt;
    }
    if (options_.on_missing_logprobs == OnMissingLogprobs::kReject) return Rejection{Reason::kMissingLogprobs, {}};
    const std::int32_t index = labels_.find(answer_.content);
    if (index < 0) return Rejection{Reason::kUnknownAnswer, fmt::format("\"{}\"", answer_.content.substr(0, 60))};
    built.teacher = {.classes = {index}, .probabilities = {1.0F}};
    return std::nullopt;
  }

  Status fail(std::size_t request, const Line& line, Rejection rejection) {
    RequestState& state = requests_.state(request);
    if (state == RequestState::kFailed) {
      sink_.superseded();
      return {};
    }
    state = RequestState::kFailed;
    failures_[request] = {line.number, std::move(rejection), std::string(line.text.substr(0, kFailureExcerptBytes))};
    return {};
  }

  Status accept(std::size_t request, std::uint64_t line, BuiltDistribution built) {
    Result<std::string> text = requests_.text(request);
    if (!text) return text.error();
    Record record{.id = std::move(answer_.custom_id),
                  .text = *std::move(text),
                  .teacher = std::move(built.teacher),
                  .file = path_,
                  .line = line};
    return sink_.accept(std::move(record), {built.unmapped_words, built.renormalized});
  }

  RequestIndex& requests_;
  const std::string& path_;
  const LabelSet& labels_;
  const IngestOptions& options_;
  RowSink& sink_;
  JsonRow row_;
  BatchAnswer answer_;
  std::map<std::size_t, Failure> failures_;
};

}  // namespace

Status read_openai_batch(const std::string& requests_path, const std::string& output_path, const LabelSet& labels,
                         const IngestOptions& options, RowSink& sink) {
  Result<LineReader> reader =
      LineReader::open(output_path);  // first: a wrong path should not cost a pass over requests
  if (!reader) return reader.error();
  Result<RequestIndex> requests = RequestIndex::build(requests_path, sink);
  if (!requests) return requests.error();
  BatchJoin join(*requests, output_path, labels, options, sink);
  while (true) {
    const Result<std::optional<Line>> line = reader->next();
    if (!line) return line.error();
    if (!line->has_value()) break;
    if (Status status = join.read_row(**line); !status) return status;
  }
  if (reader->stream().cut())
    if (Status status = sink.reject(output_path, reader->lines(), {Reason::kCutCompressedFile, {}}, {}); !status)
      return status;
  sink.finished_file(output_path, reader->stream().file_bytes(), reader->stream().file_hash());
  return join.finish();
}

}  // namespace noggin::data
