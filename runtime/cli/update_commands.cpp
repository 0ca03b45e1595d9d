#include "cli/update_commands.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <vector>

#include "bytes/foreign_text.h"
#include "noggin/update.h"
#include "prediction/json_writer.h"

namespace noggin::run_tool {
namespace {

constexpr std::size_t kMostKeyFileBytes = 4096;

constexpr std::string_view kHelp =
    R"(noggin-run update FOLDER STATE [--channel C] [--device-id ID] [--key PUBLIC] [--json]
                  takes what FOLDER (noggin publish) offers, if it is signed, new and right on this device; STATE is
                  made when it is missing, and needs --key once
noggin-run current STATE    the model file to open now; the first call after an update counts as its first start
noggin-run confirm STATE    the model works: it stays. Without it, the next start falls back to the one before
noggin-run rollback STATE   back to the model before
noggin-run STATE [options]  answers with the current model, and confirms it if that went well

Exit codes: 0 ok (also: nothing new), 2 usage, 3 no model or damaged state, 4 STATE not writable, 5 refused, 6 disk full
)";

Error usage(const std::string& what) {
  return {ErrorCode::kInvalidArgument,
          what + "\nUsage: noggin-run update FOLDER STATE [options]; see noggin-run update --help"};
}

struct Words {
  std::vector<std::string> files;
  std::string channel = "stable", device_id, key;
  bool json = false, help = false;
};

Status read_option(Words& words, std::string_view name, std::string_view value, bool has_value) {
  if (name == "--json" || name == "--help" || name == "-h") {
    (name == "--json" ? words.json : words.help) = true;
    return has_value ? Status(usage(std::string(name) + " takes no value")) : Status();
  }
  std::string* target = name == "--channel"     ? &words.channel
                        : name == "--device-id" ? &words.device_id
                        : name == "--key"       ? &words.key
                                                : nullptr;
  if (target == nullptr)
    return usage("unknown option '" + std::string(name) + "'; known are --channel, --device-id, --key, --json");
  if (value.empty()) return usage(std::string(name) + " needs a value");
  *target = value;
  return {};
}

bool takes_value(std::string_view name) { return name == "--channel" || name == "--device-id" || name == "--key"; }

Result<Words> read_words(std::span<const std::string_view> words) {
  Words result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (!word.starts_with('-')) {
      result.files.emplace_back(word);
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const bool own_value = equals != std::string_view::npos;
    const bool next = !own_value && takes_value(name) && i + 1 < words.size();
    const std::string_view value = own_value ? word.substr(equals + 1) : next ? words[++i] : std::string_view();
    if (Status status = read_option(result, name, value, own_value); !status) return status.error();
  }
  return result;
}

Result<std::string> file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostKeyFileBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  if (!text.empty()) return text;
  return Error{ErrorCode::kNotFound, path + ": the public key cannot be read. Fix: check the path and its permissions"};
}

const char* outcome_name(UpdateOutcome outcome) {
  static constexpr std::array kNames = {"updated", "up to date", "not offered", "refused"};
  return kNames[static_cast<std::size_t>(outcome)];
}

std::string report_json(const UpdateReport& report) {
  std::string out;
  JsonObject(out)
      .text("outcome", outcome_name(report.outcome))
      .text("refusal", refusal_name(report.refusal))
      .text("message", report.message)
      .integer("serial", report.serial)
      .text("model", report.model)
      .text("content_hash", report.content_hash)
      .integer("read_bytes", report.read_bytes)
      .raw("from_delta", report.from_delta ? "true" : "false")
      .raw("current_revoked", report.current_revoked ? "true" : "false")
      .finish();
  return out + "\n";
}

std::string report_text(const UpdateReport& report) {
  std::string out = outcome_name(report.outcome);
  if (report.refusal != Refusal::kNone) out += std::string(" (") + refusal_name(report.refusal) + ")";
  out += ": " + report.message + "\n";
  if (report.outcome == UpdateOutcome::kUpdated)
    out += (report.from_delta ? "delta of " : "file of ") + std::to_string(report.read_bytes) + " bytes\n";
  out += "model " + (report.model.empty() ? "none" : report.model + " (" + report.content_hash + ")") + "\n";
  if (report.current_revoked) out += "this model has been withdrawn by its signer\n";
  return out;
}

Result<ExitCode> update(const Words& words, Output& output) {
  if (words.files.size() != 2) return usage("update needs a folder of updates and a state folder");
  UpdateOptions options{words.channel, words.device_id, {}, 0};
  if (!words.key.empty()) {
    Result<std::string> key = file_text(words.key);
    if (!key) return key.error();
    options.first_key = *key;
  }
  const Result<UpdateReport> report = Updater(words.files[1]).update(words.files[0], options);
  if (!report) return report.error();
  output.write(printable(words.json ? report_json(*report) : report_text(*report)));
  const bool refused = report->outcome == UpdateOutcome::kRefused;
  const bool stuck = report->current_revoked && report->outcome != UpdateOutcome::kUpdated;
  return refused || stuck ? ExitCode::kGate : ExitCode::kOk;
}

Result<ExitCode> of_state(std::string_view command, const Words& words, Output& output) {
  if (words.files.size() != 1) return usage(std::string(command) + " needs one state folder");
  Updater updater(words.files[0]);
  if (command == "confirm") {
    const Status status = updater.confirm();
    if (!status) return status.error();
    return ExitCode::kOk;
  }
  const Result<std::string> path = command == "rollback" ? updater.rollback() : updater.start();
  if (!path) return path.error();
  output.write(*path + "\n");
  return ExitCode::kOk;
}

}  // namespace

std::optional<Result<ExitCode>> update_command(std::span<const std::string_view> words, Output& output) {
  static constexpr std::array<std::string_view, 4> kCommands = {"update", "rollback", "confirm", "current"};
  if (words.empty() || std::find(kCommands.begin(), kCommands.end(), words[0]) == kCommands.end()) return std::nullopt;
  const Result<Words> rest = read_words(words.subspan(1));
  if (!rest) return Result<ExitCode>(rest.error());
  if (rest->help) {
    output.write(kHelp);
    return Result<ExitCode>(ExitCode::kOk);
  }
  return words[0] == "update" ? update(*rest, output) : of_state(words[0], *rest, output);
}

Result<std::string> model_of(const std::string& model) {
  return Updater::is_state_folder(model) ? Updater(model).start() : Result<std::string>(model);
}

Status confirm_model(const std::string& model) {
  return Updater::is_state_folder(model) ? Updater(model).confirm() : Status();
}

}  // namespace noggin::run_tool
