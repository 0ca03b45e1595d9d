// What a search must not find out twice, because the clock would answer otherwise: search.json, beside trials.jsonl.
// With it a search that was killed goes on with the same candidates.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "train/search/latency_model.h"

namespace noggin::train {

class SearchState {
 public:
  // Reads the file if it exists. settings: of the recipe, a hash. Throws Failure (kBadData) for a file that is damaged.
  SearchState(std::string path, std::string settings);

  // Whether the file is of a search with other settings.
  bool is_of_another() const { return of_another_; }
  // Forgets what the file says.
  void begin_anew();

  // What is known, or what `measure` gives, which is then on disk.
  const LatencyModel& latency_model(const std::string& form, const std::function<LatencyModel()>& measure);
  double clocked(const std::string& shape, const std::function<double()>& measure);

 private:
  void read(const std::string& text);
  void write() const;

  std::string path_, settings_;
  bool of_another_ = false;
  std::map<std::string, LatencyModel> models_;  // by form of weights
  std::map<std::string, double> clocked_us_;    // by shape
};

}  // namespace noggin::train
