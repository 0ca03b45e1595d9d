#include "bytes/sha256.h"

#include <gtest/gtest.h>

namespace noggin {
namespace {

// The examples of FIPS 180-2, appendix B, and of NIST's CAVP for the empty message.
TEST(Sha256, PublishedVectors) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesOfAnySizeAreOneMessage) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
  for (std::size_t size = 0; size <= 130; ++size) {
    const std::string message = text.substr(0, size);
    Sha256 hash;
    for (std::size_t at = 0; at < size; at += 13) hash.update(std::string_view(message).substr(at, 13));
    EXPECT_EQ(hash.hex_digest(), sha256_hex(message)) << size;
    EXPECT_EQ(hash.hex_digest(), hash.hex_digest());  // asking changes nothing
  }
}

}  // namespace
}  // namespace noggin
