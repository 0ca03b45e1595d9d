#include "train/nightly/shipped_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "bytes/atomic_file.h"
#include "bytes/sync_folder.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

namespace fs = std::filesystem;
constexpr const char* kLink = "current";
constexpr const char* kShipped = "shipped";
constexpr std::size_t kCopyBytes = std::size_t{1} << 20;

[[noreturn]] void cannot(const std::string& what, const std::string& path, const std::string& why) {
  throw Failure(
      ExitCode::kOutput,
      fmt::format("{} {} failed: {}. Fix: make the folder writable; what is shipped is unchanged", what, path, why));
}

void copy_durably(const std::string& from, const std::string& to) {
  std::ifstream in(from, std::ios::binary);
  if (!in) cannot("reading", from, "it cannot be opened");
  Result<AtomicFile> out = AtomicFile::create(to);
  if (!out) throw Failure::of_writing(out.error());
  std::vector<char> buffer(kCopyBytes);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    throw_unless_written(out->append(buffer.data(), static_cast<std::size_t>(in.gcount())));
  }
  if (in.bad()) cannot("reading", from, "the disk gave an error");
  throw_unless_written(out->commit());
}

Json read_summary(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  Json summary = Json::parse(in, nullptr, false);
  if (summary.is_object() && summary.contains("decision") && summary["decision"].is_string()) return summary;
  throw Failure(ExitCode::kBadData, path +
                                        " is not the summary of a night. Fix: remove that night's folder if it is "
                                        "not the one that `current` names");
}

}  // namespace

ShippedFolder::ShippedFolder(const std::string& path) : path_(fs::absolute(path).lexically_normal().string()) {
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
  std::error_code error;
  fs::create_directories(file("nights"), error);
  if (error) cannot("creating", file("nights"), error.message());
  lock_.emplace(path_, "nightly");
  recover();
}

std::vector<std::uint32_t> ShippedFolder::numbers() const {
  std::vector<std::uint32_t> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(file("nights"))) {
    const std::string name = entry.path().filename().string();
    std::uint32_t number = 0;
    const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (failed == std::errc() && end == name.data() + name.size()) found.push_back(number);
  }
  std::ranges::sort(found);
  return found;
}

std::string ShippedFolder::folder_of(std::uint32_t number) const { return file(fmt::format("nights/{:04}", number)); }

std::string ShippedFolder::current() const {
  std::error_code error;
  const fs::path target = fs::read_symlink(file(kLink), error);
  return error ? std::string() : file(target.string());
}

std::string ShippedFolder::model() const {
  const std::string folder = current();
  std::error_code error;
  for (const std::string& path : {folder.empty() ? std::string() : folder + "/model.nog", file("model.nog")}) {
    if (!path.empty() && fs::exists(path, error)) return path;
  }
  if (folder.empty()) return {};
  throw Failure(ExitCode::kBadData, fmt::format("{} names {}, which has no model.nog. Fix: point it at a night that "
                                                "has one, or remove it to ship anew",
                                                file(kLink), folder));
}

std::string ShippedFolder::start() const {
  const std::string folder = current();
  std::error_code error;
  return !folder.empty() && fs::exists(folder + "/start.ckpt", error) ? folder + "/start.ckpt" : std::string();
}

std::optional<Json> ShippedFolder::last_night() const {
  const std::vector<std::uint32_t> all = numbers();
  if (all.empty()) return std::nullopt;
  return read_summary(folder_of(all.back()) + "/summary.json");
}

std::uint32_t ShippedFolder::next_number() const {
  const std::vector<std::uint32_t> all = numbers();
  return all.empty() ? 1 : all.back() + 1;
}

void ShippedFolder::make_current(std::uint32_t number) const {
  const std::string link = file(kLink), fresh = link + ".new";
  std::error_code error;
  fs::remove(fresh, error);
  fs::create_directory_symlink(fmt::format("nights/{:04}", number), fresh, error);
  if (!error) fs::rename(fresh, link, error);
  if (error) cannot("replacing the link", link, error.message());
  sync_folder(path_);
}

void ShippedFolder::finish(std::uint32_t number, const std::vector<NightFile>& files,
                           const std::vector<std::pair<std::string, std::string>>& texts, bool ship) {
  const std::string staged = file(fmt::format("nights/.{:04}.partial", number));
  std::error_code error;
  fs::remove_all(staged, error);
  fs::create_directories(staged, error);
  if (error) cannot("creating", staged, error.message());
  for (const auto& [from, name] : files) {
    if (fs::exists(from, error)) copy_durably(from, staged + "/" + name);
  }
  for (const auto& [name, text] : texts)
    throw_unless_written(write_file_atomically(staged + "/" + name, text.data(), text.size()));
  fs::rename(staged, folder_of(number), error);
  if (error) cannot("renaming", staged, error.message());
  sync_folder(file("nights"));
  if (ship) make_current(number);
  drop_night();
}

void ShippedFolder::recover() const {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(file("nights"))) {
    if (entry.path().extension() == ".partial") fs::remove_all(entry.path(), ignored);
  }
  const std::vector<std::uint32_t> all = numbers();
  if (all.empty()) return;
  const Json last = read_summary(folder_of(all.back()) + "/summary.json");
  if (last["decision"] == kShipped && current() != folder_of(all.back())) make_current(all.back());
}

void ShippedFolder::keep_newest(std::uint32_t count) const {
  const std::vector<std::uint32_t> all = numbers();
  const std::string shipped = current();
  for (std::size_t i = 0; i + count < all.size(); ++i) {
    std::error_code ignored;
    if (folder_of(all[i]) != shipped) fs::remove_all(folder_of(all[i]), ignored);
  }
}

void ShippedFolder::drop_night() const {
  std::error_code error;
  fs::remove_all(night(), error);
  if (error) cannot("removing", night(), error.message());
}

}  // namespace noggin::train
