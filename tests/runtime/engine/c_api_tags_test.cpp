#include <gmock/gmock.h>

#include "noggin/noggin.h"
#include "tests/support/engine_model.h"

namespace noggin {
namespace {

using ::testing::HasSubstr;

const std::string kText =
    "where is parcel 7, \xFF the other one? how do i do it and 3 more things, not 4 or 5 or 6 or 7";

class CApiTags : public ::testing::Test {
 protected:
  void open(TaskKind task) {
    close();
    spec::ModelConfig config = test::engine_config();
    if (task != TaskKind::kSingleLabel) config.pooling = spec::Pooling::kEveryToken;
    if (task == TaskKind::kEdit) config.classes = 2;
    format::FrozenModel frozen = test::random_frozen_model(config, 4, 0);
    frozen.tokenizer = tests::tiny_tokenizer(config.vocabulary_size);
    if (task == TaskKind::kEdit) frozen.task = {{"keep", "delete"}, -1, task};
    open_.emplace(test::open_model(frozen));
    cpp_.emplace(*Session::create(open_->model));
    const std::span<const std::byte> bytes = open_->bytes.span();
    ASSERT_EQ(noggin_model_open_memory(bytes.data(), bytes.size(), &model_, &error_), NOGGIN_OK) << error_.message;
    ASSERT_EQ(noggin_session_create(model_, nullptr, &session_, &error_), NOGGIN_OK) << error_.message;
  }
  void close() {
    noggin_session_destroy(session_);
    noggin_model_close(model_);
    session_ = nullptr;
    model_ = nullptr;
  }
  ~CApiTags() override { close(); }

  std::optional<test::OpenModel> open_;
  std::optional<Session> cpp_;
  noggin_error error_{};
  noggin_model* model_ = nullptr;
  noggin_session* session_ = nullptr;
};

TEST_F(CApiTags, TagGivesTheSpansOfTheCppInterface) {
  open(TaskKind::kTag);
  std::vector<TaggedSpan> expected(99);
  expected.resize(*cpp_->tag(kText, expected));
  ASSERT_GT(expected.size(), 2U);
  std::vector<noggin_tagged_span> spans(expected.size(), noggin_tagged_span{7, 7, 7, 7.0F});
  for (const std::size_t capacity : {std::size_t{0}, std::size_t{2}, expected.size()}) {
    std::size_t count = 0;
    ASSERT_EQ(noggin_session_tag(session_, kText.data(), kText.size(), capacity == 0 ? nullptr : spans.data(), capacity,
                                 &count, &error_),
              NOGGIN_OK)
        << error_.message;
    EXPECT_EQ(count, expected.size());
    for (std::size_t i = 0; i < spans.size(); ++i) {
      EXPECT_EQ(spans[i].begin, i < capacity ? expected[i].place.begin : 7U);
      EXPECT_EQ(spans[i].end, i < capacity ? expected[i].place.end : 7U);
      EXPECT_EQ(spans[i].type, i < capacity ? expected[i].type : 7U);
      EXPECT_EQ(spans[i].probability, i < capacity ? expected[i].probability : 7.0F);
    }
  }
}

TEST_F(CApiTags, MaskAndEditGiveAllOrNothing) {
  for (const TaskKind task : {TaskKind::kTag, TaskKind::kEdit}) {
    open(task);
    const auto call = task == TaskKind::kTag ? noggin_session_mask : noggin_session_edit;
    const std::string expected = task == TaskKind::kTag ? *cpp_->mask(kText) : *cpp_->edit(kText);
    EXPECT_NE(expected, kText);
    for (std::size_t capacity = 0; capacity < expected.size() + 3; ++capacity) {
      std::string out(expected.size() + 9, '#');
      std::size_t size = 0;
      char* const buffer = capacity == 0 ? nullptr : out.data();
      ASSERT_EQ(call(session_, kText.data(), kText.size(), buffer, capacity, &size, &error_), NOGGIN_OK);
      EXPECT_EQ(size, expected.size());
      EXPECT_EQ(out.substr(capacity), std::string(out.size() - capacity, '#'));
      EXPECT_TRUE(capacity == 0 || out.c_str() == (capacity > size ? expected : std::string()));
    }
  }
}

TEST_F(CApiTags, WrongArgumentsAreRefused) {
  open(TaskKind::kTag);
  char out[8] = "#######";
  std::size_t size = 9;
  noggin_tagged_span span;
  for (const noggin_status status : {noggin_session_tag(nullptr, "a", 1, &span, 1, &size, &error_),
                                     noggin_session_tag(session_, nullptr, 1, &span, 1, &size, &error_),
                                     noggin_session_tag(session_, "a", 1, nullptr, 1, &size, &error_),
                                     noggin_session_tag(session_, "a", 1, &span, 1, nullptr, &error_),
                                     noggin_session_mask(nullptr, "a", 1, out, 8, &size, &error_),
                                     noggin_session_mask(session_, nullptr, 1, out, 8, &size, &error_),
                                     noggin_session_mask(session_, "a", 1, nullptr, 8, &size, &error_),
                                     noggin_session_mask(session_, "a", 1, out, 8, nullptr, &error_)}) {
    EXPECT_EQ(status, NOGGIN_INVALID_ARGUMENT);
  }
  EXPECT_STREQ(out, "#######");
  EXPECT_EQ(noggin_session_edit(session_, "a", 1, out, 8, &size, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_THAT(error_.message, AllOf(HasSubstr("edit"), HasSubstr("tag")));
  EXPECT_STREQ(out, "");
  EXPECT_EQ(size, 0U);
}

}  // namespace
}  // namespace noggin
