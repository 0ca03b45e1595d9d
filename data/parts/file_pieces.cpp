#include "data/parts/file_pieces.h"

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "bytes/atomic_file.h"
#include "bytes/content_hash.h"
#include "bytes/hex.h"
#include "data/files/input_file.h"
#include "data/logs/log_events.h"
#include "data/logs/packing.h"

namespace noggin::data {
namespace {

std::uint64_t key_of_pieces(std::uint64_t file_hash, std::uint64_t piece_bytes) {
  std::string all;
  Packer(all).text("pieces").value(kLogEventsVersion).value(file_hash).value(piece_bytes);
  return content_hash(all.data(), all.size());
}

std::string bytes_of_pieces(const std::vector<LinePiece>& pieces) {
  std::string bytes;
  Packer to(bytes);
  for (const LinePiece& piece : pieces)
    to.value(piece.begin).value(piece.end).value(piece.lines_before).value(piece.hash);
  to.value(content_hash(bytes.data(), bytes.size()));
  return bytes;
}

// Nothing for a memory that is absent or damaged: it is made anew.
std::vector<LinePiece> remembered_pieces(const std::string& memory) {
  const Result<std::string> bytes = read_input_file(memory);
  if (!bytes || bytes->size() < sizeof(std::uint64_t)) return {};
  const std::string_view content = std::string_view(*bytes).substr(0, bytes->size() - sizeof(std::uint64_t));
  if (Unpacker(std::string_view(*bytes).substr(content.size())).value<std::uint64_t>() !=
      content_hash(content.data(), content.size()))
    return {};
  std::vector<LinePiece> pieces;
  for (Unpacker from(content); !from.at_end() && from.ok();) {
    LinePiece& piece = pieces.emplace_back();
    piece.begin = from.value<std::uint64_t>();
    piece.end = from.value<std::uint64_t>();
    piece.lines_before = from.value<std::uint64_t>();
    piece.hash = from.value<std::uint64_t>();
  }
  return pieces;
}

std::string memory_of(const std::string& folder, std::uint64_t file_hash, std::uint64_t piece_bytes) {
  return folder + "/" + hex(key_of_pieces(file_hash, piece_bytes)) + kPiecesExtension;
}

Status remember(const std::string& memory, const std::vector<LinePiece>& pieces) {
  const std::string bytes = bytes_of_pieces(pieces);
  return write_file_atomically(memory, bytes.data(), bytes.size());
}

// Whether a file is so large that it may be cut.
bool is_large(const std::string& path, std::uint64_t piece_bytes) {
  std::error_code error;
  const std::uint64_t bytes = std::filesystem::file_size(path, error);
  return !error && bytes > piece_bytes;
}

}  // namespace

Result<std::uint64_t> hash_and_cut(const std::string& path, std::uint64_t piece_bytes, const std::string& folder) {
  CutFile cut;
  if (is_large(path, piece_bytes)) {
    Result<CutFile> read = cut_lines(path, piece_bytes);
    if (!read) return read.error();
    cut = *std::move(read);
  }
  if (!cut.file) {
    const Result<FileDigest> digest = digest_of_file(path);
    if (!digest) return digest.error();
    return digest->hash;
  }
  if (cut.pieces.empty()) return cut.file->hash;
  std::error_code error;  // a folder that is absent is the writer's to tell
  std::filesystem::create_directories(folder, error);
  if (Status status = remember(memory_of(folder, cut.file->hash, piece_bytes), cut.pieces); !status)
    return status.error();
  return cut.file->hash;
}

Result<FilePieces> pieces_of(const std::string& path, std::uint64_t file_hash, std::uint64_t piece_bytes,
                             const std::string& folder) {
  FilePieces found;
  if (!is_large(path, piece_bytes)) return found;
  const std::string memory = memory_of(folder, file_hash, piece_bytes);
  if (std::vector<LinePiece> known = remembered_pieces(memory); !known.empty())
    return FilePieces{known.back().end, std::move(known), memory};
  Result<CutFile> cut = cut_lines(path, piece_bytes);
  if (!cut) return cut.error();
  if (cut->pieces.empty()) return found;
  if (cut->file->hash != file_hash) return changed_meanwhile(path);
  if (Status status = remember(memory, cut->pieces); !status) return status.error();
  return FilePieces{cut->file->bytes, std::move(cut->pieces), memory};
}

}  // namespace noggin::data
