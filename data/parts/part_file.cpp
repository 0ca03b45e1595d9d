#include "data/parts/part_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "data/lines/line_reader.h"
#include "data/lines/raw_file.h"
#include "data/logs/log_events.h"
#include "data/logs/packing.h"

namespace noggin::data {
namespace {

constexpr std::string_view kMagic = "NOGGPART";
constexpr std::size_t kHeadBytes = kMagic.size() + sizeof(std::uint32_t) + sizeof(std::uint64_t);
constexpr std::size_t kTailBytes = sizeof(std::uint32_t) + sizeof(std::uint64_t);
constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

std::string head_of(std::uint64_t key) {
  std::string head(kMagic);
  Packer(head).value(kLogEventsVersion).value(key);
  return head;
}

Error damaged(const std::string& path) {
  return Error{ErrorCode::kCorrupt, path + ": the part file is damaged. Fix: remove it, and run again"};
}

// The bytes of a file, a window at a time, with room for what reads ahead.
class Window {
 public:
  explicit Window(RawFile& file) : file_(file), bytes_(kBufferBytes + kLinePadding) {}

  // The next `count` bytes, valid until the next call; fewer at the end of the file.
  Result<std::string_view> take(std::size_t count) {
    if (end_ - begin_ < count) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
      end_ -= std::exchange(begin_, 0);
      if (bytes_.size() < count + kLinePadding) bytes_.resize(count + kLinePadding);
      while (end_ < count) {
        const std::span<char> room(bytes_.data() + end_, bytes_.size() - kLinePadding - end_);
        const Result<std::size_t> read = file_.read(room);
        if (!read) return read.error();
        if (*read == 0) break;
        end_ += *read;
      }
    }
    const std::string_view taken(bytes_.data() + begin_, std::min(count, end_ - begin_));
    begin_ += taken.size();
    return taken;
  }

 private:
  RawFile& file_;
  std::vector<char> bytes_;
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace

Result<PartWriter> PartWriter::create(const std::string& path, std::uint64_t key) {
  Result<AtomicFile> file = AtomicFile::create(path);
  if (!file) return file.error();
  PartWriter writer(*std::move(file));
  writer.bytes_ = head_of(key);
  return writer;
}

Status PartWriter::add(std::string_view event) {
  Packer(bytes_).text(event);
  return bytes_.size() < kBufferBytes ? Status() : write_out();
}

Status PartWriter::write_out() {
  hasher_.update(bytes_.data(), bytes_.size());
  const Status status = file_.append(bytes_);
  bytes_.clear();
  return status;
}

Status PartWriter::finish() {
  Packer(bytes_).value(std::uint32_t{0});
  if (Status status = write_out(); !status) return status;
  std::string tail;
  Packer(tail).value(hasher_.digest());
  if (Status status = file_.append(tail); !status) return status;
  return file_.commit();
}

bool is_whole_part(const std::string& path, std::uint64_t key) {
  const Result<std::unique_ptr<RawFile>> file = RawFile::open(path);
  if (!file) return false;
  Window window(**file);
  const Result<std::string_view> head = window.take(kHeadBytes);
  if (!head || *head != head_of(key)) return false;
  ContentHasher hasher;
  hasher.update(head->data(), head->size());
  std::string held;  // what may be the tail
  while (true) {
    const Result<std::string_view> piece = window.take(kBufferBytes);
    if (!piece) return false;
    held += *piece;
    if (piece->size() < kBufferBytes) break;
    const std::size_t sure = held.size() - kTailBytes;
    hasher.update(held.data(), sure);
    held.erase(0, sure);
  }
  if (held.size() < kTailBytes) return false;
  hasher.update(held.data(), held.size() - sizeof(std::uint64_t));
  Unpacker tail(std::string_view(held).substr(held.size() - kTailBytes));
  return tail.value<std::uint32_t>() == 0 && tail.value<std::uint64_t>() == hasher.digest();
}

Status replay_part(const std::string& path, LogSink& sink) {
  const Result<std::unique_ptr<RawFile>> file = RawFile::open(path);
  if (!file) return file.error();
  Window window(**file);
  if (const Result<std::string_view> head = window.take(kHeadBytes); !head) return head.error();
  LogEventReader events;
  while (true) {
    const Result<std::string_view> length_bytes = window.take(sizeof(std::uint32_t));
    if (!length_bytes) return length_bytes.error();
    Unpacker length(*length_bytes);
    const auto size = length.value<std::uint32_t>();
    if (!length.ok()) return damaged(path);
    if (size == 0) return {};
    const Result<std::string_view> event = window.take(size);
    if (!event) return event.error();
    if (event->size() != size) return damaged(path);
    if (Status status = events.read(*event, sink); !status) return status;
  }
}

}  // namespace noggin::data
