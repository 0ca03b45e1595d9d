// A device's life: first model, updates, rollout, fall-back, rollback, rotation of keys.
#include <filesystem>
#include <set>

#include "tests/support/update_publication.h"
#include "update/manifest.h"

namespace noggin {
namespace {

namespace fs = std::filesystem;

class UpdaterTest : public test::PublicationTest {};

TEST_F(UpdaterTest, TakesTheFirstModelAndThenTheNext) {
  publish(1);
  const UpdateReport first = update();
  EXPECT_EQ(first.outcome, UpdateOutcome::kUpdated) << first.message;
  EXPECT_EQ(first.serial, 1U);
  EXPECT_EQ(first.read_bytes, test::PublicationTest::model_bytes(1).size());
  expect_runs(1);
  EXPECT_EQ(update().outcome, UpdateOutcome::kUpToDate);
  publish(2);
  EXPECT_EQ(update().outcome, UpdateOutcome::kUpdated);
  expect_runs(2);
  const Result<UpdateState> state = Updater(state_).state();
  ASSERT_TRUE(state);
  EXPECT_EQ(state->serial, 2U);
  EXPECT_TRUE(state->confirmed);
  EXPECT_TRUE(test::read_text(state->previous) == model_bytes(1));
}

TEST_F(UpdaterTest, TakesADeltaWhereItHasTheOldModel) {
  publish(1);
  update();
  expect_runs(1);
  const publish::Publication second = publish(2);
  ASSERT_EQ(second.deltas.size(), 1U);
  EXPECT_TRUE(second.deltas[0].offered) << second.deltas[0].bytes << " of " << second.bytes;
  const UpdateReport report = update();
  EXPECT_EQ(report.outcome, UpdateOutcome::kUpdated) << report.message;
  EXPECT_TRUE(report.from_delta) << report.message;
  EXPECT_LT(report.read_bytes, model_bytes(2).size() * 6 / 10);
  expect_runs(2);
  // A device without the old one reads the whole file.
  state_ = folder_.file("other");
  EXPECT_FALSE(update().from_delta);
  expect_runs(2);
}

TEST_F(UpdaterTest, ADamagedDeltaCostsTheWholeFileAndNothingElse) {
  publish(1);
  update();
  expect_runs(1);
  publish(2);
  for (const auto& entry : fs::directory_iterator(updates_ + "/deltas")) fs::resize_file(entry.path(), 100);
  const UpdateReport report = update();
  EXPECT_EQ(report.outcome, UpdateOutcome::kUpdated);
  EXPECT_FALSE(report.from_delta);
  EXPECT_NE(report.message.find("delta refused (incomplete)"), std::string::npos) << report.message;
  expect_runs(2);
}

TEST_F(UpdaterTest, AModelThatIsNotConfirmedFallsBackAtTheNextStart) {
  publish(1);
  update();
  expect_runs(1);
  publish(2);
  update();
  Updater updater(state_);
  EXPECT_TRUE(test::read_text(*updater.start()) == model_bytes(2));  // and here the program crashes
  EXPECT_TRUE(test::read_text(*updater.start()) == model_bytes(1));
  EXPECT_TRUE(test::read_text(*updater.start()) == model_bytes(1));
  // The same offer is not taken again; a newer manifest is.
  EXPECT_EQ(update().outcome, UpdateOutcome::kNotOffered);
  publish(2);
  EXPECT_EQ(update().outcome, UpdateOutcome::kUpdated);
  expect_runs(2);
}

TEST_F(UpdaterTest, TheFirstModelHasNothingToFallBackTo) {
  publish(1);
  update();
  Updater updater(state_);
  EXPECT_TRUE(updater.start());
  EXPECT_TRUE(updater.start());
  expect_runs(1);
}

TEST_F(UpdaterTest, AnUnprovenModelNeverBecomesThePreviousOne) {
  publish(1);
  update();
  expect_runs(1);
  publish(2);
  update();
  EXPECT_TRUE(Updater(state_).start());  // not confirmed
  publish(3);
  EXPECT_EQ(update().outcome, UpdateOutcome::kUpdated);
  EXPECT_TRUE(test::read_text(Updater(state_).state()->previous) == model_bytes(1));
}

TEST_F(UpdaterTest, AModelFileThatIsDamagedLaterFallsBack) {
  publish(1);
  update();
  expect_runs(1);
  publish(2);
  update();
  expect_runs(2);
  overwrite(Updater(state_).state()->current, "damaged");
  EXPECT_TRUE(test::read_text(*Updater(state_).start()) == model_bytes(1));
}

TEST_F(UpdaterTest, ADamagedModelFileIsFetchedAgain) {
  publish(1);
  update();
  expect_runs(1);
  overwrite(Updater(state_).state()->current, "damaged");
  EXPECT_EQ(update().outcome, UpdateOutcome::kUpdated);
  expect_runs(1);
  EXPECT_TRUE(Updater(state_).state()->previous.empty());
  publish(2);
  update();
  expect_runs(2);
  overwrite(Updater(state_).state()->current, "damaged");
  expect_runs(1);  // until the next update
  EXPECT_EQ(update().outcome, UpdateOutcome::kUpdated);
  expect_runs(2);
}

TEST_F(UpdaterTest, RollbackGoesBackOnceAndStays) {
  publish(1);
  update();
  expect_runs(1);
  EXPECT_FALSE(Updater(state_).rollback());
  publish(2);
  update();
  expect_runs(2);
  const Result<std::string> back = Updater(state_).rollback();
  ASSERT_TRUE(back) << back.error().message;
  expect_runs(1);
  EXPECT_EQ(update().outcome, UpdateOutcome::kNotOffered);
  expect_runs(1);
  const Result<std::string> again = Updater(state_).rollback();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kNotFound);
}

TEST_F(UpdaterTest, WithoutModelOrStateSaysSo) {
  EXPECT_EQ(Updater(state_).start().error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Updater(state_).confirm().error().code, ErrorCode::kNotFound);
  publish(1);
  UpdateOptions without_key = options();
  without_key.first_key.clear();
  const Result<UpdateReport> report = Updater(state_).update(updates_, without_key);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(fs::exists(state_));
}

TEST_F(UpdaterTest, ADamagedRecordIsSaid) {
  publish(1);
  update();
  overwrite(state_ + "/state.json", "{\"schema\":1}");
  const Result<UpdateReport> report = Updater(state_).update(updates_, options());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(report.error().message.find("Fix:"), std::string::npos);
}

TEST_F(UpdaterTest, ARolloutReachesItsShareAndGrows) {
  publish(1);
  publish::PublishRequest staged = request(2);
  const auto taken = [&](double percent) {
    staged.rollout = percent;
    publish(staged);
    std::set<int> devices;
    const Result<update::Manifest> manifest =
        update::parse_manifest(test::read_text(manifest_file(static_cast<std::uint64_t>(percent == 10.0 ? 2 : 3))));
    const update::Channel& channel = manifest->channels.at("stable");
    for (int device = 0; device < 20000; ++device)
      if (update::bucket_of("device " + std::to_string(device), channel.salt) < channel.rollout) devices.insert(device);
    return devices;
  };
  const std::set<int> tenth = taken(10.0), half = taken(50.0);
  // Six standard deviations of a binomial count.
  EXPECT_NEAR(static_cast<double>(tenth.size()), 2000.0, 6 * 42.4);
  EXPECT_NEAR(static_cast<double>(half.size()), 10000.0, 6 * 70.7);
  for (const int device : tenth) EXPECT_TRUE(half.contains(device)) << device;
}

TEST_F(UpdaterTest, BucketsOfTwoSaltsAreIndependent) {
  int both = 0;
  for (int device = 0; device < 20000; ++device) {
    const std::string id = std::to_string(device);
    both += update::bucket_of(id, "a") < 1000 && update::bucket_of(id, "b") < 1000 ? 1 : 0;
  }
  EXPECT_NEAR(both, 200, 6 * 14.1);
}

TEST_F(UpdaterTest, ADeviceOutsideTheRolloutGetsTheModelBefore) {
  publish(1);
  publish::PublishRequest staged = request(2);
  staged.rollout = 0.0;
  publish(staged);
  EXPECT_EQ(update().outcome, UpdateOutcome::kUpdated);  // it has none yet
  expect_runs(1);
  EXPECT_EQ(update().outcome, UpdateOutcome::kNotOffered);
  staged.rollout = 100.0;
  publish(staged);
  EXPECT_EQ(update().outcome, UpdateOutcome::kUpdated);
  expect_runs(2);
}

TEST_F(UpdaterTest, ARevokedModelIsReplacedOrLeft) {
  const publish::Publication first = publish(1);
  update();
  expect_runs(1);
  publish::PublishRequest next = request(2);
  next.revoke = {first.content_hash};
  next.rollout = 0.0;  // the new one is for nobody yet, but a withdrawn model is worse
  publish(next);
  EXPECT_EQ(update().outcome, UpdateOutcome::kUpdated);
  expect_runs(2);
  const Result<std::string> back = Updater(state_).rollback();
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, ErrorCode::kUnsupported);
  // The publisher cannot offer it again.
  const Result<publish::Publication> again = publish::publish(request(1));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kExists);
}

TEST_F(UpdaterTest, KeysRotateAlsoForDevicesThatWereAway) {
  publish(1);
  update();
  expect_runs(1);
  const std::string second = new_key("second"), third = new_key("third"), foreign = new_key("foreign");
  publish::PublishRequest rotating = request(1);
  rotating.successor = second + ".pub";
  publish(rotating);
  rotating.key = second;
  rotating.successor = third + ".pub";
  publish(rotating);
  publish::PublishRequest by_foreign = request(2);
  by_foreign.key = foreign;
  const Result<publish::Publication> refused = publish::publish(by_foreign);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  publish::PublishRequest last = request(2);
  last.key = third;
  publish(last);
  const UpdateReport report = update();  // knows only the first key
  EXPECT_EQ(report.outcome, UpdateOutcome::kUpdated) << report.message;
  expect_runs(2);
  const Result<update::PublicKey> pinned = update::parse_public_key(Updater(state_).state()->key);
  EXPECT_EQ(*pinned, *update::parse_public_key(test::read_text(third + ".pub")));
}

TEST_F(UpdaterTest, ChannelsAreSeparate) {
  publish(1);
  publish::PublishRequest beta = request(2);
  beta.channel = "beta";
  publish(beta);
  UpdateOptions on_beta = options();
  on_beta.channel = "beta";
  EXPECT_EQ(update(on_beta).outcome, UpdateOutcome::kUpdated);
  expect_runs(2);
  state_ = folder_.file("stable");
  update();
  expect_runs(1);
}

}  // namespace
}  // namespace noggin
