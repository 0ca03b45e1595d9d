// Signs a model and writes it into a folder that devices take updates from.
#include <fmt/format.h>

#include <charconv>

#include "export/publish/files.h"
#include "export/publish/publish.h"
#include "export/report/text_table.h"
#include "train/cli/key_password.h"
#include "train/cli/recipe_fault.h"
#include "train/cli/verbs.h"
#include "train/recipe/recipe.h"

namespace noggin::tool {
namespace {

using publish::Publication;
using publish::PublishRequest;
using train::ExitCode;
using train::Failure;

// The value of an option, or what the recipe says.
template <typename Number>
Number number_or(const Arguments& arguments, const std::string& option, Number otherwise) {
  const auto text = arguments.text(option);
  if (!text) return otherwise;
  Number value{};
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc() && end == text->data() + text->size()) return value;
  throw Failure(ExitCode::kUsage, fmt::format("--{} is \"{}\". Fix: give a number", option, *text));
}

train::PublishRecipe recipe_section(const Arguments& arguments, Console& console) {
  const auto path = arguments.text("recipe");
  if (!path) {
    arguments.refuse_overrides();
    return {};
  }
  const train::RecipeParse parse = train::read_recipe(*path, arguments.overrides());
  for (const train::RecipeProblem& warning : parse.warnings)
    console.progress().warn(warning.where + ": " + warning.message);
  std::vector<RecipeFault> faults;
  for (const train::RecipeProblem& problem : parse.problems)
    faults.emplace_back(ExitCode::kUsage, problem.message, problem.where);
  throw_if_any(*path, std::move(faults));
  return parse.recipe.publish;
}

PublishRequest request_of(const Arguments& arguments, Console& console) {
  const train::PublishRecipe recipe = recipe_section(arguments, console);
  const std::vector<std::string>& files = arguments.files();
  if (files.empty() || files.size() > 2)
    throw Failure(ExitCode::kUsage, "expected a model and a folder. Fix: noggin publish MODEL.nog FOLDER --key FILE");
  PublishRequest request;
  request.model = files[0];
  request.folder = files.size() == 2 ? files[1] : recipe.folder;
  if (request.folder.empty())
    throw Failure(ExitCode::kUsage, "no folder to publish into. Fix: name it, or set publish.folder in --recipe");
  request.key = arguments.text_or("key", recipe.key);
  if (request.key.empty())
    throw Failure(ExitCode::kUsage, "no key to sign with. Fix: --key FILE (`noggin key new FILE` makes one)");
  request.name = arguments.text_or("name", "");
  request.certificate = arguments.text_or("certificate", "");
  request.channel = arguments.text_or("channel", recipe.channel);
  request.rollout = number_or(arguments, "rollout", recipe.rollout);
  request.expires_days = number_or(arguments, "expires-days", recipe.expires_days);
  request.revoke = arguments.list("revoke");
  request.successor = arguments.text_or("successor", "");
  request.password = password_if_needed(arguments, request.key);
  return request;
}

Json publication_json(const Publication& publication) {
  Json deltas = Json::array();
  for (const publish::PublishedDelta& delta : publication.deltas) {
    deltas.push_back(
        {{"from", delta.from}, {"bytes", delta.bytes}, {"method", delta.method}, {"offered", delta.offered}});
  }
  return {{"serial", publication.serial},
          {"manifest", publication.manifest},
          {"model", publication.model},
          {"content_hash", publication.content_hash},
          {"bytes", publication.bytes},
          {"key", publication.key},
          {"deltas", deltas}};
}

std::string deltas_text(const Publication& publication) {
  if (publication.deltas.empty()) return "";
  exporter::TextTable table({"delta from", "bytes", "of the file", "method", "offered"});
  for (const publish::PublishedDelta& delta : publication.deltas) {
    table.add(
        {delta.from, std::to_string(delta.bytes),
         fmt::format("{:.1f} %", 100.0 * static_cast<double>(delta.bytes) / static_cast<double>(publication.bytes)),
         delta.method, delta.offered ? "yes" : "no"});
  }
  return table.text() + "\n";
}

}  // namespace

Options publish_options() {
  namespace po = boost::program_options;
  Options options("Options");
  options.add_options()("key", po::value<std::string>()->value_name("FILE"), "the secret key that signs")(
      "recipe", po::value<std::string>()->value_name("RECIPE"), "its section publish gives folder, key and defaults")(
      "channel", po::value<std::string>()->value_name("NAME"),
      "devices of this channel are offered the model (stable)")(
      "rollout", po::value<std::string>()->value_name("PERCENT"), "of the channel's devices (100)")(
      "expires-days", po::value<std::string>()->value_name("N"), "after which devices refuse the manifest (30)")(
      "revoke", po::value<std::vector<std::string>>()->value_name("HASH"),
      "content hash of a model that no device may run any more; may be given several times")(
      "successor", po::value<std::string>()->value_name("PUBLIC"), "public key that may sign from the next time on")(
      "certificate", po::value<std::string>()->value_name("FILE"),
      "kept beside the model (default: certificate.json beside it)")(
      "name", po::value<std::string>()->value_name("TEXT"), "of the model (default: the name of its file)");
  add_password_options(options);
  return options;
}

ExitCode publish_verb(const Arguments& arguments, Console& console) {
  const PublishRequest request = request_of(arguments, console);
  const Result<Publication> publication = publish::publish(request);
  if (!publication && publication.error().code == ErrorCode::kExists)  // rejected or withdrawn
    throw Failure(ExitCode::kGate, publication.error().message);
  if (!publication) throw Failure::of_writing(publication.error());
  Summary summary;
  summary.inputs = {request.model};
  summary.outputs = {publication->model, publication->manifest};
  summary.figures = {{"serial", std::to_string(publication->serial)},
                     {"channel", request.channel},
                     {"rollout", fmt::format("{} %", request.rollout)},
                     {"signed by", publication->key}};
  summary.next = fmt::format("noggin-run update {} STATE --key {}.pub", request.folder, request.key);
  console.finish(summary, deltas_text(*publication), publication_json(*publication));
  return ExitCode::kOk;
}

}  // namespace noggin::tool
