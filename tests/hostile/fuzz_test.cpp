// Structure-aware fuzzing: change fields, contents, sizes and order of a valid file, make redundant fields agree again,
// repair all hashes, open, answer. Whatever comes out, nothing crashes, reads outside or hangs, opening holds at most
// 64 KiB + file / 8 on the heap, everything is given back, and a model that opens gives finite logits.
// NOGGIN_FUZZ_ITERATIONS (default 20000) sets the number; failures print the iteration, which is the seed. How a long
// run went: README.md.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <set>

#include "spec/pack_panels.h"
#include "tests/support/format_hostile_case.h"
#include "tests/support/format_touch_view.h"
#include "tests/support/hostile_interposed.h"
#include "tests/support/hostile_whole_model.h"

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
    case 0:
      bytes[random.below(bytes.size())] ^= std::byte{1} << random.below(8);
      break;
    case 1:
      bytes[random.below(bytes.size())] = static_cast<std::byte>(random.next());
      break;
    case 2:
      store_u32(&bytes[word], interesting(random));
      break;
    default:
      store_u32(&bytes[word], load_u32(&bytes[word]) + static_cast<std::uint32_t>(random.below(17)) - 8U);
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
    case 0:
      resize_section(random, section.content);
      break;
    case 1:
      sections.erase(sections.begin() + static_cast<std::ptrdiff_t>(random.below(sections.size())));
      break;
    case 2:
      sections.push_back(section);
      break;
    case 3:
      std::swap(section, sections[random.below(sections.size())]);
      break;
    case 4:
      sections.push_back({interesting(random), static_cast<std::uint32_t>(random.below(2)), 64, 1, {}});
      break;
    default:
      change(random, section.content);
  }
}

// Where the tensors still lie as the unchanged config says, every bias_minus_offset follows from its weights again:
// otherwise nearly every changed weight would be refused for this reason.
void repair_redundancy(Bytes& tensors) {
  static const spec::ModelConfig config = [] {
    const AlignedBytes file(whole_model_file());
    return format::read_model(file.span())->config;
  }();
  if (tensors.size() != format::tensors_section_bytes(config)) return;
  std::uint64_t offset = 0;
  spec::for_each_tensor(config, [&](spec::TensorSpec&& tensor) {
    const format::TensorPlace place = format::place_tensor(tensor, offset);
    offset = place.end;
    if (tensor.kind != spec::TensorKind::kLinear) return;
    const std::size_t inputs = spec::padded_inputs(tensor.columns);
    for (std::size_t n = 0; n < tensor.rows; ++n) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < inputs; ++k) {
        sum += static_cast<std::int8_t>(tensors[place.values + spec::panel_offset(n, k, inputs)]);
      }
      std::byte* column = &tensors[place.per_row + n * sizeof(spec::LinearColumn)];
      store_u32(column + 4, load_u32(column) - 128U * static_cast<std::uint32_t>(sum));
    }
  });
}

Bytes mutate(Random& random, const Bytes& valid, const std::vector<EditedSection>& apart) {
  Bytes file = valid;
  if (random.below(4) != 0) {
    std::vector<EditedSection> sections = apart;
    for (std::size_t n = 1 + random.below(3); n > 0 && !sections.empty(); --n) change_sections(random, sections);
    for (EditedSection& section : sections) {
      const bool tensors = section.kind == static_cast<std::uint32_t>(format::SectionKind::kTensors);
      if (tensors && random.below(4) != 0) repair_redundancy(section.content);
    }
    file = put_together(valid, sections);
  }
  if (random.below(4) == 0) change(random, std::span(file).first(entry_at(apart.size())));
  for (std::size_t n = random.below(2); n > 0; --n) change(random, file);
  if (random.below(16) != 0) repair_hashes(file);
  return file;
}

double processor_seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// An answer to a text with all that tokenizers do.
void expect_finite_answers(const Model& model) {
  Result<Session> session = Session::create(model);
  ASSERT_TRUE(session) << session.error().message;
  const char* text = "where is \u00C9\u00E9 my\u2003\u4E2D parcel\u0301\u037E \u0130 thing\xFF 42?";
  const auto logits = session->logits(session->tokenize(text));
  ASSERT_TRUE(logits);
  for (const float logit : *logits) EXPECT_TRUE(std::isfinite(logit));
  if (const Result<Answer> answer = session->classify(text)) {
    EXPECT_LT(answer->label, model.labels().size());
  }
  if (const auto probabilities = session->probabilities(text)) {
    for (const float p : *probabilities) EXPECT_TRUE(p >= 0.0F && p <= 1.0F);
  }
}

// Texts of errors without their numbers: how many rules were reached.
std::string without_digits(std::string message) {
  std::erase_if(message, [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '+'; });
  return message.substr(0, message.find('\''));  // labels and pieces are quoted
}

struct Fuzzed {
  std::uint64_t accepted = 0;
  double slowest_seconds = 0.0;
  std::size_t largest_heap = 0, tightest_margin = ~std::size_t{0};
  std::set<std::string> refusals;
};

void open_one(const Bytes& bytes, Fuzzed& fuzzed) {
  const AlignedBytes file(bytes);
  const std::size_t before = interposed.live_bytes, blocks = interposed.live_blocks;
  const double started = processor_seconds();
  {
    interposed.peak_bytes = before;
    const Result<Model> model = Model::from_memory(file.span());
    const std::size_t heap = interposed.peak_bytes - before, allowed = 65536 + bytes.size() / 8;
    ASSERT_LE(heap, allowed) << "for a file of " << bytes.size();
    fuzzed.largest_heap = std::max(fuzzed.largest_heap, heap);
    fuzzed.tightest_margin = std::min(fuzzed.tightest_margin, allowed - heap);
    if (model) {
      ++fuzzed.accepted;
      ASSERT_TRUE(ViewToucher(model->view()).good());
      expect_finite_answers(*model);
    } else {
      ASSERT_FALSE(model.error().message.empty());
    }
  }
  const double seconds = processor_seconds() - started;
  ASSERT_LT(seconds, 1.0);
  fuzzed.slowest_seconds = std::max(fuzzed.slowest_seconds, seconds);
  ASSERT_EQ(interposed.live_bytes, before) << "memory was not given back";
  ASSERT_EQ(interposed.live_blocks, blocks);
}

TEST(Fuzz, NoMutantBreaksOpeningOrAnswering) {
  const char* given = std::getenv("NOGGIN_FUZZ_ITERATIONS");
  const std::uint64_t iterations = given != nullptr ? std::strtoull(given, nullptr, 10) : 20000;
  const Bytes valid[] = {whole_model_file(), whole_tagger_file(), whole_hashed_file()};
  const std::vector<EditedSection> apart[] = {take_apart(valid[0]), take_apart(valid[1]), take_apart(valid[2])};
  Fuzzed fuzzed;
  for (std::uint64_t i = 0; i < iterations && !HasFailure(); ++i) {
    SCOPED_TRACE(testing::Message() << "iteration " << i);
    Random random(i);
    const Bytes bytes = mutate(random, valid[i % 3], apart[i % 3]);
    open_one(bytes, fuzzed);
    if (i < 20000) {  // enough to see which rules are reached
      const AlignedBytes file(bytes);
      const Result<Model> model = Model::from_memory(file.span());
      if (!model) fuzzed.refusals.insert(without_digits(model.error().message));
    }
  }
  std::printf(
      "%llu executions, %llu accepted, %zu kinds of refusal, slowest %.1f ms, heap at most %zu bytes, %zu below "
      "its limit\n",
      static_cast<unsigned long long>(iterations), static_cast<unsigned long long>(fuzzed.accepted),
      fuzzed.refusals.size(), fuzzed.slowest_seconds * 1e3, fuzzed.largest_heap, fuzzed.tightest_margin);
  // Both sides of the reader must have been reached, or the mutations are too weak or too strong.
  if (iterations < 20000) return;
  EXPECT_GT(fuzzed.accepted, iterations / 50);
  EXPECT_LT(fuzzed.accepted, iterations / 2);
  EXPECT_GT(fuzzed.refusals.size(), 150U);
}

}  // namespace
}  // namespace noggin::test
