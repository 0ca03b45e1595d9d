#include "prediction/counts_json.h"

#include "bytes/hex.h"
#include "prediction/json_writer.h"
#include "spec/task.h"

namespace noggin::runtime {
namespace {

template <typename Bins>
std::string numbers(const Bins& bins) {
  return json_array(bins, [](std::uint64_t count, std::string& out) { out += std::to_string(count); });
}

}  // namespace

std::span<const std::string_view> counted_labels(const Model& model) {
  return spec::traits_of(model.task()).per_token() ? model.span_types() : model.labels();
}

std::string counts_json(const Counts& counts, const Model& model) {
  std::string out;
  JsonObject(out)
      .integer("counters", 1)
      .text("model_content_hash", hex(model.content_hash()))
      .text("task", spec::task_name(model.task()))
      .integer("requests", counts.requests)
      .integer("unanswered", counts.unanswered)
      .integer("errors", counts.errors)
      .raw("labels", json_array(counted_labels(model),
                                [](std::string_view label, std::string& to) { append_json_string(label, to); }))
      .raw("answers", numbers(counts.answers))
      .raw("probability", numbers(counts.probability))
      .raw("tokens", numbers(counts.tokens))
      .raw("unknown_words", numbers(counts.unknown))
      .finish();
  return out + "\n";
}

}  // namespace noggin::runtime
