// What a model's file says about its answers on dev, for `noggin drift`.
#pragma once

#include "data/shards/example_table.h"
#include "format/frozen_model.h"
#include "noggin/counts.h"

namespace noggin::tool {

// The finished model's answers to the texts of `dev`, counted as on a device. Throws Failure.
Counts reference_counts(const format::FrozenModel& model, std::span<const std::byte> tokenizer_section,
                        const data::ExampleTable& dev);

}  // namespace noggin::tool
