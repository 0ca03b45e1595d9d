// The C API over engine.h. Every function that can fail uses guarded(): no exception crosses the boundary.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/c_handles.h"
#include "spec/versions.h"
#include "tokenizer/wordpiece.h"

namespace {

using noggin::Result;
using noggin::runtime::fail;
using noggin::runtime::guarded;
using noggin::runtime::invalid;
using noggin::runtime::report;
using noggin::runtime::SharedModel;
using noggin::runtime::succeed;
using noggin::runtime::view_of;

noggin_status hand_over(Result<noggin::Model> opened, noggin_model** model, noggin_error* error) {
  if (!opened) return fail(error, opened.error());
  std::vector<std::string> labels(opened->labels().begin(), opened->labels().end());
  std::vector<std::string> span_types(opened->span_types().begin(), opened->span_types().end());
  std::string provenance(opened->provenance());
  auto shared = std::make_shared<const SharedModel>(
      SharedModel{*std::move(opened), std::move(labels), std::move(span_types), std::move(provenance)});
  *model = new noggin_model{std::move(shared)};
  return succeed(error);
}

noggin_status open_file(const char* path, noggin::OpenOptions options, noggin_model** model, noggin_error* error) {
  if (path == nullptr || model == nullptr) return invalid(error, "noggin_model_open: path and model must not be NULL");
  *model = nullptr;
  return guarded(error, [&] { return hand_over(noggin::Model::open(path, options), model, error); });
}

noggin::SessionOptions options_of(const noggin_session_options* options) {
  if (options == nullptr) return {};
  return {options->kernel_set == nullptr ? "" : options->kernel_set, options->threads == 0 ? 1 : options->threads,
          options->batch_tokens};
}

}  // namespace

const char* noggin_version(void) { return NOGGIN_RUNTIME_VERSION; }
uint32_t noggin_layout_version(void) { return noggin::spec::kLayoutVersion; }
uint32_t noggin_numerics_version(void) { return noggin::spec::kNumericsVersion; }

noggin_status noggin_model_open(const char* path, noggin_model** model, noggin_error* error) {
  return open_file(path, {}, model, error);
}

noggin_status noggin_model_open_mapped(const char* path, noggin_model** model, noggin_error* error) {
  return open_file(path, {.map = true}, model, error);
}

noggin_status noggin_model_open_memory(const void* bytes, size_t size, noggin_model** model, noggin_error* error) {
  if (bytes == nullptr || model == nullptr) {
    return invalid(error, "noggin_model_open_memory: bytes and model must not be NULL");
  }
  *model = nullptr;
  return guarded(error, [&] {
    return hand_over(noggin::Model::from_memory({static_cast<const std::byte*>(bytes), size}), model, error);
  });
}

void noggin_model_close(noggin_model* model) { delete model; }

size_t noggin_model_class_count(const noggin_model* model) { return model ? model->shared->labels.size() : 0; }

const char* noggin_model_label(const noggin_model* model, size_t label) {
  return label < noggin_model_class_count(model) ? model->shared->labels[label].c_str() : nullptr;
}

noggin_task noggin_model_task(const noggin_model* model) {
  return model ? static_cast<noggin_task>(model->shared->model.task()) : NOGGIN_TASK_NONE;
}
size_t noggin_model_span_type_count(const noggin_model* model) { return model ? model->shared->span_types.size() : 0; }
const char* noggin_model_span_type(const noggin_model* model, size_t type) {
  return type < noggin_model_span_type_count(model) ? model->shared->span_types[type].c_str() : nullptr;
}
float noggin_model_temperature(const noggin_model* model) { return model ? model->shared->model.temperature() : 0.0F; }
float noggin_model_abstain_below(const noggin_model* model) {
  return model ? model->shared->model.abstain_below() : 0.0F;
}
float noggin_model_threshold(const noggin_model* model, size_t label) {
  return label < noggin_model_class_count(model) ? model->shared->model.threshold(label) : 0.0F;
}
int32_t noggin_model_none_class(const noggin_model* model) { return model ? model->shared->model.none_class() : -1; }
size_t noggin_model_max_tokens(const noggin_model* model) { return model ? model->shared->model.max_tokens() : 0; }
uint64_t noggin_model_content_hash(const noggin_model* model) {
  return model ? model->shared->model.content_hash() : 0;
}
const char* noggin_model_provenance(const noggin_model* model) {
  return model ? model->shared->provenance.c_str() : nullptr;
}

noggin_status noggin_session_create(noggin_model* model, const noggin_session_options* options,
                                    noggin_session** session, noggin_error* error) {
  if (model == nullptr || session == nullptr) {
    return invalid(error, "noggin_session_create: model and session must not be NULL");
  }
  *session = nullptr;
  return guarded(error, [&] {
    Result<noggin::Session> created = noggin::Session::create(model->shared->model, options_of(options));
    if (!created) return fail(error, created.error());
    *session = new noggin_session{model->shared, *std::move(created)};
    return succeed(error);
  });
}

noggin_status noggin_session_memory_needed(const noggin_model* model, const noggin_session_options* options,
                                           size_t* bytes, noggin_error* error) {
  if (model == nullptr || bytes == nullptr) {
    return invalid(error, "noggin_session_memory_needed: model and bytes must not be NULL");
  }
  *bytes = 0;
  return guarded(error, [&] {
    const Result<std::size_t> needed = noggin::Session::memory_bytes(model->shared->model, options_of(options));
    if (!needed) return fail(error, needed.error());
    *bytes = *needed;
    return succeed(error);
  });
}

void noggin_session_destroy(noggin_session* session) { delete session; }

const char* noggin_session_kernel_set(const noggin_session* session) {
  return session ? session->session.kernel_set() : nullptr;
}
size_t noggin_session_memory_bytes(const noggin_session* session) {
  return session ? session->session.memory_bytes() : 0;
}

noggin_status noggin_session_classify(noggin_session* session, const char* text, size_t length, noggin_answer* answer,
                                      float* logits, size_t logits_count, noggin_error* error) {
  const noggin_text one{text, length};
  return noggin_session_classify_batch(session, &one, 1, answer, logits, logits_count, error);
}

noggin_status noggin_session_classify_batch(noggin_session* session, const noggin_text* texts, size_t count,
                                            noggin_answer* answers, float* logits, size_t logits_count,
                                            noggin_error* error) {
  if (session == nullptr) return invalid(error, "classify: session must not be NULL");
  if (count == 0) return succeed(error);
  if (texts == nullptr || answers == nullptr) return invalid(error, "classify: texts and answers must not be NULL");
  for (size_t i = 0; i < count; ++i) {
    if (texts[i].data == nullptr && texts[i].length != 0) {
      return invalid(error, "classify: a text is NULL but its length is not 0");
    }
  }
  const size_t classes = session->shared->labels.size();
  if (logits == nullptr ? logits_count != 0 : logits_count / classes != count || logits_count % classes != 0) {
    return invalid(error,
                   "classify: logits_count must be the number of texts times noggin_model_class_count, or 0 "
                   "if logits is NULL");
  }
  return guarded(error, [&] {
    // In portions, because views and answers of our own types need space and nothing may be allocated.
    constexpr size_t kPortion = 64;
    std::string_view views[kPortion];
    noggin::Answer found[kPortion];
    for (size_t first = 0; first < count; first += kPortion) {
      const size_t portion = std::min(kPortion, count - first);
      std::transform(texts + first, texts + first + portion, views, view_of);
      const std::span<float> buffer(logits == nullptr ? nullptr : logits + first * classes,
                                    logits == nullptr ? 0 : portion * classes);
      const noggin::Status status = session->session.classify_batch({views, portion}, {found, portion}, buffer);
      if (!status) return fail(error, status.error());
      std::transform(found, found + portion, answers + first, [](const noggin::Answer& answer) {
        return noggin_answer{answer.label, answer.probability, answer.abstained ? 1 : 0};
      });
    }
    return succeed(error);
  });
}

noggin_status noggin_session_probabilities(noggin_session* session, const char* text, size_t length,
                                           float* probabilities, size_t count, noggin_error* error) {
  if (session == nullptr || probabilities == nullptr || (text == nullptr && length != 0)) {
    return invalid(error, "probabilities: session, text and probabilities must not be NULL");
  }
  if (count != session->shared->labels.size()) {
    return invalid(error, "probabilities: count must be noggin_model_class_count");
  }
  return guarded(error, [&] {
    const Result<std::span<const float>> found = session->session.probabilities(view_of({text, length}));
    if (!found) return fail(error, found.error());
    std::copy(found->begin(), found->end(), probabilities);
    return succeed(error);
  });
}

noggin_status noggin_session_tokenize(noggin_session* session, const char* text, size_t length, uint32_t* ids,
                                      noggin_span* spans, size_t capacity, size_t* count, noggin_error* error) {
  if (session == nullptr || ids == nullptr || count == nullptr || (text == nullptr && length != 0)) {
    return invalid(error, "tokenize: session, text, ids and count must not be NULL");
  }
  *count = 0;
  if (capacity < session->shared->model.max_tokens()) {
    return invalid(error, "tokenize: capacity must be at least noggin_model_max_tokens");
  }
  return guarded(error, [&] {
    const noggin::Model& model = session->shared->model;
    const std::span<uint32_t> buffer(ids, model.max_tokens());
    static_assert(sizeof(noggin_span) == sizeof(noggin::TextSpan) && alignof(noggin_span) == alignof(noggin::TextSpan));
    const std::span<noggin::TextSpan> places(reinterpret_cast<noggin::TextSpan*>(spans),
                                             spans == nullptr ? 0 : buffer.size());
    *count = model.encode(view_of({text, length}), buffer, places);
    return succeed(error);
  });
}

noggin_status noggin_session_logits(noggin_session* session, const uint32_t* ids, const uint32_t* lengths, size_t count,
                                    float* logits, size_t logits_count, noggin_error* error) {
  if (session == nullptr) return invalid(error, "logits: session must not be NULL");
  if (count == 0) return succeed(error);
  if (ids == nullptr || lengths == nullptr || logits == nullptr) {
    return invalid(error, "logits: ids, lengths and logits must not be NULL");
  }
  return guarded(error, [&] {
    size_t total = 0;
    for (size_t i = 0; i < count; ++i) total += lengths[i];
    const noggin::Status status = session->session.logits_batch({ids, total}, {lengths, count}, {logits, logits_count});
    return status ? succeed(error) : fail(error, status.error());
  });
}

noggin_status noggin_session_self_test(noggin_session* session, size_t* checked, size_t* failed, noggin_error* error) {
  if (checked != nullptr) *checked = 0;
  if (failed != nullptr) *failed = 0;
  if (session == nullptr) return invalid(error, "self_test: session must not be NULL");
  return guarded(error, [&] {
    const noggin::SelfTest result = session->session.self_test();
    if (checked != nullptr) *checked = result.checked;
    if (failed != nullptr) *failed = result.failed;
    if (result.failed > 0) return report(error, NOGGIN_VERIFICATION_FAILED, result.first_failure.c_str());
    if (result.checked == 0) {
      return report(error, NOGGIN_VERIFICATION_FAILED, "self_test: the file holds no golden vectors to verify against");
    }
    return succeed(error);
  });
}
