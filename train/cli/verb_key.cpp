// Keys that sign: new ones, what is in a file, a signature of any file. The files are those of the tool minisign.
#include <fmt/format.h>

#include "export/publish/files.h"
#include "train/cli/key_password.h"
#include "train/cli/verbs.h"

namespace noggin::tool {
namespace {

using train::ExitCode;
using train::Failure;

Json key_json(const update::PublicKey& key) {
  return {{"key", update::key_name(key.id)}, {"public_key", update::public_key_line(key)}};
}

Summary summary_of(const update::PublicKey& key) {
  Summary summary;
  summary.figures = {{"key", update::key_name(key.id)}, {"public key", update::public_key_line(key)}};
  return summary;
}

ExitCode new_key(const Arguments& arguments, Console& console, const std::string& file) {
  const std::string password = arguments.has("no-password") ? "" : password_of(arguments, file, true);
  const Result<update::PublicKey> key = publish::write_new_key(file, password);
  if (!key) throw Failure::of_writing(key.error());
  Summary summary = summary_of(*key);
  summary.outputs = {file + ".pub"};
  summary.next = fmt::format("noggin publish MODEL.nog FOLDER --key {}", file);
  console.progress().note(file +
                          " is the secret key: keep it where only the publisher can read it, and a copy offline");
  console.finish(summary, "", key_json(*key));
  return ExitCode::kOk;
}

ExitCode show(const Arguments& arguments, Console& console, const std::string& file) {
  const std::string text = train::value_or_throw(publish::read_small_file(file, update::kMostKeyBytes));
  Result<update::PublicKey> key = update::parse_public_key(text);
  if (!key) {
    const std::string password = password_if_needed(arguments, file);
    key = train::value_or_throw(publish::read_secret_key(file, password)).public_key();
  }
  console.finish(summary_of(*key), "", key_json(*key));
  return ExitCode::kOk;
}

ExitCode sign(const Arguments& arguments, Console& console, const std::string& file) {
  const auto secret = arguments.text("key");
  if (!secret) throw Failure(ExitCode::kUsage, "no key to sign with. Fix: --key FILE, as `noggin key new` wrote it");
  const publish::SecretKey key =
      train::value_or_throw(publish::read_secret_key(*secret, password_if_needed(arguments, *secret)));
  train::throw_unless_written(publish::sign_file(key, file, arguments.text_or("comment", "")));
  Summary summary = summary_of(key.public_key());
  summary.inputs = {file};
  summary.outputs = {file + std::string(update::kSignatureSuffix)};
  summary.next = fmt::format("minisign -V -P {} -m {}", update::public_key_line(key.public_key()), file);
  console.finish(summary, "", key_json(key.public_key()));
  return ExitCode::kOk;
}

}  // namespace

Options key_options() {
  namespace po = boost::program_options;
  Options options("Options");
  options.add_options()("no-password", "new: the file alone is the key; whoever reads it can sign")(
      "key", po::value<std::string>()->value_name("FILE"), "sign: the secret key")(
      "comment", po::value<std::string>()->value_name("TEXT"),
      "sign: the trusted comment, which is signed too (default: the file's name)");
  add_password_options(options);
  return options;
}

ExitCode key(const Arguments& arguments, Console& console) {
  arguments.refuse_overrides();
  const std::vector<std::string>& words = arguments.files();
  if (words.size() != 2)
    throw Failure(ExitCode::kUsage, "expected new, show or sign, and one file. Fix: `noggin key --help` shows how");
  if (words[0] == "new") return new_key(arguments, console, words[1]);
  if (words[0] == "show") return show(arguments, console, words[1]);
  if (words[0] == "sign") return sign(arguments, console, words[1]);
  throw Failure(ExitCode::kUsage, fmt::format("\"{}\" is none of new, show and sign", words[0]));
}

}  // namespace noggin::tool
