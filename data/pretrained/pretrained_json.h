// The JSON files of a pretrained folder, read without exceptions: an invalid field gives a harmless value, and the
// first such field is kept as the file's error, with its place. Read everything, then check status(). Private to data/.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "noggin/result.h"

namespace noggin::data {

class JsonObject;

// A value as the file has it, but no longer than a line.
std::string shown_json(const nlohmann::json& value);

class JsonFile {
 public:
  // kBadData when the file holds no JSON object; else the errors of read_input_file.
  static Result<JsonFile> open(const std::string& path);

  JsonObject root();  // valid until this object is moved or destroyed
  const std::string& path() const { return path_; }
  const Status& status() const { return status_; }
  void fail(ErrorCode code, const std::string& what);  // "PATH: what"; only the first counts

 private:
  JsonFile(std::string path, nlohmann::json json) : path_(std::move(path)), json_(std::move(json)) {}
  std::string path_;
  nlohmann::json json_;
  Status status_;
};

// One object of a file. A key that is null counts as absent.
class JsonObject {
 public:
  JsonObject(JsonFile& file, const nlohmann::json& json, std::string place)
      : file_(file), json_(json), place_(std::move(place)) {}

  const nlohmann::json& json() const { return json_; }
  bool has(const char* key) const { return !at(key).is_null(); }
  const nlohmann::json& at(const char* key) const;  // null when absent
  JsonObject object(const char* key) const;         // empty when absent
  std::string text(const char* key, const std::string& otherwise) const;
  bool flag(const char* key, bool otherwise) const;
  double number(const char* key, double otherwise) const;
  std::uint32_t size(const char* key, std::uint32_t max_value) const;  // 1 .. max_value; must be present
  // `wanted` is the only value that a student supports (kUnsupported names any other); absent means that value.
  void only(const char* key, const nlohmann::json& wanted, const char* why) const;

  const std::string& place() const { return place_; }  // "" or "model."

 private:
  void wrong(const char* key, const std::string& wanted) const;
  JsonFile& file_;
  const nlohmann::json& json_;
  std::string place_;
};

}  // namespace noggin::data
