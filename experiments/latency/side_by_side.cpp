#include "experiments/latency/side_by_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace noggin::latency {
namespace {

constexpr std::size_t kFinalists = 2;
constexpr std::size_t kLeastRounds = 9;
// A step of an activation more or less moves a logit by some hundredths (export/onnx/README.md); another model's logits
// differ by whole units.
constexpr double kLargestDifference = 0.5;

std::vector<std::uint32_t> random_ids(std::size_t count, std::uint32_t vocabulary_size) {
  std::vector<std::uint32_t> ids(count);
  std::uint64_t state = 88172645463325252U;  // xorshift64 (Marsaglia 2003)
  for (std::uint32_t& id : ids) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    id = static_cast<std::uint32_t>(state % vocabulary_size);
  }
  return ids;
}

// Inside a timed call an error is a fault of this program: every call has succeeded once before.
void must(bool ok) {
  if (!ok) std::abort();
}

// Answers all texts and leaves their logits, [B, C], in `logits`.
Contestant noggin_contestant(Session& session, const std::vector<std::uint32_t>& ids, const InputShape& shape,
                             std::vector<float>& logits) {
  return {"noggin", [&session, &ids, shape, &logits] {
            float* to = logits.data();
            for (std::size_t text = 0; text < shape.batch; ++text) {
              const auto answer = session.logits(std::span(ids).subspan(text * shape.tokens, shape.tokens));
              must(static_cast<bool>(answer));
              to = std::copy(answer->begin(), answer->end(), to);
            }
          }};
}

}  // namespace

SideBySide::SideBySide(BenchModel model, BenchOptions options, Model opened, Session noggin)
    : model_(std::move(model)), options_(std::move(options)), opened_(std::move(opened)), noggin_(std::move(noggin)) {}

Result<SideBySide> SideBySide::open(const BenchModel& model, const BenchOptions& options) {
  Result<Model> opened = Model::open(nog_path(options.folder, model));
  if (!opened) return opened.error();
  Result<Session> noggin = Session::create(*opened, options.kernel_set);
  if (!noggin) return noggin.error();
  SideBySide bench(model, options, *std::move(opened), *std::move(noggin));
  bench.variants_ = variants(options.quick);
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
  if (theirs.size() == logits_.size() && largest <= kLargestDifference) return {};
  return Error{ErrorCode::kCorrupt,
               fmt::format("{} of {}: logits differ from Noggin's by up to {:g} at {} tokens x {}; the files are not of "
                           "one model: make them again",
                           variant.name, model_.name, largest, row.shape.tokens, row.shape.batch)};
}

Result<Row> SideBySide::measure(const InputShape& shape) {
  Row row;
  row.shape = shape;
  const std::vector<std::uint32_t> ids = random_ids(shape.tokens * shape.batch, model_.config.vocabulary_size);
  const std::vector<std::int64_t> wide_ids(ids.begin(), ids.end()), mask(ids.size(), 1);
  logits_.assign(shape.batch * model_.config.classes, 0.0F);
  const Contestant noggin = noggin_contestant(noggin_, ids, shape, logits_);
  noggin.run();

  std::deque<exporter::OnnxRuntimeCall> calls;
  std::vector<Contestant> counted, informative;
  for (std::size_t v = 0; v < variants_.size(); ++v) {
    if (!variants_[v].masked && shape.batch > 1) continue;
    Result<exporter::OnnxRuntimeCall> call = sessions_[v].prepare(wide_ids, mask, shape.batch);
    if (!call) return call.error();
    exporter::OnnxRuntimeCall& kept = calls.emplace_back(*std::move(call));
    if (Status status = kept.run(); !status) return status.error();
    if (Status status = compare(variants_[v], kept.logits(), row); !status) return status.error();
    (variants_[v].counted ? counted : informative)
        .push_back({variants_[v].name, [&kept] { must(static_cast<bool>(kept.run())); }});
  }

  std::vector<double> look_us;
  if (!informative.empty()) {
    const std::size_t fastest = rank(informative, look_us).front();
    row.float_opponent = informative[fastest].name;
    row.float_us = look_us[fastest];
  }
  const std::vector<std::size_t> order = rank(counted, look_us);
  std::vector<Contestant> final{noggin};
  for (std::size_t i = 0; i < std::min(kFinalists, order.size()); ++i) final.push_back(counted[order[i]]);
  const auto times = time_rounds(final, options_.seconds_per_shape, kLeastRounds);
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
