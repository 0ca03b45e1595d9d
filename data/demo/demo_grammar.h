// The texts of the demo: what people write to a support desk, from our own grammar (demo_rules.cpp).
//
// About half of the texts cannot be understood as a bag of words. They name two requests of which one is meant ("i do
// not want to A, i want to B"), a direction ("from the basic plan to the premium plan") or stacked negations ("do not
// stop sending"), and every word, and nearly every pair of adjacent words, occurs with both readings.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/demo/demo_random.h"

namespace noggin::data {

enum class DemoDifficulty {
  kPlain,      // one request, said once
  kComposed,   // needs word order or negation
  kAmbiguous,  // a careful reader could not tell either; the label is one of the plausible intents
};

struct DemoText {
  std::string text;
  std::int32_t label = 0;
  std::vector<std::int32_t> plausible;  // other intents a reader may think of, likeliest first; never empty
  DemoDifficulty difficulty = DemoDifficulty::kPlain;
};

// Class names in class order. The last one, kDemoNoneLabel, is "none of these".
const std::vector<std::string>& demo_labels();
inline constexpr const char* kDemoNoneLabel = "other";

DemoText draw_demo_text(DemoRandom& random);

}  // namespace noggin::data
