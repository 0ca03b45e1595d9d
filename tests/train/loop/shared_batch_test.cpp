// Two processes with 16 rows each learn what one process with 32 rows learns, for every task, whether batches divide
// evenly or not, and whichever rows have a teacher or gold.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "data/rows/content_key.h"
#include "tests/support/train_process_group.h"
#include "tests/support/train_students.h"
#include "tests/support/train_tiny_run.h"

namespace noggin::train::shared_batch {
namespace {

// The two differ only by the order in which floats are added. Seen: at most 6e-7 on logits.
constexpr double kMostLogitDifference = 1e-5;
// The loss of a whole epoch, relative to itself. In qat a difference of one bit becomes one of a whole step where a
// value is rounded to an integer: seen at most 5e-3.
constexpr double kMostLossDifference = 1e-4, kMostQatLossDifference = 2e-2;

struct Case {
  spec::TaskKind task;
  std::size_t rows;
};

void PrintTo(const Case& tested, std::ostream* out) {
  *out << spec::traits_of(tested.task).name << " on " << tested.rows << " rows";
}

// Three in four rows have gold, two in three a teacher; for taggers the same of words, which come in texts of all
// lengths.
std::vector<std::string> write_rows(const std::string& prefix, const Case& tested, std::uint32_t classes,
                                    std::uint64_t seed) {
  test::Random random(seed);
  const spec::TaskTraits& traits = spec::traits_of(tested.task);
  Result<data::ShardWriter> writer = data::ShardWriter::create(prefix, classes, 2, 5, 1 << 20, tested.task);
  EXPECT_TRUE(writer);
  for (std::size_t i = 0; i < tested.rows; ++i) {
    std::vector<std::uint32_t> tokens{2};
    const std::uint64_t length = 1 + random.below(6);
    for (std::uint64_t t = 0; t < length; ++t) tokens.push_back(static_cast<std::uint32_t>(5 + random.below(26)));
    tokens.push_back(3);
    data::Record record;
    record.id = "row-" + std::to_string(i);
    record.text = "text " + std::to_string(seed) + " " + std::to_string(i);
    data::TokenTargets targets;
    const auto class_of = [&](std::uint32_t token) { return static_cast<std::int32_t>(token % classes); };
    if (traits.per_token()) {
      record.has_spans = i % 4 != 3;
      for (std::size_t t = 0; t < tokens.size(); ++t) {
        const bool inner = t > 0 && t + 1 < tokens.size(), taught = inner && i % 3 != 0;
        targets.label.push_back(inner && record.has_spans ? class_of(tokens[t]) : data::kNoLabel);
        targets.teacher_classes.insert(targets.teacher_classes.end(), {taught ? class_of(tokens[t]) : -1, -1});
        targets.teacher_probabilities.insert(targets.teacher_probabilities.end(), {taught ? 0.8F : 0.0F, 0.0F});
      }
    } else {
      if (i % 3 != 0) record.teacher = {{class_of(tokens[1])}, {0.8F}};
      if (traits.activation == spec::Activation::kSoftmax) {
        if (i % 4 != 3) record.label = class_of(tokens[1]);
      } else if (i % 4 != 3) {
        for (std::uint32_t c = 0; c < classes; ++c)
          record.gold_values.push_back((tokens[1] + c) % 2 == 0 ? 0.9F : 0.1F);
      }
    }
    EXPECT_TRUE(writer->append(record, tokens, targets));
  }
  return *writer->finish();
}

Recipe recipe_of(const Case& tested) {
  Recipe recipe = test::tiny_recipe();
  recipe.task = tested.task;
  recipe.student.dropout = 0.0;  // its random numbers are per process
  recipe.train.batch_rows = 32;
  recipe.train.threads = 1;
  for (Phase& phase : recipe.phases) phase.epochs = 1.0;
  recipe.phases[1].removal_epochs = 0.5;
  return recipe;
}

class SharedTraining : public testing::TestWithParam<Case> {};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const spec::TaskTraits& task : spec::all_tasks()) {
    for (const std::size_t rows : {592, 599}) all.push_back({task.kind, rows});  // 18 batches and 16 rows, or 23
  }
  return all;
}
INSTANTIATE_TEST_SUITE_P(Tasks, SharedTraining, testing::ValuesIn(cases()));

TEST_P(SharedTraining, LearnsWhatOneProcessLearns) {
  const Case tested = GetParam();
  const std::uint32_t classes = tested.task == spec::TaskKind::kScore  ? 1
                                : tested.task == spec::TaskKind::kEdit ? 2
                                                                       : 3;
  const std::vector<std::string> tags = {"O", "B-thing", "I-thing"}, words = {"keep", "delete"},
                                 names = {"zero", "one", "two"}, score = {"score"};
  const test::TemporaryFolder folder;
  const TrainJob job{recipe_of(tested),
                     write_rows(folder.file("train"), tested, classes, 1),
                     write_rows(folder.file("dev"), {tested.task, 20}, classes, 2),
                     tests::tiny_tokenizer(60),
                     {tested.task == spec::TaskKind::kTag    ? tags
                      : tested.task == spec::TaskKind::kEdit ? words
                      : classes == 1                         ? score
                                                             : names,
                      -1, tested.task},
                     "",
                     false};
  const auto train_in = [&](int processes) {
    const std::string run = folder.file(std::to_string(processes));
    std::filesystem::create_directories(run);
    const std::vector<int> values = test::in_processes(processes, [&](int) {
      at::set_num_threads(1);
      TrainJob mine = job;
      mine.folder = run;
      test::run_job(mine);
      return 1;
    });
    EXPECT_EQ(values, std::vector<int>(static_cast<std::size_t>(processes), 1));
    return run;
  };
  const std::string alone = train_in(1), shared = train_in(2);
  ASSERT_FALSE(HasFailure());
  const auto loss_of = [](const std::string& run, const char* checkpoint) {
    return read_bundle(run + "/checkpoints/" + checkpoint)->history.at("loss").get<double>();
  };
  const auto logits_of = [](const std::string& run, const char* checkpoint) {
    const Student student = read_bundle(run + "/checkpoints/" + checkpoint)->student;
    FloatArithmetic arithmetic;
    torch::NoGradGuard no_grad;
    return forward(student, test::packed({{2, 7, 9, 3}, {2, 11, 3}, {2, 20, 21, 22, 23, 3}, {2, 30, 5, 3}}),
                   arithmetic);
  };
  for (const char* checkpoint : {"0-distil.ckpt", "1-prune.ckpt"}) {
    EXPECT_LT((logits_of(alone, checkpoint) - logits_of(shared, checkpoint)).abs().max().item<double>(),
              kMostLogitDifference)
        << checkpoint;
  }
  for (const auto& [checkpoint, most] : {std::pair("0-distil.ckpt", kMostLossDifference),
                                         {"1-prune.ckpt", kMostLossDifference},
                                         {"2-qat.ckpt", kMostQatLossDifference}}) {
    const double loss = loss_of(alone, checkpoint);
    EXPECT_GT(loss, 0.0);
    EXPECT_NEAR(loss_of(shared, checkpoint), loss, most * loss) << checkpoint;
  }
}

}  // namespace
}  // namespace noggin::train::shared_batch
