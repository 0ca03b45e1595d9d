// The record of a state folder as JSON, and back.
#pragma once

#include <string>
#include <string_view>

#include "update/state_folder.h"

namespace noggin::update {

inline constexpr std::size_t kMostRecordBytes = 1U << 20;

std::string record_json(const Record& record);
Result<Record> parse_record(std::string_view json);  // kBadData

}  // namespace noggin::update
