// Raw files and their compression.
#include "data/lines/byte_stream.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "bytes/content_hash.h"
#include "tests/support/data_compressed.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using testing::HasSubstr;

struct Packer {
  const char* name;
  std::string (*pack)(std::string);
  Compression kind;
};

const std::vector<Packer>& packers() {
  static const std::vector<Packer> all = {
      {"gzip", [](std::string text) { return tests::gzip(text); }, Compression::kGzip},
      {"zstd", [](std::string text) { return tests::zstandard(text); }, Compression::kZstandard},
      {"bzip2", tests::bzip2, Compression::kBzip2},
      {"xz", [](std::string text) { return tests::xz(text); }, Compression::kXz},
  };
  return all;
}

// Does not compress to nothing, and is longer than every buffer.
std::string sample_text(std::size_t bytes = 5 << 18) {
  std::string text;
  for (std::uint32_t i = 1; text.size() < bytes; i = i * 1664525U + 1013904223U) {
    text += std::to_string(i);
    text += '\n';
  }
  return text;
}

// What the stream gives, in pieces of the size; the error's message if there is one.
struct StreamRead {
  std::string text;
  std::optional<Error> error;
};

StreamRead read_all(ByteStream& stream, std::size_t piece = 70001) {
  StreamRead read;
  std::string buffer(piece, '\0');
  while (true) {
    const Result<std::size_t> count = stream.read(buffer);
    if (!count) {
      read.error = count.error();
      return read;
    }
    if (*count == 0) return read;
    read.text.append(buffer, 0, *count);
  }
}

TEST(ByteStream, ReadsEveryCompressionInOneOrSeveralMembers) {
  const test::TemporaryFolder folder;
  const std::string text = sample_text();
  const std::size_t half = text.size() / 2;
  for (const Packer& packer : packers()) {
    const std::string one = packer.pack(text);
    const std::string two = packer.pack(text.substr(0, half)) + packer.pack(text.substr(half));
    for (const std::string& packed : {one, two, one + packer.pack("")}) {
      auto stream = ByteStream::open(folder.write("named.wrong", packed));
      ASSERT_TRUE(stream) << packer.name;
      EXPECT_EQ(stream->compression(), packer.kind) << packer.name;
      const StreamRead read = read_all(*stream);
      EXPECT_FALSE(read.error) << packer.name;
      EXPECT_TRUE(read.text == text) << packer.name << ": " << read.text.size() << " bytes";
      EXPECT_FALSE(stream->cut()) << packer.name;
      EXPECT_EQ(stream->file_bytes(), packed.size());
      EXPECT_EQ(stream->file_hash(), content_hash(packed.data(), packed.size())) << packer.name;
    }
  }
}

TEST(ByteStream, ReadsAnEmptyFileOfEveryCompression) {
  const test::TemporaryFolder folder;
  for (const Packer& packer : packers()) {
    auto stream = ByteStream::open(folder.write("log", packer.pack("")));
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->compression(), packer.kind) << packer.name;
    const StreamRead read = read_all(*stream);
    EXPECT_FALSE(read.error || stream->cut()) << packer.name;
    EXPECT_EQ(read.text, "");
  }
}

// At every length, a compressed file that ends early is cut and gives a beginning of its text.
TEST(ByteStream, KnowsACutFile) {
  const test::TemporaryFolder folder;
  const std::string text = sample_text(1500);
  for (const Packer& packer : packers()) {
    const std::string packed = packer.pack(text);
    for (std::size_t length = 6; length < packed.size(); length += 9) {
      auto stream = ByteStream::open(folder.write("log", packed.substr(0, length)));
      ASSERT_TRUE(stream);
      const StreamRead read = read_all(*stream);
      EXPECT_FALSE(read.error) << packer.name << " cut at " << length << ": " << read.error->message;
      EXPECT_TRUE(stream->cut()) << packer.name << " cut at " << length;
      EXPECT_TRUE(text.starts_with(read.text)) << packer.name << " cut at " << length;
    }
    const std::string second_cut = packed + packed.substr(0, packed.size() / 2);
    auto stream = ByteStream::open(folder.write("log", second_cut));
    ASSERT_TRUE(stream);
    EXPECT_FALSE(read_all(*stream).error);
    EXPECT_TRUE(stream->cut()) << packer.name;
  }
}

TEST(ByteStream, RefusesDamage) {
  const test::TemporaryFolder folder;
  for (const Packer& packer : packers()) {
    std::string flipped = packer.pack(sample_text(300000));
    flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 0x55);
    const std::string followed = packer.pack("a text\n") + "something else entirely, and long enough";
    for (const std::string& damaged : {flipped, followed}) {
      const std::string path = folder.write("damaged", damaged);
      auto stream = ByteStream::open(path);
      ASSERT_TRUE(stream);
      const StreamRead read = read_all(*stream);
      if (packer.kind == Compression::kZstandard && damaged == flipped && !read.error) continue;  // has no checksum
      ASSERT_TRUE(read.error) << packer.name;
      EXPECT_EQ(read.error->code, ErrorCode::kCorrupt) << read.error->message;
      EXPECT_THAT(read.error->message, HasSubstr(path + ": the compressed data is damaged")) << packer.name;
    }
  }
}

TEST(ByteStream, SkipsTheZerosOfATape) {
  const test::TemporaryFolder folder;
  for (const Packer& packer : packers()) {
    auto stream = ByteStream::open(folder.write("log", packer.pack("a text\n") + std::string(4096, '\0')));
    ASSERT_TRUE(stream);
    const StreamRead read = read_all(*stream);
    EXPECT_FALSE(read.error) << packer.name;
    EXPECT_EQ(read.text, "a text\n");
    EXPECT_FALSE(stream->cut()) << packer.name;
  }
}

// The dense case: what expands most is refused before it has cost much, and says how to go on.
TEST(ByteStream, RefusesDecompressionBombs) {
  const test::TemporaryFolder folder;
  const std::string block(std::size_t{64} << 20, '\n');
  std::string bomb;
  const std::string packed = tests::zstandard(block);
  for (int i = 0; i < 64; ++i) bomb += packed;  // 4 GiB
  const std::string path = folder.write("bomb.zst", bomb);
  auto stream = ByteStream::open(path);
  ASSERT_TRUE(stream);
  std::vector<char> buffer(std::size_t{1} << 20);
  std::uint64_t produced = 0;
  while (true) {
    const Result<std::size_t> count = stream->read(buffer);
    if (!count) {
      EXPECT_EQ(count.error().code, ErrorCode::kBadData);
      EXPECT_THAT(count.error().message, HasSubstr("zstd -dc '" + path + "' > FILE"));
      break;
    }
    ASSERT_GT(*count, 0U) << "4 GiB were read";
    produced += *count;
  }
  EXPECT_LE(produced, std::max(kSuspiciousBytes, kMaxExpansion * bomb.size()) + 2 * buffer.size());
}

// Rows that repeat a long prompt and differ in a number.
TEST(ByteStream, ReadsALogThatRepeatsItself) {
  const test::TemporaryFolder folder;
  std::string block;
  for (int i = 0; block.size() < (std::size_t{32} << 20); ++i) {
    block += R"({"prompt": ")";
    block.append(20000, 'p');
    block += R"(", "id": )" + std::to_string(i * 7919) + "}\n";
  }
  std::string packed = tests::zstandard(block);
  EXPECT_GT(block.size() / packed.size(), 1000U) << "this log repeats itself too little to test the bound";
  std::string file;
  for (int i = 0; i < 9; ++i) file += packed;  // 288 MiB: more than kSuspiciousBytes
  auto stream = ByteStream::open(folder.write("log.zst", file));
  ASSERT_TRUE(stream);
  std::vector<char> buffer(std::size_t{1} << 20);
  std::uint64_t produced = 0;
  while (true) {
    const Result<std::size_t> count = stream->read(buffer);
    ASSERT_TRUE(count) << count.error().message;
    if (*count == 0) break;
    produced += *count;
  }
  EXPECT_EQ(produced, 9 * block.size());
}

TEST(ByteStream, DoesNotWaitForAPipe) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto stream = ByteStream::open(path);
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().code, ErrorCode::kIo);
  EXPECT_THAT(stream.error().message, HasSubstr("is a pipe"));
}

TEST(ByteStream, ReadsAFileToWhereItEndedWhenItWasOpened) {
  const test::TemporaryFolder folder;
  const std::string text = sample_text();
  const std::string path = folder.write("log", text);
  auto stream = ByteStream::open(path);
  ASSERT_TRUE(stream);
  std::ofstream(path, std::ios::app) << "appended by another program";
  EXPECT_TRUE(read_all(*stream).text == text);
  EXPECT_EQ(stream->file_hash(), content_hash(text.data(), text.size()));
}

TEST(ByteStream, RefusesAFileThatBecomesShorter) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("log", sample_text());
  auto stream = ByteStream::open(path);
  ASSERT_TRUE(stream);
  std::filesystem::resize_file(path, (1 << 20) + 5);
  const StreamRead read = read_all(*stream);
  ASSERT_TRUE(read.error);
  EXPECT_EQ(read.error->code, ErrorCode::kIo);
  EXPECT_THAT(read.error->message, HasSubstr("was shortened while it was read"));
}

}  // namespace
}  // namespace noggin::data
