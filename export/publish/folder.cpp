#include "export/publish/folder.h"

#include <fmt/format.h>

#include <filesystem>

#include "bytes/atomic_file.h"
#include "update/mirror.h"
#include "update/trust.h"

namespace noggin::publish {
namespace {

namespace fs = std::filesystem;

Status make_folders(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error || fs::is_directory(path)) return {};
  const bool full = error == std::errc::no_space_on_device;
  return Error{
      full ? ErrorCode::kOutOfSpace : ErrorCode::kIo,
      fmt::format("{} cannot be made: {}. Fix: publish into a folder that can be written", path, error.message())};
}

Error damaged(const std::string& what) {
  return {ErrorCode::kCorrupt, what + ". Fix: publish into a new folder, or restore this one from a copy"};
}

}  // namespace

Result<PublishFolder> PublishFolder::open(const std::string& path) {
  for (const char* name : {"", "/models", "/deltas", "/generations", "/rotations"})
    if (Status status = make_folders(path + name); !status) return status.error();
  return PublishFolder(path);
}

Result<std::optional<PublishFolder::Newest>> PublishFolder::newest() const {
  if (!fs::exists(file(update::kLatestFile))) return std::optional<Newest>();
  update::Offer<update::Mirror> mirror = update::Mirror::open(path_);
  if (!mirror) return damaged(mirror.fault().error.message);
  update::Offer<std::string> latest = mirror->read_text(update::kLatestFile, update::kMostSerialFileBytes);
  if (!latest) return damaged(latest.fault().error.message);
  const Result<std::uint64_t> serial = update::parse_serial(*latest);
  if (!serial) return damaged(file(update::kLatestFile) + " " + serial.error().message);
  const std::string name = update::manifest_path(*serial);
  update::Offer<std::string> json = mirror->read_text(name, update::kMostManifestBytes);
  if (!json) return damaged(json.fault().error.message);
  update::Offer<std::string> text =
      mirror->read_text(name + std::string(update::kSignatureSuffix), update::kMostSignatureBytes);
  if (!text) return damaged(text.fault().error.message);
  Result<update::Manifest> manifest = update::parse_manifest(*json);
  if (!manifest) return damaged(file(name) + ": " + manifest.error().message);
  Result<update::Signature> signature = update::parse_signature(*text);
  if (!signature) return damaged(file(name) + ".minisig: " + signature.error().message);
  return std::optional(Newest{*std::move(manifest), *std::move(json), *std::move(signature)});
}

std::optional<update::Manifest> PublishFolder::earlier(std::uint64_t serial) const {
  update::Offer<update::Mirror> mirror = update::Mirror::open(path_);
  if (!mirror) return std::nullopt;
  update::Offer<std::string> json = mirror->read_text(update::manifest_path(serial), update::kMostManifestBytes);
  if (!json) return std::nullopt;
  Result<update::Manifest> manifest = update::parse_manifest(*json);
  if (!manifest) return std::nullopt;
  return *std::move(manifest);
}

Status PublishFolder::write(const std::string& name, std::span<const std::byte> bytes) const {
  const std::string path = file(name);
  if (Status status = make_folders(fs::path(path).parent_path().string()); !status) return status;
  return write_file_atomically(path, bytes.data(), bytes.size());
}

}  // namespace noggin::publish
