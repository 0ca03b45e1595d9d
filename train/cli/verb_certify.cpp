// Proves the lines of a certificate again: from the model alone, and from whatever else lies before it.
#include <fmt/format.h>

#include "data/files/input_file.h"
#include "data/files/json_document.h"
#include "train/cli/certificate.h"
#include "train/cli/certificate_evidence.h"
#include "train/cli/verbs.h"

namespace noggin::tool {
namespace {

using train::ExitCode;
using train::Failure;
using train::value_or_throw;

ReadCertificate read_certificate(const std::string& path) {
  constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20U;
  std::string text = value_or_throw(data::read_input_file(path, kMostBytes));
  const auto json = data::parse_json<Json>(text);
  if (!json || !json->is_object() || !json->contains("subject")) {
    throw Failure(ExitCode::kBadData,
                  path + ": is no certificate. Fix: give the certificate.json that `noggin run` wrote");
  }
  const Json version = json->value("certificate", Json(1));
  if (version != kCertificateVersion) {
    throw Failure(ExitCode::kBadData,
                  fmt::format("{}: is a certificate of version {}, this program proves version {}. Fix: make it again "
                              "with `noggin run`, or use the noggin that came with it",
                              path, version.dump(-1, ' ', true, Json::error_handler_t::replace), kCertificateVersion));
  }
  return {std::move(text), *json};
}

}  // namespace

Options certify_options() {
  namespace po = boost::program_options;
  Options options("Options");
  options.add_options()("data", po::value<std::string>()->value_name("FILE"),
                        "the rows that it was verified on: JSON lines {\"text\", \"label\"} or a shard")(
      "checkpoint", po::value<std::string>()->value_name("FILE"), "the trainer's checkpoint of the same student")(
      "onnx", po::value<std::string>()->value_name("FILE"), "the same model as ONNX")(
      "run", po::value<std::string>()->value_name("DIR"),
      "the run that made it: recipe, data, checkpoints (default: the one that the model lies in)");
  return options;
}

ExitCode certify(const Arguments& arguments, Console& console) {
  arguments.refuse_overrides();
  if (arguments.files().size() != 2) {
    throw Failure(ExitCode::kUsage, "certify takes a model and its certificate. Fix: noggin certify MODEL CERTIFICATE");
  }
  const std::string &nog = arguments.files()[0], &path = arguments.files()[1];
  const ReadCertificate certificate = read_certificate(path);
  const std::vector<exporter::ProofLine> lines = prove(arguments, console, nog, certificate);
  const Json json = exporter::proof_json(lines);
  const bool passed = json["passed"];
  Summary summary;
  summary.inputs = {nog, path};
  summary.figures = {{"certificate", passed ? "no line is wrong" : "does not hold"}};
  console.finish(summary, exporter::proof_table(lines), json);
  return passed ? ExitCode::kOk : ExitCode::kGate;
}

}  // namespace noggin::tool
