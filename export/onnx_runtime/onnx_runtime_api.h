// The part of ONNX Runtime's C interface that onnx_runtime.cpp uses, declared by position. The table only ever grows at
// its end, so a position that exists in version 6 of the table (ONNX Runtime 1.6) means the same in every later one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace noggin::exporter::onnx_runtime {

// Objects behind the interface. Only pointers to them are ever held here; a null Failure is success.
struct Failure;
struct Environment;
struct SessionOptions;
struct Session;
struct MemoryInfo;
struct Value;
struct TensorInfo;
struct ModelMetadata;
struct Allocator;

enum ElementType : int { kFloat = 1, kInt64 = 7 };
enum LogLevel : int { kLogFatal = 4 };
enum OptimizationLevel : int { kOptimizeNone = 0, kOptimizeBasic = 1, kOptimizeExtended = 2, kOptimizeAll = 99 };
enum AllocatorKind : int { kDeviceAllocator = 0 };
enum MemoryKind : int { kDefaultMemory = 0 };

inline constexpr std::uint32_t kTableVersion = 6;

using AnyFunction = void (*)();

// One entry of the table: its position and its signature.
template <std::size_t Position, typename Function>
struct Slot;
template <std::size_t Position, typename Answer, typename... Arguments>
struct Slot<Position, Answer(Arguments...)> {
  static Answer call(const AnyFunction* table, Arguments... arguments) {
    return reinterpret_cast<Answer (*)(Arguments...)>(table[Position])(arguments...);
  }
};

using FailureMessage = Slot<2, const char*(const Failure*)>;
using CreateEnvironment = Slot<3, Failure*(int log_level, const char* log_name, Environment**)>;
using CreateSession = Slot<7, Failure*(const Environment*, const char* model_path, const SessionOptions*, Session**)>;
using Run = Slot<9, Failure*(Session*, const void* run_options, const char* const* input_names,
                             const Value* const* inputs, std::size_t input_count, const char* const* output_names,
                             std::size_t output_count, Value** outputs)>;
using CreateSessionOptions = Slot<10, Failure*(SessionOptions**)>;
using SetOptimizedModelPath = Slot<11, Failure*(SessionOptions*, const char* path)>;
using SetOptimizationLevel = Slot<23, Failure*(SessionOptions*, int level)>;
using SetThreads = Slot<24, Failure*(SessionOptions*, int threads)>;
using InputCount = Slot<30, Failure*(const Session*, std::size_t*)>;
using CreateTensorOverData = Slot<49, Failure*(const MemoryInfo*, void* data, std::size_t bytes,
                                               const std::int64_t* shape, std::size_t rank, int element_type, Value**)>;
using TensorData = Slot<51, Failure*(Value*, void** data)>;
using ElementTypeOf = Slot<60, Failure*(const TensorInfo*, int* element_type)>;
using ElementCount = Slot<64, Failure*(const TensorInfo*, std::size_t*)>;
using TensorInfoOf = Slot<65, Failure*(const Value*, TensorInfo**)>;
using CreateCpuMemoryInfo = Slot<69, Failure*(int allocator_kind, int memory_kind, MemoryInfo**)>;
using AllocatorFree = Slot<76, Failure*(Allocator*, void*)>;
using DefaultAllocator = Slot<78, Failure*(Allocator**)>;  // owned by the library
using ReleaseEnvironment = Slot<92, void(Environment*)>;
using ReleaseFailure = Slot<93, void(Failure*)>;
using ReleaseMemoryInfo = Slot<94, void(MemoryInfo*)>;
using ReleaseSession = Slot<95, void(Session*)>;
using ReleaseValue = Slot<96, void(Value*)>;
using ReleaseTensorInfo = Slot<99, void(TensorInfo*)>;
using ReleaseSessionOptions = Slot<100, void(SessionOptions*)>;
using MetadataOf = Slot<111, Failure*(const Session*, ModelMetadata**)>;
// value: null if there is no such key; else freed with the allocator.
using MetadataValue = Slot<116, Failure*(const ModelMetadata*, Allocator*, const char* key, char** value)>;
using ReleaseMetadata = Slot<118, void(ModelMetadata*)>;
using AddConfiguration = Slot<130, Failure*(SessionOptions*, const char* key, const char* value)>;

// The return value of OrtGetApiBase, the only exported function of the library.
struct Entry {
  const AnyFunction* (*table)(std::uint32_t version);  // null when this library does not know the version
  const char* (*version)();
};
using EntryFunction = const Entry* (*)();
inline constexpr char kEntryName[] = "OrtGetApiBase";

}  // namespace noggin::exporter::onnx_runtime
