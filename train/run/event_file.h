// tb/events.out.tfevents.noggin of a run: loss, dev figures and the rest of metrics.jsonl as TensorBoard reads them.
// Made from those lines as a whole, so that a training that was stopped and resumed has each value once. No LibTorch.
//
// A file of TFRecords (tensorflow/core/lib/io/record_writer.h): length uint64, masked CRC-32C of the length, bytes,
// masked CRC-32C of the bytes, all little-endian. Each record is an Event (tensorflow/core/util/event.proto): wall_time
// = 1 (double), step = 2, file_version = 3 or summary = 5 with values {tag = 1, simple_value = 2 (float)}.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace noggin::train {

// CRC-32C (Castagnoli; RFC 3720, appendix B.4), and as a TFRecord stores it: rotated right by 15 bits, plus a constant.
std::uint32_t crc32c(std::string_view bytes);
std::uint32_t masked_crc32c(std::string_view bytes);

// The file for these lines of metrics.jsonl. A tag per figure: "loss", "learning_rate", "dev/quality"; steps go on from
// phase to phase, and the tag "phase" says which one it is. Numbers alone are written.
std::string event_file(const std::vector<nlohmann::ordered_json>& lines);

// Where write_event_file writes: "<run folder>/tb/events.out.tfevents.noggin".
std::string event_path(const std::string& run_folder);

// Writes the file for the lines of `run` (the training's id) in metrics.jsonl of this run directory; nothing if there
// is no such line. A file that is the beginning of it is appended to: TensorBoard keeps its files open. Another is
// replaced, whole or not at all. Throws Failure (kOutput, kOutOfSpace).
void write_event_file(const std::string& run_folder, const std::string& run);

}  // namespace noggin::train
