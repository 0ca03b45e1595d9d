// The part of the C API for taggers.
#include "engine/c_handles.h"

namespace {

using noggin::Result;
using noggin::runtime::fail;
using noggin::runtime::guarded;
using noggin::runtime::invalid;
using noggin::runtime::succeed;
using noggin::runtime::view_of;

using Rewrite = Result<std::size_t> (noggin::Session::*)(std::string_view text, std::span<char> buffer);

noggin_status rewrite(noggin_session* session, Rewrite how, noggin_text text, std::span<char> out, size_t* size,
                      noggin_error* error) {
  const bool missing = session == nullptr || size == nullptr || (text.data == nullptr && text.length != 0) ||
                       (out.data() == nullptr && !out.empty());
  if (missing) return invalid(error, "mask, edit: session, text, out and size must not be NULL");
  *size = 0;
  if (!out.empty()) out[0] = '\0';
  return guarded(error, [&] {
    const std::span<char> buffer = out.first(out.empty() ? 0 : out.size() - 1);  // the NUL follows it
    const Result<std::size_t> found = (session->session.*how)(view_of(text), buffer);
    if (!found) return fail(error, found.error());
    *size = *found;
    if (!out.empty()) out[*found < out.size() ? *found : 0] = '\0';
    return succeed(error);
  });
}

}  // namespace

noggin_status noggin_session_tag(noggin_session* session, const char* text, size_t length, noggin_tagged_span* spans,
                                 size_t capacity, size_t* count, noggin_error* error) {
  using Span = noggin::TaggedSpan;
  static_assert(sizeof(noggin_tagged_span) == sizeof(Span) && alignof(noggin_tagged_span) == alignof(Span) &&
                offsetof(noggin_tagged_span, type) == offsetof(Span, type) &&
                offsetof(noggin_tagged_span, probability) == offsetof(Span, probability));
  const bool no_text = text == nullptr && length != 0, no_buffer = spans == nullptr && capacity != 0;
  if (session == nullptr || count == nullptr || no_text || no_buffer) {
    return invalid(error, "tag: session, text, spans and count must not be NULL");
  }
  *count = 0;
  return guarded(error, [&] {
    const Result<std::size_t> found =
        session->session.tag(view_of({text, length}), {reinterpret_cast<Span*>(spans), capacity});
    if (!found) return fail(error, found.error());
    *count = *found;
    return succeed(error);
  });
}

noggin_status noggin_session_mask(noggin_session* session, const char* text, size_t length, char* out, size_t capacity,
                                  size_t* size, noggin_error* error) {
  return rewrite(session, &noggin::Session::mask, {text, length}, {out, capacity}, size, error);
}

noggin_status noggin_session_edit(noggin_session* session, const char* text, size_t length, char* out, size_t capacity,
                                  size_t* size, noggin_error* error) {
  return rewrite(session, &noggin::Session::edit, {text, length}, {out, capacity}, size, error);
}
