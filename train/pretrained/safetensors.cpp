#include "train/pretrained/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "format/writer.h"

namespace noggin::train {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr std::uint64_t kMostHeaderBytes = 100'000'000;  // the format's own limit

Error corrupt(const std::string& path, const std::string& what) {
  return {ErrorCode::kCorrupt, fmt::format("{}: {}. The file is damaged or not a safetensors file: fetch it again", path, what)};
}

std::uint64_t element_bytes(const std::string& type) {
  if (type == "F64" || type == "I64" || type == "U64") return 8;
  if (type == "F32" || type == "I32" || type == "U32") return 4;
  if (type == "F16" || type == "BF16" || type == "I16" || type == "U16") return 2;
  return type == "I8" || type == "U8" || type == "BOOL" ? 1 : 0;
}

Result<Json> read_header(std::ifstream& file, const std::string& path, std::uint64_t file_bytes, std::uint64_t& data_start) {
  unsigned char length_bytes[8];
  if (!file.read(reinterpret_cast<char*>(length_bytes), sizeof length_bytes)) return corrupt(path, "shorter than 8 bytes");
  std::uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length << 8 | length_bytes[i];
  if (length > kMostHeaderBytes || length > file_bytes - sizeof length_bytes) {
    return corrupt(path, fmt::format("says that its header has {} bytes", length));
  }
  std::string text(length, '\0');
  if (!file.read(text.data(), static_cast<std::streamsize>(length))) return corrupt(path, "the header is cut");
  Json header = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) return corrupt(path, "the header is not a JSON object");
  data_start = sizeof length_bytes + length;
  return header;
}

// The elements of a shape whose product fits, or nothing.
bool count_elements(const Json& shape, std::vector<std::int64_t>& sizes, std::uint64_t& count) {
  if (!shape.is_array()) return false;
  count = 1;
  for (const Json& size : shape) {
    if (!size.is_number_unsigned() || size.get<std::uint64_t>() > (1ULL << 40)) return false;
    sizes.push_back(size.get<std::int64_t>());
    if (__builtin_mul_overflow(count, size.get<std::uint64_t>(), &count)) return false;
  }
  return count <= 1ULL << 48;
}

torch::ScalarType scalar_type(const std::string& type) {
  if (type == "F16") return torch::kFloat16;
  return type == "BF16" ? torch::kBFloat16 : torch::kFloat32;
}

}  // namespace

Result<SafetensorsFiles> SafetensorsFiles::open(const std::string& folder) {
  SafetensorsFiles files;
  files.folder_ = folder;
  const std::string single = folder + "/model.safetensors", index = single + ".index.json";
  if (!fs::exists(index)) {
    if (Status status = files.add_file(single); !status) return status.error();
    return files;
  }
  std::ifstream stream(index);
  const Json json = Json::parse(stream, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object()) {
    return corrupt(index, "has no \"weight_map\"");
  }
  std::set<std::string> names;
  for (const Json& name : json["weight_map"]) {
    // A shard lies beside its index; anything else could name any file of the machine.
    if (!name.is_string() || name.get<std::string>().find('/') != std::string::npos) return corrupt(index, "names a file elsewhere");
    names.insert(name.get<std::string>());
  }
  for (const std::string& name : names) {
    if (Status status = files.add_file(folder + "/" + name); !status) return status.error();
  }
  return files;
}

Status SafetensorsFiles::add_file(const std::string& path) {
  std::error_code error;
  const std::uint64_t file_bytes = fs::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) return Error{ErrorCode::kNotFound, fmt::format("{} cannot be opened. Fix: put the weights into the folder", path)};
  std::uint64_t data_start = 0;
  const Result<Json> header = read_header(file, path, file_bytes, data_start);
  if (!header) return header.error();
  for (const auto& [name, tensor] : header->items()) {
    if (name == "__metadata__") continue;
    Entry entry;
    entry.file = path;
    std::uint64_t elements = 0;
    const Json offsets = tensor.is_object() && tensor.contains("data_offsets") ? tensor["data_offsets"] : Json();
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned() ||
        !tensor.contains("shape") || !tensor.contains("dtype") || !tensor["dtype"].is_string() ||
        !count_elements(tensor["shape"], entry.shape, elements)) {
      return corrupt(path, fmt::format("the entry of {} is not {{dtype, shape, data_offsets}}", name));
    }
    entry.type = tensor["dtype"].get<std::string>();
    const std::uint64_t begin = offsets[0].get<std::uint64_t>(), end = offsets[1].get<std::uint64_t>();
    if (begin > end || end > file_bytes - data_start) return corrupt(path, fmt::format("{} lies outside the file", name));
    if (element_bytes(entry.type) != 0 && end - begin != elements * element_bytes(entry.type)) {
      return corrupt(path, fmt::format("{} has {} bytes, its shape needs {}", name, end - begin, elements * element_bytes(entry.type)));
    }
    entry.begin = data_start + begin;
    entry.bytes = end - begin;
    if (!entries_.emplace(name, std::move(entry)).second) return corrupt(path, fmt::format("{} is there twice", name));
  }
  return {};
}

std::vector<std::string> SafetensorsFiles::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

Result<torch::Tensor> SafetensorsFiles::read(const std::string& name, const std::vector<std::int64_t>& shape) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return Error{ErrorCode::kNotFound, fmt::format("{}: no tensor {}", folder_, name)};
  const Entry& entry = found->second;
  if (entry.shape != shape) {
    return Error{ErrorCode::kBadData, fmt::format("{}: {} has the shape {}, config.json says {}", entry.file, name,
                                                  entry.shape, shape)};
  }
  if (entry.type != "F32" && entry.type != "F16" && entry.type != "BF16") {
    return Error{ErrorCode::kUnsupported, fmt::format("{}: {} is {}, supported are F32, F16 and BF16", entry.file, name, entry.type)};
  }
  torch::Tensor tensor = torch::empty(shape, scalar_type(entry.type));
  std::ifstream file(entry.file, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(entry.begin));
  if (!file.read(static_cast<char*>(tensor.data_ptr()), static_cast<std::streamsize>(entry.bytes))) {
    return Error{ErrorCode::kIo, fmt::format("{}: reading {} failed. Check the disk", entry.file, name)};
  }
  return tensor.to(torch::kFloat32);
}

Status write_safetensors(const std::string& path, const std::map<std::string, torch::Tensor>& tensors) {
  Json header;
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
  return format::write_file_atomically(path, bytes.data(), bytes.size());
}

}  // namespace noggin::train
