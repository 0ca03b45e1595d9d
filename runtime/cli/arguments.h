// The command line of noggin-run.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "noggin/result.h"

namespace noggin::run_tool {

enum class Mode { kAnswer, kSelfTest, kVerify, kCertificate, kBench, kInfo, kHelp, kVersion };

struct Arguments {
  Mode mode = Mode::kAnswer;
  std::string model;        // path of the .nog file; empty for kHelp and kVersion
  std::string parity;       // kVerify: path of the JSONL file
  std::string expect;       // kVerify: the XXH3-64 that file must have, 16 lower-case hexadecimal digits; empty: any
  std::string certificate;  // kCertificate: path; `parity` may be given, too
  std::string counters;     // kAnswer: path of the file that gets the counts; empty: nothing is counted
  std::size_t counters_every = 60;  // seconds between two writings of it
  std::string kernels;              // empty: the best this machine runs
  std::size_t threads = 1;
  bool on_gpu = false;
  std::string gpu;  // part of a device's name; empty: the best one
  bool json = false;
  bool objects = false;             // --jsonl: implies json
  bool logits = false;              // implies json
  bool mask = false, edit = false;  // not both
  std::string unit;                 // what places of spans count in JSON; empty: not given (bytes). Implies json
};

// `arguments` without the program's name. Errors are kInvalidArgument; for a misspelled option the message suggests the
// nearest name.
Result<Arguments> parse_arguments(std::span<const std::string_view> arguments);

std::string_view help_text();

}  // namespace noggin::run_tool
