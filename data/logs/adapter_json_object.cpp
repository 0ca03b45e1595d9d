#include "data/logs/adapter_json_object.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "data/logs/log_file.h"

namespace noggin::data {
namespace {

constexpr int kEnd = -1;

// Splits the file at the commas of its outermost object. The row reader checks what is between.
class ObjectSplitter {
 public:
  struct Entry {
    std::string key;    // unescaped
    std::string value;  // JSON
    std::uint64_t line = 0;
    bool complete = true;  // false: the file ends inside it
  };

  ObjectSplitter(TextStream stream, std::string path)
      : stream_(std::move(stream)), path_(std::move(path)), buffer_(std::size_t{256} << 10) {}

  // Reads the next entry; false at the end of the object.
  Result<bool> next(Entry& entry);
  const TextStream& stream() const { return stream_; }

 private:
  int look();        // the next byte, or kEnd at the end of the file and after an Error
  int look_token();  // after white space
  void take() {
    line_ += buffer_[at_] == '\n' ? 1 : 0;
    ++at_;
  }
  void open();
  std::string take_key();
  std::string take_value();
  void fail(std::string_view what) {
    if (status_)
      status_ = Error{ErrorCode::kBadData, fmt::format("{}:{}: {}. Fix: a json_object source is one object, "
                                                       "{{\"id\": {{\"text\": ...}}, ...}}",
                                                       path_, line_, what)};
  }

  TextStream stream_;
  std::string path_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, size_ = 0;
  std::uint64_t line_ = 1;
  bool opened_ = false;
  Status status_;
};

int ObjectSplitter::look() {
  if (!status_) return kEnd;
  if (at_ == size_) {
    const Result<std::size_t> count = stream_.read(buffer_);
    if (!count) status_ = count.error();
    at_ = 0;
    size_ = count ? *count : 0;
    if (size_ == 0) return kEnd;
  }
  return static_cast<unsigned char>(buffer_[at_]);
}

int ObjectSplitter::look_token() {
  int c = look();
  for (; c == ' ' || c == '\t' || c == '\r' || c == '\n'; c = look()) take();
  return c;
}

void ObjectSplitter::open() {
  if (look_token() == '{')
    take();
  else
    fail("the file does not begin with {");
  opened_ = true;
}

std::string ObjectSplitter::take_key() {
  std::string quoted;
  for (bool escaped = false; look() != kEnd;) {
    const char c = static_cast<char>(look());
    const bool ends = c == '"' && !escaped && !quoted.empty();
    quoted += c;
    take();
    if (ends) break;
    escaped = !escaped && c == '\\';
    if (quoted.size() > kMaxLineBytes) fail("a key is longer than 64 MiB");
  }
  const nlohmann::json key = nlohmann::json::parse(quoted, nullptr, false);
  return key.is_string() ? key.get<std::string>() : std::string();
}

// Up to the comma or the bracket that ends it.
std::string ObjectSplitter::take_value() {
  std::string value;
  int depth = 0;
  for (bool in_string = false, escaped = false; look() != kEnd;) {
    const char c = static_cast<char>(look());
    if (in_string) {
      in_string = escaped || c != '"';
      escaped = !escaped && c == '\\';
    } else {
      if (depth <= 0 && (c == ',' || c == '}')) break;
      in_string = c == '"';
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
    }
    value += c;
    take();
    if (value.size() > kMaxLineBytes) fail("a row is longer than 64 MiB");
  }
  return value;
}

Result<bool> ObjectSplitter::next(Entry& entry) {
  if (!opened_)
    open();
  else if (look_token() == ',')
    take();
  entry = {};
  const int first = look_token();
  entry.line = line_;
  if (first == '}') {
    take();
    if (look_token() != kEnd) fail("something follows the object");
    return status_ ? Result<bool>(false) : Result<bool>(status_.error());
  }
  if (first != '"' && first != kEnd) fail("a row's key is not a string");
  entry.key = take_key();
  if (look_token() == ':')
    take();
  else if (look() != kEnd)
    fail("no colon follows a key");
  if (look_token() != kEnd) entry.line = line_;
  entry.value = take_value();
  entry.complete = look() != kEnd;
  return status_ ? Result<bool>(true) : Result<bool>(status_.error());
}

}  // namespace

Status read_json_object(const Source& source, const RowSchema& schema, RowSink& sink) {
  Result<TextStream> stream = TextStream::open(source.path);
  if (!stream) return stream.error();
  ObjectSplitter splitter(*std::move(stream), source.path);
  LogFile file(source, schema, sink);
  ObjectSplitter::Entry entry;
  while (true) {
    const Result<bool> more = splitter.next(entry);
    if (!more) return more.error();
    if (!*more) break;
    const std::size_t size = entry.value.size();
    entry.value.resize(size + kLinePadding);
    const Line line{.text = std::string_view(entry.value).substr(0, size), .number = entry.line};
    if (!entry.complete) {
      const Reason reason = splitter.stream().cut() ? Reason::kCutCompressedFile : Reason::kCutLastLine;
      if (Status status = file.reject(line, {reason, {}}); !status) return status;
      break;
    }
    if (Status status = file.read_json(line, entry.key); !status) return status;
  }
  sink.finished_file(source.path, splitter.stream().bytes().file_bytes(), splitter.stream().bytes().file_hash());
  return {};
}

}  // namespace noggin::data
