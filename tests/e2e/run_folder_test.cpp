// What a run leaves, and what becomes of it: damaged records, other files in its place, a second writer, a new
// training.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <thread>

#include "tests/support/cli_demo_run.h"

namespace noggin {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::noggin;
using test::noggin_run;
using test::ProcessResult;
using test::read_text;
using testing::HasSubstr;

class RunFolder : public test::DemoRun<RunFolder> {
 public:
  static std::vector<std::string> options() { return {"--final"}; }

 protected:
  static void flip(const std::string& path) {
    std::string bytes = read_text(path);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    std::ofstream(path, std::ios::binary) << bytes;
  }
};

TEST_F(RunFolder, ResultsAndCertificateNameWhatTheyAreOf) {
  const json results = json::parse(read_text(out() + "/results.json")),
             certificate = json::parse(read_text(out() + "/export/certificate.json"));
  std::istringstream metrics(read_text(out() + "/metrics.jsonl"));
  std::string line;
  ASSERT_TRUE(std::getline(metrics, line));
  EXPECT_EQ(results["run"]["id"], json::parse(line)["run"]);
  EXPECT_TRUE(json::parse(line).contains("time"));
  EXPECT_EQ(results["run"]["seed"], 1);
  EXPECT_TRUE(results["data_xxh3"].contains("vocab.txt"));
  for (const json& of : {results["subject"], certificate["subject"]}) {
    EXPECT_EQ(of["model"]["file"], "model.nog");
    EXPECT_EQ(of["model"]["content_hash"],
              json::parse(noggin_run({out() + "/export/model.nog", "--info", "--json"}).output)["content_hash"]);
    EXPECT_EQ(of["rows"]["files"][0]["file"], "test-00000.h5");
    EXPECT_GT(of["rows"]["count"], 100);
  }
  const std::string parity = out() + "/export/parity.jsonl", hash = certificate["subject"]["parity"]["xxh3"];
  EXPECT_EQ(noggin_run({out() + "/export/model.nog", "--verify", parity, "--expect", hash}).exit_code, 0);
  EXPECT_THAT(read_text(out() + "/log.txt"), HasSubstr("float student"));
  EXPECT_THAT(read_text(out() + "/log.txt"), HasSubstr("certificate.json"));
}

// Each file that a verb reads, replaced by one that is whole in itself or damaged: named, and exit 3.
TEST_F(RunFolder, VerbsThatReadARunCompareWhatItRecorded) {
  const std::string other = copy("other");
  struct Case {
    const char* file;
    std::function<void(const std::string&)> change;
  };
  const std::string shards = other + "/data/shards/";
  const Case cases[] = {
      {"data/vocab.txt", flip},
      {"data/ingest_report.json", flip},
      {"data/shards/test-00000.h5",
       [&](const std::string& path) {
         fs::copy_file(shards + "train-00000.h5", path, fs::copy_options::overwrite_existing);
       }},
      {"checkpoints/2-qat.ckpt",
       [&](const std::string& path) {
         fs::copy_file(other + "/checkpoints/1-prune.ckpt", path, fs::copy_options::overwrite_existing);
       }},
      {"export/model.onnx", [](const std::string& path) { fs::resize_file(path, fs::file_size(path) / 2); }},
      {"export/parity.jsonl", [](const std::string& path) { fs::resize_file(path, fs::file_size(path) / 2); }},
      {"export/parity.jsonl", [](const std::string& path) { fs::remove(path); }},
  };
  for (const Case& one : cases) {
    const std::string path = other + "/" + one.file, before = read_text(path);
    one.change(path);
    const ProcessResult verified = noggin({"verify", other + "/export/model.nog", "--targets", "reference"});
    EXPECT_EQ(verified.exit_code, 3) << one.file << verified.errors;
    EXPECT_THAT(verified.errors, HasSubstr(one.file));
    if (std::string(one.file).find("export/") == std::string::npos) {
      const ProcessResult evaluated = noggin({"eval", other});
      EXPECT_EQ(evaluated.exit_code, 3) << one.file << evaluated.errors;
      EXPECT_THAT(evaluated.errors, HasSubstr(one.file));
    }
    std::ofstream(path, std::ios::binary) << before;
  }
  fs::copy_file(shards + "test-00000.h5", shards + "test-00001.h5");
  const ProcessResult more = noggin({"eval", other});
  EXPECT_EQ(more.exit_code, 3);
  EXPECT_THAT(more.errors, HasSubstr("test-00001.h5 is not an output"));
}

TEST_F(RunFolder, ALostRecordTrainsNothingAgain) {
  const std::string other = copy("lost");
  const std::string checkpoint = read_text(other + "/checkpoints/2-qat.ckpt");
  for (const char* damage : {"", "{\"ingest\": 3"}) {
    fs::remove(other + "/stages.json");
    if (*damage != '\0') std::ofstream(other + "/stages.json") << damage;
    const ProcessResult unknown = noggin({"eval", other});
    EXPECT_EQ(unknown.exit_code, 3);
    EXPECT_THAT(unknown.errors, HasSubstr("stages.json"));
    const ProcessResult again = test::tiny("train", recipe(), {"--out", other});
    EXPECT_EQ(again.exit_code, 0) << again.errors;
    EXPECT_THAT(again.errors, HasSubstr("stages.json is "));
    EXPECT_THAT(again.output, HasSubstr("done before"));
    EXPECT_TRUE(read_text(other + "/checkpoints/2-qat.ckpt") == checkpoint);
    EXPECT_FALSE(fs::exists(other + "/checkpoints/aside-1"));
    EXPECT_FALSE(json::parse(read_text(other + "/results.json")).contains("stale"));
  }
}

// Other rows at the same path: the former training is kept and named, its results are marked.
TEST_F(RunFolder, OtherRowsKeepTheFormerTraining) {
  const std::string other = copy("changed"), data = folder_->file("changed_demo");
  fs::copy(demo(), data, fs::copy_options::recursive);
  std::string dev = read_text(data + "/dev.jsonl");
  dev.resize(dev.find_last_of('\n', dev.size() - 2) + 1);  // one row less
  std::ofstream(data + "/dev.jsonl") << dev;
  const std::string checkpoint = read_text(other + "/checkpoints/0-distil.ckpt");
  const ProcessResult result = test::tiny("train", data + "/recipe.yaml", {"--out", other});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("training starts over: the run directory holds other data, finished phases"));
  EXPECT_TRUE(read_text(other + "/checkpoints/aside-1/0-distil.ckpt") == checkpoint);
  for (const char* file : {"/results.json", "/export/certificate.json"}) {
    EXPECT_TRUE(json::parse(read_text(other + file)).contains("stale")) << file;
  }
  EXPECT_EQ(noggin({"verify", other + "/export/model.nog"}).exit_code, 3) << "exported from the former training";
}

TEST_F(RunFolder, ThreadsAndMovedDataMakeNothingAnew) {
  const std::string other = copy("moved"), data = folder_->file("moved_demo");
  fs::copy(demo(), data, fs::copy_options::recursive);
  const ProcessResult result =
      test::tiny("train", data + "/recipe.yaml", {"--out", other, "train.threads=2", "name=other"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("ingest: unchanged, skipped"));
  EXPECT_THAT(result.errors, HasSubstr("train: unchanged, skipped"));
}

TEST_F(RunFolder, ASecondWriterIsRefusedAndAKilledOneHoldsNothing) {
  const std::string other = folder_->file("busy");
  std::vector<std::string> words = {NOGGIN_BIN_DIR "/noggin", "train", recipe()};
  for (const std::string& word : test::tiny_overrides()) words.push_back(word);
  words.insert(words.end(), {"phases.0.epochs=500", "--out", other});
  test::Process first(words);
  for (int i = 0; i < 1200 && !fs::exists(other + "/checkpoints/resume.ckpt"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ASSERT_TRUE(fs::exists(other + "/checkpoints/resume.ckpt"));
  const std::string holder = std::to_string(json::parse(read_text(other + "/run.lock"))["process"].get<int>());
  for (const char* verb : {"ingest", "train", "run"}) {
    const ProcessResult second = test::tiny(verb, recipe(), {"phases.0.epochs=500", "--out", other, "--force"});
    EXPECT_EQ(second.exit_code, 4) << verb;
    EXPECT_THAT(second.errors, HasSubstr("in use by noggin train, process " + holder)) << verb;
  }
  EXPECT_EQ(noggin({"export", other}).exit_code, 4);
  ASSERT_EQ(::kill(std::stoi(holder), SIGKILL), 0);
  EXPECT_EQ(first.finish().exit_code, 128 + SIGKILL);
  fs::remove(other + "/stages.json");
  std::ofstream(other + "/checkpoints/resume.ckpt.tmp-1-0") << "half";
  const ProcessResult next = test::tiny("ingest", recipe(), {"phases.0.epochs=500", "--out", other});
  EXPECT_EQ(next.exit_code, 0) << next.errors;
  EXPECT_THAT(next.errors, HasSubstr("removed 1 temporary file"));
}

TEST_F(RunFolder, NamesAndPathsAreJudgedBeforeAnyWork) {
  for (const char* name : {"../../evil", "/tmp/evil", "..", ".", "", "a/b"}) {
    const ProcessResult result = noggin({"check", recipe(), std::string("name='") + name + "'"});
    EXPECT_EQ(result.exit_code, 2) << name << result.errors;
    EXPECT_THAT(result.errors, HasSubstr("name ")) << name;
  }
  EXPECT_THAT(noggin({"check", recipe(), "name=\xC3"}).errors, HasSubstr("not UTF-8"));
  const std::string folder = folder_->file("caf\xE9");
  for (const char* verb : {"check", "ingest", "run"}) {
    const ProcessResult result = noggin({verb, recipe(), "--out", folder});
    EXPECT_EQ(result.exit_code, 2) << verb << result.errors;
    EXPECT_THAT(result.errors, HasSubstr("caf\\xe9 is not UTF-8"));
  }
  EXPECT_FALSE(fs::exists(folder));
}

}  // namespace
}  // namespace noggin
