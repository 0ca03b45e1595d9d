#include "export/report/certificate_proof.h"

#include <gmock/gmock.h>

#include <functional>

namespace noggin::exporter {
namespace {

using ::testing::HasSubstr;

// Everything a certificate has, small.
Json certificate() {
  return Json::parse(R"({
    "certificate": 2,
    "run": {"id": "a1", "seed": 1, "time": "2026-01-01T00:00:00Z"},
    "program": {"noggin": "0.1.0", "compiler": "12.2.0", "sha256": "ab"},
    "subject": {"model": {"file": "model.nog", "sha256": "cd", "bytes": 7},
                "rows": {"count": 3, "files": [{"file": "dev-0.h5", "sha256": "ef"}]}},
    "statistics": {"avx2": {"metric": "accuracy", "n": 3, "value": 0.5, "low": 0.25, "high": 0.75}},
    "targets": [{"name": "avx2", "ran": true, "flips": 0, "quality": 0.5, "median_microseconds": 4.5},
                {"name": "cuda", "ran": false, "why_not": "no GPU"}],
    "gates": [{"name": "answers that differ", "passed": true, "detail": "0"}],
    "passed": true, "sha256": "12"})");
}

// The same file on another machine, later.
Json found_anew() {
  Json found = certificate();
  found["run"]["time"] = "2026-02-02T00:00:00Z";
  found["program"]["sha256"] = "other";
  found["targets"][0]["median_microseconds"] = 9.0;
  found["targets"][1].erase("why_not");
  return found;
}

Standing worst_of(const std::vector<ProofLine>& lines) {
  Standing worst = Standing::kHolds;
  for (const ProofLine& line : lines)
    if (line.standing == Standing::kFails) worst = Standing::kFails;
  return worst;
}

const ProvenMember& member(const std::vector<ProofLine>& lines, const std::string& path) {
  for (const ProofLine& line : lines)
    for (const ProvenMember& one : line.members)
      if (one.path == path) return one;
  ADD_FAILURE() << path;
  static const ProvenMember none;
  return none;
}

// Calls use(pointer) for each value without parts.
void each_leaf(const Json& json, const Json::json_pointer& at,
               const std::function<void(const Json::json_pointer&)>& use) {
  if (!json.is_structured()) return use(at);
  std::size_t index = 0;
  for (const auto& [key, value] : json.items()) each_leaf(value, json.is_array() ? at / index++ : at / key, use);
}

TEST(CertificateProof, HoldsOnAnotherMachine) {
  const auto lines = prove(certificate(), found_anew(), {});
  EXPECT_EQ(worst_of(lines), Standing::kHolds) << proof_table(lines);
  EXPECT_EQ(member(lines, "run.time").standing, Standing::kNotChecked);
  EXPECT_EQ(member(lines, "program.sha256").standing, Standing::kNotChecked);
  EXPECT_EQ(member(lines, "targets.cuda.why_not").standing, Standing::kNotChecked);
  EXPECT_EQ(member(lines, "targets.avx2.median_microseconds").standing, Standing::kNotChecked);
  EXPECT_TRUE(proof_json(lines)["passed"].get<bool>());
}

TEST(CertificateProof, TheSameSecondProvesNoTime) {
  EXPECT_EQ(member(prove(certificate(), certificate(), {}), "run.time").standing, Standing::kNotChecked);
}

// Each member in turn, changed and taken out: it is noticed, unless it is one of the statements that are declared to be
// beyond proof.
TEST(CertificateProof, EveryTamperedMemberIsNoticed) {
  const std::vector<std::string> beyond = {
      "/run/time",           "/program/compiler",          "/program/sha256",
      "/subject/model/file", "/subject/rows/files/0/file", "/targets/0/median_microseconds",
      "/targets/1/why_not"};
  std::size_t leaves = 0;
  each_leaf(certificate(), Json::json_pointer(), [&](const Json::json_pointer& at) {
    ++leaves;
    Json changed = certificate();
    Json& value = changed[at];
    value = value.is_boolean()  ? Json(!value.get<bool>())
            : value.is_number() ? Json(value.get<double>() + 1e-9)
                                : Json("x");
    const bool unprovable = std::ranges::find(beyond, at.to_string()) != beyond.end();
    const auto lines = prove(changed, found_anew(), {});
    EXPECT_EQ(worst_of(lines), unprovable ? Standing::kHolds : Standing::kFails)
        << at.to_string() << proof_table(lines);
  });
  EXPECT_EQ(leaves, 31U);
}

TEST(CertificateProof, ALineThatWasTakenOutIsNoticed) {
  for (const char* path : {"/gates/0", "/subject/rows/count", "/targets/0/flips", "/statistics/avx2/n", "/run/id"}) {
    Json changed = certificate();
    const Json::json_pointer at(path);
    Json& parent = changed[at.parent_pointer()];
    if (parent.is_array())
      parent.erase(0);
    else
      parent.erase(at.back());
    const auto lines = prove(changed, found_anew(), {});
    EXPECT_EQ(worst_of(lines), Standing::kFails) << path;
    EXPECT_THAT(proof_table(lines), HasSubstr("the certificate does not state it")) << path;
  }
}

TEST(CertificateProof, AnUnknownMemberDoesNotHold) {
  Json changed = certificate();
  changed["targets"][0]["certified_by"] = "me";
  const auto lines = prove(changed, found_anew(), {});
  EXPECT_EQ(member(lines, "targets.avx2.certified_by").standing, Standing::kFails);
}

TEST(CertificateProof, WhatIsMissingIsSaidAndNothingElseIsExcused) {
  Json found = found_anew();
  found.erase("run");
  found["targets"].erase(0);
  found.erase("statistics");
  const std::vector<Missing> missing = {{{"run"}, "the run's folder: --run"},
                                        {{"targets", "avx2"}, "this machine does not execute it"}};
  const auto lines = prove(certificate(), found, missing);
  EXPECT_EQ(member(lines, "run.id").standing, Standing::kNotChecked);
  EXPECT_EQ(member(lines, "targets.avx2.flips").why, "this machine does not execute it");
  EXPECT_EQ(member(lines, "statistics.avx2.n").standing, Standing::kFails);
  EXPECT_FALSE(proof_json(lines)["passed"].get<bool>());
}

TEST(CertificateProof, ForeignTextCannotMoveTheTable) {
  Json changed = certificate();
  changed["gates"][0]["name"] = "\x1b[2J\nholds";
  changed["passed"] = "\x1b[2J";
  const std::string table = proof_table(prove(changed, found_anew(), {}));
  EXPECT_EQ(table.find('\x1b'), std::string::npos);
}

TEST(CertificateProof, EqualNamesAreKeptApart) {
  Json twice = certificate();
  twice["gates"].push_back(twice["gates"][0]);
  EXPECT_EQ(worst_of(prove(twice, found_anew(), {})), Standing::kFails);
  EXPECT_EQ(worst_of(prove(twice, twice, {})), Standing::kHolds);
}

}  // namespace
}  // namespace noggin::exporter
