// Runs a program of this build with arguments and standard input, and collects its output.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace noggin::test {

// A folder that is removed with its owner.
class TestFolder {
 public:
  TestFolder() {
    const char* root = std::getenv("TMPDIR");
    std::string pattern = std::string(root == nullptr ? P_tmpdir : root) + "/noggin-test-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~TestFolder() {
    for (const std::string& file : files_) ::unlink(file.c_str());
    ::rmdir(path_.c_str());
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string path(const std::string& name) {
    files_.push_back(path_ + "/" + name);
    return files_.back();
  }
  std::string write(const std::string& name, const std::string& content) {
    const std::string file = path(name);
    std::ofstream(file, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
    return file;
  }

 private:
  std::string path_;
  std::vector<std::string> files_;
};

struct ProcessResult {
  int exit_code = -1;  // 128 + signal if it was killed
  std::string output, errors;
};

// A started program with pipes to its standard input, output and error.
class Process {
 public:
  explicit Process(std::vector<std::string> command) {
    int in[2], out[2], err[2];
    if (::pipe(in) != 0 || ::pipe(out) != 0 || ::pipe(err) != 0) std::abort();
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      ::dup2(err[1], 2);
      for (int descriptor : {in[0], in[1], out[0], out[1], err[0], err[1]}) ::close(descriptor);
      std::vector<char*> arguments;
      for (std::string& word : command) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    ::close(err[1]);
    input_ = in[1];
    output_ = out[0];
    errors_ = err[0];
  }
  ~Process() {
    if (child_ > 0) finish();
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Small texts only: a pipe holds 64 KiB.
  void send(const std::string& text) { (void)!::write(input_, text.data(), text.size()); }

  // The next output line with its LF, or what arrived within `timeout_ms`.
  std::string read_line(int timeout_ms) {
    std::string line;
    pollfd waiting{output_, POLLIN, 0};
    char c = 0;
    while (::poll(&waiting, 1, timeout_ms) > 0 && ::read(output_, &c, 1) == 1) {
      line += c;
      if (c == '\n') break;
    }
    return line;
  }
  void close_output() {
    ::close(output_);
    output_ = -1;
  }

  ProcessResult finish() {
    ProcessResult result;
    close_input();
    if (output_ >= 0) result.output = read_all(output_);
    result.errors = read_all(errors_);
    int status = 0;
    ::waitpid(child_, &status, 0);
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (output_ >= 0) ::close(output_);
    ::close(errors_);
    child_ = -1;
    return result;
  }

 private:
  void close_input() {
    if (input_ >= 0) ::close(input_);
    input_ = -1;
  }
  static std::string read_all(int descriptor) {
    std::string text;
    char block[4096];
    ssize_t count;
    while ((count = ::read(descriptor, block, sizeof block)) > 0) text.append(block, static_cast<std::size_t>(count));
    return text;
  }

  pid_t child_ = -1;
  int input_ = -1, output_ = -1, errors_ = -1;
};

// Standard input is read from a file, so that it may be of any size.
inline ProcessResult run_process(std::vector<std::string> command, const std::string& input = {}) {
  TestFolder folder;
  const std::string in = folder.write("in", input), out = folder.path("out"), err = folder.path("err");
  std::vector<std::string> shell = {
      "/bin/sh", "-c", "in=$1 out=$2 err=$3; shift 3; exec \"$@\" <\"$in\" >\"$out\" 2>\"$err\"", "sh", in, out, err};
  shell.insert(shell.end(), command.begin(), command.end());
  ProcessResult result;
  result.exit_code = Process(shell).finish().exit_code;
  const auto content = [](const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  };
  result.output = content(out);
  result.errors = content(err);
  return result;
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace noggin::test
