// The part of the C API that counts.
#include <algorithm>

#include "engine/c_handles.h"

namespace {

using noggin::runtime::fail;
using noggin::runtime::guarded;
using noggin::runtime::invalid;
using noggin::runtime::succeed;

static_assert(NOGGIN_PROBABILITY_BINS == noggin::kProbabilityBins && NOGGIN_TOKEN_BINS == noggin::kTokenBins &&
              NOGGIN_UNKNOWN_BINS == noggin::kUnknownBins);

}  // namespace

noggin_status noggin_counters_create(const noggin_model* model, noggin_counters** counters, noggin_error* error) {
  if (model == nullptr || counters == nullptr) {
    return invalid(error, "noggin_counters_create: model and counters must not be NULL");
  }
  *counters = nullptr;
  return guarded(error, [&] {
    noggin::Result<noggin::Counters> created = noggin::Counters::create(model->shared->model);
    if (!created) return fail(error, created.error());
    const size_t answers = created->read().answers.size();
    *counters = new noggin_counters{std::make_shared<noggin::Counters>(*std::move(created)), answers};
    return succeed(error);
  });
}

void noggin_counters_destroy(noggin_counters* counters) { delete counters; }

size_t noggin_counters_answer_count(const noggin_counters* counters) { return counters ? counters->answers : 0; }

noggin_status noggin_session_set_counters(noggin_session* session, noggin_counters* counters, noggin_error* error) {
  if (session == nullptr) return invalid(error, "noggin_session_set_counters: session must not be NULL");
  return guarded(error, [&] {
    const noggin::Status status = session->session.set_counters(counters ? counters->shared.get() : nullptr);
    if (!status) return fail(error, status.error());
    session->counters = counters ? counters->shared : nullptr;
    return succeed(error);
  });
}

noggin_status noggin_counters_read(noggin_counters* counters, int reset, noggin_counts* counts, uint64_t* answers,
                                   size_t answer_count, noggin_error* error) {
  if (counters == nullptr || counts == nullptr || answers == nullptr) {
    return invalid(error, "noggin_counters_read: counters, counts and answers must not be NULL");
  }
  if (answer_count != counters->answers) {
    return invalid(error, "noggin_counters_read: answer_count must be noggin_counters_answer_count");
  }
  return guarded(error, [&] {
    const noggin::Counts found = reset != 0 ? counters->shared->take() : counters->shared->read();
    counts->requests = found.requests;
    counts->unanswered = found.unanswered;
    counts->errors = found.errors;
    std::copy(found.probability.begin(), found.probability.end(), counts->probability);
    std::copy(found.tokens.begin(), found.tokens.end(), counts->tokens);
    std::copy(found.unknown.begin(), found.unknown.end(), counts->unknown);
    std::copy(found.answers.begin(), found.answers.end(), answers);
    return succeed(error);
  });
}
