#include "experiments/training_speed/server.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <ctime>
#include <iostream>
#include <map>
#include <memory>

#include "experiments/training_speed/loads.h"
#include "experiments/training_speed/our_loop.h"

namespace {

using noggin::experiments::OurLoop;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void serve(const std::string& folder) {
  std::map<std::string, std::unique_ptr<OurLoop>> loops;
  std::string model, load, mode;
  std::uint32_t rows = 0;
  int steps = 0;
  while (std::cin >> model >> load >> rows >> mode >> steps) {
    std::unique_ptr<OurLoop>& loop = loops[fmt::format("{} {} {}", model, load, mode)];
    if (!loop) {
      loop = std::make_unique<OurLoop>(noggin::experiments::config_of(model),
                                       noggin::experiments::shards_of(folder, load), rows, mode);
    }
    for (int i = 0; i < steps; ++i) {
      const double start = cpu_seconds();
      loop->step();
      std::cout << fmt::format("{:.6f}{}", cpu_seconds() - start, i + 1 < steps ? " " : "\n");
    }
    std::cout.flush();
  }
}

}  // namespace

int noggin::experiments::training_speed(int count, char** arguments) try {
  at::set_num_threads(1);
  const std::string verb = count > 2 ? arguments[1] : "";
  if (verb == "prepare") {
    noggin::experiments::prepare_loads(arguments[2], count > 3 ? arguments[3] : "");
  } else if (verb == "serve") {
    serve(arguments[2]);
  } else {
    std::cerr << "usage: training_speed prepare FOLDER [CLINC_FOLDER] | serve FOLDER\n";
    return 2;
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "training_speed: " << error.what() << '\n';
  return 1;
}
