// ONNX Runtime as an independent check of an .onnx file, loaded at run time: building needs neither its headers nor its
// library, and a machine without it gets an Error that says so.
//
// Its C API is a table of function pointers that only ever grows at the end, so the few slots used here are named by
// position in onnx_runtime_api.h and work with every ONNX Runtime from 1.6 on.
//
//   auto session = OnnxRuntimeSession::open("", "router.onnx");  // Result<OnnxRuntimeSession>
//   auto logits = session->logits(token_ids);                    // Result<std::vector<float>>, [C]
//
// Threads: one session, one thread at a time. A process keeps a loaded library until it ends (ONNX Runtime does not
// survive being unloaded); sessions and everything they own are freed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "noggin/result.h"

namespace noggin::exporter {

enum class GraphOptimization { kNone, kBasic, kExtended, kAll };

struct OnnxRuntimeOptions {
  int threads = 1;  // within one operator; 0: chosen by ONNX Runtime
  GraphOptimization optimization = GraphOptimization::kAll;
  std::string optimized_model_path;  // not empty: write the graph as optimized here
  // On x86 without VNNI its product of unsigned and signed bytes saturates at 16 bits; this asks for the exact one.
  bool exact_products = true;
  // Further settings under ONNX Runtime's own keys, such as {"optimization.disable_specified_optimizers", "A;B"}.
  std::vector<std::pair<std::string, std::string>> entries;
};

// One run of fixed shape with preallocated inputs and output: a call allocates and copies nothing except inside ONNX
// Runtime. For measurements. Created by OnnxRuntimeSession::prepare; the session must outlive it.
class OnnxRuntimeCall {
 public:
  OnnxRuntimeCall(OnnxRuntimeCall&&) noexcept;
  OnnxRuntimeCall& operator=(OnnxRuntimeCall&&) noexcept;
  ~OnnxRuntimeCall();

  Status run();
  std::span<const float> logits() const;  // [B, C], of the last run

 private:
  struct State;
  explicit OnnxRuntimeCall(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
  friend class OnnxRuntimeSession;
};

class OnnxRuntimeSession {
 public:
  // library_path: empty tries, in this order, the file that the build found (NOGGIN_ONNXRUNTIME_DEFAULT),
  // libonnxruntime.so and libonnxruntime.so.1 on the loader's search path.
  // Errors: kUnsupported (no library, or not an ONNX Runtime), kNotFound (no model file), kCorrupt (ONNX Runtime
  // refuses the model; its own message is quoted), kInvalidArgument (options).
  static Result<OnnxRuntimeSession> open(const std::string& library_path, const std::string& onnx_path,
                                         const OnnxRuntimeOptions& options = {});
  OnnxRuntimeSession(OnnxRuntimeSession&&) noexcept;
  OnnxRuntimeSession& operator=(OnnxRuntimeSession&&) noexcept;
  ~OnnxRuntimeSession();

  std::string version() const;       // "1.31.1"
  std::string library_path() const;  // the one that was loaded, as given to the loader

  // A metadata property of the model, as the file has it; empty if it has none of that key.
  Result<std::string> metadata(const std::string& key) const;

  // One text, special tokens included: input_ids [1, T], attention_mask all ones. Not empty.
  Result<std::vector<float>> logits(std::span<const std::uint32_t> token_ids);  // [C]
  // B texts of T tokens: ids and mask are [B, T] row-major, a mask of 0 is padding. Returns [B, C].
  Result<std::vector<float>> batch_logits(std::span<const std::int64_t> ids, std::span<const std::int64_t> mask,
                                          std::size_t batch);
  // The same as a repeatable call. A graph without attention_mask gets only the ids: every token is real there. Runs
  // once, to find C.
  Result<OnnxRuntimeCall> prepare(std::span<const std::int64_t> ids, std::span<const std::int64_t> mask,
                                  std::size_t batch);

 private:
  struct State;
  friend class OnnxRuntimeCall;
  explicit OnnxRuntimeSession(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// "1.31.1 (path)", or why there is none: for `noggin doctor`.
std::string describe_onnx_runtime(const std::string& library_path);

}  // namespace noggin::exporter
