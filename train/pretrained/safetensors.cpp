#include "train/pretrained/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "bytes/atomic_file.h"
#include "bytes/little_endian.h"
#include "data/files/input_file.h"
#include "data/files/json_document.h"

namespace noggin::train {
namespace {

using HeaderJson = nlohmann::json;

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit

Error corrupt(const std::string& path, const std::string& what) {
  return {ErrorCode::kCorrupt,
          fmt::format("{}: {}. The file is damaged or not a safetensors file: fetch it again", path, what)};
}

std::uint64_t element_bytes(const std::string& type) {
  if (type == "F64" || type == "I64" || type == "U64") return 8;
  if (type == "F32" || type == "I32" || type == "U32") return 4;
  if (type == "F16" || type == "BF16" || type == "I16" || type == "U16") return 2;
  return type == "I8" || type == "U8" || type == "BOOL" ? 1 : 0;
}

Result<HeaderJson> read_header(data::InputFile& file, const std::string& path, std::uint64_t& data_start) {
  const Result<std::string> length_bytes = file.read(kLengthBytes);
  if (!length_bytes) return length_bytes.error();
  if (length_bytes->size() < kLengthBytes) return corrupt(path, "shorter than 8 bytes");
  const std::uint64_t length = load_u64(reinterpret_cast<const std::byte*>(length_bytes->data()));
  if (length > kMaxHeaderBytes || length > file.size() - kLengthBytes) {
    return corrupt(path, fmt::format("gives the size of its header as {} bytes", length));
  }
  const Result<std::string> text = file.read(length);
  if (!text) return text.error();
  if (text->size() < length) return corrupt(path, "the header is cut");
  std::optional<HeaderJson> header = data::parse_json(*text);
  if (!header || !header->is_object()) return corrupt(path, "the header is not a JSON object");
  data_start = kLengthBytes + length;
  return *std::move(header);
}

const HeaderJson& field(const HeaderJson& tensor, const char* key) {
  static const HeaderJson kNothing;
  const auto found = tensor.find(key);
  return found == tensor.end() ? kNothing : *found;
}

bool read_type(const HeaderJson& tensor, std::string& type) {
  const HeaderJson& value = field(tensor, "dtype");
  if (value.is_string()) type = value.get<std::string>();
  return value.is_string();
}

using Extent = std::pair<std::uint64_t, std::uint64_t>;  // begin and end in the data

bool read_extent(const HeaderJson& tensor, Extent& extent) {
  const HeaderJson& offsets = field(tensor, "data_offsets");
  if (!offsets.is_array() || offsets.size() != 2) return false;
  if (!offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned()) return false;
  extent = {offsets[0].get<std::uint64_t>(), offsets[1].get<std::uint64_t>()};
  return true;
}

// The sizes and their product, which must be small enough for 64-bit byte counts.
bool read_shape(const HeaderJson& tensor, std::vector<std::int64_t>& sizes, std::uint64_t& elements) {
  const HeaderJson& shape = field(tensor, "shape");
  if (!shape.is_array()) return false;
  elements = 1;
  for (const HeaderJson& size : shape) {
    if (!size.is_number_unsigned() || size.get<std::uint64_t>() > (1ULL << 40)) return false;
    sizes.push_back(size.get<std::int64_t>());
    if (__builtin_mul_overflow(elements, size.get<std::uint64_t>(), &elements)) return false;
  }
  return elements <= 1ULL << 48;
}

bool covers(std::vector<Extent> extents, std::uint64_t data_bytes) {
  std::sort(extents.begin(), extents.end());
  std::uint64_t end = 0;
  for (const Extent& extent : extents) {
    if (extent.first != end) return false;
    end = extent.second;
  }
  return end == data_bytes;
}

torch::ScalarType scalar_type(const std::string& type) {
  if (type == "F16") return torch::kFloat16;
  return type == "BF16" ? torch::kBFloat16 : torch::kFloat32;
}

}  // namespace

Result<SafetensorsFiles> SafetensorsFiles::open(const std::vector<std::string>& files) {
  SafetensorsFiles opened;
  if (!files.empty()) opened.where_ = files.front();
  for (const std::string& path : files) {
    if (Status status = opened.add_file(path); !status) return status.error();
  }
  return opened;
}

Status SafetensorsFiles::add_file(const std::string& path) {
  Result<data::InputFile> file = data::InputFile::open(path);
  if (!file) return file.error();
  const std::uint64_t file_bytes = file->size();
  std::uint64_t data_start = 0;
  const Result<HeaderJson> header = read_header(*file, path, data_start);
  if (!header) return header.error();
  std::vector<Extent> extents;
  for (const auto& [name, tensor] : header->items()) {
    if (name == "__metadata__") continue;
    Entry entry;
    entry.file = path;
    Extent& extent = extents.emplace_back();
    std::uint64_t elements = 0;
    if (!tensor.is_object() || !read_type(tensor, entry.type) || !read_extent(tensor, extent) ||
        !read_shape(tensor, entry.shape, elements)) {
      return corrupt(path, fmt::format("the entry of {} is not {{dtype, shape, data_offsets}}", name));
    }
    if (extent.first > extent.second || extent.second > file_bytes - data_start) {
      return corrupt(path, fmt::format("{} is outside the file", name));
    }
    entry.begin = data_start + extent.first;
    entry.bytes = extent.second - extent.first;
    if (element_bytes(entry.type) != 0 && entry.bytes != elements * element_bytes(entry.type)) {
      return corrupt(path, fmt::format("{} has {} bytes, its shape needs {}", name, entry.bytes,
                                       elements * element_bytes(entry.type)));
    }
    if (const auto [place, added] = entries_.emplace(name, std::move(entry)); !added) {
      return corrupt(path, fmt::format("{} is in {} too", name, place->second.file));
    }
  }
  if (!covers(extents, file_bytes - data_start))
    return corrupt(path, "the tensors leave holes in the data, or overlap");
  return {};
}

std::vector<std::string> SafetensorsFiles::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

Result<torch::Tensor> SafetensorsFiles::read(const std::string& name, const std::vector<std::int64_t>& shape) const {
  const auto found = entries_.find(name);
  if (found == entries_.end())
    return Error{ErrorCode::kNotFound,
                 fmt::format("{}: no tensor {}. Fix: give the encoder's own checkpoint", where_, name)};
  const Entry& entry = found->second;
  if (entry.shape != shape) {
    return Error{
        ErrorCode::kBadData,
        fmt::format("{}: {} has the shape {}, config.json says {}. Fix: fetch the folder again; the two files do not "
                    "belong together",
                    entry.file, name, entry.shape, shape)};
  }
  if (entry.type != "F32" && entry.type != "F16" && entry.type != "BF16") {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("{}: {} is {}, supported are F32, F16 and BF16. Fix: save the weights as one of these",
                             entry.file, name, entry.type)};
  }
  torch::Tensor tensor = torch::empty(shape, scalar_type(entry.type));
  std::ifstream file(entry.file, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(entry.begin));
  if (!file.read(static_cast<char*>(tensor.data_ptr()), static_cast<std::streamsize>(entry.bytes))) {
    return Error{ErrorCode::kIo, fmt::format("{}: reading {} failed. Check the disk", entry.file, name)};
  }
  tensor = tensor.to(torch::kFloat32);
  if (!torch::isfinite(tensor).all().item<bool>()) {
    return Error{ErrorCode::kBadData,
                 fmt::format("{}: {} holds infinities or values that are not numbers. Fix: take a checkpoint "
                             "whose training did not diverge",
                             entry.file, name)};
  }
  return tensor;
}

Status write_safetensors(const std::string& path, const std::map<std::string, torch::Tensor>& tensors) {
  HeaderJson header;
  header["__metadata__"] = {{"format", "pt"}};
  std::uint64_t end = 0;
  std::string data;
  for (const auto& [name, tensor] : tensors) {
    const torch::Tensor plain = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
    const std::uint64_t begin = end;
    end += plain.nbytes();
    header[name] = {{"dtype", "F32"}, {"shape", plain.sizes().vec()}, {"data_offsets", {begin, end}}};
    data.append(static_cast<const char*>(plain.const_data_ptr()), plain.nbytes());
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // data aligned to 8
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(text.size() >> (8 * i)));
  bytes += text;
  bytes += data;
  return write_file_atomically(path, bytes.data(), bytes.size());
}

}  // namespace noggin::train
