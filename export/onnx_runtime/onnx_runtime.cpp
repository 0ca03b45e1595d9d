#include "export/onnx_runtime/onnx_runtime.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "export/onnx_runtime/onnx_runtime_api.h"

#ifndef NOGGIN_ONNXRUNTIME_DEFAULT
#define NOGGIN_ONNXRUNTIME_DEFAULT ""
#endif

namespace noggin::exporter {
namespace {

namespace ort = onnx_runtime;

struct Library {
  std::string path, version;
  const ort::AnyFunction* table = nullptr;
};

std::string loader_message() {
  const char* message = dlerror();
  return message == nullptr ? "no reason given" : message;
}

Result<Library> load(const std::string& path) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) return Error{ErrorCode::kUnsupported, path + ": " + loader_message()};
  void* symbol = dlsym(handle, ort::kEntryName);
  if (symbol == nullptr) {
    return Error{ErrorCode::kUnsupported, path + ": is not an ONNX Runtime library: it has no " + ort::kEntryName};
  }
  const ort::Entry* entry = reinterpret_cast<ort::EntryFunction>(symbol)();
  const std::string version = entry->version();
  const ort::AnyFunction* table = entry->table(ort::kTableVersion);
  if (table == nullptr) {
    return Error{ErrorCode::kUnsupported, path + ": ONNX Runtime " + version + " is older than 1.6"};
  }
  return Library{path, version, table};
}

// The first candidate that loads; if none does, all the reasons.
Result<Library> find_library(const std::string& wanted) {
  std::vector<std::string> candidates{NOGGIN_ONNXRUNTIME_DEFAULT, "libonnxruntime.so", "libonnxruntime.so.1"};
  if (!wanted.empty()) candidates = {wanted};
  std::string reasons;
  for (const std::string& candidate : candidates) {
    if (candidate.empty()) continue;
    Result<Library> library = load(candidate);
    if (library) return library;
    reasons += "\n  " + library.error().message;
  }
  return Error{ErrorCode::kUnsupported,
               "ONNX Runtime cannot be loaded; install it, or name its libonnxruntime.so. Tried:" + reasons};
}

// Owns one object of the interface.
template <typename Object, typename Release>
class Owned {
 public:
  explicit Owned(const ort::AnyFunction* table) : table_(table) {}
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (object_ != nullptr) Release::call(table_, object_);
  }
  Object* get() const { return object_; }
  Object** out() { return &object_; }  // once, for the function that creates it

 private:
  const ort::AnyFunction* table_;
  Object* object_ = nullptr;
};

using OwnedValue = Owned<ort::Value, ort::ReleaseValue>;

}  // namespace

// Declared in the order in which they must outlive each other.
struct OnnxRuntimeSession::State {
  explicit State(Library loaded)
      : library(std::move(loaded)), environment(library.table), memory(library.table), session(library.table) {}

  // Success, or the message of ONNX Runtime after `doing`, which begins the sentence. Takes ownership of the failure.
  Status check(ort::Failure* failure, ErrorCode code, const std::string& doing) const {
    if (failure == nullptr) return {};
    const std::string message = ort::FailureMessage::call(library.table, failure);
    ort::ReleaseFailure::call(library.table, failure);
    return Error{code, doing + ": ONNX Runtime " + library.version + " says: " + message};
  }
  Status configure(ort::SessionOptions* options, const OnnxRuntimeOptions& wanted) const;
  Status create(const std::string& onnx_path, const OnnxRuntimeOptions& wanted);
  // A tensor [batch, count / batch] over the caller's memory.
  Status wrap(std::span<const std::int64_t> values, std::size_t batch, OwnedValue& value) const;
  // `logits` empty: ONNX Runtime creates it; else the result is written into it.
  Status run(const ort::Value* ids, const ort::Value* mask, ort::Value** logits) const;
  Result<std::vector<float>> answer(std::span<const std::int64_t> ids, std::span<const std::int64_t> mask,
                                    std::size_t batch) const;
  Result<std::vector<float>> read(ort::Value* logits) const;

  Library library;
  std::string onnx_path;
  Owned<ort::Environment, ort::ReleaseEnvironment> environment;
  Owned<ort::MemoryInfo, ort::ReleaseMemoryInfo> memory;
  Owned<ort::Session, ort::ReleaseSession> session;
  std::size_t input_count = 0;
};

namespace {

int level_of(GraphOptimization optimization) {
  switch (optimization) {
    case GraphOptimization::kNone:
      return ort::kOptimizeNone;
    case GraphOptimization::kBasic:
      return ort::kOptimizeBasic;
    case GraphOptimization::kExtended:
      return ort::kOptimizeExtended;
    case GraphOptimization::kAll:
      break;
  }
  return ort::kOptimizeAll;
}

}  // namespace

Status OnnxRuntimeSession::State::configure(ort::SessionOptions* options, const OnnxRuntimeOptions& wanted) const {
  const ort::AnyFunction* table = library.table;
  const auto set = [&](ort::Failure* failure, const char* what) {
    return check(failure, ErrorCode::kInvalidArgument, std::string("cannot set ").append(what));
  };
  if (Status s = set(ort::SetThreads::call(table, options, wanted.threads), "the number of threads"); !s) return s;
  if (Status s = set(ort::SetOptimizationLevel::call(table, options, level_of(wanted.optimization)), "optimization");
      !s) {
    return s;
  }
  const char* const exact = wanted.exact_products ? "1" : "0";
  if (Status s = set(ort::AddConfiguration::call(table, options, "session.x64quantprecision", exact), "exact products");
      !s) {
    return s;
  }
  for (const auto& [key, value] : wanted.entries) {
    if (Status s = set(ort::AddConfiguration::call(table, options, key.c_str(), value.c_str()), key.c_str()); !s) {
      return s;
    }
  }
  if (wanted.optimized_model_path.empty()) return {};
  return set(ort::SetOptimizedModelPath::call(table, options, wanted.optimized_model_path.c_str()),
             "the path of the optimized model");
}

Status OnnxRuntimeSession::State::create(const std::string& path, const OnnxRuntimeOptions& wanted) {
  const ort::AnyFunction* table = library.table;
  onnx_path = path;
  // It logs to standard error; everything but a crash is also reported by value.
  if (Status s = check(ort::CreateEnvironment::call(table, ort::kLogFatal, "noggin", environment.out()),
                       ErrorCode::kUnsupported, "cannot start");
      !s) {
    return s;
  }
  if (Status s = check(ort::CreateCpuMemoryInfo::call(table, ort::kDeviceAllocator, ort::kDefaultMemory, memory.out()),
                       ErrorCode::kUnsupported, "cannot describe memory");
      !s) {
    return s;
  }
  Owned<ort::SessionOptions, ort::ReleaseSessionOptions> options(table);
  if (Status s =
          check(ort::CreateSessionOptions::call(table, options.out()), ErrorCode::kUnsupported, "cannot make options");
      !s) {
    return s;
  }
  if (Status s = configure(options.get(), wanted); !s) return s;
  if (Status s = check(ort::CreateSession::call(table, environment.get(), path.c_str(), options.get(), session.out()),
                       ErrorCode::kCorrupt, path + ": cannot be loaded; export it again");
      !s) {
    return s;
  }
  return check(ort::InputCount::call(table, session.get(), &input_count), ErrorCode::kCorrupt,
               path + ": its inputs cannot be counted");
}

Result<std::vector<float>> OnnxRuntimeSession::State::read(ort::Value* logits) const {
  const ort::AnyFunction* table = library.table;
  const auto failed = [&](ort::Failure* failure) {
    return check(failure, ErrorCode::kCorrupt, onnx_path + ": the output `logits` cannot be read");
  };
  Owned<ort::TensorInfo, ort::ReleaseTensorInfo> info(table);
  if (Status s = failed(ort::TensorInfoOf::call(table, logits, info.out())); !s) return s.error();
  int type = 0;
  if (Status s = failed(ort::ElementTypeOf::call(table, info.get(), &type)); !s) return s.error();
  if (type != ort::kFloat) {
    return Error{ErrorCode::kCorrupt, onnx_path + ": the output `logits` is not float but of element type " +
                                          std::to_string(type) + "; export the model again"};
  }
  std::size_t count = 0;
  if (Status s = failed(ort::ElementCount::call(table, info.get(), &count)); !s) return s.error();
  void* data = nullptr;
  if (Status s = failed(ort::TensorData::call(table, logits, &data)); !s) return s.error();
  const auto* values = static_cast<const float*>(data);
  return std::vector<float>(values, values + count);
}

Status OnnxRuntimeSession::State::wrap(std::span<const std::int64_t> values, std::size_t batch,
                                       OwnedValue& value) const {
  const std::array<std::int64_t, 2> shape{static_cast<std::int64_t>(batch),
                                          static_cast<std::int64_t>(values.size() / batch)};  // [B, T]
  // The interface takes writable memory for every tensor but only reads that of inputs.
  return check(
      ort::CreateTensorOverData::call(library.table, memory.get(), const_cast<std::int64_t*>(values.data()),
                                      values.size_bytes(), shape.data(), shape.size(), ort::kInt64, value.out()),
      ErrorCode::kInvalidArgument, onnx_path + ": an input cannot be made");
}

Status OnnxRuntimeSession::State::run(const ort::Value* ids, const ort::Value* mask, ort::Value** logits) const {
  const std::array<const char*, 2> input_names{"input_ids", "attention_mask"};
  const std::array<const ort::Value*, 2> inputs{ids, mask};
  const char* output_name = "logits";
  return check(ort::Run::call(library.table, session.get(), nullptr, input_names.data(), inputs.data(),
                              std::min(input_count, inputs.size()), &output_name, 1, logits),
               ErrorCode::kInvalidArgument, onnx_path + ": a text cannot be answered");
}

Result<std::vector<float>> OnnxRuntimeSession::State::answer(std::span<const std::int64_t> ids,
                                                             std::span<const std::int64_t> mask,
                                                             std::size_t batch) const {
  OwnedValue input_ids(library.table), attention_mask(library.table), logits(library.table);
  if (Status s = wrap(ids, batch, input_ids); !s) return s.error();
  if (Status s = wrap(mask, batch, attention_mask); !s) return s.error();
  if (Status s = run(input_ids.get(), attention_mask.get(), logits.out()); !s) return s.error();
  return read(logits.get());
}

// The memory of its three tensors comes first: it must outlive them.
struct OnnxRuntimeCall::State {
  explicit State(const OnnxRuntimeSession::State& of)
      : session(&of), input_ids(of.library.table), attention_mask(of.library.table), output(of.library.table) {}

  const OnnxRuntimeSession::State* session;
  std::vector<std::int64_t> ids, mask;  // [B, T]
  std::vector<float> logits;            // [B, C]
  OwnedValue input_ids, attention_mask, output;
};

OnnxRuntimeCall::OnnxRuntimeCall(std::unique_ptr<State> state) : state_(std::move(state)) {}
OnnxRuntimeCall::OnnxRuntimeCall(OnnxRuntimeCall&&) noexcept = default;
OnnxRuntimeCall& OnnxRuntimeCall::operator=(OnnxRuntimeCall&&) noexcept = default;
OnnxRuntimeCall::~OnnxRuntimeCall() = default;

Status OnnxRuntimeCall::run() {
  ort::Value* output = state_->output.get();
  return state_->session->run(state_->input_ids.get(), state_->attention_mask.get(), &output);
}

std::span<const float> OnnxRuntimeCall::logits() const { return state_->logits; }

OnnxRuntimeSession::OnnxRuntimeSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
OnnxRuntimeSession::OnnxRuntimeSession(OnnxRuntimeSession&&) noexcept = default;
OnnxRuntimeSession& OnnxRuntimeSession::operator=(OnnxRuntimeSession&&) noexcept = default;
OnnxRuntimeSession::~OnnxRuntimeSession() = default;

Result<OnnxRuntimeSession> OnnxRuntimeSession::open(const std::string& library_path, const std::string& onnx_path,
                                                    const OnnxRuntimeOptions& options) {
  if (options.threads < 0) {
    return Error{ErrorCode::kInvalidArgument, "ONNX Runtime: " + std::to_string(options.threads) +
                                                  " threads were asked for; the number must be at least 0"};
  }
  Result<Library> library = find_library(library_path);
  if (!library) return library.error();
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(onnx_path, ignored)) {
    return Error{ErrorCode::kNotFound, onnx_path + ": there is no such file; export the model as ONNX first"};
  }
  auto state = std::make_unique<State>(*std::move(library));
  if (Status status = state->create(onnx_path, options); !status) return status.error();
  return OnnxRuntimeSession(std::move(state));
}

std::string OnnxRuntimeSession::version() const { return state_->library.version; }
std::string OnnxRuntimeSession::library_path() const { return state_->library.path; }

Result<std::string> OnnxRuntimeSession::metadata(const std::string& key) const {
  const ort::AnyFunction* table = state_->library.table;
  const auto failed = [&](ort::Failure* failure) {
    return state_->check(failure, ErrorCode::kCorrupt, state_->onnx_path + ": its metadata cannot be read");
  };
  Owned<ort::ModelMetadata, ort::ReleaseMetadata> metadata(table);
  if (Status s = failed(ort::MetadataOf::call(table, state_->session.get(), metadata.out())); !s) return s.error();
  ort::Allocator* allocator = nullptr;
  if (Status s = failed(ort::DefaultAllocator::call(table, &allocator)); !s) return s.error();
  char* value = nullptr;
  if (Status s = failed(ort::MetadataValue::call(table, metadata.get(), allocator, key.c_str(), &value)); !s)
    return s.error();
  if (value == nullptr) return std::string();
  std::string text = value;
  if (Status s = failed(ort::AllocatorFree::call(table, allocator, value)); !s) return s.error();
  return text;
}

Result<std::vector<float>> OnnxRuntimeSession::logits(std::span<const std::uint32_t> token_ids) {
  const std::vector<std::int64_t> ids(token_ids.begin(), token_ids.end());
  const std::vector<std::int64_t> mask(ids.size(), 1);
  return batch_logits(ids, mask, 1);
}

Result<std::vector<float>> OnnxRuntimeSession::batch_logits(std::span<const std::int64_t> ids,
                                                            std::span<const std::int64_t> mask, std::size_t batch) {
  if (batch == 0 || ids.empty() || ids.size() != mask.size() || ids.size() % batch != 0) {
    return Error{ErrorCode::kInvalidArgument, "ONNX Runtime: " + std::to_string(ids.size()) +
                                                  " token ids and a mask of " + std::to_string(mask.size()) +
                                                  " are not " + std::to_string(batch) +
                                                  " texts of one length with at least one token"};
  }
  return state_->answer(ids, mask, batch);
}

Result<OnnxRuntimeCall> OnnxRuntimeSession::prepare(std::span<const std::int64_t> ids,
                                                    std::span<const std::int64_t> mask, std::size_t batch) {
  Result<std::vector<float>> first = batch_logits(ids, mask, batch);
  if (!first) return first.error();
  auto call = std::make_unique<OnnxRuntimeCall::State>(*state_);
  call->ids.assign(ids.begin(), ids.end());
  call->mask.assign(mask.begin(), mask.end());
  call->logits.assign(first->size(), 0.0F);
  if (Status s = state_->wrap(call->ids, batch, call->input_ids); !s) return s.error();
  if (Status s = state_->wrap(call->mask, batch, call->attention_mask); !s) return s.error();
  const std::array<std::int64_t, 2> shape{static_cast<std::int64_t>(batch),
                                          static_cast<std::int64_t>(call->logits.size() / batch)};  // [B, C]
  if (Status s =
          state_->check(ort::CreateTensorOverData::call(state_->library.table, state_->memory.get(),
                                                        call->logits.data(), call->logits.size() * sizeof(float),
                                                        shape.data(), shape.size(), ort::kFloat, call->output.out()),
                        ErrorCode::kInvalidArgument, state_->onnx_path + ": the output cannot be made");
      !s) {
    return s.error();
  }
  return OnnxRuntimeCall(std::move(call));
}

std::string describe_onnx_runtime(const std::string& library_path) {
  const Result<Library> library = find_library(library_path);
  if (!library) return "not found: " + library.error().message;
  return library->version + " (" + library->path + ")";
}

}  // namespace noggin::exporter
