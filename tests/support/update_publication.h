// A publisher with a key, small models and a folder of updates, and devices that take them.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "bytes/atomic_file.h"
#include "export/publish/files.h"
#include "export/publish/publish.h"
#include "noggin/update.h"
#include "tests/support/cli_temporary_folder.h"
#include "tests/support/engine_model.h"
#include "update/trust.h"

namespace noggin::test {

inline constexpr std::int64_t kToday = 1800000000, kDay = 86400;

inline std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// As a night's further training changes a student: a third of the weights move by one step, vectors a little.
inline format::FrozenModel retrained(format::FrozenModel model, std::uint64_t seed) {
  Random random(seed);
  for (auto& [name, tensor] : model.tensors) {
    for (std::int8_t& value : tensor.values) {
      const bool at_the_end = value == -8 || value == 7 || value < -100 || value > 100;  // of int4 or int8
      if (random.below(3) == 0 && !at_the_end)
        value = static_cast<std::int8_t>(value + (random.below(2) == 0 ? 1 : -1));
    }
    for (float& value : tensor.floats) value *= random.uniform(0.999F, 1.001F);
  }
  model.golden.clear();
  const OpenModel open = open_model(model);
  Result<Session> session = Session::create(open.model, "reference");
  EXPECT_TRUE(session);
  for (const std::string& text : sample_texts()) model.golden.push_back(golden_vector(*session, text));
  return model;
}

// Large enough that a delta is worth it.
inline spec::ModelConfig update_config() {
  spec::ModelConfig config = engine_config();
  config.vocabulary_size = 400;
  config.encoder.width = 64;
  config.encoder.head_width = 16;
  config.encoder.layers = {{2, 64}};
  return config;
}

class PublicationTest : public ::testing::Test {
 protected:
  PublicationTest() {
    key_ = new_key("key");
    updates_ = folder_.file("updates");
    state_ = folder_.file("state");
  }

  std::string new_key(const std::string& name) {
    const Result<update::PublicKey> key = publish::write_new_key(folder_.file(name), "");
    EXPECT_TRUE(key) << (key ? "" : key.error().message);
    return folder_.file(name);
  }

  // Models of one family: 1 is the first, each later one goes on from it.
  static const std::string& model_bytes(std::uint64_t number) {
    static const format::FrozenModel first = frozen_model_with_golden(update_config(), 91);
    static std::map<std::uint64_t, std::string> made;
    std::string& bytes = made[number];
    if (bytes.empty()) bytes = text_of(serialized(number == 1 ? first : retrained(first, number)));
    return bytes;
  }
  std::string model(std::uint64_t number) {
    return folder_.write("model-" + std::to_string(number) + ".nog", model_bytes(number));
  }

  publish::PublishRequest request(std::uint64_t number) {
    publish::PublishRequest request;
    request.model = model(number);
    request.folder = updates_;
    request.key = key_;
    request.now = kToday;
    return request;
  }
  publish::Publication publish(const publish::PublishRequest& request) {
    Result<publish::Publication> publication = publish::publish(request);
    EXPECT_TRUE(publication) << (publication ? "" : publication.error().message);
    return publication ? *publication : publish::Publication{};
  }
  publish::Publication publish(std::uint64_t number) { return publish(request(number)); }

  UpdateOptions options(std::int64_t now = kToday) {
    UpdateOptions options;
    options.first_key = read_text(folder_.file("key.pub"));
    options.device_id = "device";
    options.now = now;
    return options;
  }
  UpdateReport update(std::int64_t now = kToday) { return update(options(now)); }
  UpdateReport update(const UpdateOptions& options) {
    const Result<UpdateReport> report = Updater(state_).update(updates_, options);
    EXPECT_TRUE(report) << (report ? "" : report.error().message);
    return report ? *report : UpdateReport{};
  }

  // Starts and confirms; the bytes of the model that answers.
  std::string running() {
    Updater updater(state_);
    const Result<std::string> path = updater.start();
    if (!path) return path.error().message;
    EXPECT_TRUE(updater.confirm());
    return read_text(*path);
  }
  void expect_runs(std::uint64_t number) { EXPECT_TRUE(running() == model_bytes(number)) << "not model " << number; }

  std::string manifest_file(std::uint64_t serial) { return updates_ + "/" + update::manifest_path(serial); }
  void overwrite(const std::string& path, const std::string& text) {
    ASSERT_TRUE(write_file_atomically(path, text.data(), text.size()));
  }
  // Replaces `from` in a manifest and signs it again with this key.
  void edit_manifest(std::uint64_t serial, const std::string& from, const std::string& to, const std::string& key) {
    std::string json = read_text(manifest_file(serial));
    ASSERT_NE(json.find(from), std::string::npos) << json;
    json.replace(json.find(from), from.size(), to);
    overwrite(manifest_file(serial), json);
    const Result<publish::SecretKey> secret = publish::read_secret_key(key, "");
    ASSERT_TRUE(secret);
    ASSERT_TRUE(publish::sign_file(*secret, manifest_file(serial), ""));
  }
  void edit_manifest(std::uint64_t serial, const std::string& from, const std::string& to) {
    edit_manifest(serial, from, to, key_);
  }

  TemporaryFolder folder_;
  std::string key_, updates_, state_;
};

}  // namespace noggin::test
