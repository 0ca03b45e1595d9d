// Deltas give the new file bit for bit, or an error.
#include "update/delta.h"

#include <zstd.h>

#include <cstring>

#include "export/publish/delta_maker.h"
#include "tests/support/ngram_model.h"
#include "tests/support/update_publication.h"

namespace noggin {
namespace {

using publish::Delta;
using test::AlignedBytes;
using update::DeltaMethod;
using Bytes = std::vector<std::byte>;

// What a device makes of it; empty after an error.
Bytes applied(std::span<const std::byte> old, std::span<const std::byte> delta, std::uint64_t new_bytes,
              std::string* error = nullptr) {
  Bytes made;
  const update::ReadSome read = [&delta](std::span<std::byte> to) -> Result<std::size_t> {
    const std::size_t count = std::min({to.size(), delta.size(), std::size_t{1000}});
    std::copy_n(delta.begin(), count, to.begin());
    delta = delta.subspan(count);
    return count;
  };
  const Status status = update::apply_delta(old, read, new_bytes, [&](std::span<const std::byte> bytes) {
    made.insert(made.end(), bytes.begin(), bytes.end());
    EXPECT_LE(made.size(), new_bytes) << "more than was asked for";
    return Status();
  });
  if (status) return made;
  EXPECT_EQ(status.error().code, ErrorCode::kCorrupt);
  if (error != nullptr) *error = status.error().message;
  return {};
}

void expect_exact(const Bytes& old, const Bytes& now, const std::string& what) {
  const AlignedBytes old_file(old), new_file(now);
  for (const DeltaMethod method : {DeltaMethod::kTyped, DeltaMethod::kDictionary}) {
    const Result<Delta> delta = publish::make_delta(old_file.span(), new_file.span(), method);
    ASSERT_TRUE(delta) << what << ": " << delta.error().message;
    EXPECT_TRUE(applied(old_file.span(), delta->bytes, now.size()) == now) << what;
  }
}

TEST(Delta, IsExactForEveryShapeOfModel) {
  std::uint64_t seed = 1;
  for (const spec::ModelConfig& config : test::odd_configs()) {
    const format::FrozenModel old = test::frozen_model_with_golden(config, ++seed);
    expect_exact(test::serialized(old), test::serialized(test::retrained(old, seed)), "config " + std::to_string(seed));
    expect_exact(test::serialized(old), test::serialized(old), "itself");
  }
}

TEST(Delta, IsExactBetweenDifferentShapes) {
  const std::vector<spec::ModelConfig> configs = test::odd_configs();
  for (std::size_t i = 0; i + 1 < configs.size(); ++i)
    expect_exact(test::serialized(test::frozen_model_with_golden(configs[i], 5)),
                 test::serialized(test::frozen_model_with_golden(configs[i + 1], 6)), std::to_string(i));
}

// A night's new rows bring new pieces: the rows of the others have moved.
TEST(Delta, FollowsPiecesThroughAChangedVocabulary) {
  spec::ModelConfig config = test::update_config();
  const format::FrozenModel old = test::frozen_model_with_golden(config, 7);
  format::FrozenModel now = old;
  const std::size_t width = config.encoder.width, at = 60;
  now.config.vocabulary_size += 1;
  now.tokenizer.vocabulary.insert(now.tokenizer.vocabulary.begin() + at, "zzyzx");
  format::FrozenTensor& words = now.tensors.at("embeddings.word");
  words.values.insert(words.values.begin() + static_cast<std::ptrdiff_t>(at * width), width, std::int8_t{3});
  words.floats.insert(words.floats.begin() + at, 0.004F);
  now.golden.clear();
  const Bytes old_bytes = test::serialized(old), new_bytes = test::serialized(now);
  const AlignedBytes old_file(old_bytes), new_file(new_bytes);
  const Result<Delta> delta = publish::make_delta(old_file.span(), new_file.span(), DeltaMethod::kTyped);
  ASSERT_TRUE(delta) << delta.error().message;
  EXPECT_TRUE(applied(old_file.span(), delta->bytes, new_bytes.size()) == new_bytes);
  EXPECT_LT(delta->bytes.size(), new_bytes.size() / 10);
}

TEST(Delta, TypedIsSmallerThanADictionaryForRetrainedWeights) {
  const format::FrozenModel old = test::frozen_model_with_golden(test::update_config(), 8);
  const AlignedBytes old_file(test::serialized(old)), new_file(test::serialized(test::retrained(old, 9)));
  const Result<Delta> typed = publish::make_delta(old_file.span(), new_file.span(), DeltaMethod::kTyped),
                      dictionary = publish::make_delta(old_file.span(), new_file.span(), DeltaMethod::kDictionary);
  ASSERT_TRUE(typed && dictionary);
  EXPECT_LT(typed->bytes.size() * 10, dictionary->bytes.size() * 7);
  EXPECT_EQ(publish::make_delta(old_file.span(), new_file.span())->method, DeltaMethod::kTyped);
}

TEST(Delta, OfAnNgramModel) {
  const format::FrozenModel old = test::random_ngram_model(test::sample_texts(), 3, 7);
  format::FrozenModel now = old;
  for (auto& [name, tensor] : now.tensors)
    for (float& value : tensor.floats) value *= 1.001F;
  const auto bytes = [](const format::FrozenModel& model) {
    return *format::serialize(model, *runtime::serialize_ngrams(model.ngrams));
  };
  expect_exact(bytes(old), bytes(now), "n-grams");
}

class DamagedDelta : public ::testing::TestWithParam<DeltaMethod> {
 protected:
  const format::FrozenModel model_ = test::frozen_model_with_golden(test::engine_config(), 10);
  const AlignedBytes old_{test::serialized(model_)}, new_{test::serialized(test::retrained(model_, 11))};
  const Bytes delta_ = publish::make_delta(old_.span(), new_.span(), GetParam())->bytes;
  const Bytes expected_{new_.span().begin(), new_.span().end()};
};

TEST_P(DamagedDelta, CutAnywhere) {
  for (std::size_t size = 0; size < delta_.size(); size += 1 + size / 40)
    EXPECT_TRUE(applied(old_.span(), std::span(delta_).first(size), new_.span().size()).empty()) << size;
  Bytes longer = delta_;
  longer.push_back(std::byte{0});
  EXPECT_TRUE(applied(old_.span(), longer, new_.span().size()).empty());
}

// Whoever applies a delta compares the hash: here only that nothing crashes and nothing grows.
TEST_P(DamagedDelta, AnyByteChanged) {
  test::Random random(12);
  for (int i = 0; i < 3000; ++i) {
    Bytes damaged = delta_;
    damaged[random.below(damaged.size())] ^= static_cast<std::byte>(1 + random.below(255));
    applied(old_.span(), damaged, new_.span().size());
  }
}

TEST_P(DamagedDelta, ForOtherFiles) {
  EXPECT_TRUE(applied(new_.span().first(new_.span().size() - 1), delta_, new_.span().size()).empty());
  EXPECT_TRUE(applied(old_.span(), delta_, new_.span().size() + 1).empty());
  EXPECT_TRUE(applied(old_.span(), delta_, new_.span().size() - 1).empty());
}

INSTANTIATE_TEST_SUITE_P(Methods, DamagedDelta, ::testing::Values(DeltaMethod::kTyped, DeltaMethod::kDictionary),
                         [](const auto& parameter) { return std::string(publish::method_name(parameter.param)); });

Bytes with_header(DeltaMethod method, std::uint64_t old_bytes, std::uint64_t new_bytes, const Bytes& content) {
  Bytes file(update::kDeltaHeaderBytes);
  std::memcpy(file.data(), update::kDeltaMagic.data(), update::kDeltaMagic.size());
  store_u32(&file[update::kDeltaVersionOffset], update::kDeltaVersion);
  store_u32(&file[update::kDeltaMethodOffset], static_cast<std::uint32_t>(method));
  store_u64(&file[update::kDeltaNewBytesOffset], new_bytes);
  store_u64(&file[update::kDeltaOldBytesOffset], old_bytes);
  Bytes frame(ZSTD_compressBound(content.size()));
  frame.resize(ZSTD_compress(frame.data(), frame.size(), content.data(), content.size(), 3));
  file.insert(file.end(), frame.begin(), frame.end());
  return file;
}

TEST(HostileDelta, ABombStopsAtTheSignedSize) {
  const Bytes old(100), zeros(200U << 20);
  std::string error;
  EXPECT_TRUE(applied(old, with_header(DeltaMethod::kDictionary, 100, 1000, zeros), 1000, &error).empty());
  EXPECT_NE(error.find("more bytes"), std::string::npos) << error;
}

TEST(HostileDelta, SegmentsThatLieAreRefused) {
  const Bytes old(100);
  const auto segments = [&](std::vector<update::Segment> list) {
    Bytes content;
    append_little_endian(content, static_cast<std::uint32_t>(list.size()));
    for (const update::Segment& segment : list) {
      append_little_endian(content, segment.old_offset);
      append_little_endian(content, segment.bytes);
      append_little_endian(content, static_cast<std::uint32_t>(segment.kind));
    }
    content.resize(content.size() + 64);
    return with_header(DeltaMethod::kTyped, 100, 64, content);
  };
  using Kind = update::SegmentKind;
  EXPECT_FALSE(applied(old, segments({{0, 64, Kind::kBytes}}), 64).empty());
  EXPECT_FALSE(applied(old, segments({{36, 64, Kind::kWords}}), 64).empty());
  for (const update::Segment& evil :
       {update::Segment{37, 64, Kind::kBytes}, update::Segment{~0ULL, 64, Kind::kBytes},
        update::Segment{~0ULL - 63, 64, Kind::kWords}, update::Segment{101, 64, Kind::kNibbles},
        update::Segment{0, 0, Kind::kLiteral}, update::Segment{0, 63, Kind::kLiteral},
        update::Segment{0, 65, Kind::kLiteral}, update::Segment{0, 0xFFFFFFFF, Kind::kLiteral},
        update::Segment{0, 64, static_cast<Kind>(4)}, update::Segment{0, 62, Kind::kWords}}) {
    EXPECT_TRUE(applied(old, segments({evil}), 64).empty()) << evil.old_offset << " " << evil.bytes;
  }
}

TEST(HostileDelta, AnAbsurdNumberOfSegmentsTakesNoMemory) {
  Bytes content;
  append_little_endian(content, std::uint32_t{0xFFFFFFFF});
  std::string error;
  applied(Bytes(100), with_header(DeltaMethod::kTyped, 100, 1ULL << 31, content), 1ULL << 31, &error);
  EXPECT_NE(error.find("segments"), std::string::npos) << error;
}

}  // namespace
}  // namespace noggin
