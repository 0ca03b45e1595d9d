// What a model costs in memory: at most 1.15 times its file (the mapping, and what is derived from it) and the
// session's one block, whose size is known before.
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "engine/arena.h"
#include "tests/support/engine_model.h"
#include "tests/support/engine_process.h"

namespace noggin {
namespace {

// About 5 MB: the embedding of a usual vocabulary and two layers.
spec::ModelConfig five_megabytes() {
  spec::ModelConfig config;
  config.vocabulary_size = 12000;
  config.max_tokens = 64;
  config.encoder.width = 256;
  config.encoder.head_width = 32;
  config.classes = 20;
  config.encoder.layers = {{8, 1024}, {8, 1024}};
  return config;
}

// Pages of this process that lie in memory, in bytes: the second field of statm.
std::size_t resident_bytes() {
  unsigned long total = 0, resident = 0;
  std::FILE* statm = std::fopen("/proc/self/statm", "r");
  if (statm == nullptr || std::fscanf(statm, "%lu %lu", &total, &resident) != 2) return 0;
  std::fclose(statm);
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

struct Cost {
  std::size_t resident, arena;
};

Cost open_and_ask(const std::string& path) {
  malloc_trim(0);  // memory that was freed must not serve again uncounted
  const std::size_t before = resident_bytes();
  const Result<Model> model = Model::open(path);
  Result<Session> session = Session::create(*model);
  std::string longest;
  while (longest.size() < 2 * model->max_tokens()) longest += "a ";
  if (!session->classify(longest)) return {};
  return {resident_bytes() - before, session->memory_bytes()};
}

// In a process of its own, and once before it is measured, so that the pages of the program itself are there:
// experiments/start counts those too.
Cost cost_of(const std::string& path, const std::string& small_path) {
  int answer[2];
  if (pipe(answer) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    open_and_ask(small_path);
    const Cost cost = open_and_ask(path);
    _exit(write(answer[1], &cost, sizeof cost) == sizeof cost ? 0 : 1);
  }
  Cost cost{};
  close(answer[1]);
  const bool read_all = read(answer[0], &cost, sizeof cost) == sizeof cost;
  close(answer[0]);
  waitpid(child, nullptr, 0);
  return read_all ? cost : Cost{};
}

std::string file_of(const spec::ModelConfig& config, test::TestFolder& folder) {
  format::FrozenModel model = test::random_frozen_model(config, 41, 3);
  model.tokenizer = tests::tiny_tokenizer(config.vocabulary_size);
  const std::vector<std::byte> bytes = test::serialized(model);
  return folder.write("model_" + std::to_string(bytes.size()) + ".nog",
                      {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

TEST(Memory, AModelCostsItsFileAndASessionItsArena) {
#if !defined(__linux__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "reads /proc, without a sanitizer's own memory";
#endif
  test::TestFolder folder;
  const std::string path = file_of(five_megabytes(), folder);
  const Cost cost = cost_of(path, file_of(test::engine_config(), folder));
  const std::size_t file_bytes = std::filesystem::file_size(path);
  ASSERT_GT(cost.resident, file_bytes) << "nothing was measured";
  EXPECT_LE(cost.resident, file_bytes * 115 / 100 + cost.arena)
      << file_bytes << " bytes of file, " << cost.arena << " of arena";
  EXPECT_EQ(cost.arena, runtime::Arena::size_bytes(five_megabytes(), runtime::chunk_limits(five_megabytes(), 0, 1)));
  const auto above = static_cast<std::ptrdiff_t>(cost.resident) - static_cast<std::ptrdiff_t>(file_bytes + cost.arena);
  RecordProperty("resident_above_file_and_arena", std::to_string(above));
}

}  // namespace
}  // namespace noggin
