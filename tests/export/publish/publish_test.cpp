// What a publisher writes, refuses, and leaves behind when it is killed.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "tests/support/update_cut.h"
#include "tests/support/update_publication.h"

namespace noggin {
namespace {

namespace fs = std::filesystem;

class PublishTest : public test::PublicationTest {
 protected:
  void expect_refused(const publish::PublishRequest& request, ErrorCode code, const std::string& word) {
    const Result<publish::Publication> publication = publish::publish(request);
    ASSERT_FALSE(publication);
    EXPECT_EQ(publication.error().code, code) << publication.error().message;
    EXPECT_NE(publication.error().message.find(word), std::string::npos) << publication.error().message;
  }
};

TEST_F(PublishTest, WritesModelManifestAndSignatures) {
  const publish::Publication first = publish(1);
  EXPECT_EQ(first.serial, 1U);
  EXPECT_TRUE(test::read_text(first.model) == model_bytes(1));
  EXPECT_EQ(test::read_text(updates_ + "/latest"), "1\n");
  const Result<update::PublicKey> key = update::parse_public_key(test::read_text(key_ + ".pub"));
  for (const std::string& file : {first.model, first.manifest}) {
    const std::string bytes = test::read_text(file);
    const Result<update::Signature> signature = update::parse_signature(test::read_text(file + ".minisig"));
    ASSERT_TRUE(signature) << signature.error().message;
    EXPECT_TRUE(update::verifies(*key, std::as_bytes(std::span(bytes)), *signature)) << file;
  }
  const Result<update::Signature> signature = update::parse_signature(test::read_text(first.model + ".minisig"));
  EXPECT_EQ(
      signature->trusted_comment,
      "model-1 content_hash:" + first.content_hash + " layout:" +
          std::to_string(update::parse_manifest(test::read_text(first.manifest))->channels.at("stable").model.layout) +
          " numerics:1");
  EXPECT_EQ(publish(2).serial, 2U);
}

TEST_F(PublishTest, TheManifestReadsBackAsItWasWritten) {
  publish::PublishRequest full = request(1);
  full.rollout = 12.34;
  full.expires_days = 7;
  full.revoke = {"0123456789abcdef"};
  full.successor = new_key("next") + ".pub";
  full.name = "a \"name\" with \xC3\xA4";
  const std::string json = test::read_text(publish(full).manifest);
  const Result<update::Manifest> manifest = update::parse_manifest(json);
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(update::manifest_json(*manifest), json);
  EXPECT_EQ(manifest->channels.at("stable").rollout, 1234U);
  EXPECT_EQ(manifest->channels.at("stable").model.name, full.name);
  EXPECT_EQ(manifest->expires - manifest->created, 7U * 86400U);
  EXPECT_TRUE(manifest->revokes("0123456789abcdef"));
  EXPECT_TRUE(manifest->successor.has_value());
}

TEST_F(PublishTest, ManifestsThatBreakARuleAreRefused) {
  const std::string json = test::read_text(publish(1).manifest);
  ASSERT_TRUE(update::parse_manifest(json));
  for (std::size_t size = 0; size + 2 < json.size(); size += 7)
    EXPECT_FALSE(update::parse_manifest(json.substr(0, size)));
  const std::pair<const char*, const char*> edits[] = {
      {"\"schema\":1", "\"schema\":2"},
      {"\"serial\":1", "\"serial\":-1"},
      {"\"serial\":1", "\"serial\":1.5"},
      {"\"serial\":1", "\"serial\":1,\"serial\":2"},
      {"\"serial\":1", "\"serial\":99999999999999999999"},
      {"\"serial\":1,", ""},
      {"\"revoked\":[]", "\"revoked\":[\"0123456789ABCDEF\"]"},
      {"\"revoked\":[]", "\"revoked\":[\"\"]"},
      {"\"revoked\":[]", "\"revoked\":{}"},
      {"\"rollout\":10000", "\"rollout\":10001"},
      {"\"stable\"", "\"sta/ble\""},
      {"\"before\":null", "\"before\":7"},
      {"\"blake2b\":\"", "\"blake2b\":\"0"},
      {"\"deltas\":[]", "\"deltas\":[{}]"},
      {"\"channels\"", "\"channel\""},
      {"\"successor\":null", "\"successor\":\"RWQ\""},
  };
  for (const auto& [from, to] : edits) {
    std::string edited = json;
    ASSERT_NE(edited.find(from), std::string::npos) << from;
    edited.replace(edited.find(from), std::string(from).size(), to);
    EXPECT_FALSE(update::parse_manifest(edited)) << to;
  }
  EXPECT_FALSE(update::parse_manifest("[]"));
  EXPECT_FALSE(update::parse_manifest(std::string(1000, '[')));
}

TEST_F(PublishTest, RejectedModelsAreNotPublished) {
  publish::PublishRequest rejected = request(1);
  fs::rename(rejected.model, folder_.file("model.rejected.nog"));
  rejected.model = folder_.file("model.rejected.nog");
  expect_refused(rejected, ErrorCode::kExists, "gates");
  EXPECT_FALSE(fs::exists(updates_));
}

TEST_F(PublishTest, CertificatesAreKeptIfTheyAreAboutTheModel) {
  const publish::Publication plain = publish(1);
  const auto certificate = [&](bool passed, const std::string& hash) {
    return "{\"subject\":{\"model\":{\"content_hash\":\"" + hash + "\"}},\"passed\":" + (passed ? "true" : "false") +
           "}";
  };
  folder_.write("certificate.json", certificate(true, "0123456789abcdef"));
  publish(1);  // of another model of that folder: not taken
  publish::PublishRequest named = request(1);
  named.certificate = folder_.file("certificate.json");
  expect_refused(named, ErrorCode::kCorrupt, "is not about");
  folder_.write("certificate.json", certificate(false, plain.content_hash));
  expect_refused(request(1), ErrorCode::kExists, "gates");
  folder_.write("certificate.json", "{\"truncated\":");
  expect_refused(request(1), ErrorCode::kCorrupt, "certificate.json");
  folder_.write("certificate.json", certificate(true, plain.content_hash));
  const Result<update::Manifest> manifest = update::parse_manifest(test::read_text(publish(1).manifest));
  const auto& kept = manifest->channels.at("stable").model.certificate;
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(test::read_text(updates_ + "/" + kept->path), certificate(true, plain.content_hash));
}

TEST_F(PublishTest, ValuesOutOfRangeAreRefused) {
  const auto with = [&](const auto& change) {
    publish::PublishRequest changed = request(1);
    change(changed);
    return changed;
  };
  expect_refused(with([](auto& r) { r.channel = "a/b"; }), ErrorCode::kInvalidArgument, "channel");
  expect_refused(with([](auto& r) { r.rollout = 100.5; }), ErrorCode::kInvalidArgument, "rollout");
  expect_refused(with([](auto& r) { r.rollout = std::numeric_limits<double>::quiet_NaN(); }),
                 ErrorCode::kInvalidArgument, "rollout");
  expect_refused(with([](auto& r) { r.expires_days = 0; }), ErrorCode::kInvalidArgument, "expires");
  expect_refused(with([](auto& r) { r.revoke = {"xyz"}; }), ErrorCode::kInvalidArgument, "revoke");
  expect_refused(with([](auto& r) { r.successor = "nowhere"; }), ErrorCode::kInvalidArgument, "nowhere");
  expect_refused(with([&](auto& r) { r.key = folder_.write("x.key", "no key"); }), ErrorCode::kCorrupt, "secret key");
  expect_refused(with([](auto& r) { r.model = "nowhere.nog"; }), ErrorCode::kNotFound, "nowhere.nog");
  expect_refused(with([&](auto& r) { r.model = folder_.write("x.nog", "no model"); }), ErrorCode::kCorrupt, "header");
}

TEST_F(PublishTest, KeysAreNeverOverwrittenAndReadableByTheirOwnerAlone) {
  struct stat status {};
  ASSERT_EQ(::stat(key_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const Result<update::PublicKey> again = publish::write_new_key(key_, "");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kExists);
}

TEST_F(PublishTest, OldModelsGetDeltasWhileTheyAreFew) {
  for (std::uint64_t number = 1; number <= 6; ++number) publish(number);
  const publish::Publication last = publish(7);
  EXPECT_EQ(last.deltas.size(), 4U);
  for (const publish::PublishedDelta& delta : last.deltas) EXPECT_EQ(delta.method, "typed");
}

TEST_F(PublishTest, ADamagedFolderIsSaid) {
  publish(1);
  overwrite(updates_ + "/latest", "7\n");
  expect_refused(request(2), ErrorCode::kCorrupt, "Fix:");
}

// A kill or a failing disk at each file call: devices see the publication before or the whole new one, and the same
// command completes it.
class PublishCut : public PublishTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(PublishCut, NeverLeavesHalfAPublication) {
  test::CutPower cut(folder_);
  if (!cut.usable()) GTEST_SKIP() << "NOT RUN: no C compiler";
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "NOT RUN: a sanitizer wants to be preloaded first";
#endif
  publish::PublishRequest first = request(1);
  first.now = 0;
  publish(first);
  const std::string before = folder_.file("before"), program = std::string(NOGGIN_BIN_DIR) + "/publish_once";
  fs::copy(updates_, before, fs::copy_options::recursive);
  const std::vector<std::string> command = {program, model(2), updates_, key_};
  ASSERT_EQ(cut.run(command, updates_, 0, GetParam()).exit_code, 0);
  const int calls = cut.calls();
  EXPECT_GE(calls, 20);
  for (int at = 1; at <= calls; ++at) {
    SCOPED_TRACE(at);
    fs::remove_all(updates_);
    fs::copy(before, updates_, fs::copy_options::recursive);
    cut.run(command, updates_, at, GetParam());
    state_ = folder_.file("state" + std::to_string(at));
    EXPECT_EQ(update(options(0)).outcome, UpdateOutcome::kUpdated);
    const std::string now = running();
    EXPECT_TRUE(now == model_bytes(1) || now == model_bytes(2));
    publish::PublishRequest again = request(2);
    again.now = 0;
    publish(again);
    EXPECT_NE(update(options(0)).outcome, UpdateOutcome::kRefused);
    expect_runs(2);
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, PublishCut, ::testing::Values("kill", "28", "5"), [](const auto& parameter) {
  return parameter.param == std::string("kill") ? std::string("Killed") : "Errno" + std::string(parameter.param);
});

}  // namespace
}  // namespace noggin
