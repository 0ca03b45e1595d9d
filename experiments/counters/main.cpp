// What counting costs an answer: the same texts with and without counters, pass by pass in turn, so that whatever else
// the machine does meets both. Usage: counters_cost MODEL.nog < texts
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "noggin/counters.h"
#include "noggin/engine.h"

namespace {

constexpr int kPairs = 201;

// Of this thread: what others do on the machine does not count.
double processor_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e6 * static_cast<double>(now.tv_sec) + 1e-3 * static_cast<double>(now.tv_nsec);
}

// Processor time per text, in microseconds.
double pass(noggin::Session& session, const std::vector<std::string>& texts) {
  const double start = processor_microseconds();
  for (const std::string& text : texts)
    if (!session.classify(text)) return 0.0;
  return (processor_microseconds() - start) / static_cast<double>(texts.size());
}

double quantile(std::vector<double> values, double part) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

// A pass in each session, all at once, each in a thread of its own; the mean of their times per text.
double pass(std::vector<noggin::Session>& sessions, const std::vector<std::string>& texts) {
  std::vector<double> times(sessions.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < sessions.size(); ++i)
    threads.emplace_back([&, i] { times[i] = pass(sessions[i], texts); });
  double sum = 0.0;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    threads[i].join();
    sum += times[i];
  }
  return sum / static_cast<double>(sessions.size());
}

int measure(const char* path, const std::vector<std::string>& texts, std::size_t threads) {
  const noggin::Result<noggin::Model> model = noggin::Model::open(path);
  if (!model) return std::fprintf(stderr, "%s\n", model.error().message.c_str()), 3;
  noggin::Result<noggin::Counters> counters = noggin::Counters::create(*model);
  if (!counters) return 6;
  std::vector<noggin::Session> sessions;
  for (std::size_t i = 0; i < threads; ++i) {
    noggin::Result<noggin::Session> session = noggin::Session::create(*model);
    if (!session) return 6;
    sessions.push_back(std::move(*session));
  }
  std::vector<double> plain, counted, differences;
  for (int pair = 0; pair < kPairs; ++pair) {
    double microseconds[2];
    for (int turn = 0; turn < 2; ++turn) {
      const bool counting = (pair + turn) % 2 == 1;  // each comes first as often
      for (noggin::Session& session : sessions)
        if (!session.set_counters(counting ? &*counters : nullptr)) return 1;
      microseconds[counting] = pass(sessions, texts);
    }
    plain.push_back(microseconds[0]);
    counted.push_back(microseconds[1]);
    differences.push_back(1000.0 * (microseconds[1] - microseconds[0]));
  }
  std::printf("%zu texts, %d pairs of passes, %zu threads that share the counters, %s\n", texts.size(), kPairs, threads,
              sessions.front().kernel_set());
  std::printf("without counters  median %.3f us per text\nwith counters     median %.3f us per text\n",
              quantile(plain, 0.5), quantile(counted, 0.5));
  std::printf("difference        median %.1f ns per text, quartiles [%.1f, %.1f]\n", quantile(differences, 0.5),
              quantile(differences, 0.25), quantile(differences, 0.75));
  return 0;
}

}  // namespace

int main(int count, char** values) {
  std::vector<std::string> texts;
  for (std::string line; std::getline(std::cin, line);) texts.push_back(line);
  if (count != 2 || texts.empty()) return std::fputs("usage: counters_cost MODEL.nog < texts\n", stderr), 2;
  for (const std::size_t threads : {1U, 2U})
    if (const int failed = measure(values[1], texts, threads); failed != 0) return failed;
  return 0;
}
