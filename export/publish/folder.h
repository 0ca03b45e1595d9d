// The folder of a publication, as its publisher sees it: what stands there, and how files get there.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "noggin/result.h"
#include "update/manifest.h"

namespace noggin::publish {

class PublishFolder {
 public:
  // Makes the folder and those inside where they are missing. kIo, kOutOfSpace.
  static Result<PublishFolder> open(const std::string& path);

  // The newest manifest; none: nothing has been published yet. kCorrupt: `latest` leads nowhere, or to no manifest.
  struct Newest {
    update::Manifest manifest;
    std::string json;
    update::Signature signature;
  };
  Result<std::optional<Newest>> newest() const;
  // An earlier manifest; none if it is not there, or damaged.
  std::optional<update::Manifest> earlier(std::uint64_t serial) const;

  // Whole or not at all, and on disk when this returns. name: from the folder. Making a missing folder of the name,
  // too.
  Status write(const std::string& name, std::span<const std::byte> bytes) const;
  Status write(const std::string& name, const std::string& text) const {
    return write(name, std::as_bytes(std::span(text)));
  }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  explicit PublishFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace noggin::publish
