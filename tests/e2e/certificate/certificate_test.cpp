// A run's certificate, proven again by `noggin certify` and on a device by `noggin-run`; and what devices count, told
// apart by `noggin drift`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "bytes/bound_text.h"
#include "tests/support/cli_demo_run.h"

namespace noggin {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;
using test::noggin;
using test::noggin_run;
using test::ProcessResult;
using test::read_text;
using testing::HasSubstr;

class Certificate : public test::DemoRun<Certificate> {
 public:
  static std::vector<std::string> options() { return {}; }

 protected:
  static std::string model() { return out() + "/export/model.nog"; }
  static std::string path() { return out() + "/export/certificate.json"; }
  static std::string shard() { return out() + "/data/shards/dev-00000.h5"; }
  static json stated() { return json::parse(read_text(path())); }
  // A certificate that says something else and is bound again, as a forger would.
  static std::string forged(json changed, const std::string& name) {
    changed.erase("sha256");
    return folder_->write(name, bind_text(changed.dump(2) + "\n"));
  }
  static ProcessResult certify(const std::string& nog, const std::string& certificate,
                               std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"certify", nog, certificate, "--json", "--quiet"});
    return noggin(more);
  }
  static std::string standing(const json& proof, const std::string& path) {
    for (const json& line : proof["lines"])
      for (const json& member : line["members"])
        if (member["path"] == path) return member["standing"];
    return "absent";
  }
  // The model and its certificate, without the run.
  static std::string alone() {
    const std::string folder = folder_->file("alone");
    fs::create_directories(folder);
    for (const char* name : {"/model.nog", "/certificate.json"})
      fs::copy_file(out() + "/export" + name, folder + name, fs::copy_options::overwrite_existing);
    return folder;
  }
};

TEST_F(Certificate, HoldsInItsRun) {
  const ProcessResult result = certify(model(), path());
  ASSERT_EQ(result.exit_code, 0) << result.output << result.errors;
  const json proof = json::parse(result.output);
  EXPECT_EQ(proof["fails"], 0);
  EXPECT_GT(proof["holds"], 80);
  for (const char* member :
       {"sha256", "program.sha256", "subject.model.sha256", "subject.checkpoint.sha256", "subject.parity.sha256",
        "subject.rows.sha256", "run.recipe_sha256", "data.vocab.txt", "golden.vectors", "statistics.trainer.low",
        "statistics.reference.n", "targets.reference.quality", "training.quality", "oracle.violations", "passed"})
    EXPECT_EQ(standing(proof, member), "holds") << member;
  EXPECT_EQ(standing(proof, "run.time"), "not checked");
  EXPECT_EQ(standing(proof, "targets.reference.median_microseconds"), "not checked");
  const ProcessResult table = noggin({"certify", model(), path()});
  EXPECT_EQ(table.exit_code, 0) << table.errors;
  EXPECT_THAT(table.output, HasSubstr("members hold, 0 do not"));
}

TEST_F(Certificate, ProvesOfTheModelAloneWhatThatCan) {
  const std::string folder = alone();
  const ProcessResult bare = certify(folder + "/model.nog", folder + "/certificate.json");
  ASSERT_EQ(bare.exit_code, 0) << bare.output << bare.errors;
  const json proof = json::parse(bare.output);
  EXPECT_EQ(standing(proof, "subject.model.sha256"), "holds");
  EXPECT_EQ(standing(proof, "golden.vectors"), "holds");
  EXPECT_EQ(standing(proof, "targets.reference.quality"), "not checked");
  const ProcessResult with_rows = certify(folder + "/model.nog", folder + "/certificate.json", {"--data", shard()});
  ASSERT_EQ(with_rows.exit_code, 0) << with_rows.output << with_rows.errors;
  const json rows = json::parse(with_rows.output);
  EXPECT_EQ(standing(rows, "subject.rows.sha256"), "holds");
  EXPECT_EQ(standing(rows, "targets.reference.quality"), "holds");
  EXPECT_EQ(standing(rows, "statistics.reference.high"), "holds");
  EXPECT_EQ(standing(rows, "training.quality"), "not checked");
}

// Bound again, so that only the thing itself can show it.
TEST_F(Certificate, AForgedLineDoesNotHold) {
  const std::vector<std::pair<const char*, json>> changes = {{"/subject/model/sha256", std::string(64, '0')},
                                                             {"/subject/model/bytes", 1},
                                                             {"/subject/checkpoint/xxh3", "0"},
                                                             {"/subject/rows/count", 7},
                                                             {"/subject/rows/sha256", "0"},
                                                             {"/run/recipe_sha256", "0"},
                                                             {"/run/seed", 99},
                                                             {"/data/vocab.txt", "0"},
                                                             {"/statistics/trainer/value", 0.99},
                                                             {"/statistics/trainer/low", 0.98},
                                                             {"/statistics/trainer/n", 5},
                                                             {"/training/accuracy", 0.99},
                                                             {"/targets/0/quality", 0.99},
                                                             {"/targets/0/flips", 3},
                                                             {"/oracle/values", 3},
                                                             {"/golden/vectors", 3},
                                                             {"/limits/max_drop_from_float", 0.5},
                                                             {"/gates/0/detail", "9 kernel sets"},
                                                             {"/gates/0/passed", false},
                                                             {"/passed", false},
                                                             {"/split", "test"},
                                                             {"/program/numerics_version", 99},
                                                             {"/certified_by", "me"}};
  for (const auto& [pointer, value] : changes) {
    json changed = stated();
    changed[json::json_pointer(pointer)] = value;
    const ProcessResult result = certify(model(), forged(changed, "forged.json"));
    EXPECT_EQ(result.exit_code, 5) << pointer << result.errors;
  }
  json shorter = stated();
  shorter["gates"].erase(0);
  EXPECT_EQ(certify(model(), forged(shorter, "forged.json")).exit_code, 5);
}

TEST_F(Certificate, AChangedByteOrAStaleOneDoesNotHold) {
  std::string text = read_text(path());
  text.replace(text.find("\"time\": \"") + 9, 4, "1999");  // cannot be proven: the binding alone shows it
  const ProcessResult result = certify(model(), folder_->write("later.json", text));
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_EQ(standing(json::parse(result.output), "sha256"), "does not hold");
  json stale = stated();
  stale["stale"] = {{"since", "2026-01-01T00:00:00Z"}, {"why", "another model has been exported since"}};
  EXPECT_EQ(certify(model(), forged(stale, "stale.json")).exit_code, 5);
}

TEST_F(Certificate, AnotherModelOrWhatIsNoCertificateIsSaid) {
  const std::string other = copy("other") + "/export/model.nog";
  std::string bytes = read_text(other);
  const std::string of_other = folder_->write("damaged.nog", bytes.substr(0, bytes.size() - 1));
  EXPECT_EQ(certify(of_other, path()).exit_code, 3);
  EXPECT_EQ(certify(model(), folder_->file("missing.json")).exit_code, 3);
  EXPECT_EQ(certify(model(), folder_->write("no.json", "{\"a\": 1}")).exit_code, 3);
  EXPECT_EQ(certify(model(), folder_->write("cut.json", read_text(path()).substr(0, 500))).exit_code, 3);
  EXPECT_EQ(noggin({"certify", model()}).exit_code, 2);
  EXPECT_EQ(noggin({"certify", model(), path(), "--dat", "x"}).exit_code, 2);
}

TEST_F(Certificate, ADeviceProvesWhatItCan) {
  const std::string parity = out() + "/export/parity.jsonl";
  const ProcessResult passed = noggin_run({model(), "--certificate", path(), "--verify", parity});
  EXPECT_EQ(passed.exit_code, 0) << passed.output << passed.errors;
  EXPECT_THAT(passed.output, HasSubstr("every line that a device can check holds"));
  EXPECT_THAT(passed.output, HasSubstr("equal to the last bit"));
  const ProcessResult as_json = noggin_run({model(), "--certificate", path(), "--json"});
  EXPECT_EQ(as_json.exit_code, 0);
  EXPECT_EQ(json::parse(as_json.output)["passed"], true);
  for (const char* pointer :
       {"/subject/model/sha256", "/subject/model/xxh3", "/subject/model/content_hash", "/subject/model/bytes",
        "/golden/vectors", "/program/numerics_version", "/subject/parity/sha256"}) {
    json changed = stated();
    changed[json::json_pointer(pointer)] = "0";
    const std::string file = forged(changed, "forged.json");
    EXPECT_EQ(noggin_run({model(), "--certificate", file, "--verify", parity}).exit_code, 5) << pointer;
  }
  EXPECT_EQ(noggin_run({model(), "--certificate", folder_->write("no.json", "{}")}).exit_code, 3);
  EXPECT_EQ(noggin_run({model(), "--certificate", folder_->file("missing.json")}).exit_code, 3);
}

TEST_F(Certificate, DriftTellsOtherTextsFromTheSame) {
  std::ifstream parity(out() + "/export/parity.jsonl");  // of dev: what the reference has counted
  std::string same, longer;
  int texts = 0;
  for (std::string line; std::getline(parity, line);) {
    const json row = json::parse(line);
    if (!row.contains("text")) continue;
    ++texts;
    same += row["text"].get<std::string>() + "\n";
    longer += row["text"].get<std::string>() + " zq zq zq zq zq zq zq zq zq zq zq zq zq zq zq zq zq zq zq zq\n";
  }
  const auto counted = [&](const std::string& name, const std::string& input) {
    const ProcessResult result = noggin_run({model(), "--counters", folder_->file(name)}, input);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return folder_->file(name);
  };
  const std::string a = counted("a.json", same), b = counted("b.json", longer);
  const json counts = json::parse(read_text(a));
  EXPECT_EQ(counts["requests"], texts);
  const ProcessResult quiet = noggin({"drift", model(), a, "--recipe", recipe(), "drift.min_requests=100", "--json"});
  EXPECT_EQ(quiet.exit_code, 0) << quiet.errors << quiet.output;
  EXPECT_EQ(json::parse(quiet.output)["verdict"], "not moved");
  const ProcessResult moved = noggin({"drift", model(), b, "--recipe", recipe(), "drift.min_requests=100", "--json"});
  EXPECT_EQ(moved.exit_code, 5) << moved.errors << moved.output;
  EXPECT_EQ(json::parse(moved.output)["verdict"], "moved");
  EXPECT_THAT(noggin({"drift", model(), a, b, "--recipe", recipe(), "drift.min_requests=1000000"}).output,
              HasSubstr("cannot tell"));
  EXPECT_EQ(noggin({"drift", model()}).exit_code, 2);
  EXPECT_EQ(noggin({"drift", model(), folder_->file("none.json")}).exit_code, 3);
  EXPECT_EQ(noggin({"drift", model(), a, "--recipe", recipe(), "drift.max_pis=1"}).exit_code, 2);
  EXPECT_EQ(noggin_run({model(), "--counters", folder_->file("no") + "/such/folder/a.json"}, "x\n").exit_code, 4);
}

}  // namespace
}  // namespace noggin
