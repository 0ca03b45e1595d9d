#include "train/cli/key_password.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "export/publish/files.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

using train::ExitCode;
using train::Failure;

// The controlling terminal with its echo off, whatever standard input is.
class SilentTerminal {
 public:
  SilentTerminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
    if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    usable_ = ::tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (usable_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

  bool usable() const { return usable_; }
  std::string ask(const std::string& question) const {
    say(question);
    std::string line;
    char c = 0;
    while (line.size() < publish::kMostPasswordBytes && ::read(descriptor_, &c, 1) == 1 && c != '\n') line += c;
    say("\n");
    return line;
  }

 private:
  void say(const std::string& text) const { (void)!::write(descriptor_, text.data(), text.size()); }
  int descriptor_;
  termios before_{};
  bool usable_ = false;
};

std::string password_from_file(const std::string& path) {
  const std::string text = train::value_or_throw(publish::read_small_file(path, publish::kMostPasswordBytes));
  const std::string line = text.substr(0, text.find_first_of("\r\n"));
  if (line.empty()) throw Failure(ExitCode::kBadData, path + ": its first line, the password, is empty");
  return line;
}

}  // namespace

void add_password_options(boost::program_options::options_description& options) {
  options.add_options()("password-file", boost::program_options::value<std::string>()->value_name("FILE"),
                        "read the key's password from the first line of FILE, not from the terminal");
}

std::string password_of(const Arguments& arguments, const std::string& key_file, bool twice) {
  if (const auto file = arguments.text("password-file")) return password_from_file(*file);
  const SilentTerminal terminal;
  if (!terminal.usable()) {
    throw Failure(ExitCode::kUsage, key_file +
                                        " needs a password, and there is no terminal to ask at. Fix: give "
                                        "--password-file FILE, or use a key without password");
  }
  std::string password = terminal.ask("password of " + key_file + ": ");
  if (password.empty()) throw Failure(ExitCode::kUsage, "the password is empty. Fix: --no-password says so on purpose");
  if (twice && terminal.ask("once more: ") != password)
    throw Failure(ExitCode::kUsage, "the two passwords differ. Fix: try again");
  return password;
}

std::string password_if_needed(const Arguments& arguments, const std::string& key_file) {
  const std::string text = train::value_or_throw(publish::read_small_file(key_file, update::kMostKeyBytes));
  return publish::SecretKey::needs_password(text) ? password_of(arguments, key_file, false) : std::string();
}

}  // namespace noggin::tool
