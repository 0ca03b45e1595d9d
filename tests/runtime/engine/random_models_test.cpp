// Every kernel set against the reference on models and sequences that nobody chose: all sizes random, every length.
#include "tests/support/engine_model.h"

namespace noggin {
namespace {

using test::OpenModel;

std::uint32_t between(test::Random& random, std::uint32_t low, std::uint32_t high) {
  return low + static_cast<std::uint32_t>(random.below(high - low + 1));
}

spec::ModelConfig random_config(test::Random& random) {
  spec::ModelConfig config = test::engine_config();
  config.max_tokens = between(random, 3, 150);
  config.encoder.width = between(random, 1, 200);
  config.encoder.head_width = between(random, 1, 70);
  config.classes = between(random, 2, 70);
  config.pooling = static_cast<spec::Pooling>(1 + random.below(3));
  if (config.pooling == spec::Pooling::kEveryToken) config.classes = 1 + 2 * between(random, 1, 35);
  config.encoder.layers.clear();
  const std::uint32_t least = config.pooling == spec::Pooling::kMean ? 0 : 1;  // without layers: a static model
  for (std::uint32_t layers = between(random, least, 3); layers > 0; --layers) {
    config.encoder.layers.push_back({between(random, 1, 4), between(random, 1, 300)});
  }
  return config;
}

std::vector<std::uint32_t> random_ids(test::Random& random, const spec::ModelConfig& config, std::size_t tokens) {
  std::vector<std::uint32_t> ids(tokens);
  for (std::uint32_t& id : ids) id = static_cast<std::uint32_t>(random.below(config.vocabulary_size));
  return ids;
}

OpenModel random_model(const spec::ModelConfig& config, std::uint64_t seed) {
  format::FrozenModel frozen = test::random_frozen_model(config, seed, 0);
  frozen.tokenizer = tests::tiny_tokenizer(config.vocabulary_size);
  return test::open_model(frozen);
}

// Sessions that stay, so that what an answer leaves behind meets sequences of every other length.
class Sessions {
 public:
  explicit Sessions(const Model& model) {
    for (const std::string& name : test::executable_kernel_sets()) sessions_.push_back(*Session::create(model, name));
  }
  // The last session is the reference.
  void expect_equal_logits(const std::vector<std::uint32_t>& ids, const std::string& what) {
    const std::vector<std::uint32_t> expected = logits_of(sessions_.back(), ids);
    for (Session& session : sessions_) {
      ASSERT_EQ(logits_of(session, ids), expected) << session.kernel_set() << ", " << ids.size() << " tokens, " << what;
    }
  }

 private:
  static std::vector<std::uint32_t> logits_of(Session& session, const std::vector<std::uint32_t>& ids) {
    const auto logits = session.logits(ids);
    return logits ? test::bits(*logits) : std::vector<std::uint32_t>{};
  }
  std::vector<Session> sessions_;
};

TEST(RandomModels, EveryKernelSetGivesTheReferenceBits) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test::Random random(seed);
    const spec::ModelConfig config = random_config(random);
    const OpenModel open = random_model(config, seed);
    Sessions sessions(open.model);
    const std::string what = "seed " + std::to_string(seed);
    for (int i = 0; i < 3; ++i) {
      const std::size_t tokens = between(random, 1, config.max_tokens);
      ASSERT_NO_FATAL_FAILURE(sessions.expect_equal_logits(random_ids(random, config, tokens), what));
    }
    ASSERT_NO_FATAL_FAILURE(sessions.expect_equal_logits(random_ids(random, config, config.max_tokens), what));
    ASSERT_NO_FATAL_FAILURE(sessions.expect_equal_logits(random_ids(random, config, 1), what));
  }
}

TEST(RandomModels, EveryLengthGivesTheReferenceBits) {
  spec::ModelConfig config = test::engine_config();
  config.max_tokens = 140;
  const OpenModel open = random_model(config, 101);
  Sessions sessions(open.model);
  test::Random random(102);
  for (std::size_t tokens = 1; tokens <= config.max_tokens; ++tokens) {
    ASSERT_NO_FATAL_FAILURE(sessions.expect_equal_logits(random_ids(random, config, tokens), "growing"));
  }
  for (std::size_t tokens = config.max_tokens; tokens > 0; tokens -= 7) {
    ASSERT_NO_FATAL_FAILURE(sessions.expect_equal_logits(random_ids(random, config, tokens), "shrinking"));
  }
}

TEST(RandomModels, TheLongestSequenceOfTheFormatGivesTheReferenceBits) {
  spec::ModelConfig config = test::engine_config();
  config.max_tokens = spec::kMaxTokens;
  config.encoder.width = 9;
  config.encoder.head_width = 3;
  config.encoder.layers = {{1, 5}};
  const OpenModel open = random_model(config, 103);
  Sessions sessions(open.model);
  test::Random random(104);
  ASSERT_NO_FATAL_FAILURE(sessions.expect_equal_logits(random_ids(random, config, config.max_tokens), "longest"));
}

TEST(RandomModels, TheWidestHeadsGiveTheReferenceBits) {
  spec::ModelConfig config = test::engine_config();
  config.max_tokens = 40;
  config.encoder.width = 70;
  config.encoder.head_width = spec::kMaxHeadWidth;
  config.encoder.layers = {{2, 33}, {1, 1000}};
  const OpenModel open = random_model(config, 105);
  Sessions sessions(open.model);
  test::Random random(106);
  for (const std::size_t tokens : {1U, 16U, 37U, 40U}) {
    ASSERT_NO_FATAL_FAILURE(sessions.expect_equal_logits(random_ids(random, config, tokens), "widest"));
  }
}

}  // namespace
}  // namespace noggin
