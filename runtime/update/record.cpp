#include "update/record.h"

#include <array>

#include "prediction/json_writer.h"
#include "update/blake2b.h"
#include "update/json_fields.h"
#include "update/manifest.h"

namespace noggin::update {
namespace {

using Kind = JsonValue::Kind;
constexpr std::uint64_t kRecordSchema = 1;
constexpr std::array<const char*, 3> kTrials = {"passed", "new", "started"};

std::string model_json(const std::optional<KeptModel>& model) {
  if (!model) return "null";
  std::string out;
  JsonObject(out).text("blake2b", model->hash).text("content_hash", model->content_hash).finish();
  return out;
}

std::string failed_json(const std::optional<FailedOffer>& failed) {
  if (!failed) return "null";
  std::string out;
  JsonObject(out).text("blake2b", failed->hash).integer("serial", failed->serial).finish();
  return out;
}

std::string key_json(const std::optional<PublicKey>& key) { return key ? '"' + public_key_line(*key) + '"' : "null"; }

std::string revoked_json(const std::vector<std::string>& hashes) {
  std::string out = "[";
  for (const std::string& hash : hashes) out += (out.size() > 1 ? ",\"" : "\"") + hash + '"';
  return out + "]";
}

// Of the member `name`: null, or an object that `read` takes apart.
template <typename T, typename Read>
std::optional<T> optional_of(JsonFields& fields, std::string_view name, const Read& read) {
  const JsonValue* value = fields.take_or_null(name, Kind::kObject);
  if (value == nullptr) return std::nullopt;
  JsonFields own(*value, std::string(name));
  T result = read(own);
  if (Status status = own.finish(); !status) fields.fail(status.error().message);
  return result;
}

std::optional<KeptModel> model_of(JsonFields& fields, std::string_view name) {
  return optional_of<KeptModel>(fields, name, [](JsonFields& own) {
    return KeptModel{own.hexadecimal("blake2b", kHashDigits), own.hexadecimal("content_hash", 16)};
  });
}

std::optional<PublicKey> key_of(JsonFields& fields, std::string_view name) {
  const JsonValue* value = fields.take_or_null(name, Kind::kString);
  if (value == nullptr) return std::nullopt;
  const Result<PublicKey> key = parse_public_key(value->text);
  if (key) return *key;
  fields.fail(std::string(name) + ": " + key.error().message);
  return std::nullopt;
}

Trial trial_of(JsonFields& fields) {
  const std::string name = fields.text("trial", 16);
  for (std::size_t i = 0; i < kTrials.size(); ++i)
    if (name == kTrials[i]) return static_cast<Trial>(i);
  fields.fail("\"trial\" is none of passed, new, started");
  return Trial::kPassed;
}

void read_revoked(JsonFields& fields, std::vector<std::string>& revoked) {
  const JsonValue* hashes = fields.take("revoked", Kind::kArray);
  if (hashes == nullptr) return;
  for (const JsonValue& hash : hashes->items) revoked.push_back(hash.text);
}

}  // namespace

std::string record_json(const Record& record) {
  std::string out;
  JsonObject(out)
      .integer("schema", kRecordSchema)
      .text("device_id", record.device_id)
      .raw("key", key_json(record.key))
      .raw("successor", key_json(record.successor))
      .integer("serial", record.serial)
      .text("manifest", record.manifest)
      .integer("newest_time", record.newest_time)
      .raw("current", model_json(record.current))
      .raw("previous", model_json(record.previous))
      .text("trial", kTrials[static_cast<std::size_t>(record.trial)])
      .raw("failed", failed_json(record.failed))
      .raw("revoked", revoked_json(record.revoked))
      .finish();
  return out + "\n";
}

Result<Record> parse_record(std::string_view json) {
  if (json.size() > kMostRecordBytes) return Error{ErrorCode::kBadData, "the record is too large"};
  const Result<JsonValue> value = parse_json(json);
  if (!value) return value.error();
  JsonFields fields(*value, "record");
  if (fields.integer("schema", ~0ULL >> 1) != kRecordSchema) fields.fail("is of another schema than 1");
  Record record;
  record.device_id = fields.text("device_id", kMostNameBytes);
  record.key = key_of(fields, "key");
  record.successor = key_of(fields, "successor");
  record.serial = fields.integer("serial", ~0ULL >> 1);
  record.manifest = fields.text("manifest", kHashDigits);
  record.newest_time = fields.integer("newest_time", kLatestTime);
  record.current = model_of(fields, "current");
  record.previous = model_of(fields, "previous");
  record.trial = trial_of(fields);
  record.failed = optional_of<FailedOffer>(fields, "failed", [](JsonFields& own) {
    return FailedOffer{own.hexadecimal("blake2b", kHashDigits), own.integer("serial", ~0ULL >> 1)};
  });
  read_revoked(fields, record.revoked);
  if (Status status = fields.finish(); !status) return status.error();
  return record;
}

}  // namespace noggin::update
