// Counters of devices against the reference in a model's file.
#include "export/drift/drift.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "export/drift/count_answers.h"
#include "format/reader.h"
#include "format/reference_counts.h"
#include "noggin/counters.h"
#include "prediction/counts_json.h"
#include "tests/support/engine_model.h"
#include "tests/support/engine_process.h"

namespace noggin::exporter {
namespace {

using ::testing::HasSubstr;

class Drift : public testing::Test {
 protected:
  Drift() {
    format::FrozenModel frozen = test::frozen_model_with_golden(test::engine_config(), 3);
    frozen.task.labels = {"<script>alert(1)</script>", "find", "none"};
    const std::vector<std::byte> without = test::serialized(frozen);
    std::vector<std::string_view> texts;
    for (int i = 0; i < 500; ++i) texts.push_back(test::sample_texts()[static_cast<std::size_t>(i) % 6]);
    reference_ = *count_answers(without, texts);
    const std::vector<std::byte> bytes =
        *format::serialize(frozen, *runtime::serialize_tokenizer(frozen.tokenizer), &reference_);
    model_path_ = folder_.write("model.nog", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    old_path_ = folder_.write("old.nog", {reinterpret_cast<const char*>(without.data()), without.size()});
  }

  Model model() const { return *Model::open(model_path_); }
  std::string reading(const Counts& counts) const { return runtime::counts_json(counts, model()); }
  DriftReport drift(const std::vector<std::string>& files) {
    const Result<DriftReport> report = drift_of(model_path_, files, {});
    EXPECT_TRUE(report) << (report ? "" : report.error().message);
    return *report;
  }
  Error refused(const std::string& content) {
    const Result<DriftReport> report = drift_of(model_path_, {folder_.write("bad.json", content)}, {});
    EXPECT_FALSE(report) << content;
    return report ? Error{} : report.error();
  }
  // The reference `times` over.
  Counts same(std::uint64_t times) const {
    Counts counts = reference_;
    for (std::uint64_t i = 1; i < times; ++i) counts += reference_;
    return counts;
  }

  test::TestFolder folder_;
  Counts reference_;
  std::string model_path_, old_path_;
};

TEST_F(Drift, TheReferenceIsWhatADeviceCounts) {
  const Model opened = model();
  EXPECT_EQ(format::counts_of(opened.view().reference), reference_);
  EXPECT_EQ(reference_.requests, 500U);
  Session session = *Session::create(opened);
  Counters counters = *Counters::create(opened);
  ASSERT_TRUE(session.set_counters(&counters));
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(session.classify(test::sample_texts()[static_cast<std::size_t>(i) % 6]));
  EXPECT_EQ(counters.read(), reference_);
}

TEST_F(Drift, TheSameTextsHaveNotMoved) {
  const DriftReport report =
      drift({folder_.write("a.json", reading(same(2))), folder_.write("b.json", reading(same(3)))});
  EXPECT_EQ(report.verdict, DriftVerdict::kNotMoved) << report.why;
  EXPECT_EQ(report.readings, 2U);
  EXPECT_EQ(report.devices.requests, 2500U);
  ASSERT_EQ(report.histograms.size(), 4U);
  for (const HistogramDrift& histogram : report.histograms) {
    EXPECT_EQ(histogram.verdict, DriftVerdict::kNotMoved) << histogram.why;
    EXPECT_EQ(histogram.reference_n, 500U);
    EXPECT_EQ(histogram.devices_n, 2500U);
    EXPECT_LT(histogram.psi, 0.01);
  }
}

TEST_F(Drift, LongerTextsHaveMovedAndAreNamed) {
  Counts counts = same(4);
  counts.tokens = {};
  counts.tokens[16] = counts.requests;
  const DriftReport report = drift({folder_.write("a.json", reading(counts))});
  EXPECT_EQ(report.verdict, DriftVerdict::kMoved);
  EXPECT_THAT(report.why, HasSubstr("length"));
  EXPECT_EQ(report.histograms[0].verdict, DriftVerdict::kNotMoved);
  EXPECT_EQ(report.histograms[2].verdict, DriftVerdict::kMoved);
  EXPECT_LT(report.histograms[2].p_value, 1e-6);
  EXPECT_THAT(report.histograms[2].why, HasSubstr("129 to 256 tokens"));
}

TEST_F(Drift, OtherAnswersHaveMoved) {
  Counts counts = same(4);
  std::rotate(counts.answers.begin(), counts.answers.begin() + 1, counts.answers.end());
  const DriftReport report = drift({folder_.write("a.json", reading(counts))});
  EXPECT_EQ(report.histograms[0].verdict, DriftVerdict::kMoved) << report.histograms[0].why;
  const auto json = nlohmann::json::parse(to_json(report));
  EXPECT_EQ(json["verdict"], "moved");
  EXPECT_EQ(json["histograms"][0]["bins"][0], "<script>alert(1)</script>");
  EXPECT_EQ(json["histograms"][0]["test"], "chi-square");
  EXPECT_THAT(to_table(report), HasSubstr("Kolmogorov-Smirnov"));
}

// A large index alone, of three texts, or a small p-value alone is no drift.
TEST_F(Drift, BothLimitsMustBePassed) {
  const auto all_long = [&](std::uint64_t requests) {
    Counts counts;
    counts.answers.resize(3);
    counts.requests = counts.unknown[0] = counts.tokens[16] = requests;
    return folder_.write("long.json", reading(counts));
  };
  const DriftReport few = *drift_of(model_path_, {all_long(3)}, {.min_requests = 1});
  EXPECT_GT(few.histograms[2].psi, 1.0);
  EXPECT_EQ(few.histograms[2].verdict, DriftVerdict::kNotMoved) << few.histograms[2].why;
  const DriftReport allowed = *drift_of(model_path_, {all_long(3000)}, {.max_psi = 1e6});
  EXPECT_LT(allowed.histograms[2].p_value, 1e-9);
  EXPECT_EQ(allowed.verdict, DriftVerdict::kNotMoved);
}

TEST_F(Drift, FewRequestsOrNoReferenceCannotTell) {
  const std::string file = folder_.write("a.json", reading(same(1)));
  const DriftReport few = drift({file});
  EXPECT_EQ(few.verdict, DriftVerdict::kCannotTell);
  EXPECT_THAT(few.why, HasSubstr("500 requests, at least 1000 are needed"));
  EXPECT_EQ(drift_of(model_path_, {file}, {.min_requests = 500})->verdict, DriftVerdict::kNotMoved);
  const Model old = *Model::open(old_path_);
  const std::string of_old = folder_.write("old.json", runtime::counts_json(same(4), old));
  const Result<DriftReport> without = drift_of(old_path_, {of_old}, {});
  ASSERT_TRUE(without) << without.error().message;
  EXPECT_EQ(without->verdict, DriftVerdict::kCannotTell);
  EXPECT_THAT(without->why, HasSubstr("no reference counts"));
}

TEST_F(Drift, ReadingsAreRefusedByNameWhereTheyAreWrong) {
  const std::string good = reading(reference_);
  EXPECT_THAT(refused(runtime::counts_json(reference_, *Model::open(old_path_))).message,
              AllOf(HasSubstr("bad.json:1: was counted by the model"), HasSubstr("Fix:")));
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos);
    return text.replace(at, from.size(), to);
  };
  EXPECT_THAT(refused(good + "\n{\"counters\": 1").message, HasSubstr("bad.json:3: is not a JSON object"));
  EXPECT_THAT(refused("").message, HasSubstr("has no readings"));
  EXPECT_THAT(refused("{}").message, HasSubstr("has no \"counters\""));
  EXPECT_EQ(refused(changed("\"counters\":1", "\"counters\":2")).code, ErrorCode::kUnsupported);
  EXPECT_THAT(refused(changed("\"requests\":500", "\"requests\":-1")).message,
              HasSubstr("\"requests\" must be a count"));
  EXPECT_THAT(refused(changed("\"requests\":500", "\"requests\":501")).message, HasSubstr("add up to \"requests\""));
  EXPECT_THAT(refused(changed("\"answers\":[", "\"answers\":[0,")).message, HasSubstr("an array of 3 counts"));
  EXPECT_THAT(refused(changed("\"answers\":[", "\"nothing\":[")).message, HasSubstr("\"answers\" must be an array"));
  EXPECT_THAT(refused(changed("\"errors\":0", "\"errors\":1e300")).message, HasSubstr("\"errors\" must be a count"));
  EXPECT_EQ(drift_of(model_path_, {folder_.path("missing.json")}, {}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(drift_of(folder_.path("missing.nog"), {}, {}).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace noggin::exporter
