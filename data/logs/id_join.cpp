#include "data/logs/id_join.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/rows/content_key.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr std::size_t kFailureExcerptBytes = 240;  // failures are held until the end

}  // namespace

Status IdJoin::add_request(std::string_view id, std::string_view text, const Line& line) {
  const std::uint64_t key = content_key(id);
  const auto text_key = static_cast<std::uint32_t>(content_key(text));
  const KeptDocuments::Place place = kept_.keep(line);
  const Request mine{place.offset, place.length, place.file, static_cast<std::uint32_t>(line.number), text_key};
  auto [known, is_new] = requests_.insert(key, mine);
  if (is_new) {
    order_.push_back(key);
    return {};
  }
  const std::string& path = kept_.path(place);
  if (known.text_key == text_key && known.state != State::kAmbiguous) return sink_.superseded(path);
  known.state = State::kAmbiguous;
  return sink_.reject(path, line.number, {Reason::kDuplicateCustomId, excerpt(id)}, line.text);
}

Status IdJoin::add_answer(std::string_view id, const Line& line, const std::string& path, const Trouble& failure,
                          const Use& use) {
  const std::uint64_t key = content_key(id);
  Request* found = requests_.find(key);
  if (found == nullptr) {
    if (is_last_pass_) {
      const Reason reason = requests_.size() == 0 ? Reason::kNoText : Reason::kUnknownCustomId;
      return sink_.reject(path, line.number, failure ? *failure : Rejection{reason, excerpt(id)}, line.text);
    }
    waiting_.push_back({kept_.keep(line), line.number});
    return {};
  }
  Request& request = *found;
  if (request.state == State::kAmbiguous)
    return sink_.reject(path, line.number, {Reason::kAmbiguousId, excerpt(id)}, line.text);
  if (request.state == State::kAnswered) return sink_.superseded(path);
  Trouble trouble = failure;
  if (!trouble) {
    const Result<std::string_view> document = kept_.get({request.offset, request.length, request.file}, buffer_);
    if (!document) return document.error();
    Result<Trouble> used = use(*document);
    if (!used) return used.error();
    trouble = *std::move(used);
  }
  if (trouble) {
    if (request.state == State::kFailed) return sink_.superseded(path);
    request.state = State::kFailed;
    failures_[key] = {path, line.number, *std::move(trouble), std::string(line.text.substr(0, kFailureExcerptBytes))};
    return {};
  }
  ++used_[kept_.path({request.offset, request.length, request.file})];
  if (std::exchange(request.state, State::kAnswered) != State::kFailed) return {};
  const std::string failed = failures_[key].path;
  failures_.erase(key);
  return sink_.superseded(failed);
}

Status IdJoin::reject_request(const Request& request, const Rejection& rejection) {
  const KeptDocuments::Place place{request.offset, request.length, request.file};
  const Result<std::string_view> document = kept_.get(place, buffer_);
  if (!document) return document.error();
  return sink_.reject(kept_.path(place), request.line, rejection, *document);
}

Status IdJoin::report_requests() {
  for (const std::uint64_t key : order_) {
    const Request& request = *requests_.find(key);
    Status status;
    if (request.state == State::kOpen) status = reject_request(request, {Reason::kNoAnswer, {}});
    if (request.state == State::kAmbiguous) status = reject_request(request, {Reason::kDuplicateCustomId, {}});
    if (!status) return status;
    if (request.state == State::kFailed) ++used_[kept_.path({request.offset, request.length, request.file})];
  }
  for (const auto& [path, count] : used_) sink_.used_requests(path, count);
  return {};
}

Status IdJoin::finish(const Again& again) {
  is_last_pass_ = true;
  std::string document;
  for (const Waiting& answer : std::exchange(waiting_, {})) {
    const Result<std::string_view> text = kept_.get(answer.place, document);
    if (!text) return text.error();
    if (Status status = again({*text, answer.line, 0, true, false}, kept_.path(answer.place)); !status) return status;
  }
  std::vector<const Failure*> failures;
  for (const auto& [key, failure] : failures_) failures.push_back(&failure);
  std::sort(failures.begin(), failures.end(), [](const Failure* a, const Failure* b) {
    return a->path != b->path ? a->path < b->path : a->line < b->line;
  });
  for (const Failure* failure : failures)
    if (Status status = sink_.reject(failure->path, failure->line, failure->rejection, failure->excerpt); !status)
      return status;
  return report_requests();
}

}  // namespace noggin::data
