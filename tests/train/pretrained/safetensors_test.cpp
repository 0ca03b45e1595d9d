// What is read from .safetensors files, and that no bytes make the reader do anything but refuse.
#include "train/pretrained/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/train_bert_weights.h"

namespace noggin::train {
namespace {

using test::safetensors_bytes;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class Safetensors : public testing::Test {
 protected:
  Result<SafetensorsFiles> open(const std::string& bytes) {
    return SafetensorsFiles::open({folder_.write("m.safetensors", bytes)});
  }
  void expect_corrupt(const std::string& bytes, const std::string& what) {
    const Result<SafetensorsFiles> files = open(bytes);
    ASSERT_FALSE(files) << "should be refused: " << what;
    EXPECT_EQ(files.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(files.error().message, AllOf(HasSubstr(folder_.file("m.safetensors")), HasSubstr(what)));
  }
  // One tensor "a" with this entry over `bytes` of data.
  void expect_corrupt_entry(const std::string& entry, std::size_t bytes, const std::string& what) {
    expect_corrupt(safetensors_bytes("{\"a\":" + entry + "}", std::string(bytes, 'x')), what);
  }
  test::TemporaryFolder folder_;
};

TEST_F(Safetensors, EveryFloatTypeIsReadAsFloat32) {
  const torch::Tensor values = torch::tensor({{1.0F, -2.5F, 0.0F}, {-0.0F, 65504.0F, 3.0517578125e-05F}});
  const auto files = open(
      safetensors_bytes({{"f32", values}, {"f16", values.to(torch::kFloat16)}, {"bf16", values.to(torch::kBFloat16)}}));
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_THAT(files->names(), ElementsAre("bf16", "f16", "f32"));
  for (const char* name : {"f32", "f16"}) {
    const auto read = files->read(name, {2, 3});
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->dtype(), torch::kFloat32);
    EXPECT_EQ(std::memcmp(read->const_data_ptr(), values.const_data_ptr(), values.nbytes()), 0) << name;
  }
  EXPECT_TRUE(torch::equal(*files->read("bf16", {2, 3}), values.to(torch::kBFloat16).to(torch::kFloat32)));
}

TEST_F(Safetensors, WhatIsWrittenIsReadBackAndAlignedTo8) {
  const test::Weights weights = test::bert_weights();
  ASSERT_TRUE(write_safetensors(folder_.file("w.safetensors"), weights));
  const std::string bytes = test::read_text(folder_.file("w.safetensors"));
  EXPECT_EQ(static_cast<unsigned char>(bytes[0]) % 8, 0);
  const auto files = SafetensorsFiles::open({folder_.file("w.safetensors")});
  ASSERT_TRUE(files) << files.error().message;
  for (const auto& [name, tensor] : weights)
    EXPECT_TRUE(torch::equal(*files->read(name, tensor.sizes().vec()), tensor)) << name;
}

TEST_F(Safetensors, SeveralFilesAreOneModel) {
  const std::string one = folder_.write("1.safetensors", safetensors_bytes({{"a", torch::ones({2})}}));
  const std::string two = folder_.write("2.safetensors", safetensors_bytes({{"b", torch::zeros({3})}}));
  const auto files = SafetensorsFiles::open({one, two});
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_TRUE(torch::equal(*files->read("b", {3}), torch::zeros({3})));
  EXPECT_TRUE(torch::equal(*files->read("a", {2}), torch::ones({2})));
  const auto again = SafetensorsFiles::open({one, two, one});
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("a is in " + one + " too"));
}

TEST_F(Safetensors, NamesShapesAndTypesThatAreNotAsWanted) {
  const auto files = open(safetensors_bytes({{"a", torch::ones({2, 3})},
                                             {"i", torch::ones({2}, torch::kInt64)},
                                             {"n", torch::tensor({1.0F, std::nanf("")})},
                                             {"o", torch::full({1}, 1e30F) * 1e30F}}));
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_EQ(files->read("b", {2}).error().code, ErrorCode::kNotFound);
  EXPECT_THAT(files->read("b", {2}).error().message, HasSubstr("no tensor b"));
  EXPECT_EQ(files->read("a", {3, 2}).error().code, ErrorCode::kBadData);
  EXPECT_THAT(files->read("a", {3, 2}).error().message, HasSubstr("a has the shape [2, 3], config.json says [3, 2]"));
  EXPECT_EQ(files->read("i", {2}).error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(files->read("i", {2}).error().message, HasSubstr("i is I64, supported are F32, F16 and BF16"));
  for (const auto& [name, size] : {std::pair{"n", 2}, {"o", 1}}) {
    EXPECT_EQ(files->read(name, {size}).error().code, ErrorCode::kBadData);
    EXPECT_THAT(files->read(name, {size}).error().message, HasSubstr("not numbers"));
  }
}

TEST_F(Safetensors, UnknownTypesMatterOnlyWhenRead) {
  const auto files =
      open(safetensors_bytes("{\"q\":{\"dtype\":\"F8_E4M3\",\"shape\":[3],\"data_offsets\":[0,3]}}", "abc"));
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_EQ(files->read("q", {3}).error().code, ErrorCode::kUnsupported);
}

TEST_F(Safetensors, LyingHeaders) {
  expect_corrupt("", "shorter than 8 bytes");
  expect_corrupt("1234567", "shorter than 8 bytes");
  expect_corrupt(std::string("\x08\0\0\0\0\0\0\0{}", 10), "gives the size of its header as 8 bytes");
  expect_corrupt(std::string(8, '\xFF') + "{}", "gives the size of its header as 18446744073709551615 bytes");
  expect_corrupt(safetensors_bytes("", ""), "the header is not a JSON object");
  expect_corrupt(safetensors_bytes("[1]", ""), "the header is not a JSON object");
  expect_corrupt(safetensors_bytes("{\"a\":", ""), "the header is not a JSON object");
  expect_corrupt(safetensors_bytes("{\"\xFF\":1}", ""), "the header is not a JSON object");
  expect_corrupt(safetensors_bytes(std::string(100'000, '['), ""), "the header is not a JSON object");
}

TEST_F(Safetensors, LyingEntries) {
  for (const char* entry :
       {"3", "null", "[]", "{}", R"({"dtype":"F32","shape":[1]})", R"({"dtype":7,"shape":[1],"data_offsets":[0,4]})",
        R"({"dtype":"F32","shape":4,"data_offsets":[0,4]})", R"({"dtype":"F32","shape":[1],"data_offsets":[0]})",
        R"({"dtype":"F32","shape":[1],"data_offsets":[0,4,4]})",
        R"({"dtype":"F32","shape":[1],"data_offsets":["0",4]})", R"({"dtype":"F32","shape":[-1],"data_offsets":[0,4]})",
        R"({"dtype":"F32","shape":[1.0],"data_offsets":[0,4]})", R"({"dtype":"F32","shape":[1],"data_offsets":[-4,0]})",
        R"({"dtype":"F32","shape":[1],"data_offsets":[0,4.0]})"}) {
    expect_corrupt_entry(entry, 4, "the entry of a is not {dtype, shape, data_offsets}");
  }
  // Products and sums that leave 64 bits.
  expect_corrupt_entry(R"({"dtype":"F32","shape":[1099511627776,1099511627776],"data_offsets":[0,4]})", 4,
                       "the entry of a is not");
  expect_corrupt_entry(R"({"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]})", 0,
                       "the entry of a is not");
  expect_corrupt_entry(R"({"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,4]})", 4,
                       "the entry of a is not");
  expect_corrupt_entry(R"({"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615]})", 4,
                       "a is outside the file");
  expect_corrupt_entry(R"({"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,0]})", 4,
                       "a is outside the file");
  expect_corrupt_entry(R"({"dtype":"F32","shape":[1],"data_offsets":[1,5]})", 4, "a is outside the file");
  expect_corrupt_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,4]})", 4, "a has 4 bytes, its shape needs 8");
  expect_corrupt_entry(R"({"dtype":"F16","shape":[2],"data_offsets":[0,8]})", 8, "a has 8 bytes, its shape needs 4");
}

TEST_F(Safetensors, HolesAndOverlapsInTheData) {
  const char* text = "the tensors leave holes in the data, or overlap";
  expect_corrupt_entry(R"({"dtype":"F32","shape":[1],"data_offsets":[4,8]})", 8, text);
  expect_corrupt_entry(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})", 8, text);
  expect_corrupt_entry(
      R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})", 4,
      text);
  expect_corrupt("", "shorter");
}

TEST_F(Safetensors, EveryCutOfAFileIsRefused) {
  const std::string bytes = safetensors_bytes({{"a", torch::ones({2})}, {"b", torch::ones({1})}});
  ASSERT_TRUE(open(bytes));
  for (std::size_t length = 0; length < bytes.size(); ++length) EXPECT_FALSE(open(bytes.substr(0, length))) << length;
}

TEST_F(Safetensors, FilesThatAreNotThere) {
  const auto files = SafetensorsFiles::open({folder_.file("gone.safetensors")});
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(SafetensorsFiles::open({folder_.path()}).error().code, ErrorCode::kIo) << "a folder is no file";
}

}  // namespace
}  // namespace noggin::train
