#include "train/cli/arguments.h"

#include <fmt/format.h>

#include <charconv>

#include "train/recipe/nearest_name.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

namespace po = boost::program_options;

constexpr const char* kWords = "words";

[[noreturn]] void usage_error(const std::string& message) { throw train::Failure(train::ExitCode::kUsage, message); }

// "train.ema=0.9" is a key; "runs/a=b/model.nog" and "./a=b" are files.
bool is_override(const std::string& word) {
  const std::size_t equals = word.find('=');
  return equals != std::string::npos && word.find('/') > equals;
}

std::string nearest_option(const std::string& wrong, const po::options_description& options) {
  std::vector<std::string> names;
  for (const auto& option : options.options()) {
    if (option->long_name() != kWords) names.push_back("--" + option->long_name());
  }
  return train::nearest_name(wrong, names);
}

}  // namespace

po::options_description common_options() {
  po::options_description options("Every command");
  options.add_options()("json", "results as JSON on stdout")("quiet,q", "only warnings and errors on stderr")(
      "verbose,v", "more on stderr")("help,h", "what this command does");
  return options;
}

Arguments::Arguments(const std::vector<std::string>& words, const po::options_description& own) {
  po::options_description all;
  all.add(own).add(common_options());
  all.add_options()(kWords, po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add(kWords, -1);
  try {
    const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(words).options(all).positional(positional).style(style).run(), values_);
    po::notify(values_);
  } catch (const po::unknown_option& error) {
    usage_error(fmt::format("unknown option {}; the nearest is {}", error.get_option_name(),
                            nearest_option(error.get_option_name(), all)));
  } catch (const po::ambiguous_option& error) {
    usage_error(fmt::format("the option {} is not unique. Fix: write it in full", error.get_option_name()));
  } catch (const po::multiple_occurrences& error) {
    usage_error(fmt::format("the option {} is given more than once. Fix: give it once", error.get_option_name()));
  } catch (const po::error_with_option_name& error) {
    usage_error(fmt::format("the option {} lacks its value, or has one that it cannot take. Fix: see --help",
                            error.get_option_name()));
  } catch (const po::error&) {
    usage_error("the options cannot be read. Fix: see --help");
  }
  if (!has(kWords)) return;
  for (const std::string& word : values_[kWords].as<std::vector<std::string>>()) {
    (is_override(word) ? overrides_ : files_).push_back(word);
  }
}

std::optional<std::string> Arguments::text(const std::string& option) const {
  if (!has(option)) return std::nullopt;
  return values_[option].as<std::string>();
}

std::optional<double> Arguments::positive(const std::string& option, double most) const {
  const std::optional<std::string> given = text(option);
  if (!given) return std::nullopt;
  double value = 0.0;
  const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), value);
  if (error == std::errc() && end == given->data() + given->size() && value > 0.0 && value <= most) return value;
  usage_error(fmt::format("--{} is \"{}\". Fix: give a number above 0, up to {:.0f}", option, *given, most));
}

std::vector<std::string> Arguments::list(const std::string& option) const {
  return has(option) ? values_[option].as<std::vector<std::string>>() : std::vector<std::string>();
}

std::string Arguments::text_or(const std::string& option, const std::string& otherwise) const {
  return text(option).value_or(otherwise);
}

const std::string& Arguments::only_file(const std::string& what) const {
  if (files_.empty()) usage_error("no " + what + " given. Fix: name one (--help shows how)");
  if (files_.size() > 1) usage_error(fmt::format("expected one {}, also got \"{}\"", what, files_[1]));
  return files_[0];
}

void Arguments::refuse_overrides() const {
  if (!overrides_.empty())
    usage_error(fmt::format("\"{}\": this command reads no recipe, so it accepts no key=value", overrides_[0]));
}

}  // namespace noggin::tool
