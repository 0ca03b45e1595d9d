// What a mirror may do, and the name under which each is refused. After every one the device runs what it ran before.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "bytes/hex.h"
#include "tests/support/update_publication.h"
#include "update/blake2b.h"

namespace noggin {
namespace {

namespace fs = std::filesystem;

class HostileMirror : public test::PublicationTest {
 protected:
  // A device runs model 1; the folder offers model 2.
  void SetUp() override {
    publish(1);
    update();
    expect_runs(1);
    fs::copy(updates_, folder_.file("old"), fs::copy_options::recursive);
    model_file_ = fs::path(publish(2).model);
    fs::remove_all(updates_ + "/deltas");  // the whole file
  }
  void expect_refused(Refusal refusal, std::int64_t now = test::kToday) {
    const UpdateReport report = update(now);
    EXPECT_EQ(report.outcome, UpdateOutcome::kRefused) << report.message;
    EXPECT_STREQ(refusal_name(report.refusal), refusal_name(refusal)) << report.message;
    EXPECT_FALSE(report.message.empty());
    expect_runs(1);
    const auto models = fs::directory_iterator(state_ + "/models");
    EXPECT_EQ(std::distance(begin(models), end(models)), 1) << "something was left in the state";
  }
  void replace_by_link(const fs::path& path) {
    const std::string away = folder_.file("moved");
    fs::rename(path, away);
    fs::create_symlink(away, path);
  }
  fs::path model_file_;
};

TEST_F(HostileMirror, IsAcceptedUntouched) {
  EXPECT_EQ(update().outcome, UpdateOutcome::kUpdated);
  expect_runs(2);
}

TEST_F(HostileMirror, Stale) { expect_refused(Refusal::kExpired, test::kToday + 31 * test::kDay); }

TEST_F(HostileMirror, StaleForADeviceWhoseClockWasSetBack) {
  publish::PublishRequest later = request(1);
  later.now = test::kToday + 40 * test::kDay;
  publish(later);
  EXPECT_EQ(update(test::kToday + 40 * test::kDay).outcome, UpdateOutcome::kUpToDate);
  updates_ = folder_.file("old");
  expect_refused(Refusal::kExpired, test::kToday);
}

TEST_F(HostileMirror, RolledBack) {
  update();
  expect_runs(2);
  updates_ = folder_.file("old");
  const UpdateReport report = update();
  EXPECT_STREQ(refusal_name(report.refusal), "rolled back") << report.message;
  expect_runs(2);
}

TEST_F(HostileMirror, MixedManifestAndSignature) {
  fs::copy_file(folder_.file("old") + "/generations/1/manifest.json", manifest_file(2),
                fs::copy_options::overwrite_existing);
  expect_refused(Refusal::kSignature);
}

TEST_F(HostileMirror, MixedGenerations) {
  fs::remove_all(updates_ + "/generations/2");
  fs::rename(updates_ + "/generations/1", updates_ + "/generations/2");
  expect_refused(Refusal::kMixed);
}

TEST_F(HostileMirror, TwoManifestsOfOneSerial) {
  update();
  ASSERT_TRUE(Updater(state_).rollback());
  edit_manifest(2, "\"rollout\":10000", "\"rollout\":9999");
  expect_refused(Refusal::kMixed);
}

TEST_F(HostileMirror, ForeignKey) {
  edit_manifest(2, "\"rollout\":10000", "\"rollout\":9999", new_key("foreign"));
  expect_refused(Refusal::kForeignKey);
}

TEST_F(HostileMirror, ForeignKeyThatNamesItselfSuccessor) {
  const std::string foreign = new_key("foreign");
  const Result<update::PublicKey> ours = update::parse_public_key(test::read_text(key_ + ".pub"));
  edit_manifest(
      2, "\"successor\":null",
      "\"successor\":\"" + update::public_key_line(*update::parse_public_key(test::read_text(foreign + ".pub"))) + "\"",
      foreign);
  folder_.write("updates/" + update::rotation_path(*ours), "2\n");
  expect_refused(Refusal::kSignature);
}

TEST_F(HostileMirror, ChangedManifest) {
  std::string json = test::read_text(manifest_file(2));
  json.replace(json.find("10000"), 5, "09999");
  overwrite(manifest_file(2), json);
  expect_refused(Refusal::kSignature);
}

TEST_F(HostileMirror, OversizedManifest) {
  fs::resize_file(manifest_file(2), (1U << 20) + 1);
  expect_refused(Refusal::kTooLarge);
}

TEST_F(HostileMirror, OversizedModel) {
  fs::resize_file(model_file_, fs::file_size(model_file_) + 1);
  expect_refused(Refusal::kTooLarge);
}

TEST_F(HostileMirror, CutModel) {
  fs::resize_file(model_file_, fs::file_size(model_file_) - 1);
  expect_refused(Refusal::kIncomplete);
}

TEST_F(HostileMirror, EndlessDevice) {
  fs::remove(model_file_);
  fs::create_symlink("/dev/zero", model_file_);
  expect_refused(Refusal::kNotAFile);
}

TEST_F(HostileMirror, PipeThatNobodyWritesTo) {
  for (const std::string& path : {model_file_.string(), manifest_file(2), updates_ + "/latest"}) {
    const std::string kept = test::read_text(path);
    fs::remove(path);
    ASSERT_EQ(::mkfifo(path.c_str(), 0666), 0);
    expect_refused(Refusal::kNotAFile);
    fs::remove(path);
    overwrite(path, kept);
  }
}

TEST_F(HostileMirror, SymbolicLinksToFiles) {
  replace_by_link(model_file_);
  expect_refused(Refusal::kNotAFile);
}

TEST_F(HostileMirror, SymbolicLinksToFolders) {
  replace_by_link(updates_ + "/models");
  expect_refused(Refusal::kNotAFile);
}

TEST_F(HostileMirror, WrongHash) {
  std::string bytes = test::read_text(model_file_.string());
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  overwrite(model_file_.string(), bytes);
  expect_refused(Refusal::kHash);
}

// The publisher itself goes wrong, or its key is stolen: still no path outside, no unproven model.
TEST_F(HostileMirror, SignedPathsOutside) {
  const std::string good = "\"path\":\"models/" + model_file_.filename().string() + "\"", state = state_;
  for (const char* evil : {"../state/state.json", "/etc/passwd", "models/../latest", ".hidden", "models//x",
                           "a/b/c/d/e", "models/x\\u0000y", ""}) {
    state_ = folder_.file("copy");  // each edit is another manifest of the same serial number
    fs::remove_all(state_);
    fs::copy(state, state_, fs::copy_options::recursive);
    const std::string bad = std::string("\"path\":\"") + evil + "\"";
    edit_manifest(2, good, bad);
    SCOPED_TRACE(evil);
    expect_refused(Refusal::kUnsafePath);
    edit_manifest(2, bad, good);
  }
}

TEST_F(HostileMirror, SignedModelThatIsNone) {
  const std::string text = "no model at all";
  folder_.write("updates/models/none.nog", text);
  const std::string hash = update::hash_text(std::as_bytes(std::span(text)));
  const std::string& model = model_bytes(2);
  const std::string real = update::hash_text(std::as_bytes(std::span(model)));
  edit_manifest(2,
                "\"path\":\"models/" + model_file_.filename().string() +
                    "\",\"bytes\":" + std::to_string(model.size()) + ",\"blake2b\":\"" + real + "\"",
                "\"path\":\"models/none.nog\",\"bytes\":15,\"blake2b\":\"" + hash + "\"");
  expect_refused(Refusal::kFormat);
}

// Everything about the file is right and signed, but this device does not compute what it promises.
TEST_F(HostileMirror, SignedModelThatFailsItsSelfTest) {
  format::FrozenModel liar = test::frozen_model_with_golden(test::update_config(), 92);
  liar.golden[0].logits[0] += 1.0F;
  const std::string path = folder_.write("liar.nog", test::text_of(test::serialized(liar)));
  publish::PublishRequest request = this->request(2);
  request.model = path;
  const Result<publish::Publication> refused = publish::publish(request);
  ASSERT_FALSE(refused) << "the publisher runs the self-test, too";
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
  const std::string text = test::read_text(path), real = model_bytes(2);
  const auto entry = [&](const std::string& name, const std::string& bytes) {
    return "\"path\":\"models/" + name + "\",\"bytes\":" + std::to_string(bytes.size()) + ",\"blake2b\":\"" +
           update::hash_text(std::as_bytes(std::span(bytes))) + "\"},\"content_hash\":\"";
  };
  folder_.write("updates/models/liar.nog", text);
  const Result<Model> opened = Model::open(path);
  ASSERT_TRUE(opened);
  const std::string old_hash = model_file_.stem().string();
  edit_manifest(2, entry(model_file_.filename().string(), real) + old_hash,
                entry("liar.nog", text) + hex(opened->content_hash()));
  expect_refused(Refusal::kSelfTest);
}

TEST_F(HostileMirror, SignedForANewerRuntime) {
  edit_manifest(2, "\"numerics\":1", "\"numerics\":2");
  expect_refused(Refusal::kRuntime);
}

TEST_F(HostileMirror, SignedButWithAnUnknownMember) {
  edit_manifest(2, "\"schema\":1", "\"schema\":1,\"run\":\"x\"");
  expect_refused(Refusal::kFormat);
}

TEST_F(HostileMirror, NoSuchChannel) {
  UpdateOptions other = options();
  other.channel = "nightly";
  EXPECT_STREQ(refusal_name(update(other).refusal), "channel");
}

TEST_F(HostileMirror, EmptyOrMissingFolder) {
  updates_ = folder_.file("nowhere");
  expect_refused(Refusal::kIncomplete);
  fs::create_directory(updates_);
  expect_refused(Refusal::kIncomplete);
}

TEST_F(HostileMirror, LatestThatIsNoNumber) {
  for (const char* text : {"", "x\n", "2 3\n", "-1\n", "99999999999999999999999\n"}) {
    overwrite(updates_ + "/latest", text);
    expect_refused(Refusal::kFormat);
  }
}

TEST_F(HostileMirror, FullDiskIsAFaultOfTheDeviceNotOfTheMirror) {
  if (::geteuid() != 0 || !fs::exists("/dev/full")) GTEST_SKIP() << "NOT RUN: needs a folder that cannot be written";
  const Result<UpdateReport> report = Updater("/dev/full/state").update(updates_, options());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace noggin
