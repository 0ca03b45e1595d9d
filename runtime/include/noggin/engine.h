// Noggin's C++ API: open a .nog file, ask it for answers.
//
//   auto model = noggin::Model::open("router.nog");            // Result<Model>
//   auto session = noggin::Session::create(*model);            // Result<Session>
//   auto answer = session->classify("where is my parcel");     // Result<Answer>
//   std::cout << model->labels()[answer->label] << ' ' << answer->probability << '\n';
//
// Tasks: Model::task() decides which calls a model supports. Others are kInvalidArgument; the message names both.
// Threads: a Model is const after open and may be shared freely. A Session holds scratch memory: use one per thread.
// Processes: after fork() the child may use what was open: a Session's helper threads are not there, so it answers with
// the calling thread alone, the same bits. A fork() during a call of the same Session is not allowed.
// Stack: no call needs more than 64 KiB.
// Lifetime: a Session must not outlive its Model. Views (labels, texts) live as long as the Model.
// Numbers: logits are the same to the last bit on every instruction set, batch size and thread count
// (spec/NUMERICS.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "noggin/export.h"
#include "noggin/result.h"
#include "noggin/task_kind.h"
#include "noggin/text_span.h"

namespace noggin {

struct Answer {
  std::uint32_t label;     // index into Model::labels()
  float probability;       // softmax of logits / temperature at `label`; for a score task, the score itself
  bool abstained = false;  // the probability is below Model::abstain_below(): pass the text on to another model
};

// What `--self-test` found: golden vectors in the file against this machine's arithmetic.
struct SelfTest {
  std::size_t checked = 0;
  std::size_t failed = 0;
  std::string first_failure;  // which text failed and what differs; empty if none failed
};

namespace format {
struct ModelView;
}
namespace runtime {
class ForwardDevice;
struct KernelSet;
class TraceSink;
class WordPieceTokenizer;
}  // namespace runtime
class Counters;

struct OpenOptions {
  // false: the file is read into memory of the model's own and never looked at again, whatever happens to it.
  // true: the file is mapped, so that processes share its pages and a large file is read page by page. The caller then
  // promises that nobody writes to the file or cuts it while the model lives: answers would come from unchecked bytes,
  // or the system would end the process. Ship a new model under another name and rename it over the old one.
  bool map = false;
};

class NOGGIN_EXPORT Model {
 public:
  // Reads the file, or uses bytes that the caller keeps; checks every rule of the format; binds the tokenizer. Errors:
  // kNotFound, kIo (the file), kCorrupt, kUnsupported (its content), kOutOfSpace.
  static Result<Model> open(const std::string& path, const OpenOptions& options = {});
  static Result<Model> from_memory(std::span<const std::byte> bytes);  // not copied; 64-byte aligned; must outlive the
                                                                       // Model
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  TaskKind task() const;
  std::span<const std::string_view> labels() const;      // [C]
  std::span<const std::string_view> span_types() const;  // for kTag and kEdit; else empty
  std::int32_t none_class() const;                       // or -1
  float temperature() const;                             // divides the logits before softmax or sigmoid
  float abstain_below() const;                           // kSingleLabel; 0: it never abstains
  float threshold(std::size_t label) const;              // kMultiLabel, kScore: positive from here up
  std::uint32_t max_tokens() const;
  std::string_view provenance() const;  // JSON
  std::uint64_t content_hash() const;
  const format::ModelView& view() const;                 // internal: for tools inside this project
  const runtime::WordPieceTokenizer& tokenizer() const;  // internal; encoders only
  // internal: token ids of text, at most ids.size() of them, which is max_tokens(); spans: as large as ids, or empty
  std::size_t encode(std::string_view text, std::span<std::uint32_t> ids, std::span<TextSpan> spans = {}) const;

 private:
  struct State;
  explicit Model(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
  friend class Session;
};

// No option changes an answer, not even its last bit.
struct SessionOptions {
  std::string_view kernel_set = {};  // empty: the best this machine executes (or NOGGIN_FORCE_ISA); else a name from
                                     // kernels/kernel_set.h
  std::size_t threads = 1;           // 1..64 that work on one call together; worthwhile for long texts and batches
  std::size_t batch_tokens = 0;      // most tokens in one pass; 0: the model's max_tokens, which is the minimum.
                                     // Memory grows with it; a few hundred make batches of short texts fastest
};
inline constexpr std::size_t kMostBatchTokens = std::size_t{1} << 22;

class NOGGIN_EXPORT Session {
 public:
  // Errors: kInvalidArgument (options), kOutOfSpace (memory, threads).
  static Result<Session> create(const Model& model, const SessionOptions& options = {});
  static Result<Session> create(const Model& model, std::string_view kernel_set) {
    return create(model, SessionOptions{kernel_set});
  }
  // internal: a session whose logits `device` computes (engine/forward_device.h); users call GpuModel (gpu.h)
  static Result<Session> create(const Model& model, const SessionOptions& options,
                                std::unique_ptr<runtime::ForwardDevice> device);
  // What memory_bytes() of such a session would be, without creating it.
  static Result<std::size_t> memory_bytes(const Model& model, const SessionOptions& options = {});
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  const char* kernel_set() const;    // of a session on a GPU, "vulkan"
  std::size_t memory_bytes() const;  // the one block this session allocated
  // None of these allocates, except for errors and strings. Text longer than max_tokens is truncated at the end.
  // kSingleLabel: the most probable class. kScore: label 0 and the score.
  Result<Answer> classify(std::string_view text);
  // As many answers as texts; logits [texts, C], or empty. The same bits as one by one. An empty batch is allowed.
  Status classify_batch(std::span<const std::string_view> texts, std::span<Answer> answers,
                        std::span<float> logits = {});
  // kSingleLabel, kMultiLabel, kScore: the probability of each class [C]; valid until the next call.
  Result<std::span<const float>> probabilities(std::string_view text);
  // kTag, kEdit: the spans of a text of any length, all of which is read, in overlapping windows. Returns how many
  // spans there are; writes the first ones to buffer, as many as fit.
  Result<std::size_t> tag(std::string_view text, std::span<TaggedSpan> buffer);
  // kTag: the text with each span replaced by "[TYPE]", all other bytes unchanged. kEdit: the text without its spans;
  // the white space around a removed span becomes one space, or none at the ends and before , . ? ! ; :
  // With buffer: allocates nothing; returns the size of the answer in bytes. If it does not fit, buffer holds nothing
  // useful.
  Result<std::size_t> mask(std::string_view text, std::span<char> buffer);
  Result<std::size_t> edit(std::string_view text, std::span<char> buffer);
  Result<std::string> mask(std::string_view text);
  Result<std::string> edit(std::string_view text);
  // Token ids of text with special tokens; for an n-gram model, ids of the n-grams it knows. Valid until the next call.
  std::span<const std::uint32_t> tokenize(std::string_view text);
  // The same, and the position of each token in the text; spans: at least max_tokens of them (else kInvalidArgument).
  // Special tokens have no position ({0, 0}).
  Result<std::span<const std::uint32_t>> tokenize(std::string_view text, std::span<TextSpan> spans);
  // Logits of 1..max_tokens ids (an n-gram model: 0..), all below the vocabulary size (else an Error): one row [C]; for
  // kTag and kEdit one row per id, special tokens included, [ids, C]. Valid until the next call.
  Result<std::span<const float>> logits(std::span<const std::uint32_t> token_ids);
  // The same for texts whose ids follow one another, text b with lengths[b] of them: logits [texts, C], for kTag
  // and kEdit [ids, C]. All ids are checked before the first text runs.
  Status logits_batch(std::span<const std::uint32_t> token_ids, std::span<const std::uint32_t> lengths,
                      std::span<float> logits);
  // Logits of the last classify() or probabilities().
  std::span<const float> last_logits() const;
  // Runs the file's golden vectors through this session and compares bit for bit.
  SelfTest self_test();
  // Counts what is asked and answered from now on (noggin/counters.h): classify, probabilities, tag, mask and edit, not
  // logits. Null: no longer. The counters must outlive the session or the next such call; several sessions may share
  // them. kInvalidArgument: they are for another model.
  Status set_counters(Counters* counters);
  // Every intermediate tensor of the next calls goes to sink (engine/trace.h); null turns it off. For verification;
  // needs one thread.
  void set_trace(runtime::TraceSink* sink);

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace noggin
