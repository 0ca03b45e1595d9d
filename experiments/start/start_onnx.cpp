// start_onnx MODEL.onnx: the same of ONNX Runtime, which starts from token ids, its library already loaded:
//   milliseconds until its session is made | until the first logits | resident bytes added | milliseconds of loading
#include <numeric>

#include "export/onnx_runtime/onnx_runtime.h"
#include "process_cost.h"

int main(int argc, char** argv) {
  using noggin::exporter::OnnxRuntimeSession;
  if (argc != 2) return std::fprintf(stderr, "usage: start_onnx MODEL.onnx\n"), 2;
  const noggin::start::ProcessCost loading;
  const std::string description = noggin::exporter::describe_onnx_runtime("");
  const double loaded = loading.milliseconds();
  const noggin::start::ProcessCost cost;
  noggin::Result<OnnxRuntimeSession> session = OnnxRuntimeSession::open("", argv[1]);
  if (!session) return std::fprintf(stderr, "start_onnx: %s\n", session.error().message.c_str()), 1;
  const double opened = cost.milliseconds();
  std::vector<std::uint32_t> ids(16);
  std::iota(ids.begin(), ids.end(), 5U);
  const noggin::Result<std::vector<float>> logits = session->logits(ids);
  if (!logits) return std::fprintf(stderr, "start_onnx: %s\n", logits.error().message.c_str()), 1;
  std::printf("%.3f %.3f %zu %.3f\n", opened, cost.milliseconds(), cost.resident_bytes(), loaded);
  return 0;
}
