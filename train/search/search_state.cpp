#include "train/search/search_state.h"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "bytes/atomic_file.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

using Json = nlohmann::ordered_json;

// The value of `key`, made and saved if there is none.
template <typename Value>
const Value& known_or(std::map<std::string, Value>& values, const std::string& key,
                      const std::function<Value()>& measure, const std::function<void()>& save) {
  const auto found = values.find(key);
  if (found != values.end()) return found->second;
  const Value& made = values[key] = measure();
  save();
  return made;
}

}  // namespace

SearchState::SearchState(std::string path, std::string settings)
    : path_(std::move(path)), settings_(std::move(settings)) {
  std::ifstream file(path_, std::ios::binary);
  if (file)
    read({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
  else
    write();
}

void SearchState::read(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    of_another_ = json.at("settings").get<std::string>() != settings_;
    for (const auto& [form, model] : json.at("latency_model").items()) models_[form] = LatencyModel::from_json(model);
    clocked_us_ = json.at("clocked_us").get<std::map<std::string, double>>();
  } catch (const Json::exception& fault) {
    throw Failure(ExitCode::kBadData,
                  path_ + " is not what `noggin compress` wrote (" + fault.what() +
                      "). Fix: remove it and trials.jsonl; finished trainings are kept, and measured again");
  }
}

void SearchState::begin_anew() {
  models_.clear();
  clocked_us_.clear();
  of_another_ = false;
  write();
}

void SearchState::write() const {
  Json models = Json::object();
  for (const auto& [form, model] : models_) models[form] = model.to_json();
  const std::string text =
      Json{{"settings", settings_}, {"latency_model", models}, {"clocked_us", clocked_us_}}.dump(2) + "\n";
  throw_unless_written(write_file_atomically(path_, text.data(), text.size()));
}

const LatencyModel& SearchState::latency_model(const std::string& form, const std::function<LatencyModel()>& measure) {
  return known_or<LatencyModel>(models_, form, measure, [this] { write(); });
}

double SearchState::clocked(const std::string& shape, const std::function<double()>& measure) {
  return known_or<double>(clocked_us_, shape, measure, [this] { write(); });
}

}  // namespace noggin::train
