// A C++ program that embeds Noggin: MODEL TEXT -> "label probability". Also the C++ example of runtime/README.md.
#include <noggin/engine.h>

#include <cstdio>
#include <string>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: classify MODEL.nog TEXT\n");
    return 2;
  }
  noggin::Result<noggin::Model> model = noggin::Model::open(argv[1]);
  if (!model) {
    std::fprintf(stderr, "%s\n", model.error().message.c_str());
    return 1;
  }
  noggin::Result<noggin::Session> session = noggin::Session::create(*model);
  if (!session) {
    std::fprintf(stderr, "%s\n", session.error().message.c_str());
    return 1;
  }
  const noggin::Result<noggin::Answer> answer = session->classify(argv[2]);
  if (!answer) {
    std::fprintf(stderr, "%s\n", answer.error().message.c_str());
    return 1;
  }
  std::printf("%s %.9g\n", std::string(model->labels()[answer->label]).c_str(),
              static_cast<double>(answer->probability));
  return session->self_test().failed == 0 ? 0 : 1;
}
