#include "cli/arguments.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "bytes/text_unit.h"

namespace noggin::run_tool {
namespace {

constexpr std::string_view kHelp =
    R"(noggin-run MODEL.nog [options]: answers for lines of text, on this machine alone.

Reads one text per line from standard input and writes one answer per line, depending on the model's task (--info):
  single_label      label<TAB>probability, or abstain<TAB>reason if the model is not sure enough
  multi_label       label<TAB>probability<TAB>label<TAB>probability... of labels above their thresholds; may be empty
  score             number<TAB>yes or no
  tag, edit         type<TAB>begin<TAB>end<TAB>probability... of each span, in bytes of the line; may be empty

  --mask            tag: the line with each span replaced by [TYPE]; no part of a line that cannot be answered
  --edit            edit: the line without its spans
  --json            one object per line: {"text","label","probability"}, also {"abstained","reason"}; {"text","labels"};
                    {"text","score","yes"}; {"text","unit","spans":[{"start","end","type","text","probability"}]};
                    {"masked"}; {"edited"}; "truncated" if the answer is for the beginning of the text only;
                    machine-readable output of the other modes
  --jsonl           reads {"text"} or {"id","text"} instead of lines of text: for texts with line breaks, and answers
                    that carry their "id" (implies --json)
  --unit UNIT       tag, edit: what start and end count in each object: byte (default), code_point (Python) or utf16
                    (JavaScript, Java) of the printed text (implies --json)
  --logits          adds "logits" to each object, nine significant digits (implies --json)
  --counters FILE   writes what was asked and answered, as counts: one line of JSON without any text, for `noggin
                    drift`; at the end, and until then every minute
  --counters-every N
                    every N seconds instead, 1 to 86400
  --kernels NAME    use this kernel set (see --info) instead of the fastest one; the answers have the same bits
  --gpu[=NAME]      answer on a GPU by Vulkan, or on the one whose name contains NAME (see --info), after testing its
                    arithmetic; the answers have the same bits
  --threads N       1 to 64 threads work on the answers together (default 1; --self-test and --verify use it too)

instead of answering:
  --self-test       checks the file's golden vectors on this machine, bit for bit
  --verify FILE     rows of a parity.jsonl ({"text","label","logits"}): accuracy, changed answers, differing bits
  --expect HASH     with --verify: the file must have this XXH3-64 (16 digits, as certificate.json states it)
  --certificate FILE
                    what a device can prove of a certificate.json: the file's hashes, its golden vectors; with --verify
                    the parity rows, too
  --bench           load time, first answer, p50/p95/p99 per text, tokens per second; over the lines of standard input,
                    or the file's golden texts if standard input is a terminal or empty
  --info            what is in the file, which kernel sets this machine runs, and which GPUs it has
  --help, --version

A program that was built with updates also knows update, current, confirm and rollback (noggin-run update --help), and
takes a folder with the state of updates in place of MODEL.nog.

Exit codes: 0 ok, 1 failure, 2 usage, 3 bad input data, 4 output not writable, 5 verification failed, 6 out of memory
)";

struct Option {
  std::string_view name;
  Mode mode;  // kAnswer: not a mode
  std::string Arguments::*value = nullptr;
  std::size_t Arguments::*number = nullptr;
  bool takes_value() const { return value != nullptr || number != nullptr; }
};

constexpr Option kOptions[] = {
    {"--json", Mode::kAnswer, nullptr},
    {"--jsonl", Mode::kAnswer, nullptr},
    {"--logits", Mode::kAnswer, nullptr},
    {"--kernels", Mode::kAnswer, &Arguments::kernels},
    {"--self-test", Mode::kSelfTest, nullptr},
    {"--verify", Mode::kVerify, &Arguments::parity},
    {"--expect", Mode::kAnswer, &Arguments::expect},
    {"--certificate", Mode::kCertificate, &Arguments::certificate},
    {"--counters", Mode::kAnswer, &Arguments::counters},
    {"--counters-every", Mode::kAnswer, nullptr, &Arguments::counters_every},
    {"--bench", Mode::kBench, nullptr},
    {"--info", Mode::kInfo, nullptr},
    {"--help", Mode::kHelp, nullptr},
    {"--version", Mode::kVersion, nullptr},
    {"-h", Mode::kHelp, nullptr},
    {"--threads", Mode::kAnswer, nullptr, &Arguments::threads},
    {"--mask", Mode::kAnswer, nullptr},
    {"--edit", Mode::kAnswer, nullptr},
    {"--unit", Mode::kAnswer, &Arguments::unit},
    {"--gpu", Mode::kAnswer, nullptr},  // takes a value or not: read_gpu()
};

// The Levenshtein distance, one row at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

Error usage(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message) + "\nUsage: noggin-run MODEL.nog [options]; see --help"};
}

Error unknown_option(std::string_view name) {
  const Option* nearest = &kOptions[0];
  for (const Option& option : kOptions) {
    if (edit_distance(name, option.name) < edit_distance(name, nearest->name)) nearest = &option;
  }
  std::string message = "unknown option '" + std::string(name) + "'";
  if (edit_distance(name, nearest->name) <= 3) message += "; did you mean " + std::string(nearest->name) + "?";
  return usage(std::move(message));
}

class Reader {
 public:
  explicit Reader(std::span<const std::string_view> rest) : rest_(rest) {}

  Result<Arguments> read() {
    bool options_ended = false;
    while (!rest_.empty()) {
      const std::string_view argument = take();
      if (!options_ended && argument == "--") {
        options_ended = true;
      } else if (!options_ended && argument.starts_with('-') && argument.size() > 1) {
        if (Status status = read_option(argument); !status) return status.error();
      } else if (Status status = read_model(argument); !status) {
        return status.error();
      }
    }
    const bool needs_model = arguments_.mode != Mode::kHelp && arguments_.mode != Mode::kVersion;
    if (needs_model && arguments_.model.empty()) return usage("no model file given");
    if (Status status = check_expect(); !status) return status.error();
    if (!arguments_.counters.empty() && arguments_.mode != Mode::kAnswer)
      return usage("--counters is for answers, which this mode does not give");
    if (arguments_.counters_every < 1 || arguments_.counters_every > 86'400)
      return usage("--counters-every needs 1 to 86400 seconds");
    if (arguments_.mask && arguments_.edit) return usage("--mask and --edit cannot be given together");
    if (arguments_.on_gpu && (!arguments_.kernels.empty() || arguments_.threads != 1))
      return usage("--gpu cannot be given together with --kernels or --threads, which are for the CPU");
    if (!arguments_.unit.empty() && (arguments_.mask || arguments_.edit))
      return usage("--unit is for spans, which --mask and --edit do not print");
    if (!arguments_.unit.empty() && !text_unit_of(arguments_.unit))
      return usage(std::string("--unit is '").append(arguments_.unit).append("', must be byte, code_point or utf16"));
    return arguments_;
  }

 private:
  std::string_view take() {
    const std::string_view first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }

  Status check_expect() {
    std::string& hash = arguments_.expect;
    if (hash.empty()) return {};
    if (arguments_.parity.empty()) return usage("--expect needs --verify");
    for (char& digit : hash) {
      if (digit >= 'A' && digit <= 'F') digit = static_cast<char>(digit - 'A' + 'a');
    }
    const bool hexadecimal = hash.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (hash.size() == 16 && hexadecimal) return {};
    return usage("--expect needs 16 hexadecimal digits, not '" + hash + "'");
  }

  Status read_model(std::string_view argument) {
    if (argument.empty()) return usage("the model file's name is empty");
    if (!arguments_.model.empty()) {
      return usage("'" + std::string(argument) + "' comes after the model file '" + arguments_.model +
                   "'; texts are read from standard input");
    }
    arguments_.model = argument;
    return {};
  }

  // --name, --name=value or --name value.
  Status read_option(std::string_view argument) {
    const std::size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    const auto* option = std::find_if(std::begin(kOptions), std::end(kOptions),
                                      [name](const Option& candidate) { return candidate.name == name; });
    if (option == std::end(kOptions)) return unknown_option(name);
    const bool has_value = equals != std::string_view::npos;
    if (name == "--gpu") return read_gpu(has_value ? argument.substr(equals + 1) : std::string_view(), has_value);
    if (!option->takes_value() && has_value) return usage(std::string(name) + " takes no value");
    if (option->takes_value()) {
      if (!has_value && rest_.empty()) return usage(std::string(name) + " needs a value");
      const std::string_view value = has_value ? argument.substr(equals + 1) : take();
      if (value.empty()) return usage(std::string(name) + " needs a value");
      if (Status status = read_value(*option, value); !status) return status;
    }
    const bool wants_json = name == "--json" || name == "--jsonl" || name == "--logits" || name == "--unit";
    if (wants_json) arguments_.json = true;
    if (name == "--jsonl") arguments_.objects = true;
    if (name == "--logits") arguments_.logits = true;
    if (name == "--mask") arguments_.mask = true;
    if (name == "--edit") arguments_.edit = true;
    return option->mode == Mode::kAnswer ? Status() : set_mode(*option);
  }

  // --gpu, --gpu=NAME, or --gpu NAME behind the model file; before it the next word is the model file.
  Status read_gpu(std::string_view name, bool given) {
    if (given && name.empty()) return usage("--gpu= needs a part of a device's name");
    if (!given && !arguments_.model.empty() && !rest_.empty() && !rest_.front().starts_with('-')) name = take();
    arguments_.on_gpu = true;
    arguments_.gpu = name;
    return {};
  }

  Status read_value(const Option& option, std::string_view value) {
    if (option.value != nullptr) {
      arguments_.*option.value = value;
      return {};
    }
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size()) {
      return usage(std::string(option.name) + " needs a number, not '" + std::string(value) + "'");
    }
    arguments_.*option.number = number;
    return {};
  }

  // --help and --version override everything; two different other modes contradict each other.
  Status set_mode(const Option& option) {
    const bool asks_only = option.mode == Mode::kHelp || option.mode == Mode::kVersion;
    const bool asked = arguments_.mode == Mode::kHelp || arguments_.mode == Mode::kVersion;
    if (asked) return {};
    const bool both = (option.mode == Mode::kVerify && arguments_.mode == Mode::kCertificate) ||
                      (option.mode == Mode::kCertificate && arguments_.mode == Mode::kVerify);
    if (both) {  // the certificate's rows
      arguments_.mode = Mode::kCertificate;
      return {};
    }
    if (!asks_only && arguments_.mode != Mode::kAnswer && arguments_.mode != option.mode) {
      return usage(std::string(mode_name_) + " and " + std::string(option.name) + " cannot be given together");
    }
    arguments_.mode = option.mode;
    mode_name_ = option.name;
    return {};
  }

  std::span<const std::string_view> rest_;
  Arguments arguments_;
  std::string_view mode_name_;
};

}  // namespace

Result<Arguments> parse_arguments(std::span<const std::string_view> arguments) { return Reader(arguments).read(); }

std::string_view help_text() { return kHelp; }

}  // namespace noggin::run_tool
