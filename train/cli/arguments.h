// The words after `noggin VERB`, parsed with Boost.Program_options. An unknown option is a usage error that names the
// nearest one.
#pragma once

#include <boost/program_options.hpp>
#include <optional>
#include <string>
#include <vector>

namespace noggin::tool {

class Arguments {
 public:
  // Throws train::Failure (kUsage). `own`: the verb's options; --json, --quiet, -v and --help are always added.
  Arguments(const std::vector<std::string>& words, const boost::program_options::options_description& own);

  bool has(const std::string& option) const { return values_.count(option) != 0; }
  std::optional<std::string> text(const std::string& option) const;
  std::string text_or(const std::string& option, const std::string& otherwise) const;
  // A number above 0, at most `most`; nothing if the option is not there. Throws Failure (kUsage) for another value.
  std::optional<double> positive(const std::string& option, double most = 1e6) const;
  // Positional words without '=' before the first '/'; and the others, key=value.
  std::vector<std::string> list(const std::string& option) const;  // of an option with several values
  const std::vector<std::string>& files() const { return files_; }
  const std::vector<std::string>& overrides() const { return overrides_; }
  // The only file. Throws Failure (kUsage), naming `what`, unless there is exactly one.
  const std::string& only_file(const std::string& what) const;
  // Throws Failure (kUsage) if key=value words were given: for verbs that read no recipe.
  void refuse_overrides() const;

 private:
  boost::program_options::variables_map values_;
  std::vector<std::string> files_, overrides_;
};

boost::program_options::options_description common_options();

}  // namespace noggin::tool
