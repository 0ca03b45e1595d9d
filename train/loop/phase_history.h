// What the checkpoint of a finished phase says of its training; part of a model's provenance.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "train/loop/trainer.h"

namespace noggin::train {

// `fingerprint`: of recipe and data. `precision`: precision_name().
nlohmann::ordered_json phase_history(const std::string& recipe, const std::string& fingerprint,
                                     const PhaseResult& result, const std::string& precision);
// What it was made of, of a phase that an earlier process finished. Throws nlohmann::json::exception.
PhaseResult phase_result(const nlohmann::ordered_json& history, const std::string& checkpoint);

}  // namespace noggin::train
