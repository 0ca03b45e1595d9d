#include <cstring>

#include "noggin/noggin_update.h"
#include "tests/support/update_publication.h"

namespace noggin {
namespace {

class UpdateCApi : public test::PublicationTest {
 protected:
  noggin_update_options c_options() {
    key_text_ = test::read_text(key_ + ".pub");
    return {nullptr, "device", key_text_.c_str(), test::kToday};
  }
  noggin_status apply() {
    const noggin_update_options options = c_options();
    return noggin_update_apply(state_.c_str(), updates_.c_str(), &options, &report_, &error_);
  }
  std::string started() {
    char path[4096];
    std::size_t size = 0;
    EXPECT_EQ(noggin_update_start(state_.c_str(), path, sizeof path, &size, &error_), NOGGIN_OK) << error_.message;
    EXPECT_EQ(std::strlen(path), size);
    return test::read_text(path);
  }
  std::string key_text_;
  noggin_update_report report_{};
  noggin_error error_{};
};

TEST_F(UpdateCApi, UpdatesStartsConfirmsAndRollsBack) {
  publish(1);
  ASSERT_EQ(apply(), NOGGIN_OK) << error_.message;
  EXPECT_EQ(report_.outcome, NOGGIN_UPDATE_UPDATED);
  EXPECT_EQ(report_.serial, 1U);
  EXPECT_TRUE(started() == model_bytes(1));
  EXPECT_EQ(noggin_update_confirm(state_.c_str(), &error_), NOGGIN_OK);
  publish(2);
  ASSERT_EQ(apply(), NOGGIN_OK);
  EXPECT_EQ(report_.from_delta, 1);
  EXPECT_TRUE(started() == model_bytes(2));
  EXPECT_EQ(noggin_update_rollback(state_.c_str(), &error_), NOGGIN_OK) << error_.message;
  EXPECT_TRUE(started() == model_bytes(1));
  EXPECT_EQ(noggin_update_rollback(state_.c_str(), &error_), NOGGIN_NOT_FOUND);
}

TEST_F(UpdateCApi, ARefusalIsAFailedVerificationWithItsName) {
  publish(1);
  ASSERT_EQ(apply(), NOGGIN_OK);
  overwrite(manifest_file(1), "{}");
  EXPECT_EQ(apply(), NOGGIN_VERIFICATION_FAILED);
  EXPECT_EQ(report_.outcome, NOGGIN_UPDATE_REFUSED);
  EXPECT_STREQ(report_.refusal_name, "signature");
  EXPECT_STREQ(report_.message, error_.message);
  EXPECT_TRUE(started() == model_bytes(1));
}

TEST_F(UpdateCApi, NullsAndShortBuffersAreErrors) {
  std::size_t size = 0;
  char path[4];
  EXPECT_EQ(noggin_update_apply(nullptr, "x", nullptr, &report_, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_update_apply("x", nullptr, nullptr, &report_, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_update_apply("x", "y", nullptr, nullptr, nullptr), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_update_start("x", nullptr, 4, &size, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_update_start("x", path, 0, &size, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_update_confirm(nullptr, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_update_rollback(nullptr, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_update_confirm("x", &error_), NOGGIN_NOT_FOUND);
  publish(1);
  ASSERT_EQ(apply(), NOGGIN_OK);
  EXPECT_EQ(noggin_update_start(state_.c_str(), path, sizeof path, &size, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_GT(size, sizeof path);
  EXPECT_STREQ(path, "");
}

}  // namespace
}  // namespace noggin
