#include "data/shards/shard.h"

#include <gmock/gmock.h>
#include <hdf5.h>

#include <fstream>
#include <functional>
#include <limits>

#include "data/rows/content_key.h"
#include "data/shards/hdf5_file.h"
#include "data/shards/sampler.h"
#include "tests/support/cli_temporary_folder.h"

namespace noggin::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Record record(std::size_t i) {
  Record row{.id = "row-" + std::to_string(i),
             .text = "text " + std::to_string(i),
             .label = static_cast<std::int32_t>(i % 4) - 1};
  if (i % 3 != 0) row.teacher = {.classes = {2, 0}, .probabilities = {0.5F, 0.25F}};
  return row;
}

std::vector<std::uint32_t> tokens(std::size_t i) {
  std::vector<std::uint32_t> ids(2 + i % 5);
  for (std::size_t t = 0; t < ids.size(); ++t) ids[t] = static_cast<std::uint32_t>(10 * i + t);
  return ids;
}

std::vector<std::string> write(const std::string& prefix, std::size_t rows, std::uint64_t rows_per_shard = 1 << 20) {
  auto writer = ShardWriter::create(prefix, 3, 2, 0xfeedULL, rows_per_shard);
  EXPECT_TRUE(writer);
  for (std::size_t i = 0; i < rows; ++i) EXPECT_TRUE(writer->append(record(i), tokens(i)));
  auto paths = writer->finish();
  EXPECT_TRUE(paths);
  return *paths;
}

TEST(Shard, LongTextsEndAShardEarlier) {
  const test::TemporaryFolder folder;
  constexpr std::size_t kRows = 70, kTextBytes = std::size_t{1} << 20;
  auto writer = ShardWriter::create(folder.file("train"), 3, 2, 1);
  ASSERT_TRUE(writer);
  for (std::size_t i = 0; i < kRows; ++i) {
    Record row = record(i);
    row.text.resize(kTextBytes, 'x');
    ASSERT_TRUE(writer->append(row, tokens(i)));
  }
  const auto paths = writer->finish();
  ASSERT_TRUE(paths);
  EXPECT_THAT(writer->rows_of_shards(), ElementsAre(ShardWriter::kMostBytes / kTextBytes, 6));
  EXPECT_EQ(read_shards(*paths)->rows(), kRows);
}

TEST(Shard, ReadsBackWhatWasWritten) {
  const test::TemporaryFolder folder;
  const auto paths = write(folder.file("train"), 25, 10);
  EXPECT_THAT(paths,
              ElementsAre(folder.file("train-00000.h5"), folder.file("train-00001.h5"), folder.file("train-00002.h5")));
  EXPECT_EQ(list_shards(folder.file("train")), paths);
  const auto block = read_shards(paths);
  ASSERT_TRUE(block) << block.error().message;
  ASSERT_EQ(block->rows(), 25U);
  EXPECT_EQ(block->classes, 3U);
  EXPECT_EQ(block->top_k, 2U);
  EXPECT_EQ(block->vocabulary_hash, 0xfeedU);
  for (std::size_t i = 0; i < 25; ++i) {
    const auto ids = tokens(i);
    EXPECT_TRUE(std::equal(ids.begin(), ids.end(), block->tokens_of(i).begin(), block->tokens_of(i).end()));
    EXPECT_EQ(block->text_of(i), record(i).text);
    EXPECT_EQ(block->id_of(i), record(i).id);
    EXPECT_EQ(block->label[i], record(i).label);
    EXPECT_EQ(block->key[i], content_key(record(i).text));
    EXPECT_EQ(block->has_teacher(i), i % 3 != 0);
  }
  EXPECT_THAT(block->teacher_classes_of(1), ElementsAre(2, 0));
  EXPECT_THAT(block->teacher_probabilities_of(1), ElementsAre(0.5F, 0.25F));
  EXPECT_THAT(block->teacher_classes_of(0), ElementsAre(-1, -1));
}

TEST(Shard, CutsTheTeacherToItsMostProbableClasses) {
  ExampleTable block;
  block.classes = 5;
  block.top_k = 2;
  Record row{.id = "a", .text = "b", .teacher = {.classes = {0, 1, 2, 3}, .probabilities = {0.1F, 0.3F, 0.2F, 0.3F}}};
  block.append(row, {});
  EXPECT_THAT(block.teacher_classes_of(0), ElementsAre(1, 3));
}

TEST(Shard, WritesNoFileForNoRows) {
  const test::TemporaryFolder folder;
  EXPECT_TRUE(write(folder.file("dev"), 0).empty());
  EXPECT_TRUE(list_shards(folder.file("dev")).empty());
  EXPECT_FALSE(read_shards({}));
}

TEST(Shard, GivesTheSameBytesForTheSameRows) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(test::read_text(write(folder.file("a"), 9)[0]), test::read_text(write(folder.file("b"), 9)[0]));
}

TEST(Shard, LeavesNothingBehindWhenAFolderIsMissing) {
  const test::TemporaryFolder folder;
  auto writer = ShardWriter::create(folder.file("absent/train"), 3, 2, 1);
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->append(record(0), tokens(0)));
  const auto paths = writer->finish();
  ASSERT_FALSE(paths);
  EXPECT_THAT(paths.error().message, HasSubstr("absent/train-00000.h5"));
}

TEST(Shard, IsAbsentUntilPublished) {
  const test::TemporaryFolder folder;
  {
    auto file = Hdf5Writer::create(folder.file("a.h5"));
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->attribute("rows", 1));
    EXPECT_FALSE(std::filesystem::exists(folder.file("a.h5")));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Shard, RefusesWhatIsNoShard) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(read_shard(folder.file("absent.h5")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read_shard(folder.write("text.h5", "not HDF5 at all")).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(read_shard(folder.write("empty.h5", "")).error().code, ErrorCode::kCorrupt);
  auto file = Hdf5Writer::create(folder.file("other.h5"));
  ASSERT_TRUE(file && file->publish());
  EXPECT_THAT(read_shard(folder.file("other.h5")).error().message, HasSubstr("noggin_shard"));
}

TEST(Shard, RefusesAnotherVersionAndSaysSo) {
  const test::TemporaryFolder folder;
  auto file = Hdf5Writer::create(folder.file("new.h5"));
  ASSERT_TRUE(file && file->attribute("noggin_shard", 3) && file->publish());
  const auto block = read_shard(folder.file("new.h5"));
  ASSERT_FALSE(block);
  EXPECT_EQ(block.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(block.error().message, HasSubstr("version 3"));
}

TEST(Shard, RefusesEveryCut) {
  const test::TemporaryFolder folder;
  const std::string bytes = test::read_text(write(folder.file("a"), 6)[0]);
  for (std::size_t size = 0; size < bytes.size(); size += 61)
    EXPECT_FALSE(read_shard(folder.write("cut.h5", bytes.substr(0, size)))) << size << " of " << bytes.size();
}

TEST(Shard, RefusesEveryFlippedBit) {
  const test::TemporaryFolder folder;
  const std::string path = write(folder.file("a"), 6)[0];
  const std::string bytes = test::read_text(path);
  ASSERT_TRUE(read_shard(path));
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  const auto put = [&file](std::size_t position, char byte) {
    file.seekp(static_cast<std::streamoff>(position));
    file.put(byte).flush();
  };
  for (std::size_t position = 0; position < bytes.size(); ++position) {
    const int bit = static_cast<int>(random_bits(3, 0, position) % 8);
    put(position, static_cast<char>(bytes[position] ^ (1 << bit)));
    EXPECT_FALSE(read_shard(path)) << position;
    put(position, bytes[position]);
  }
  EXPECT_TRUE(read_shard(path));
}

// Behind a right seal the datasets still have their own hashes: HDF5 may be asked for one dataset alone.
TEST(Shard, ChecksTheHashOfEachDataset) {
  const test::TemporaryFolder folder;
  const std::string path = write(folder.file("a"), 6)[0];
  std::string bytes = test::read_text(path);
  bytes[bytes.find("text 3")] = 'T';
  folder.write("a-00000.h5", bytes);
  ASSERT_TRUE(seal_file(path));
  const auto block = read_shard(path);
  ASSERT_FALSE(block);
  EXPECT_THAT(block.error().message, HasSubstr("dataset \"text\" does not have the hash"));
}

// Content whose hashes are right but which lies.
struct Lie {
  const char* what;
  std::function<void(ExampleTable&)> tell;
};

// As version 1 was written: a shard without a task, which is still read.
Status write_block(const ExampleTable& block, const std::string& path) {
  auto file = Hdf5Writer::create(path);
  if (!file) return file.error();
  const std::uint64_t rows = block.label.size();
  Status status;
  const auto put = [&](const char* name, const auto& values, std::vector<std::uint64_t> shape) {
    using Element = typename std::decay_t<decltype(values)>::value_type;
    if (status) status = file->dataset(name, std::span<const Element>(values.data(), values.size()), shape);
  };
  for (const auto& [name, value] : {std::pair<const char*, std::uint64_t>{"noggin_shard", 1},
                                    {"classes", block.classes},
                                    {"vocabulary_hash", 1},
                                    {"rows", rows}})
    if (status) status = file->attribute(name, value);
  put("token_offsets", block.token_offsets, {block.token_offsets.size()});
  put("token_ids", block.token_ids, {block.token_ids.size()});
  put("text_offsets", block.text_offsets, {block.text_offsets.size()});
  put("text", block.text, {block.text.size()});
  put("id_offsets", block.id_offsets, {block.id_offsets.size()});
  put("id", block.id, {block.id.size()});
  put("label", block.label, {rows});
  put("key", block.key, {block.key.size()});
  put("teacher_classes", block.teacher_classes, {block.teacher_classes.size() / block.top_k, block.top_k});
  put("teacher_probabilities", block.teacher_probabilities,
      {block.teacher_probabilities.size() / block.top_k, block.top_k});
  return status ? file->publish() : status;
}

TEST(Shard, RefusesLiesWithRightHashes) {
  const test::TemporaryFolder folder;
  const std::vector<Lie> lies = {
      {"nothing", [](ExampleTable&) {}},
      {"offset backwards", [](ExampleTable& b) { std::swap(b.token_offsets[1], b.token_offsets[2]); }},
      {"offset beyond", [](ExampleTable& b) { b.text_offsets.back() += 1; }},
      {"offset start", [](ExampleTable& b) { b.id_offsets.front() = 1; }},
      {"offsets short", [](ExampleTable& b) { b.id_offsets.erase(b.id_offsets.begin() + 1); }},
      {"offsets empty", [](ExampleTable& b) { b.id_offsets.clear(); }},
      {"label above", [](ExampleTable& b) { b.label[0] = 3; }},
      {"label below", [](ExampleTable& b) { b.label[0] = -2; }},
      {"key", [](ExampleTable& b) { b.key[1] ^= 1; }},
      {"key missing", [](ExampleTable& b) { b.key.pop_back(); }},
      {"class above", [](ExampleTable& b) { b.teacher_classes[2] = 3; }},
      {"class after none", [](ExampleTable& b) { b.teacher_classes[1] = 1; }},
      {"probability NaN",
       [](ExampleTable& b) { b.teacher_probabilities[2] = std::numeric_limits<float>::quiet_NaN(); }},
      {"probability negative", [](ExampleTable& b) { b.teacher_probabilities[2] = -0.1F; }},
      {"probability without class", [](ExampleTable& b) { b.teacher_probabilities[0] = 0.1F; }},
      {"sum", [](ExampleTable& b) { b.teacher_probabilities[2] = b.teacher_probabilities[3] = 0.9F; }},
      {"teacher rows", [](ExampleTable& b) { b.teacher_classes.resize(b.teacher_classes.size() - 2); }},
      {"classes", [](ExampleTable& b) { b.classes = 1; }},
  };
  for (const Lie& lie : lies) {
    ExampleTable block;
    block.classes = 3;
    block.top_k = 2;
    for (std::size_t i = 0; i < 4; ++i) block.append(record(i), tokens(i));
    lie.tell(block);
    ASSERT_TRUE(write_block(block, folder.file("lie.h5"))) << lie.what;
    const auto read = read_shard(folder.file("lie.h5"));
    EXPECT_EQ(static_cast<bool>(read), std::string(lie.what) == "nothing") << lie.what;
    if (!read) {
      EXPECT_EQ(read.error().code, ErrorCode::kCorrupt) << lie.what;
    }
  }
}

// A shard whose header claims petabytes must not be believed.
TEST(Shard, RefusesSizesThatTheFileDoesNotHave) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("huge.h5");
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  const hid_t file_creation = H5Pcreate(H5P_FILE_CREATE);
  H5Pset_userblock(file_creation, kSealBytes);
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, file_creation, access);
  const hsize_t size = hsize_t{1} << 50;
  const hid_t space = H5Screate_simple(1, &size, nullptr), creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_alloc_time(creation, H5D_ALLOC_TIME_LATE);
  H5Dclose(H5Dcreate2(file, "token_ids", H5T_STD_U32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Pclose(creation);
  H5Sclose(space);
  H5Fclose(file);
  H5Pclose(file_creation);
  H5Pclose(access);
  ASSERT_TRUE(seal_file(path));
  const auto reader = Hdf5Reader::open(path);
  ASSERT_TRUE(reader);
  const auto values = reader->read<std::vector<std::uint32_t>>("token_ids");
  ASSERT_FALSE(values);
  EXPECT_THAT(values.error().message, HasSubstr("claims more bytes than the file has"));
}

TEST(Shard, RefusesToMixVocabularies) {
  const test::TemporaryFolder folder;
  auto other = ShardWriter::create(folder.file("other"), 3, 2, 0xbeefULL);
  ASSERT_TRUE(other && other->append(record(0), tokens(0)));
  const auto paths = other->finish();
  ASSERT_TRUE(paths);
  EXPECT_FALSE(read_shards({write(folder.file("a"), 3)[0], (*paths)[0]}));
}

}  // namespace
}  // namespace noggin::data
