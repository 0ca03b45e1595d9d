// The reader's promise: at most 64 KiB + size / 8 + 20 bytes per label on the heap at any moment, for good files and
// bad ones. Counted by replacing operator new for this test program.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "format/reader.h"
#include "format/writer.h"
#include "tests/support/format_aligned_bytes.h"
#include "tests/support/format_nog_editor.h"
#include "tests/support/format_random_model.h"

namespace {
std::atomic<std::size_t> live_bytes{0};
std::atomic<std::size_t> peak_bytes{0};
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  const std::size_t live = live_bytes += malloc_usable_size(memory);
  if (live > peak_bytes) peak_bytes = live;
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  if (memory != nullptr) live_bytes -= malloc_usable_size(memory);
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace noggin::format {
namespace {

// Reads `bytes`; the heap bytes that were alive at the worst moment, the view included.
std::size_t peak_of_reading(const test::AlignedBytes& file, bool expect_success) {
  const std::size_t before = live_bytes;
  peak_bytes = before;
  const Result<ModelView> view = read_model(file.span());
  EXPECT_EQ(static_cast<bool>(view), expect_success) << (view ? "" : view.error().message);
  return peak_bytes - before;
}

std::size_t allowed(std::size_t file_bytes, std::size_t labels) { return 65536 + file_bytes / 8 + 20 * labels; }

TEST(ReaderMemory, SmallModel) {
  const test::AlignedBytes file(*serialize(test::random_frozen_model(test::small_config(), 1), {}));
  EXPECT_LE(peak_of_reading(file, true), 8192U);
}

// Everything that the reader keeps per item, as many as there may be, around tensors as small as there can be.
TEST(ReaderMemory, MostLayersGoldenVectorsAndLabels) {
  spec::ModelConfig config = test::small_config();
  config.encoder.width = 1;
  config.encoder.head_width = 1;
  config.classes = spec::kMaxClasses;
  config.encoder.layers.assign(spec::kMaxLayers, {1, 1});
  FrozenModel model = test::random_frozen_model(config, 1, 1);
  const test::AlignedBytes labels(*serialize(model, {}));
  EXPECT_LE(peak_of_reading(labels, true), allowed(labels.span().size(), spec::kMaxClasses));

  config.classes = 2;
  model = test::random_frozen_model(config, 1, kMaxGoldenVectors);
  const test::AlignedBytes layers(*serialize(model, {}));
  EXPECT_LE(peak_of_reading(layers, true), allowed(layers.span().size(), 2));

  // The last of the vectors in the other section, which makes the list longer.
  const test::Bytes one_less = *serialize(test::random_frozen_model(config, 1, kMaxGoldenVectors - 1), {});
  for (const std::uint32_t claimed : {1U, kMaxGoldenVectors}) {
    std::vector<test::EditedSection> sections = test::take_apart(one_less);
    test::Bytes& hash = test::add_golden_hashes(sections, test::Bytes(4 + 8 + 4 + 8));  // no text, one id, a hash
    store_u32(&hash[0], claimed);
    store_u32(&hash[8], 1);
    const test::AlignedBytes file(test::put_together(one_less, sections));
    EXPECT_LE(peak_of_reading(file, claimed == 1), allowed(file.span().size(), 2));
  }
}

TEST(ReaderMemory, MostTagClasses) {
  spec::ModelConfig config = test::small_config();
  config.encoder.width = 1;
  config.pooling = spec::Pooling::kEveryToken;
  config.classes = spec::kMaxTagClasses - 1;
  const test::AlignedBytes file(*serialize(test::random_frozen_model(config, 1, 1), {}));
  EXPECT_LE(peak_of_reading(file, true), allowed(file.span().size(), config.classes));
}

// Counts that promise more than the file holds are refused before anything is allocated for them.
TEST(ReaderMemory, PromisesAreNotBelieved) {
  const test::Bytes valid = *serialize(test::random_frozen_model(test::small_config(), 1), {});
  for (const std::size_t field : {2U, 3U, 4U, 5U, 6U, 8U}) {
    std::vector<test::EditedSection> sections = test::take_apart(valid);
    store_u32(&test::content_of(sections, SectionKind::kConfig)[4 * field], 65536);
    const test::AlignedBytes file(test::put_together(valid, sections));
    EXPECT_LE(peak_of_reading(file, false), 65536U) << "config field " << field;
  }
}

}  // namespace
}  // namespace noggin::format
