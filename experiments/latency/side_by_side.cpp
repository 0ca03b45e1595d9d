#include "experiments/latency/side_by_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "kernels/cpu_features.h"

namespace noggin::latency {
namespace {

constexpr std::size_t kFinalists = 3;
constexpr std::size_t kMinRounds = 9;
// A step of an activation more or less moves a logit by some hundredths (export/onnx/README.md); another model's logits
// differ by whole units.
constexpr double kLargestDifference = 0.5;

// Inside a timed call an error is a fault of this program: every call has succeeded once before.
void must(bool ok) {
  if (!ok) std::abort();
}

}  // namespace

bool opponent_saturates(const BenchOptions& options) {
  const runtime::CpuFeatures features = runtime::cpu_features();
  return !options.exact_opponent && features.avx2 && !features.avx_vnni && !features.avx512_vnni;
}

InputTexts random_texts(const InputShape& shape, std::uint32_t vocabulary_size) {
  InputTexts texts;
  texts.lengths.assign(shape.batch, static_cast<std::uint32_t>(shape.tokens));
  std::uint64_t state = 88172645463325252U;  // xorshift64 (Marsaglia 2003)
  while (texts.ids.size() < shape.batch * shape.tokens) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    texts.ids.push_back(static_cast<std::uint32_t>(state % vocabulary_size));
  }
  return texts;
}

Contestant noggin_contestant(Session& session, const InputTexts& texts, std::span<float> logits) {
  if (texts.lengths.size() == 1) {
    return {"noggin", [&session, &texts, logits] {
              const Result<std::span<const float>> answer = session.logits(texts.ids);
              must(static_cast<bool>(answer));
              std::copy(answer->begin(), answer->end(), logits.begin());
            }};
  }
  return {"noggin", [&session, &texts, logits] {
            must(static_cast<bool>(session.logits_batch(texts.ids, texts.lengths, logits)));
          }};
}

SideBySide::SideBySide(BenchModel model, BenchOptions options, Model opened, Session one_text, Session batches)
    : model_(std::move(model)),
      options_(std::move(options)),
      opened_(std::move(opened)),
      one_text_(std::move(one_text)),
      batches_(std::move(batches)) {}

Result<SideBySide> SideBySide::open(const BenchModel& model, const BenchOptions& options) {
  Result<Model> opened = Model::open(nog_path(options.folder, model));
  if (!opened) return opened.error();
  Result<Session> one_text = Session::create(*opened, {.kernel_set = options.kernel_set});
  if (!one_text) return one_text.error();
  Result<Session> batches =
      Session::create(*opened, {.kernel_set = options.kernel_set, .batch_tokens = options.batch_tokens});
  if (!batches) return batches.error();
  SideBySide bench(model, options, *std::move(opened), *std::move(one_text), *std::move(batches));
  bench.variants_ = variants(options.quick, options.exact_opponent);
  for (const Variant& variant : bench.variants_) {
    Result<exporter::OnnxRuntimeSession> session = exporter::OnnxRuntimeSession::open(
        options.onnx_runtime, onnx_path(options.folder, model, variant.file), variant.options);
    if (!session) return session.error();
    bench.sessions_.push_back(*std::move(session));
  }
  return bench;
}

Status SideBySide::compare(const Variant& variant, std::span<const float> theirs, Row& row) const {
  if (!variant.same_numbers) return {};
  double largest = 0.0;
  for (std::size_t i = 0; i < logits_.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(theirs[i]) - static_cast<double>(logits_[i])));
  }
  row.largest_difference = std::max(row.largest_difference, largest);
  if (theirs.size() == logits_.size() && (largest <= kLargestDifference || opponent_saturates(options_))) return {};
  return Error{
      ErrorCode::kCorrupt,
      fmt::format("{} of {}: logits differ from Noggin's by up to {:g} at {} tokens x {}; the files are not of "
                  "one model: make them again",
                  variant.name, model_.name, largest, row.shape.tokens, row.shape.batch)};
}

Result<std::vector<Contestant>> SideBySide::opponents(const InputShape& shape, const InputTexts& texts, Row& row) {
  const std::vector<std::int64_t> wide_ids(texts.ids.begin(), texts.ids.end()), mask(texts.ids.size(), 1);
  std::vector<Contestant> contestants;
  calls_.clear();
  for (std::size_t v = 0; v < variants_.size(); ++v) {
    if (!variants_[v].masked && shape.batch > 1) continue;
    Result<exporter::OnnxRuntimeCall> prepared = sessions_[v].prepare(wide_ids, mask, shape.batch);
    if (!prepared) return prepared.error();
    exporter::OnnxRuntimeCall& call = calls_.emplace_back(*std::move(prepared));
    if (Status status = call.run(); !status) return status.error();
    if (Status status = compare(variants_[v], call.logits(), row); !status) return status.error();
    contestants.push_back({variants_[v].name, [&call] { must(static_cast<bool>(call.run())); }});
    row.looks.push_back({variants_[v].name, 0.0, variants_[v].counted});
  }
  return contestants;
}

Result<Row> SideBySide::measure(const InputShape& shape) {
  Row row;
  row.shape = shape;
  const InputTexts texts = random_texts(shape, model_.config.vocabulary_size);
  logits_.assign(shape.batch * model_.config.classes, 0.0F);
  std::vector<Contestant> final{noggin_contestant(shape.batch == 1 ? one_text_ : batches_, texts, logits_)};
  final.front().run();

  Result<std::vector<Contestant>> all = opponents(shape, texts, row);
  if (!all) return all.error();
  const std::vector<double> look_us = look(*all);
  for (std::size_t i = 0; i < look_us.size(); ++i) row.looks[i].us = look_us[i];
  for (const std::size_t i : fastest_first(look_us)) {
    if (row.looks[i].counted && final.size() <= kFinalists) final.push_back((*all)[i]);
  }
  std::stable_sort(row.looks.begin(), row.looks.end(), [](const Look& a, const Look& b) { return a.us < b.us; });

  const auto times = time_rounds(final, options_.seconds_per_shape, kMinRounds);
  std::size_t best = 1;
  for (std::size_t i = 2; i < final.size(); ++i) best = median(times[i]) < median(times[best]) ? i : best;
  row.opponent = final[best].name;
  row.opponent_us = median(times[best]);
  row.noggin_us = median(times[0]);
  row.ratio = ratio_of(times[best], times[0]);
  row.rounds = times[0].size();
  return row;
}

}  // namespace noggin::latency
