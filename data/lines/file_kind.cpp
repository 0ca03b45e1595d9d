#include "data/lines/file_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "data/lines/compression.h"

namespace noggin::data {
namespace {

using namespace std::string_view_literals;

// {0} is the file, {1} the file to write, both quoted for a shell.
constexpr std::string_view kPandas =
    "python3 -c \"import pandas, sys; pandas.READER(sys.argv[1]).to_json(sys.argv[2], orient='records', lines=True, "
    "force_ascii=False)\" {0} {1}";

struct ForeignKind {
  std::size_t at;  // where `magic` stands
  std::string_view magic;
  std::string_view name;
  std::string_view reader;   // of pandas, for kPandas; or ""
  std::string_view command;  // if there is no reader
};

constexpr ForeignKind kForeignKinds[] = {
    {0, "PAR1"sv, "a Parquet file", "read_parquet", {}},
    {0, "PARE"sv, "an encrypted Parquet file", {}, "export it unencrypted, as JSON lines, where its key is known"},
    {0, "ARROW1"sv, "an Arrow (Feather) file", "read_feather", {}},
    {0, "FEA1"sv, "a Feather file", "read_feather", {}},
    {0,
     "\xff\xff\xff\xff"sv,
     "an Arrow stream",
     {},
     "python3 -c \"import pyarrow.ipc, sys; pyarrow.ipc.open_stream(sys.argv[1]).read_pandas().to_json(sys.argv[2], "
     "orient='records', lines=True, force_ascii=False)\" {0} {1}"},
    {0, "ORC"sv, "an ORC file", "read_orc", {}},
    {0,
     "Obj\x01"sv,
     "an Avro file",
     {},
     "python3 -c \"import fastavro, json, sys; [print(json.dumps(row, default=str)) for row in "
     "fastavro.reader(open(sys.argv[1], 'rb'))]\" {0} > {1}"},
    {0,
     "SQLite format 3\0"sv,
     "a SQLite database",
     {},
     "sqlite3 -json {0} 'SELECT * FROM TABLE' > {1}  (sqlite3 {0} .tables lists the tables)"},
    {8,
     "DUCK"sv,
     "a DuckDB database",
     {},
     "duckdb -json {0} 'FROM TABLE' > {1}  (duckdb {0} .tables lists the tables)"},
    {0, "\x89HDF\r\n\x1a\n"sv, "an HDF5 file", "read_hdf", {}},
    {0,
     "\x93NUMPY"sv,
     "a NumPy array",
     {},
     "python3 -c \"import json, numpy, sys; [print(json.dumps(row)) for row in numpy.load(sys.argv[1]).tolist()]\" {0} "
     "> "
     "{1}"},
    {0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, "an old Excel or Word file", "read_excel", {}},
    {257, "ustar"sv, "a tar archive", {}, "tar -xOf {0} > {1}"},
    {0, "7z\xbc\xaf\x27\x1c"sv, "a 7-Zip archive", {}, "7z x -so {0} > {1}"},
    {0, "Rar!\x1a\x07"sv, "a RAR archive", {}, "unrar p -inul {0} > {1}"},
    {0, "\x04\x22\x4d\x18"sv, "an LZ4 file", {}, "lz4 -dc {0} > {1}"},
    {0, "LZIP"sv, "an lzip file", {}, "lzip -dc {0} > {1}"},
    {0, "\x1f\x9d"sv, "a file of compress (.Z)", {}, "gzip -dc < {0} > {1}"},
    {0, "\x5d\0\0"sv, "an LZMA file", {}, "xz --format=lzma -dc {0} > {1}"},
    {0, "\xff\x06\0\0sNaPpY"sv, "a Snappy file", {}, "snzip -dc {0} > {1}"},
    {0, "%PDF-"sv, "a PDF document", {}, "pdftotext -layout {0} {1}"},
    {0, "\x89PNG\r\n\x1a\n"sv, "an image (PNG)", {}, {}},
    {0, "\xff\xd8\xff"sv, "an image (JPEG)", {}, {}},
    {0, "GIF8"sv, "an image (GIF)", {}, {}},
    {0, "II*\0"sv, "an image (TIFF)", {}, {}},
    {0, "MM\0*"sv, "an image (TIFF)", {}, {}},
    {8, "WEBP"sv, "an image (WebP)", {}, {}},
    {8, "WAVE"sv, "sound (WAV)", {}, {}},
    {0, "OggS"sv, "sound (Ogg)", {}, {}},
    {0, "fLaC"sv, "sound (FLAC)", {}, {}},
    {0, "ID3"sv, "sound (MP3)", {}, {}},
    {4, "ftyp"sv, "a video or sound (MP4)", {}, {}},
    {0,
     "\x7f"
     "ELF"sv,
     "a program",
     {},
     {}},
    {0, "\xff\xfe\0\0"sv, "text in UTF-32", {}, "iconv -f UTF-32 -t UTF-8 {0} > {1}"},
    {0, "\0\0\xfe\xff"sv, "text in UTF-32", {}, "iconv -f UTF-32 -t UTF-8 {0} > {1}"},
    {0,
     "version https://git-lfs.github.com/spec/"sv,
     "a pointer of Git LFS in place of the file",
     {},
     "git lfs pull --include {0}"},
    {0, "-----BEGIN PGP MESSAGE"sv, "an encrypted file", {}, "gpg -d {0} > {1}"},
};

constexpr ForeignKind kSpreadsheet{0, {}, "a spreadsheet", "read_excel", {}};
constexpr ForeignKind kZip{0, {}, "a zip archive", {}, "unzip -p {0} > {1}"};
constexpr ForeignKind kZippedArrays{0, {}, "an archive of NumPy arrays or of PyTorch", {}, {}};
constexpr ForeignKind kPickle{
    0, {}, "a Python pickle, which can run programs when it is opened: only if you trust it", "read_pickle", {}};
constexpr ForeignKind kWebPage{0,
                               {},
                               "a web page (often a login or an error page, saved under the name of the log)",
                               {},
                               "download it again, signed in"};
constexpr ForeignKind kXml{0, {}, "an XML file", "read_xml", {}};
constexpr ForeignKind kBinary{
    0, {}, "no text (it begins with control characters), and of no kind that is known", {}, {}};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

const ForeignKind* zip_kind(std::string_view start) {
  if (!start.starts_with("PK\x03\x04"sv) && !start.starts_with("PK\x05\x06"sv)) return nullptr;
  // The name of the first file in it.
  if (contains(start, "xl/") || contains(start, "spreadsheet")) return &kSpreadsheet;
  const std::string_view name = start.substr(std::min<std::size_t>(start.size(), 30), 40);
  if (name.starts_with("[Content_Types].xml")) return &kSpreadsheet;
  if (contains(name, ".npy") || contains(name, "/data.pkl")) return &kZippedArrays;
  return &kZip;
}

bool is_pickle(std::string_view start) {
  return start.size() > 3 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5 &&
         (start[1] < 4 || start[2] == '\x95');
}

// Whether it begins with one of `marks` after white space and a byte order mark, in any case of ASCII letters.
bool begins_with_mark(std::string_view start, std::initializer_list<std::string_view> marks) {
  if (start.starts_with("\xef\xbb\xbf")) start.remove_prefix(3);
  start.remove_prefix(std::min(start.size(), start.find_first_not_of(" \t\r\n")));
  std::string lower(start.substr(0, 16));
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) { return lower.starts_with(mark); });
}

// JSON is never binary: a row with control characters is refused by itself.
bool has_control_characters(std::string_view start) {
  const std::size_t first = start.find_first_not_of(" \t\r\n\x1e");
  if (first == std::string_view::npos || start[first] == '{' || start[first] == '[') return false;
  const auto controls = std::count_if(start.begin(), start.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && !contains("\t\n\v\f\r\x1b\x1e", {&c, 1});
  });
  return static_cast<std::size_t>(controls) * 20 > start.size();
}

const ForeignKind* kind_of(std::string_view start) {
  for (const ForeignKind& kind : kForeignKinds)
    if (start.size() >= kind.at && start.substr(kind.at).starts_with(kind.magic)) return &kind;
  if (const ForeignKind* kind = zip_kind(start)) return kind;
  if (is_pickle(start)) return &kPickle;
  if (begins_with_mark(start, {"<!doctype html", "<html", "<head", "<body"})) return &kWebPage;
  if (begins_with_mark(start, {"<?xml"})) return &kXml;
  return has_control_characters(start) ? &kBinary : nullptr;
}

std::string shell_quoted(const std::string& path) {
  std::string quoted = "'";
  for (const char c : path) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted += '\'';
}

Error refusal(const std::string& path, std::string_view what, std::string_view fix) {
  return Error{ErrorCode::kBadData, fmt::format("{} is {}. Fix: {}", path, what, fix)};
}

}  // namespace

std::optional<Error> refuse_binary(std::string_view start, const std::string& path, bool compressed) {
  const std::string file = shell_quoted(path);
  std::string output = path;
  output += ".jsonl";
  output = shell_quoted(output);
  if (const Compression inner = compression_of(start); compressed && inner != Compression::kNone) {
    return refusal(path, "compressed twice; only the outer compression is undone",
                   fmt::format("{0} {1} | {0} > {2}  if both are of one kind, and name the new file; inside lies what "
                               "`{0}` reads",
                               decompressor_of(inner), file, output));
  }
  const ForeignKind* kind = kind_of(start);
  if (kind == nullptr) return std::nullopt;
  std::string command(kind->command);
  if (!kind->reader.empty()) {
    command = kPandas;
    command.replace(command.find("READER"), 6, kind->reader);
  }
  if (command.empty()) return refusal(path, kind->name, "name the log itself: JSON lines, JSON, CSV or TSV");
  const std::string fix = fmt::format(fmt::runtime(command), file, output);
  return refusal(path, kind->name, contains(command, "{1}") ? fix + ", and name the new file" : fix);
}

}  // namespace noggin::data
