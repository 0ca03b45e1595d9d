#include "train/run/event_file.h"

#include <array>
#include <bit>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "bytes/atomic_file.h"
#include "bytes/little_endian.h"
#include "train/run/failure.h"
#include "train/run/metrics_lines.h"

namespace noggin::train {
namespace {

using Json = nlohmann::ordered_json;

// One entry per byte, for the reflected polynomial 0x82F63B78.
constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
    table[byte] = crc;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();

template <std::integral Integer>
void append_integer(std::string& bytes, Integer value) {
  std::array<std::byte, sizeof(Integer)> stored;
  store_little_endian(stored.data(), value);
  bytes.append(reinterpret_cast<const char*>(stored.data()), stored.size());
}

// The wire types of protobuf's encoding that an Event needs.
class Message {
 public:
  void add_integer(std::uint32_t field, std::uint64_t value) {
    append_varint(field << 3U);
    append_varint(value);
  }
  void add_double(std::uint32_t field, double value) {
    append_varint(field << 3U | 1U);
    append_integer(bytes_, std::bit_cast<std::uint64_t>(value));
  }
  void add_float(std::uint32_t field, float value) {
    append_varint(field << 3U | 5U);
    append_integer(bytes_, std::bit_cast<std::uint32_t>(value));
  }
  void add_bytes(std::uint32_t field, std::string_view value) {  // a string, or a message
    append_varint(field << 3U | 2U);
    append_varint(value.size());
    bytes_ += value;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void append_varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) bytes_ += static_cast<char>(value | 0x80U);
    bytes_ += static_cast<char>(value);
  }
  std::string bytes_;
};

std::string record(const Message& event) {
  std::string length, framed;
  append_integer(length, std::uint64_t{event.bytes().size()});
  framed = length;
  append_integer(framed, masked_crc32c(length));
  framed += event.bytes();
  append_integer(framed, masked_crc32c(event.bytes()));
  return framed;
}

// "2026-01-31T12:00:00Z" in seconds since 1970; 0 for anything else.
double seconds_of(const Json& line) {
  const Json time = line.value("time", Json());
  std::tm parts{};
  if (!time.is_string() || ::strptime(time.get<std::string>().c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr)
    return 0;
  return static_cast<double>(::timegm(&parts));
}

void add_scalar(Message& summary, const std::string& tag, double number) {
  Message value;
  value.add_bytes(1, tag);
  value.add_float(2, static_cast<float>(number));
  summary.add_bytes(1, value.bytes());
}

// All numbers of a line but its place; of an object under its name.
void add_scalars(Message& summary, const Json& figures, const std::string& prefix) {
  for (const auto& [key, value] : figures.items()) {
    if (value.is_object()) add_scalars(summary, value, prefix + key + "/");
    if (value.is_number() && key != "step" && key != "phase_index")
      add_scalar(summary, prefix + key, value.get<double>());
  }
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void append(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file << bytes << std::flush;
  if (!file) throw Failure(ExitCode::kOutput, path + ": cannot be written. Fix: a folder with space left");
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) crc = kCrcTable[(crc ^ static_cast<unsigned char>(byte)) & 0xFFU] ^ (crc >> 8U);
  return ~crc;
}

std::uint32_t masked_crc32c(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xA282EAD8U; }

std::string event_file(const std::vector<Json>& lines) {
  Message version;
  version.add_double(1, lines.empty() ? 0.0 : seconds_of(lines.front()));
  version.add_bytes(3, "brain.Event:2");
  std::string file = record(version);
  std::uint64_t phase = 0, before = 0, last = 0;  // steps of the phases before, and of this one so far
  for (const Json& line : lines) {
    if (!line.contains("phase_index") || !line["phase_index"].is_number_unsigned()) continue;
    const auto index = line["phase_index"].get<std::uint64_t>();
    const Json step = line.value("step", Json(0U));
    if (!step.is_number_unsigned()) continue;
    if (index != phase) before += last;
    phase = index;
    last = step.get<std::uint64_t>();
    Message summary, event;
    add_scalars(summary, line, "");
    add_scalar(summary, "phase", static_cast<double>(index));
    event.add_double(1, seconds_of(line));
    event.add_integer(2, before + last);
    event.add_bytes(5, summary.bytes());
    file += record(event);
  }
  return file;
}

std::string event_path(const std::string& run_folder) { return run_folder + "/tb/events.out.tfevents.noggin"; }

void write_event_file(const std::string& run_folder, const std::string& run) {
  const std::vector<Json> lines = metrics_lines(run_folder + "/metrics.jsonl", run);
  if (lines.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(run_folder + "/tb", error);
  if (error) throw Failure(ExitCode::kOutput, run_folder + "/tb: cannot be created: " + error.message());
  const std::string path = event_path(run_folder), file = event_file(lines), there = content_of(path);
  if (!there.empty() && file.starts_with(there)) {
    append(path, std::string_view(file).substr(there.size()));
  } else {
    throw_unless_written(write_file_atomically(path, file.data(), file.size()));
  }
}

}  // namespace noggin::train
