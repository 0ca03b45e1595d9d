// The C API over gpu.h. Every function uses guarded(): no exception crosses the boundary.
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "bytes/message.h"
#include "engine/c_handles.h"
#include "noggin/gpu.h"
#include "noggin/noggin_gpu.h"

struct noggin_gpu {
  std::shared_ptr<const noggin::runtime::SharedModel> shared;
  noggin::GpuModel model;  // destroyed before the model it reads
};

namespace {

using noggin::Error;
using noggin::ErrorCode;
using noggin::Result;
using noggin::runtime::fail;
using noggin::runtime::guarded;
using noggin::runtime::invalid;
using noggin::runtime::succeed;

// Cut if it is too long.
template <std::size_t kSize>
void copy_text(const std::string& text, char (&out)[kSize]) {
  const std::size_t bytes = std::min(text.size(), kSize - 1);
  std::memcpy(out, text.data(), bytes);
  out[bytes] = '\0';
}

noggin::GpuOptions options_of(const noggin_gpu_options* given) {
  noggin::GpuOptions options;
  if (given == nullptr) return options;
  if (given->device != nullptr) options.device = given->device;
  if (given->batch_tokens != 0) options.batch_tokens = given->batch_tokens;
  if (given->batch_texts != 0) options.batch_texts = given->batch_texts;
  if (given->time_out_ms != 0) options.time_out_ms = given->time_out_ms;
  return options;
}

}  // namespace

noggin_status noggin_gpu_device_at(size_t index, noggin_gpu_device* device, noggin_error* error) {
  if (device == nullptr) return invalid(error, "noggin_gpu_device_at: device must not be NULL");
  return guarded(error, [&] {
    const Result<std::vector<noggin::GpuDevice>> devices = noggin::gpu_devices();
    if (!devices) return fail(error, devices.error());
    if (index >= devices->size()) {
      return fail(error, Error{ErrorCode::kNotFound,
                               noggin::message({"this machine has ", devices->size(), " Vulkan devices"})});
    }
    const noggin::GpuDevice& found = (*devices)[index];
    copy_text(found.name, device->name);
    copy_text(found.why_not, device->why_not);
    device->kind = noggin::gpu_kind_name(found.kind);
    device->usable = found.why_not.empty() ? 1 : 0;
    return succeed(error);
  });
}

noggin_status noggin_gpu_open(noggin_model* model, const noggin_gpu_options* options, noggin_gpu** gpu,
                              noggin_error* error) {
  if (model == nullptr || gpu == nullptr) return invalid(error, "noggin_gpu_open: model and gpu must not be NULL");
  *gpu = nullptr;
  return guarded(error, [&] {
    Result<noggin::GpuModel> opened = noggin::GpuModel::open(model->shared->model, options_of(options));
    if (!opened) return fail(error, opened.error());
    *gpu = new noggin_gpu{model->shared, *std::move(opened)};
    return succeed(error);
  });
}

void noggin_gpu_close(noggin_gpu* gpu) { delete gpu; }

const char* noggin_gpu_name(const noggin_gpu* gpu) { return gpu ? gpu->model.device().name.c_str() : nullptr; }

noggin_status noggin_gpu_session_create(const noggin_gpu* gpu, noggin_session** session, noggin_error* error) {
  if (gpu == nullptr || session == nullptr) {
    return invalid(error, "noggin_gpu_session_create: gpu and session must not be NULL");
  }
  *session = nullptr;
  return guarded(error, [&] {
    Result<noggin::Session> created = gpu->model.session();
    if (!created) return fail(error, created.error());
    *session = new noggin_session{gpu->shared, *std::move(created)};
    return succeed(error);
  });
}

noggin_status noggin_gpu_failure(const noggin_gpu* gpu, noggin_error* error) {
  if (gpu == nullptr) return invalid(error, "noggin_gpu_failure: gpu must not be NULL");
  return guarded(error, [&] {
    const noggin::Status status = gpu->model.failure();
    return status ? succeed(error) : fail(error, status.error());
  });
}
