#include "data/lines/line_pieces.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include "bytes/byte_order_mark.h"
#include "bytes/content_hash.h"

namespace noggin::data {
namespace {

constexpr std::size_t kScanBytes = std::size_t{1} << 18;

// Summed in bytes, which the compiler does sixteen at a time.
std::uint64_t line_ends(std::string_view bytes) {
  constexpr std::size_t kCounted = 240;  // less than a byte counts
  std::uint64_t ends = 0;
  while (!bytes.empty()) {
    std::uint8_t of_block = 0;
    for (const char c : bytes.substr(0, kCounted)) of_block = static_cast<std::uint8_t>(of_block + (c == '\n' ? 1 : 0));
    ends += of_block;
    bytes.remove_prefix(std::min(kCounted, bytes.size()));
  }
  return ends;
}

class PieceCutter {
 public:
  explicit PieceCutter(std::uint64_t piece_bytes) : piece_bytes_(piece_bytes), least_end_(piece_bytes) {}

  void skip(std::size_t bytes) { next_.begin = next_.end = bytes; }
  void add(std::string_view bytes) {
    while (!bytes.empty()) {
      // A line end before this place cuts nothing.
      const std::size_t from = least_end_ > next_.end + 1 ? least_end_ - next_.end - 1 : 0;
      const std::size_t found = from < bytes.size() ? bytes.find('\n', from) : std::string_view::npos;
      const bool cuts = found != std::string_view::npos;
      take(bytes.substr(0, cuts ? found + 1 : bytes.size()));
      if (cuts) finish_piece();
      bytes.remove_prefix(cuts ? found + 1 : bytes.size());
    }
  }
  std::vector<LinePiece> finish() {
    if (next_.end > next_.begin) finish_piece();
    return std::move(pieces_);
  }

 private:
  void take(std::string_view bytes) {
    hasher_.update(bytes.data(), bytes.size());
    lines_ += line_ends(bytes);
    next_.end += bytes.size();
  }
  void finish_piece() {
    next_.hash = hasher_.digest();
    pieces_.push_back(next_);
    hasher_ = ContentHasher();
    next_ = {.begin = next_.end, .end = next_.end, .lines_before = lines_};
    least_end_ = (next_.end / piece_bytes_ + 1) * piece_bytes_;
  }

  std::uint64_t piece_bytes_, least_end_;  // of the next piece
  std::uint64_t lines_ = 0;
  LinePiece next_;
  ContentHasher hasher_;
  std::vector<LinePiece> pieces_;
};

}  // namespace

Result<CutFile> cut_lines(const std::string& path, std::uint64_t piece_bytes) {
  const Result<LineReader> reader = LineReader::open_any(path);
  if (!reader) return reader.error();
  CutFile cut;
  if (!reader->has_plain_lines()) return cut;
  const Result<std::unique_ptr<RawFile>> file = RawFile::open(path);
  if (!file) return file.error();
  PieceCutter cutter(piece_bytes);
  std::vector<char> buffer(kScanBytes);
  for (bool is_start = true;; is_start = false) {
    const Result<std::size_t> count = (*file)->read(buffer);
    if (!count) return count.error();
    if (*count == 0) break;
    std::string_view bytes(buffer.data(), *count);
    if (is_start && bytes.starts_with(kByteOrderMark)) {
      cutter.skip(kByteOrderMark.size());
      bytes.remove_prefix(kByteOrderMark.size());
    }
    cutter.add(bytes);
  }
  cut.file = FileDigest{(*file)->bytes(), (*file)->hash()};
  cut.pieces = cutter.finish();
  if (cut.pieces.size() < 2) cut.pieces.clear();
  return cut;
}

}  // namespace noggin::data
