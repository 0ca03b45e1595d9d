#include "data/logs/request_index.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "data/logs/adapter_jsonl.h"
#include "data/rows/content_key.h"

namespace noggin::data {
namespace {

using Value = JsonRow::Value;

struct Request {
  std::string custom_id, text;
  bool has_id = false, has_user = false;
};

// A content is a string, or an array of {"type": "text", "text"} parts, which are joined by newlines.
Trouble read_content(Value& value, std::string& text) {
  text.clear();
  if (value.is_array()) {
    bool first = true;
    return for_each_element(value, "content", [&](Value& part) -> Trouble {
      bool is_text = false;
      Trouble trouble = for_each_field(part, "content part", [&](std::string_view key, Value field) -> Trouble {
        if (key != "text") return std::nullopt;
        const Checked<std::string_view> piece = read_string(field, "content[].text");
        if (const auto* bad = std::get_if<Rejection>(&piece)) return *bad;
        if (!std::exchange(first, false)) text += '\n';
        text += std::get<std::string_view>(piece);
        is_text = true;
        return std::nullopt;
      });
      if (!trouble && !is_text) trouble = Rejection{Reason::kNotText, {}};
      return trouble;
    });
  }
  const Checked<std::string_view> whole = read_string(value, "messages[].content");
  if (const auto* bad = std::get_if<Rejection>(&whole)) return *bad;
  text = std::get<std::string_view>(whole);
  return std::nullopt;
}

Trouble read_messages(Value& value, Request& request) {
  Trouble last_user;  // only the last user message has to be readable
  Trouble trouble = for_each_element(value, "messages", [&](Value& message) -> Trouble {
    bool is_user = false;
    std::string text;
    Trouble of_content;
    Trouble of_message = for_each_field(message, "messages[]", [&](std::string_view key, Value field) -> Trouble {
      if (key == "role") {
        const Checked<std::string_view> role = read_string(field, "messages[].role");
        if (const auto* bad = std::get_if<Rejection>(&role)) return *bad;
        is_user = std::get<std::string_view>(role) == "user";
      } else if (key == "content") {
        of_content = read_content(field, text);
        if (is_fatal(of_content)) return of_content;
      }
      return std::nullopt;
    });
    if (of_message) return of_message;
    if (!is_user) return std::nullopt;
    request.has_user = true;
    request.text = std::move(text);
    last_user = std::move(of_content);
    return std::nullopt;
  });
  return trouble ? trouble : last_user;
}

// {"custom_id", "body": {"messages"}} as the batch API accepts it, or with "messages" at the top level.
Trouble read_request(JsonRow& row, const Line& line, Request& request) {
  const auto body_field = [&request](std::string_view key, Value& value) -> Trouble {
    return key == "messages" ? read_messages(value, request) : std::nullopt;
  };
  Trouble trouble = row.read(line, [&](std::string_view key, Value value) -> Trouble {
    if (key == "custom_id") {
      const Checked<std::string_view> id = read_string(value, "custom_id");
      if (const auto* bad = std::get_if<Rejection>(&id)) return *bad;
      request.has_id = true;
      request.custom_id = std::get<std::string_view>(id);
      return std::nullopt;
    }
    if (key == "body")
      return for_each_field(value, "body", [&](std::string_view name, Value field) { return body_field(name, field); });
    return body_field(key, value);
  });
  if (trouble) return trouble;
  if (!request.has_id) return Rejection{Reason::kMissingField, "custom_id"};
  if (!request.has_user) return Rejection{Reason::kMissingField, "a message with role \"user\" in body.messages"};
  return check_text(request.text);
}

}  // namespace

struct RequestIndex::File {
  int descriptor = -1;
  explicit File(const std::string& path) : descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor >= 0) ::close(descriptor);
  }
  bool read(std::uint64_t offset, std::span<char> buffer) const {
    for (std::size_t done = 0; done < buffer.size();) {
      const ssize_t count =
          ::pread(descriptor, buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      done += static_cast<std::size_t>(count);
    }
    return true;
  }
};

RequestIndex::RequestIndex() = default;
RequestIndex::RequestIndex(RequestIndex&&) noexcept = default;
RequestIndex& RequestIndex::operator=(RequestIndex&&) noexcept = default;
RequestIndex::~RequestIndex() = default;

Result<RequestIndex> RequestIndex::build(const std::string& path, RowSink& sink) {
  RequestIndex index;
  index.path_ = path;
  if (Status status = index.add_all(sink); !status) return status.error();
  if (Status status = index.drop_repeated(sink); !status) return status.error();
  index.states_.assign(index.entries_.size(), RequestState::kOpen);
  return index;
}

Status RequestIndex::add_all(RowSink& sink) {
  Result<LineReader> reader = LineReader::open(path_);
  if (!reader) return reader.error();
  if (!reader->stream().compressed()) file_ = std::make_unique<File>(path_);
  Request request;
  while (true) {
    const Result<std::optional<Line>> next = reader->next();
    if (!next) return next.error();
    if (!next->has_value()) break;
    const Line& line = **next;
    if (line.number > std::numeric_limits<std::uint32_t>::max())
      return Error{ErrorCode::kUnsupported, path_ + ": more than 2^32 requests in one file. Fix: split the batch"};
    request = Request{};
    if (const Trouble trouble = read_request(row_, line, request)) {
      if (Status status = sink.reject(path_, line.number, *trouble, line.text); !status) return status;
      continue;
    }
    const std::string_view kept = file_ ? line.text : std::string_view(request.text);
    entries_.push_back({content_key(request.custom_id), file_ ? line.offset : texts_.size(),
                        static_cast<std::uint32_t>(kept.size()), static_cast<std::uint32_t>(line.number)});
    if (!file_) texts_ += kept;
  }
  if (reader->stream().cut())
    if (Status status = sink.reject(path_, reader->lines(), {Reason::kCutCompressedFile, {}}, {}); !status)
      return status;
  sink.finished_file(path_, reader->stream().file_bytes(), reader->stream().file_hash());
  return {};
}

Status RequestIndex::drop_repeated(RowSink& sink) {
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.hash != b.hash ? a.hash < b.hash : a.line < b.line; });
  std::vector<std::uint64_t> repeated;
  std::size_t count = 0;
  for (const Entry& entry : entries_) {
    if (count > 0 && entries_[count - 1].hash == entry.hash)
      repeated.push_back(entry.line);
    else
      entries_[count++] = entry;
  }
  entries_.resize(count);
  std::sort(repeated.begin(), repeated.end());
  for (const std::uint64_t line : repeated)
    if (Status status = sink.reject(path_, line, {Reason::kDuplicateCustomId, {}}, {}); !status) return status;
  return {};
}

std::int64_t RequestIndex::find(std::string_view custom_id) const {
  const std::uint64_t hash = content_key(custom_id);
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), hash,
                                      [](const Entry& entry, std::uint64_t key) { return entry.hash < key; });
  return found == entries_.end() || found->hash != hash ? -1 : found - entries_.begin();
}

Result<std::string> RequestIndex::text(std::size_t request_number) {
  const Entry& entry = entries_[request_number];
  if (!file_) return texts_.substr(entry.offset, entry.length);
  std::string buffer(entry.length + kLinePadding, '\0');
  Request request;
  const bool was_read = file_->read(entry.offset, {buffer.data(), entry.length});
  const Line line{{buffer.data(), entry.length}, entry.line, entry.offset, true, false};
  if (!was_read || read_request(row_, line, request) || content_key(request.custom_id) != entry.hash)
    return Error{ErrorCode::kIo,
                 fmt::format("{}:{}: the request reads differently than a moment ago (the file is being "
                             "written). Fix: run again when it is complete",
                             path_, entry.line)};
  return std::move(request.text);
}

std::vector<std::size_t> RequestIndex::open_requests() const {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (states_[i] == RequestState::kOpen) open.push_back(i);
  std::sort(open.begin(), open.end(),
            [this](std::size_t a, std::size_t b) { return entries_[a].line < entries_[b].line; });
  return open;
}

}  // namespace noggin::data
