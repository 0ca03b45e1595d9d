// Which candidates go on, and which one wins. Successive halving (Jamieson, Talwalkar 2016; Li et al. 2018): many
// candidates get a short training, the better ones a longer one. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "export/report/statistics.h"

namespace noggin::train {

struct Rung {
  double length;         // share of the steps of a whole trial
  std::size_t trials;    // how many are trained
  const char* of_steps;  // "a quarter of the steps"
};

// All candidates at a quarter of the steps, the better half at a half, the best two at full length. Up to two are
// trained at full length at once; up to four begin with a half. Each trial begins anew: a shorter schedule of the
// learning rate is another training, and its end says more than the middle of a longer one.
std::vector<Rung> rungs_of(std::size_t candidates);

// What a trained candidate came to.
struct Standing {
  std::string name;
  double quality = 0.0;     // the primary metric on dev
  std::uint64_t bytes = 0;  // of its file
};

// What is looked for.
struct Goal {
  double least_quality = 0.0;  // above 0: the smallest file that is at least as good; 0: the best
};

// Names, the best first: by quality, equal ones by bytes. With a least quality those that reach it by bytes, then the
// others by quality.
std::vector<std::string> ranked(std::vector<Standing> standings, const Goal& goal);

// The smallest of those that the best is not clearly better than: the lower end of the interval of its lead (paired
// bootstrap over the same rows) is not above 0. scores[i]: of standings[i]. The index of the winner.
std::size_t smallest_equal(std::span<const Standing> standings, std::span<const std::vector<data::RowScore>> scores,
                           const exporter::BootstrapOptions& bootstrap);

}  // namespace noggin::train
