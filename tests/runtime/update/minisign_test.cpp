// Keys and signatures, both ways: the tool minisign checks ours, we check the tool's.
#include "update/minisign.h"

#include <gtest/gtest.h>

#include "export/publish/secret_key.h"
#include "tests/support/cli_temporary_folder.h"
#include "tests/support/engine_process.h"

namespace noggin {
namespace {

using publish::SecretKey;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

bool has_minisign() { return test::run_process({"/usr/bin/env", "minisign", "-v"}).exit_code == 0; }

#define SKIP_WITHOUT_MINISIGN() \
  if (!has_minisign()) GTEST_SKIP() << "NOT RUN: the tool minisign is not installed (configs/build/setup.sh)"

class Minisign : public ::testing::Test {
 protected:
  SecretKey new_key() { return *SecretKey::generate(); }
  test::ProcessResult minisign(std::vector<std::string> words) {
    words.insert(words.begin(), {"/usr/bin/env", "minisign"});
    return test::run_process(std::move(words));
  }
  test::TemporaryFolder folder_;
};

TEST_F(Minisign, TheToolVerifiesOurSignature) {
  SKIP_WITHOUT_MINISIGN();
  const SecretKey key = new_key();
  const std::string text = "some bytes\n";
  const std::string file = folder_.write("file", text);
  folder_.write("file.minisig", update::signature_file(*key.sign(bytes_of(text), "router 12"), "signature by noggin"));
  const std::string public_file = folder_.write("key.pub", update::public_key_file(key.public_key()));
  const auto good = minisign({"-V", "-p", public_file, "-m", file});
  EXPECT_EQ(good.exit_code, 0) << good.errors;
  EXPECT_NE(good.output.find("router 12"), std::string::npos) << good.output;
  folder_.write("file", "other bytes\n");
  EXPECT_NE(minisign({"-V", "-p", public_file, "-m", file}).exit_code, 0);
}

TEST_F(Minisign, WeVerifyTheToolsSignature) {
  SKIP_WITHOUT_MINISIGN();
  const std::string secret = folder_.file("key"), open = folder_.file("key.pub");
  ASSERT_EQ(minisign({"-G", "-W", "-p", open, "-s", secret}).exit_code, 0);
  const std::string text = "anything";
  const std::string file = folder_.write("file", text);
  ASSERT_EQ(minisign({"-S", "-s", secret, "-m", file, "-t", "a comment"}).exit_code, 0);
  const Result<update::PublicKey> key = update::parse_public_key(test::read_text(open));
  ASSERT_TRUE(key) << key.error().message;
  const Result<update::Signature> signature = update::parse_signature(test::read_text(file + ".minisig"));
  ASSERT_TRUE(signature) << signature.error().message;
  EXPECT_EQ(signature->trusted_comment, "a comment");
  EXPECT_TRUE(update::verifies(*key, bytes_of(text), *signature));
  EXPECT_FALSE(update::verifies(*key, bytes_of("anythinG"), *signature));
  // Its secret key signs here, too.
  const Result<SecretKey> theirs = SecretKey::parse(test::read_text(secret), "");
  ASSERT_TRUE(theirs) << theirs.error().message;
  EXPECT_EQ(theirs->public_key(), *key);
}

TEST_F(Minisign, TheToolSignsWithOurSecretKey) {
  SKIP_WITHOUT_MINISIGN();
  const SecretKey key = new_key();
  const std::string secret = folder_.write("key", *key.file_text(""));
  const std::string text = "anything", file = folder_.write("file", text);
  const auto signing = minisign({"-S", "-s", secret, "-m", file});
  ASSERT_EQ(signing.exit_code, 0) << signing.errors;
  const auto signature = update::parse_signature(test::read_text(file + ".minisig"));
  ASSERT_TRUE(signature) << signature.error().message;
  EXPECT_TRUE(update::verifies(key.public_key(), bytes_of(text), *signature));
}

// scrypt at minisign's cost: a gigabyte and some seconds.
TEST_F(Minisign, APasswordProtectsTheKey) {
  const SecretKey key = new_key();
  const Result<std::string> file = key.file_text("correct horse");
  if (!file) GTEST_SKIP() << "NOT RUN: " << file.error().message;
  EXPECT_TRUE(SecretKey::needs_password(*file));
  const Result<SecretKey> wrong = SecretKey::parse(*file, "battery staple");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalidArgument);
  const Result<SecretKey> right = SecretKey::parse(*file, "correct horse");
  ASSERT_TRUE(right) << right.error().message;
  EXPECT_EQ(right->public_key(), key.public_key());
  if (!has_minisign()) return;
  const std::string secret = folder_.write("key", *file), message = folder_.write("file", "text");
  const auto signing =
      test::run_process({"/usr/bin/env", "minisign", "-S", "-s", secret, "-m", message}, "correct horse\n");
  EXPECT_EQ(signing.exit_code, 0) << signing.errors;
}

TEST_F(Minisign, EachChangedByteIsNoticed) {
  const SecretKey key = new_key();
  const std::string text = "the message";
  const update::Signature right = *key.sign(bytes_of(text), "comment");
  ASSERT_TRUE(update::verifies(key.public_key(), bytes_of(text), right));
  for (std::size_t i = 0; i < 64; ++i) {
    update::Signature file = right, comment = right;
    file.of_file[i] ^= 1;
    comment.of_comment[i] ^= 1;
    EXPECT_FALSE(update::verifies(key.public_key(), bytes_of(text), file)) << i;
    EXPECT_FALSE(update::verifies(key.public_key(), bytes_of(text), comment)) << i;
  }
  update::Signature renamed = right;
  renamed.trusted_comment = "Comment";
  EXPECT_FALSE(update::verifies(key.public_key(), bytes_of(text), renamed));
  EXPECT_FALSE(update::verifies(new_key().public_key(), bytes_of(text), right));
}

TEST_F(Minisign, TextsThatAreNoSignaturesAreRefused) {
  const SecretKey key = new_key();
  const std::string right = update::signature_file(*key.sign(bytes_of("m"), "c"), "u");
  ASSERT_TRUE(update::parse_signature(right));
  for (std::size_t size = 0; size + 1 < right.size(); ++size) {
    EXPECT_FALSE(update::parse_signature(right.substr(0, size))) << size;
  }
  std::string legacy = right;
  legacy[legacy.find("\nRU") + 2] = 'W';  // "Ed": not prehashed
  EXPECT_FALSE(update::parse_signature(legacy));
  EXPECT_FALSE(update::parse_signature(std::string(100000, 'A')));
  EXPECT_FALSE(update::parse_public_key(""));
  EXPECT_FALSE(update::parse_public_key("RWQ="));
  EXPECT_TRUE(update::parse_public_key(update::public_key_line(key.public_key())));
  EXPECT_FALSE(key.sign(bytes_of("m"), "two\nlines"));
}

}  // namespace
}  // namespace noggin
