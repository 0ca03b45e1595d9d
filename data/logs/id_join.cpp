#include "data/logs/id_join.h"

#include <algorithm>
#include <utility>

#include "data/rows/content_key.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr std::size_t kFailureExcerptBytes = 240;  // failures are held until the end

}  // namespace

std::uint32_t IdJoin::number_of(const std::string& file) {
  if (!files_.empty() && files_.back() == file) return static_cast<std::uint32_t>(files_.size() - 1);
  const auto known = std::find(files_.begin(), files_.end(), file);
  const auto number = static_cast<std::uint32_t>(known - files_.begin());
  if (known == files_.end()) {
    files_.push_back(file);
    used_.push_back(0);
  }
  return number;
}

Status IdJoin::add_request(const Half& request, std::string_view text, std::uint8_t kind) {
  const std::uint64_t key = content_key(request.id);
  const auto text_key = static_cast<std::uint32_t>(content_key(text));
  if (Request* known = requests_.find(key)) {
    if (known->text_key == text_key && known->state != State::kAmbiguous) return sink_.superseded(request.file);
    known->state = State::kAmbiguous;
    return sink_.reject(request.file, request.line, {Reason::kDuplicateCustomId, excerpt(request.id)}, request.shown);
  }
  const Result<Spill::Place> place = kept_.add(request.shown);
  if (!place) return place.error();
  requests_.insert(key, {place->offset, place->length, number_of(request.file),
                         static_cast<std::uint32_t>(request.line), text_key, kind, State::kOpen});
  order_.push_back(key);
  return {};
}

bool IdJoin::can_answer(std::string_view id) const {
  return is_last_pass_ || requests_.find(content_key(id)) != nullptr;
}

Status IdJoin::add_waiting(std::string_view answer) {
  const Result<Spill::Place> place = kept_.add(answer);
  if (!place) return place.error();
  waiting_.push_back(*place);
  return {};
}

Status IdJoin::add_answer(const Half& answer, const Trouble& failure, const Use& use) {
  const std::uint64_t key = content_key(answer.id);
  const auto refuse = [&](const Rejection& why) { return sink_.reject(answer.file, answer.line, why, answer.shown); };
  Request* found = requests_.find(key);
  if (found == nullptr) {
    const Reason reason = requests_.size() == 0 ? Reason::kNoText : Reason::kUnknownCustomId;
    return refuse(failure ? *failure : Rejection{reason, excerpt(answer.id)});
  }
  Request& request = *found;
  if (request.state == State::kAmbiguous) return refuse({Reason::kAmbiguousId, excerpt(answer.id)});
  if (request.state == State::kAnswered) return sink_.superseded(answer.file);
  Trouble trouble = failure;
  if (!trouble) {
    const Result<std::string_view> shown = kept_.get(request.place(), buffer_);
    if (!shown) return shown.error();
    Result<Trouble> used = use(request.kind, *shown);
    if (!used) return used.error();
    trouble = *std::move(used);
  }
  if (trouble) {
    if (request.state == State::kFailed) return sink_.superseded(answer.file);
    request.state = State::kFailed;
    failures_[key] = {answer.file, answer.line, *std::move(trouble),
                      std::string(answer.shown.substr(0, kFailureExcerptBytes))};
    return {};
  }
  ++used_[request.file];
  if (std::exchange(request.state, State::kAnswered) != State::kFailed) return {};
  const std::string failed = failures_[key].path;
  failures_.erase(key);
  return sink_.superseded(failed);
}

Status IdJoin::reject_request(const Request& request, const Rejection& rejection) {
  const Result<std::string_view> shown = kept_.get(request.place(), buffer_);
  if (!shown) return shown.error();
  return sink_.reject(files_[request.file], request.line, rejection, *shown);
}

Status IdJoin::report_requests() {
  for (const std::uint64_t key : order_) {
    const Request& request = *requests_.find(key);
    Status status;
    if (request.state == State::kOpen) status = reject_request(request, {Reason::kNoAnswer, {}});
    if (request.state == State::kAmbiguous) status = reject_request(request, {Reason::kDuplicateCustomId, {}});
    if (!status) return status;
    if (request.state == State::kFailed) ++used_[request.file];
  }
  for (std::size_t file = 0; file < files_.size(); ++file)
    if (used_[file] > 0) sink_.used_requests(files_[file], used_[file]);
  return {};
}

Status IdJoin::finish(const Again& again) {
  is_last_pass_ = true;
  std::string bytes;
  for (const Spill::Place& answer : std::exchange(waiting_, {})) {
    const Result<std::string_view> kept = kept_.get(answer, bytes);
    if (!kept) return kept.error();
    if (Status status = again(*kept); !status) return status;
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
