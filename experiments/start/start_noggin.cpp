// start_noggin MODEL.nog: one fresh process opens, asks once about 16 tokens, and prints
//   milliseconds until open | until the first answer | resident bytes added | arena bytes
#include "noggin/engine.h"
#include "process_cost.h"

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: start_noggin MODEL.nog\n"), 2;
  const noggin::start::ProcessCost cost;
  const noggin::Result<noggin::Model> model = noggin::Model::open(argv[1]);
  if (!model) return std::fprintf(stderr, "start_noggin: %s\n", model.error().message.c_str()), 1;
  const double opened = cost.milliseconds();
  noggin::Result<noggin::Session> session = noggin::Session::create(*model);
  if (!session) return std::fprintf(stderr, "start_noggin: %s\n", session.error().message.c_str()), 1;
  const char* text = "a b c d e f g h i j k l m n";  // 14 tokens between [CLS] and [SEP]
  if (const auto answer = session->classify(text); !answer) {
    return std::fprintf(stderr, "start_noggin: %s\n", answer.error().message.c_str()), 1;
  }
  const double answered = cost.milliseconds();
  const std::size_t resident = cost.resident_bytes();
  if (session->tokenize(text).size() != 16) return std::fprintf(stderr, "start_noggin: not 16 tokens\n"), 1;
  std::printf("%.3f %.3f %zu %zu\n", opened, answered, resident, session->memory_bytes());
  return 0;
}
