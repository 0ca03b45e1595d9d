#include "cli/opened_session.h"

#include "cli/modes.h"

namespace noggin::run_tool {
namespace {

Result<OpenedSession> open_on_cpu(const Arguments& arguments, const Model& model) {
  constexpr std::size_t kBatchTokens = 512;
  Result<Session> session = Session::create(model, {arguments.kernels, arguments.threads, kBatchTokens});
  if (!session) return session.error();
#ifdef NOGGIN_HAS_VULKAN
  return OpenedSession{std::nullopt, *std::move(session)};
#else
  return OpenedSession{*std::move(session)};
#endif
}

#ifdef NOGGIN_HAS_VULKAN

Result<OpenedSession> open_on_gpu(const Arguments& arguments, const Model& model) {
  Result<GpuModel> gpu = GpuModel::open(model, {.device = arguments.gpu});
  if (!gpu) return gpu.error();
  Result<Session> session = gpu->session();
  if (!session) return session.error();
  return OpenedSession{*std::move(gpu), *std::move(session)};
}

#else

Result<OpenedSession> open_on_gpu(const Arguments&, const Model&) {
  return Error{
      ErrorCode::kUnsupported,
      "this noggin-run was built without GPUs. Fix: build with -DNOGGIN_WITH_VULKAN=ON where libvulkan-dev and "
      "glslang-tools are, or leave out --gpu: the CPU's answers have the same bits"};
}

#endif

}  // namespace

Result<OpenedSession> open_session(const Arguments& arguments, const Model& model) {
  return arguments.on_gpu ? open_on_gpu(arguments, model) : open_on_cpu(arguments, model);
}

#ifdef NOGGIN_HAS_VULKAN

Status OpenedSession::gpu_failure() const { return gpu ? gpu->failure() : Status(); }

KnownGpus known_gpus() {
  KnownGpus known;
  const Result<std::vector<GpuDevice>> devices = gpu_devices();
  if (!devices) return {{}, devices.error().message};
  for (const GpuDevice& device : *devices) {
    known.devices.push_back({device.name, gpu_kind_name(device.kind), device.why_not});
  }
  known.why_none = "the loader knows no device";
  return known;
}

#else

Status OpenedSession::gpu_failure() const { return {}; }

KnownGpus known_gpus() { return {{}, "this noggin-run was built without them"}; }

#endif

}  // namespace noggin::run_tool
