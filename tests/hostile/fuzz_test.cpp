// Structure-aware fuzzing: change fields, contents, sizes and order of a valid file, repair all hashes, read. Whatever
// comes out, the reader neither crashes nor reads outside, and a view that it hands out keeps every promise.
// NOGGIN_FUZZ_ITERATIONS (default 20000) sets the number; failures print the iteration, which is the seed.
#include <algorithm>
#include <cstdlib>

#include "tests/support/format_hostile_case.h"
#include "tests/support/format_touch_view.h"

namespace noggin::test {
namespace {

constexpr std::uint32_t kInteresting[] = {0,          1,          2,          3,          63,         64,
                                          65,         127,        128,        255,        256,        4095,
                                          4096,       65535,      65536,      0x7FFFFFFF, 0x80000000, 0x80808080,
                                          0xFFFFFFC0, 0xFFFFFFFF, 0x7F800000, 0x7FC00000, 0x3F800000, 0x00000100};

std::uint32_t interesting(Random& random) {
  if (random.below(4) == 0) return static_cast<std::uint32_t>(random.next());
  return kInteresting[random.below(std::size(kInteresting))];
}

// One change inside `bytes`: a bit, a byte, a 32-bit word that is replaced or moved a little.
void change(Random& random, std::span<std::byte> bytes) {
  if (bytes.size() < 4) return;
  const std::size_t word = random.below(bytes.size() / 4) * 4;
  switch (random.below(4)) {
    case 0: bytes[random.below(bytes.size())] ^= std::byte{1} << random.below(8); break;
    case 1: bytes[random.below(bytes.size())] = static_cast<std::byte>(random.next()); break;
    case 2: format::store_u32(&bytes[word], interesting(random)); break;
    default:
      format::store_u32(&bytes[word],
                        format::load_u32(&bytes[word]) + static_cast<std::uint32_t>(random.below(17)) - 8U);
  }
}

void resize_section(Random& random, Bytes& content) {
  const std::size_t at = random.below(content.size() + 1);
  const std::size_t count = 1 + random.below(70);
  const auto position = content.begin() + static_cast<std::ptrdiff_t>(at);
  if (random.below(2) == 0) {
    content.insert(position, count, static_cast<std::byte>(random.next()));
  } else {
    content.erase(position, position + static_cast<std::ptrdiff_t>(std::min(count, content.size() - at)));
  }
}

void change_sections(Random& random, std::vector<EditedSection>& sections) {
  EditedSection& section = sections[random.below(sections.size())];
  switch (random.below(8)) {
    case 0: resize_section(random, section.content); break;
    case 1: sections.erase(sections.begin() + static_cast<std::ptrdiff_t>(random.below(sections.size()))); break;
    case 2: sections.push_back(section); break;
    case 3: std::swap(section, sections[random.below(sections.size())]); break;
    case 4: sections.push_back({interesting(random), static_cast<std::uint32_t>(random.below(2)), 64, 1, {}}); break;
    default: change(random, section.content);
  }
}

Bytes mutate(Random& random, const Bytes& valid, const std::vector<EditedSection>& apart) {
  Bytes file = valid;
  if (random.below(2) == 0) {
    std::vector<EditedSection> sections = apart;
    for (std::size_t n = 1 + random.below(3); n > 0 && !sections.empty(); --n) change_sections(random, sections);
    file = put_together(valid, sections);
  }
  if (random.below(3) == 0) change(random, std::span(file).first(entry_at(6)));
  for (std::size_t n = random.below(3); n > 0; --n) change(random, file);
  if (random.below(16) != 0) repair_hashes(file);
  return file;
}

TEST(Fuzz, NoMutantBreaksTheReader) {
  const char* given = std::getenv("NOGGIN_FUZZ_ITERATIONS");
  const std::uint64_t iterations = given != nullptr ? std::strtoull(given, nullptr, 10) : 20000;
  const Bytes valid = valid_file();
  const std::vector<EditedSection> apart = take_apart(valid);
  std::uint64_t accepted = 0;
  for (std::uint64_t i = 0; i < iterations; ++i) {
    Random random(i);
    const AlignedBytes file(mutate(random, valid, apart));
    const Result<format::ModelView> view = format::read_model(file.span());
    if (!view) {
      ASSERT_FALSE(view.error().message.empty()) << "iteration " << i;
      continue;
    }
    ++accepted;
    ASSERT_TRUE(ViewToucher(*view).good()) << "iteration " << i;
  }
  // Both sides of the reader must have been reached, or the mutations are too weak or too strong.
  if (iterations >= 20000) {
    EXPECT_GT(accepted, iterations / 100);
    EXPECT_LT(accepted, iterations / 2);
  }
  RecordProperty("accepted", static_cast<int>(accepted));
}

}  // namespace
}  // namespace noggin::test
