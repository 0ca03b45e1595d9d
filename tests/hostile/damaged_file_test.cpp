// Accidents: every single flipped bit and every cut of a small valid file is refused.
#include <cstring>

#include "tests/support/format_hostile_case.h"

namespace noggin::test {
namespace {

// As small as a model gets, so that every bit can be tried.
Bytes tiny_file() {
  spec::ModelConfig config;
  config.vocabulary_size = 5;
  config.max_tokens = 3;
  config.width = 3;
  config.head_width = 2;
  config.classes = 2;
  config.layers = {{1, 3}};
  return *format::serialize(random_frozen_model(config, 11, 2), Bytes(9, std::byte{0x21}));
}

TEST(DamagedFile, EveryFlippedBitIsRefused) {
  AlignedBytes file(tiny_file());
  ASSERT_TRUE(format::read_model(file.span()));
  for (std::size_t bit = 0; bit < file.span().size() * 8; ++bit) {
    const std::byte mask = std::byte{1} << (bit % 8);
    file.span()[bit / 8] ^= mask;
    ASSERT_FALSE(format::read_model(file.span())) << "byte " << bit / 8 << ", bit " << bit % 8;
    file.span()[bit / 8] ^= mask;
  }
}

TEST(DamagedFile, EveryPrefixIsRefused) {
  const Bytes whole = tiny_file();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const AlignedBytes cut(std::span<const std::byte>(whole.data(), size));
    ASSERT_FALSE(format::read_model(cut.span())) << size << " bytes";
  }
}

TEST(DamagedFile, AppendedBytesAreRefused) {
  Bytes file = tiny_file();
  file.push_back(std::byte{0});
  const AlignedBytes longer(file);
  EXPECT_FALSE(format::read_model(longer.span()));
}

// What a file system leaves after a crash: a block of zeros in the middle.
TEST(DamagedFile, EveryZeroedBlockIsRefused) {
  const Bytes whole = valid_file();
  for (std::size_t first = 0; first + 512 <= whole.size(); first += 512) {
    Bytes file = whole;
    std::memset(file.data() + first, 0, 512);
    const AlignedBytes zeroed(file);
    ASSERT_FALSE(format::read_model(zeroed.span())) << "block at " << first;
  }
}

}  // namespace
}  // namespace noggin::test
