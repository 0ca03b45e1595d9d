// A power cut, or a failing disk, at the n-th call by which a program changes a folder: experiments/endurance's library
// for LD_PRELOAD around a program of this build.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/cli_temporary_folder.h"
#include "tests/support/engine_process.h"

namespace noggin::test {

class CutPower {
 public:
  // folder: an absolute path; calls below it are counted.
  explicit CutPower(const TemporaryFolder& folder) : library_(folder.file("cut.so")), count_(folder.file("count")) {
    const char* compiler = std::getenv("CC");
    usable_ = run_process({"/usr/bin/env", compiler == nullptr ? "cc" : compiler, "-O1", "-shared", "-fPIC",
                           NOGGIN_SOURCE_DIR "/experiments/endurance/failing_calls.c", "-o", library_, "-ldl"})
                  .exit_code == 0;
  }
  bool usable() const { return usable_; }  // false: there is no C compiler

  // at: 0: nothing goes wrong, and calls() is how many there were. what: "kill", or the number of an errno.
  ProcessResult run(const std::vector<std::string>& command, const std::string& under, int at,
                    const std::string& what) {
    std::vector<std::string> words = {"/usr/bin/env",
                                      "LD_PRELOAD=" + library_,
                                      "ENDURANCE_UNDER=" + under,
                                      "ENDURANCE_AT=" + std::to_string(at),
                                      "ENDURANCE_DO=" + what,
                                      "ENDURANCE_COUNT=" + count_};
    words.insert(words.end(), command.begin(), command.end());
    return run_process(std::move(words));
  }
  int calls() const { return std::atoi(read_text(count_).c_str()); }

 private:
  std::string library_, count_;
  bool usable_ = false;
};

}  // namespace noggin::test
