#include "bytes/bound_text.h"

#include <gtest/gtest.h>

#include "bytes/sha256.h"

namespace noggin {
namespace {

const std::string kObject = "{\n  \"a\": 1,\n  \"b\": \"x\"\n}\n";

TEST(BoundText, HoldsAsItWasWritten) {
  const std::string text = bind_text(kObject);
  const TextBinding binding = binding_of(text);
  EXPECT_TRUE(binding.holds());
  EXPECT_EQ(binding.stated, sha256_hex(kObject));
  EXPECT_TRUE(text.starts_with("{\n  \"a\": 1,\n  \"b\": \"x\",\n  \"sha256\": \""));
}

TEST(BoundText, AnyOtherByteBreaksIt) {
  const std::string text = bind_text(kObject);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(binding_of(changed).holds()) << i;
    EXPECT_FALSE(binding_of(text.substr(0, i)).holds()) << i;
  }
  EXPECT_FALSE(binding_of(text + "\n").holds());
  EXPECT_FALSE(binding_of(kObject).holds());
  EXPECT_TRUE(binding_of("").stated.empty());
}

}  // namespace
}  // namespace noggin
