// Accidents: every single flipped bit and every cut of a small valid file is refused.
#include <cstring>

#include "tests/support/format_hostile_case.h"
#include "tests/support/hostile_whole_model.h"

namespace noggin::test {
namespace {

TEST(DamagedFile, TheWholeOneHoldsEverySectionAndOpens) {
  const AlignedBytes file(whole_model_file());
  const Result<Model> model = Model::from_memory(file.span());
  ASSERT_TRUE(model) << model.error().message;
  for (const EditedSection& section : take_apart(whole_model_file())) EXPECT_FALSE(section.content.empty());
  EXPECT_EQ(take_apart(whole_model_file()).size(),
            format::kKnownSections.size() - 3);  // a plain classifier has no decision or checks, few classes no hashes
  EXPECT_EQ(take_apart(whole_tagger_file()).size(), format::kKnownSections.size() - 1);
  EXPECT_EQ(take_apart(whole_hashed_file()).size(), format::kKnownSections.size() - 2);
  const AlignedBytes hashed(whole_hashed_file());
  const Result<Model> with_hashes = Model::from_memory(hashed.span());
  ASSERT_TRUE(with_hashes) << with_hashes.error().message;
  EXPECT_TRUE(with_hashes->view().golden.back().logits.empty());
  const AlignedBytes tagger(whole_tagger_file());
  EXPECT_TRUE(Model::from_memory(tagger.span()));
}

void expect_every_flip_refused(const Bytes& whole) {
  AlignedBytes file(whole);
  for (std::size_t bit = 0; bit < file.span().size() * 8; ++bit) {
    const std::byte mask = std::byte{1} << (bit % 8);
    file.span()[bit / 8] ^= mask;
    ASSERT_FALSE(Model::from_memory(file.span())) << "byte " << bit / 8 << ", bit " << bit % 8;
    file.span()[bit / 8] ^= mask;
  }
}

TEST(DamagedFile, EveryFlippedBitIsRefused) {
  for (const Bytes& whole : {whole_model_file(), whole_tagger_file(), whole_hashed_file()})
    expect_every_flip_refused(whole);
}

TEST(DamagedFile, EveryPrefixIsRefused) {
  for (const Bytes& whole : {whole_model_file(), whole_tagger_file(), whole_hashed_file()}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const AlignedBytes cut(std::span<const std::byte>(whole.data(), size));
      ASSERT_FALSE(Model::from_memory(cut.span())) << size << " bytes";
    }
  }
}

TEST(DamagedFile, AppendedBytesAreRefused) {
  Bytes file = whole_model_file();
  file.push_back(std::byte{0});
  const AlignedBytes longer(file);
  EXPECT_FALSE(Model::from_memory(longer.span()));
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
