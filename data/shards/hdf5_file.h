// One HDF5 file through the C API, with owned handles and errors as values. Files are written with libver latest (its
// metadata is checksummed; the default format lets most flipped bits through), contiguous, each dataset with its
// XXH3-64 in an attribute, and without time stamps: equal data gives equal files.
//
// A seal in the user block (the bytes before HDF5's own) holds the XXH3-64 of everything after it and is checked before
// HDF5 sees the file: without it 36 % of single flipped bits in a small file fell into unused gaps and went unnoticed,
// and some damaged files broke the library at exit. Other HDF5 readers skip the user block.
//
// Threads: calls on all objects are serialized by one lock, because HDF5 may be built without thread safety.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "noggin/result.h"

namespace noggin::data {

enum class ElementType { kUint8, kUint32, kInt32, kUint64, kFloat };
std::size_t bytes_of(ElementType type);

template <typename T>
struct ElementOf;
template <>
struct ElementOf<char> {
  static constexpr ElementType kType = ElementType::kUint8;
};
template <>
struct ElementOf<std::uint32_t> {
  static constexpr ElementType kType = ElementType::kUint32;
};
template <>
struct ElementOf<std::int32_t> {
  static constexpr ElementType kType = ElementType::kInt32;
};
template <>
struct ElementOf<std::uint64_t> {
  static constexpr ElementType kType = ElementType::kUint64;
};
template <>
struct ElementOf<float> {
  static constexpr ElementType kType = ElementType::kFloat;
};

// The user block: "NOGGINH5", the hash (little-endian), zeros.
inline constexpr std::size_t kSealBytes = 512;
// Computes and writes the seal of a closed HDF5 file that was created with a user block of kSealBytes.
Status seal_file(const std::string& path);

// Writes next to `path` and moves the finished file there, so that it is complete or absent.
class Hdf5Writer {
 public:
  static Result<Hdf5Writer> create(const std::string& path);
  Hdf5Writer(Hdf5Writer&&) noexcept;
  Hdf5Writer& operator=(Hdf5Writer&&) noexcept;
  ~Hdf5Writer();  // removes an unpublished file

  Status attribute(const std::string& name, std::uint64_t value);  // on the root
  template <typename T>
  Status dataset(const std::string& name, std::span<const T> values, const std::vector<std::uint64_t>& shape) {
    return dataset(name, ElementOf<T>::kType, values.data(), values.size(), shape);
  }
  Status publish();  // flush, seal, fsync, rename

 private:
  Status dataset(const std::string& name, ElementType type, const void* values, std::size_t count,
                 const std::vector<std::uint64_t>& shape);
  struct State;
  explicit Hdf5Writer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class Hdf5Reader {
 public:
  static Result<Hdf5Reader> open(const std::string& path);
  Hdf5Reader(Hdf5Reader&&) noexcept;
  Hdf5Reader& operator=(Hdf5Reader&&) noexcept;
  ~Hdf5Reader();

  Result<std::uint64_t> attribute(const std::string& name) const;
  // The dataset's shape, after checking its type, its rank and that its bytes are inside the file (so that a forged
  // header cannot make a caller allocate more than the file holds).
  Result<std::vector<std::uint64_t>> shape(const std::string& name, ElementType type, std::size_t rank) const;
  // All values, after checking their hash. Container: std::vector<T> or std::string.
  template <typename Container>
  Result<Container> read(const std::string& name, std::size_t rank = 1) const {
    constexpr ElementType kType = ElementOf<typename Container::value_type>::kType;
    const Result<std::vector<std::uint64_t>> dimensions = shape(name, kType, rank);
    if (!dimensions) return dimensions.error();
    std::uint64_t count = 1;
    for (const std::uint64_t dimension : *dimensions) count *= dimension;
    Container values(count, typename Container::value_type{});
    if (Status status = read_into(name, kType, values.data(), count); !status) return status.error();
    return values;
  }

 private:
  Status read_into(const std::string& name, ElementType type, void* values, std::size_t count) const;
  struct State;
  explicit Hdf5Reader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// kCorrupt: "PATH: WHAT. Fix: ...".
Error corrupt_shard(const std::string& path, const std::string& what);

}  // namespace noggin::data
