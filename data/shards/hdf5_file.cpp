#include "data/shards/hdf5_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <string_view>
#include <utility>

#include "bytes/content_hash.h"
#include "bytes/sync_folder.h"

namespace noggin::data {
namespace {

constexpr const char* kHashAttribute = "xxh3";

std::mutex& library_lock() {
  static std::mutex lock;
  return lock;
}

// Holds the library's lock and turns off its error printing, for one scope.
class LibraryScope {
 public:
  LibraryScope() : guard_(library_lock()) {
    // Every file here is closed by its owner. At the end of the process the library would try once more to write a file
    // that a full disk has refused, and die of it.
    [[maybe_unused]] static const herr_t kept = H5dont_atexit();
    H5Eget_auto2(H5E_DEFAULT, &print_, &print_data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    H5Eclear2(H5E_DEFAULT);
  }
  LibraryScope(const LibraryScope&) = delete;
  LibraryScope& operator=(const LibraryScope&) = delete;
  ~LibraryScope() { H5Eset_auto2(H5E_DEFAULT, print_, print_data_); }

 private:
  std::lock_guard<std::mutex> guard_;
  H5E_auto2_t print_ = nullptr;
  void* print_data_ = nullptr;
};

// An owned identifier; the closing function depends on its kind.
class Handle {
 public:
  Handle() = default;
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() { reset(); }
  bool reset() {
    const bool closed = id_ < 0 || close_(id_) >= 0;
    id_ = -1;
    return closed;
  }
  hid_t get() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }

 private:
  hid_t id_ = -1;
  herr_t (*close_)(hid_t) = nullptr;
};

Error cannot_write(const std::string& path) {
  return Error{errno == ENOSPC ? ErrorCode::kOutOfSpace : ErrorCode::kIo,
               fmt::format("{}: writing failed. Fix: check free space and permissions of the folder", path)};
}

hid_t file_type(ElementType type) {
  switch (type) {
    case ElementType::kUint8:
      return H5T_STD_U8LE;
    case ElementType::kUint32:
      return H5T_STD_U32LE;
    case ElementType::kInt32:
      return H5T_STD_I32LE;
    case ElementType::kUint64:
      return H5T_STD_U64LE;
    case ElementType::kFloat:
      return H5T_IEEE_F32LE;
  }
  return -1;
}

Handle latest_format_access() {
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_libver_bounds(access.get(), H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG);
  H5Pset_file_locking(access.get(), false, true);  // network file systems often refuse locks
  return access;
}

bool write_attribute(hid_t object, const char* name, std::uint64_t value) {
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  Handle attribute(H5Acreate2(object, name, H5T_STD_U64LE, space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  return attribute && H5Awrite(attribute.get(), H5T_NATIVE_UINT64, &value) >= 0 && attribute.reset();
}

// False if it is missing or not one 64-bit integer.
bool read_attribute(hid_t object, const char* name, std::uint64_t& value) {
  if (H5Aexists(object, name) <= 0) return false;
  const Handle attribute(H5Aopen(object, name, H5P_DEFAULT), H5Aclose);
  if (!attribute) return false;
  const Handle type(H5Aget_type(attribute.get()), H5Tclose);
  const Handle space(H5Aget_space(attribute.get()), H5Sclose);
  return type && space && H5Tequal(type.get(), H5T_STD_U64LE) > 0 && H5Sget_simple_extent_npoints(space.get()) == 1 &&
         H5Aread(attribute.get(), H5T_NATIVE_UINT64, &value) >= 0;
}

constexpr std::string_view kSealMagic = "NOGGINH5";

struct Descriptor {
  int value;
  explicit Descriptor(int descriptor) : value(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

Error io_error(const std::string& path, const char* what) {
  const int code = errno;
  const ErrorCode kind = code == ENOENT   ? ErrorCode::kNotFound
                         : code == ENOSPC ? ErrorCode::kOutOfSpace
                                          : ErrorCode::kIo;
  return Error{kind, fmt::format("{}: cannot be {}: {}. Fix: check the path, its permissions and free space", path,
                                 what, std::strerror(code))};
}

using Seal = std::array<unsigned char, kSealBytes>;

Seal seal_of(std::uint64_t hash) {
  Seal seal{};
  std::copy(kSealMagic.begin(), kSealMagic.end(), seal.begin());
  for (std::size_t i = 0; i < 8; ++i) seal[kSealMagic.size() + i] = static_cast<unsigned char>(hash >> (8 * i));
  return seal;
}

// The seal that the file should have, and the one it has (all zeros when it is shorter).
struct SealPair {
  Seal expected, found{};
};
Result<SealPair> read_seals(int descriptor, const std::string& path) {
  SealPair seals;
  ContentHasher hasher;
  std::vector<unsigned char> chunk(std::size_t{1} << 18);
  for (off_t offset = 0;;) {
    const ssize_t count = ::pread(descriptor, chunk.data(), offset == 0 ? kSealBytes : chunk.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_error(path, "read");
    if (count == 0) break;
    if (offset == 0)
      std::copy_n(chunk.begin(), count, seals.found.begin());
    else
      hasher.update(chunk.data(), static_cast<std::size_t>(count));
    if (offset == 0 && count < static_cast<ssize_t>(kSealBytes)) break;
    offset += count;
  }
  seals.expected = seal_of(hasher.digest());
  return seals;
}

Status check_seal(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.value < 0) return io_error(path, "opened");
  const Result<SealPair> seals = read_seals(file.value, path);
  if (!seals) return seals.error();
  if (seals->found == seals->expected) return {};
  if (!std::equal(kSealMagic.begin(), kSealMagic.end(), seals->found.begin()))
    return corrupt_shard(path, "is not a shard of this program, or its first bytes are damaged");
  return corrupt_shard(path, "does not have the hash it was written with (a cut or damaged copy)");
}

Status publish_file(const std::string& partial, const std::string& path) {
  const Descriptor file(::open(partial.c_str(), O_RDONLY | O_CLOEXEC));
  const bool synced = file.value >= 0 && ::fsync(file.value) == 0;
  if (synced && ::rename(partial.c_str(), path.c_str()) == 0) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    sync_folder(folder.empty() ? "." : folder);  // best effort: the file itself is on disk
    return {};
  }
  return io_error(path, "finished");
}

}  // namespace

Error corrupt_shard(const std::string& path, const std::string& what) {
  return Error{ErrorCode::kCorrupt, fmt::format("{}: {}. Fix: make the shard again with `noggin ingest`", path, what)};
}

std::size_t bytes_of(ElementType type) {
  switch (type) {
    case ElementType::kUint8:
      return 1;
    case ElementType::kUint64:
      return 8;
    default:
      return 4;
  }
}

Status seal_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (file.value < 0) return io_error(path, "opened");
  const Result<SealPair> seals = read_seals(file.value, path);
  if (!seals) return seals.error();
  if (::pwrite(file.value, seals->expected.data(), kSealBytes, 0) == static_cast<ssize_t>(kSealBytes)) return {};
  return io_error(path, "written");
}

struct Hdf5Writer::State {
  std::string path, partial;
  Handle file;
  ~State() {
    const LibraryScope scope;
    file.reset();
    if (!partial.empty()) ::unlink(partial.c_str());
  }
};

Hdf5Writer::Hdf5Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Hdf5Writer::Hdf5Writer(Hdf5Writer&&) noexcept = default;
Hdf5Writer& Hdf5Writer::operator=(Hdf5Writer&&) noexcept = default;
Hdf5Writer::~Hdf5Writer() = default;

Result<Hdf5Writer> Hdf5Writer::create(const std::string& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->partial = path + ".partial";
  {
    const LibraryScope scope;
    const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
    H5Pset_obj_track_times(creation.get(), false);
    H5Pset_userblock(creation.get(), kSealBytes);
    const Handle access = latest_format_access();
    state->file = Handle(H5Fcreate(state->partial.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose);
    if (!state->file) return cannot_write(state->partial);
  }
  return Hdf5Writer(std::move(state));
}

Status Hdf5Writer::attribute(const std::string& name, std::uint64_t value) {
  const LibraryScope scope;
  if (write_attribute(state_->file.get(), name.c_str(), value)) return {};
  return cannot_write(state_->path);
}

Status Hdf5Writer::dataset(const std::string& name, ElementType type, const void* values, std::size_t count,
                           const std::vector<std::uint64_t>& shape) {
  const LibraryScope scope;
  const std::vector<hsize_t> dimensions(shape.begin(), shape.end());
  const Handle space(H5Screate_simple(static_cast<int>(dimensions.size()), dimensions.data(), nullptr), H5Sclose);
  const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_layout(creation.get(), H5D_CONTIGUOUS);
  H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER);
  H5Pset_obj_track_times(creation.get(), false);
  Handle dataset(H5Dcreate2(state_->file.get(), name.c_str(), file_type(type), space.get(), H5P_DEFAULT, creation.get(),
                            H5P_DEFAULT),
                 H5Dclose);
  if (!dataset) return cannot_write(state_->path);
  // File types equal memory types on the little-endian machines this runs on; HDF5 converts on others.
  if (count > 0 && H5Dwrite(dataset.get(), file_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
    return cannot_write(state_->path);
  if (!write_attribute(dataset.get(), kHashAttribute, content_hash(values, count * bytes_of(type))))
    return cannot_write(state_->path);
  if (!dataset.reset()) return cannot_write(state_->path);  // closing writes what the library still holds
  return {};
}

Status Hdf5Writer::publish() {
  {
    const LibraryScope scope;
    if (H5Fflush(state_->file.get(), H5F_SCOPE_GLOBAL) < 0 || !state_->file.reset()) return cannot_write(state_->path);
  }
  if (Status status = seal_file(state_->partial); !status) return status;
  if (Status status = publish_file(state_->partial, state_->path); !status) return status;
  state_->partial.clear();
  return {};
}

struct Hdf5Reader::State {
  std::string path;
  std::uint64_t file_bytes = 0;
  Handle file;
  ~State() {
    const LibraryScope scope;
    file.reset();
  }
};

Hdf5Reader::Hdf5Reader(std::unique_ptr<State> state) : state_(std::move(state)) {}
Hdf5Reader::Hdf5Reader(Hdf5Reader&&) noexcept = default;
Hdf5Reader& Hdf5Reader::operator=(Hdf5Reader&&) noexcept = default;
Hdf5Reader::~Hdf5Reader() = default;

Result<Hdf5Reader> Hdf5Reader::open(const std::string& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return io_error(path, "opened");
  if (Status status = check_seal(path); !status) return status.error();
  state->file_bytes = static_cast<std::uint64_t>(info.st_size);
  {
    const LibraryScope scope;
    const Handle access = latest_format_access();
    state->file = Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
    if (!state->file) return corrupt_shard(path, "is not a readable HDF5 file");
  }
  return Hdf5Reader(std::move(state));
}

Result<std::uint64_t> Hdf5Reader::attribute(const std::string& name) const {
  const LibraryScope scope;
  std::uint64_t value = 0;
  if (read_attribute(state_->file.get(), name.c_str(), value)) return value;
  return corrupt_shard(state_->path, fmt::format("the attribute \"{}\" is missing or damaged", name));
}

Result<std::vector<std::uint64_t>> Hdf5Reader::shape(const std::string& name, ElementType type,
                                                     std::size_t rank) const {
  const LibraryScope scope;
  const Handle dataset(H5Dopen2(state_->file.get(), name.c_str(), H5P_DEFAULT), H5Dclose);
  if (!dataset) return corrupt_shard(state_->path, fmt::format("dataset \"{}\" cannot be opened", name));
  const Handle stored(H5Dget_type(dataset.get()), H5Tclose);
  const Handle space(H5Dget_space(dataset.get()), H5Sclose);
  const Handle creation(H5Dget_create_plist(dataset.get()), H5Pclose);
  if (!stored || !space || !creation || H5Tequal(stored.get(), file_type(type)) <= 0)
    return corrupt_shard(state_->path, fmt::format("dataset \"{}\" has a different element type", name));
  if (H5Pget_layout(creation.get()) != H5D_CONTIGUOUS || H5Pget_external_count(creation.get()) != 0)
    return corrupt_shard(state_->path, fmt::format("dataset \"{}\" is not stored contiguously in this file", name));
  if (H5Sget_simple_extent_ndims(space.get()) != static_cast<int>(rank))
    return corrupt_shard(state_->path, fmt::format("dataset \"{}\" does not have {} dimensions", name, rank));
  std::vector<hsize_t> dimensions(rank);
  H5Sget_simple_extent_dims(space.get(), dimensions.data(), nullptr);
  std::uint64_t bytes = bytes_of(type);
  for (const hsize_t dimension : dimensions)
    if (__builtin_mul_overflow(bytes, std::uint64_t{dimension}, &bytes) || bytes > state_->file_bytes)
      return corrupt_shard(state_->path, fmt::format("dataset \"{}\" claims more bytes than the file has", name));
  if (bytes > 0) {
    const haddr_t address = H5Dget_offset(dataset.get());
    if (address == HADDR_UNDEF || address > state_->file_bytes - bytes || H5Dget_storage_size(dataset.get()) != bytes)
      return corrupt_shard(state_->path, fmt::format("dataset \"{}\" is outside the file", name));
  }
  return std::vector<std::uint64_t>(dimensions.begin(), dimensions.end());
}

Status Hdf5Reader::read_into(const std::string& name, ElementType type, void* values, std::size_t count) const {
  const LibraryScope scope;
  const Handle dataset(H5Dopen2(state_->file.get(), name.c_str(), H5P_DEFAULT), H5Dclose);
  std::uint64_t expected = 0;
  if (!dataset || !read_attribute(dataset.get(), kHashAttribute, expected))
    return corrupt_shard(state_->path, fmt::format("dataset \"{}\" has no hash", name));
  if (count > 0 && H5Dread(dataset.get(), file_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
    return corrupt_shard(state_->path, fmt::format("dataset \"{}\" cannot be read", name));
  if (content_hash(values, count * bytes_of(type)) == expected) return {};
  return corrupt_shard(state_->path, fmt::format("dataset \"{}\" does not have the hash it was written with", name));
}

}  // namespace noggin::data
