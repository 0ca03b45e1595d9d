#include "train/checkpoint/checkpoint.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "bytes/atomic_file.h"
#include "bytes/content_hash.h"
#include "bytes/hex.h"
#include "bytes/little_endian.h"
#include "data/files/input_file.h"
#include "data/files/json_document.h"
#include "spec/check.h"
#include "spec/encoder/tensors.h"
#include "spec/layout.h"
#include "spec/versions.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

constexpr char kMagic[] = {'N', 'O', 'G', 'C', 'K', 'P', 'T', '1'};
constexpr std::size_t kPreamble = sizeof kMagic + 16;

struct ElementType {
  torch::ScalarType type;
  const char* name;
};
constexpr ElementType kTypes[] = {
    {torch::kFloat32, "float32"}, {torch::kFloat64, "float64"}, {torch::kInt64, "int64"}, {torch::kUInt8, "uint8"}};

Error corrupt(const std::string& path, const std::string& what) {
  return {ErrorCode::kCorrupt, path + ": " + what + ". Fix: use another checkpoint of the run, or train again"};
}

// [["card", 3], ...]: a kind and the type of its spans.
void read_checks(const nlohmann::ordered_json& checks, format::TaskContents& task) {
  for (const nlohmann::ordered_json& check : checks) {
    const auto name = check.at(0).get<std::string>();
    const auto found = std::ranges::find(spec::kCheckNames, name);
    if (found == spec::kCheckNames.end()) throw Failure(ExitCode::kBadData, "has an unknown check \"" + name + "\"");
    task.checks.push_back({static_cast<spec::CheckKind>(found - spec::kCheckNames.begin() + 1), check.at(1)});
  }
}

// The preamble and the directory, judged before the rest is read: a file may have any size.
Result<std::string> read_start(const std::string& path) {
  Result<data::InputFile> file = data::InputFile::open(path);
  if (!file) return file.error();
  Result<std::string> start = file->read(kPreamble);
  if (!start) return start.error();
  if (start->size() < kPreamble || std::memcmp(start->data(), kMagic, sizeof kMagic) != 0)
    return corrupt(path, "is not a Noggin checkpoint");
  const auto* preamble = reinterpret_cast<const std::byte*>(start->data());
  const std::uint64_t size = load_u64(preamble + sizeof kMagic), hash = load_u64(preamble + sizeof kMagic + 8);
  if (size > file->size() - kPreamble) return corrupt(path, "is cut short");
  const Result<std::string> directory = file->read(size);
  if (!directory) return directory.error();
  if (directory->size() != size || content_hash(directory->data(), size) != hash)
    return corrupt(path, "has a directory that does not match its hash");
  return start->append(*directory);
}

Result<std::string> read_whole(const std::string& path, const std::string& start) {
  Result<data::InputFile> file = data::InputFile::open(path);
  if (!file) return file.error();
  Result<std::string> bytes = file->read(file->size());
  if (bytes && !bytes->starts_with(start)) return corrupt(path, "was replaced while it was read");
  return bytes;
}

// Every byte of a file is checked: the bytes between two parts are zero.
bool is_padding(const std::string& bytes, std::size_t begin, std::size_t end) {
  return end <= bytes.size() &&
         std::all_of(bytes.data() + begin, bytes.data() + end, [](char byte) { return byte == 0; });
}

Result<torch::Tensor> read_tensor(const nlohmann::ordered_json& entry, const std::string& bytes, std::size_t payload,
                                  const std::string& path) {
  const std::string name = entry.at("name");
  const auto shape = entry.at("shape").get<std::vector<std::int64_t>>();
  const auto offset = entry.at("offset").get<std::uint64_t>(), size = entry.at("bytes").get<std::uint64_t>();
  const std::uint64_t payload_size = bytes.size() - payload;
  if (offset > payload_size || size > payload_size - offset)
    return corrupt(path, "tensor " + name + " reaches past the end of the file");
  const char* start = bytes.data() + payload + offset;
  if (hex(content_hash(start, size)) != entry.at("xxh3").get<std::string>()) {
    return corrupt(path, "tensor " + name + " does not match its hash");
  }
  for (const ElementType& element : kTypes) {
    if (entry.at("type") != element.name) continue;
    torch::Tensor tensor = torch::empty(shape, element.type);
    if (tensor.nbytes() != size) return corrupt(path, "tensor " + name + " has a shape that does not fit its size");
    std::memcpy(tensor.data_ptr(), start, size);
    return tensor;
  }
  return corrupt(path, "tensor " + name + " has an unknown type");
}

template <typename Value>
nlohmann::ordered_json to_json(Value value) {
  if constexpr (std::is_enum_v<Value>) {
    return spec::name_of(value);
  } else {
    return value;
  }
}

template <typename Value>
void take_json(const nlohmann::ordered_json& json, Value& value) {
  if constexpr (std::is_enum_v<Value>) {
    const auto name = json.get<std::string>();
    if (!spec::find_by_name(name, value)) throw Failure(ExitCode::kBadData, "the checkpoint's config says " + name);
  } else {
    value = json.get<Value>();
  }
}

// Fields from this layout version on are left out where they have their default: a student that does not use them keeps
// the bytes of its checkpoint.
constexpr std::uint32_t kFirstOptionalLayout = 4;

template <typename Config>
nlohmann::ordered_json fields_to_json(const Config& config) {
  nlohmann::ordered_json json;
  spec::visit_fields(config, [&](const spec::ConfigField& field, const auto& value) {
    if (field.layout < kFirstOptionalLayout || value != std::decay_t<decltype(value)>{})
      json[field.name] = to_json(value);
  });
  return json;
}

template <typename Config>
void fields_from_json(const nlohmann::ordered_json& json, Config& config) {
  spec::visit_fields(config, [&](const spec::ConfigField& field, auto& value) {
    const bool in_all = field.layout == spec::kOldestLayoutVersion;  // older checkpoints lack the others
    if (in_all || json.contains(field.name)) take_json(json.at(field.name), value);
  });
}

spec::ModelConfig config_from_json(const nlohmann::ordered_json& json) {
  spec::ModelConfig config;
  fields_from_json(json, config);
  for (const auto& layer : json.at("layers")) fields_from_json(layer, config.encoder.layers.emplace_back());
  return config;
}

std::string kind_of(const nlohmann::ordered_json& meta) {
  const bool given = meta.is_object() && meta.contains("kind") && meta["kind"].is_string();
  return given ? meta["kind"].get<std::string>() : "unknown";
}

// The config does not record their presence.
void take_learned_steps(const Checkpoint& checkpoint, const std::string& prefix, Student& student) {
  const auto take = [&](const spec::TensorSpec& tensor, auto& field) {
    if constexpr (std::is_same_v<std::remove_reference_t<decltype(field)>, Linear>) {
      const auto found = checkpoint.tensors.find(prefix + tensor.name + ".steps");
      if (found == checkpoint.tensors.end() || tensor.group == 0) return;
      field.steps = torch::zeros({tensor.rows, tensor.columns / tensor.group});
    }
  };
  spec::visit_encoder(student.config, take, student);
}

}  // namespace

Status write_checkpoint(const Checkpoint& checkpoint, const std::string& path) {
  nlohmann::ordered_json directory{{"meta", checkpoint.meta}, {"tensors", nlohmann::ordered_json::array()}};
  std::string payload;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const torch::Tensor flat = tensor.detach().cpu().contiguous();
    const char* type = nullptr;
    for (const ElementType& element : kTypes) {
      if (element.type == flat.scalar_type()) type = element.name;
    }
    if (type == nullptr) return Error{ErrorCode::kInvalidArgument, "checkpoint: " + name + " has an unsupported type"};
    payload.resize(spec::round_up(payload.size(), spec::kTensorAlignment));
    directory["tensors"].push_back({{"name", name},
                                    {"type", type},
                                    {"shape", flat.sizes().vec()},
                                    {"offset", payload.size()},
                                    {"bytes", flat.nbytes()},
                                    {"xxh3", hex(content_hash(flat.const_data_ptr(), flat.nbytes()))}});
    payload.append(static_cast<const char*>(flat.const_data_ptr()), flat.nbytes());
  }
  const std::string text = directory.dump();
  std::string file(kMagic, sizeof kMagic);
  file.resize(kPreamble);
  auto* preamble = reinterpret_cast<std::byte*>(file.data());
  store_u64(preamble + sizeof kMagic, text.size());
  store_u64(preamble + sizeof kMagic + 8, content_hash(text.data(), text.size()));
  file += text;
  file.resize(spec::round_up(file.size(), spec::kTensorAlignment));
  file += payload;
  return write_file_atomically(path, file.data(), file.size());
}

Result<Checkpoint> read_checkpoint(const std::string& path) {
  const Result<std::string> head = read_start(path);
  if (!head) return head.error();
  const Result<std::string> whole = read_whole(path, *head);
  if (!whole) return whole.error();
  const std::string& bytes = *whole;
  const std::uint64_t size = head->size() - kPreamble;
  const std::size_t payload = spec::round_up(kPreamble + size, spec::kTensorAlignment);
  if (payload > bytes.size()) return corrupt(path, "is cut short");
  try {
    const auto parsed = data::parse_json<nlohmann::ordered_json>(std::string_view(bytes).substr(kPreamble, size));
    if (!parsed) return corrupt(path, "has a directory that is not JSON or is nested too deeply");
    const nlohmann::ordered_json& directory = *parsed;
    Checkpoint checkpoint{directory.at("meta"), {}};
    if (!is_padding(bytes, kPreamble + size, payload)) return corrupt(path, "has bytes between its parts");
    std::size_t end = payload;  // end of the checked bytes
    for (const auto& entry : directory.at("tensors")) {
      const std::size_t start = spec::round_up(end, spec::kTensorAlignment);
      if (entry.at("offset") != start - payload || !is_padding(bytes, end, start)) {
        return corrupt(path, "is cut short or has bytes between its parts");
      }
      Result<torch::Tensor> tensor = read_tensor(entry, bytes, payload, path);
      if (!tensor) return tensor.error();
      checkpoint.tensors[entry.at("name")] = *tensor;
      end = start + tensor->nbytes();
    }
    if (end != bytes.size()) return corrupt(path, "has bytes after its last part");
    return checkpoint;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {  // from nlohmann for a missing part, from LibTorch for an impossible shape
    return corrupt(path, "has a directory that lacks a part, or names a tensor of an impossible shape");
  }
}

nlohmann::ordered_json config_to_json(const spec::ModelConfig& config) {
  nlohmann::ordered_json json = fields_to_json(config);
  nlohmann::ordered_json& layers = json["layers"] = nlohmann::ordered_json::array();
  for (const spec::LayerConfig& layer : config.encoder.layers) layers.push_back(fields_to_json(layer));
  return json;
}

void put_student(const Student& student, const std::string& prefix, Checkpoint& checkpoint) {
  checkpoint.meta[prefix + "config"] = config_to_json(student.config);
  visit_tensors(student, [&](const std::string& name, const Tensor& tensor, TensorRole) {
    checkpoint.tensors[prefix + name] = tensor.detach();
  });
}

Student take_student(const Checkpoint& checkpoint, const std::string& prefix) {
  if (!checkpoint.meta.contains(prefix + "config")) {
    throw Failure(ExitCode::kBadData, "the checkpoint holds no student '" + prefix + "'");
  }
  const spec::ModelConfig config = config_from_json(checkpoint.meta.at(prefix + "config"));
  if (config.family != spec::Family::kEncoder) {
    throw Failure(ExitCode::kBadData, "the checkpoint's student '" + prefix + "' is not an encoder");
  }
  Student student = make_student(config, 0.0, 0);
  take_learned_steps(checkpoint, prefix, student);
  visit_tensors(student, [&](const std::string& name, Tensor& tensor, TensorRole) {
    const auto found = checkpoint.tensors.find(prefix + name);
    if (found == checkpoint.tensors.end() || found->second.sizes() != tensor.sizes()) {
      throw Failure(ExitCode::kBadData,
                    "the checkpoint's tensor " + prefix + name + " is missing or has another shape");
    }
    tensor = found->second.clone();
  });
  if (const auto found = checkpoint.tensors.find(prefix + "live_teacher.projection");
      found != checkpoint.tensors.end()) {
    student.teacher_projection = found->second.clone();  // the config does not record its presence
  }
  return student;
}

Status write_bundle(const StudentBundle& bundle, const std::string& path) {
  Checkpoint checkpoint;
  const runtime::TokenizerContents& tokenizer = bundle.tokenizer;
  checkpoint.meta = {{"kind", "student"},
                     {"quantized", bundle.quantized},
                     {"labels", bundle.task.labels},
                     {"none_class", bundle.task.none_class},
                     {"task", spec::task_name(bundle.task.kind)},
                     {"vocabulary", tokenizer.vocabulary},
                     {"lowercase", tokenizer.lowercase},
                     {"strip_accents", tokenizer.strip_accents},
                     {"special_ids", {tokenizer.unknown_id, tokenizer.cls_id, tokenizer.sep_id, tokenizer.pad_id}},
                     {"max_word_characters", tokenizer.max_word_characters},
                     {"history", bundle.history}};
  for (const spec::Check& check : bundle.task.checks)
    checkpoint.meta["checks"].push_back({spec::check_name(check.kind), check.type});
  put_student(bundle.student, "", checkpoint);
  const auto table_bytes = static_cast<std::int64_t>(tokenizer.unicode_tables.size());
  checkpoint.tensors["tokenizer.unicode_tables"] =
      torch::from_blob(const_cast<std::byte*>(tokenizer.unicode_tables.data()), {table_bytes}, torch::kUInt8).clone();
  return write_checkpoint(checkpoint, path);
}

Result<StudentBundle> read_bundle(const std::string& path) {
  Result<Checkpoint> checkpoint = read_checkpoint(path);
  if (!checkpoint) return checkpoint.error();
  const nlohmann::ordered_json& meta = checkpoint->meta;
  if (kind_of(meta) != "student") {
    return corrupt(path, "is a resume checkpoint, not a finished student");
  }
  try {
    StudentBundle bundle;
    bundle.quantized = meta.at("quantized");
    bundle.task.labels = meta.at("labels").get<std::vector<std::string>>();
    bundle.task.none_class = meta.at("none_class");
    bundle.task.kind = spec::task_kind_of(meta.at("task").get<std::string>());
    if (meta.contains("checks")) read_checks(meta["checks"], bundle.task);
    bundle.tokenizer.vocabulary = meta.at("vocabulary").get<std::vector<std::string>>();
    bundle.tokenizer.lowercase = meta.at("lowercase");
    bundle.tokenizer.strip_accents = meta.at("strip_accents");
    const auto ids = meta.at("special_ids").get<std::vector<std::uint32_t>>();
    bundle.tokenizer.unknown_id = ids.at(0);
    bundle.tokenizer.cls_id = ids.at(1);
    bundle.tokenizer.sep_id = ids.at(2);
    bundle.tokenizer.pad_id = ids.at(3);
    bundle.tokenizer.max_word_characters = meta.at("max_word_characters");
    bundle.history = meta.at("history");
    const torch::Tensor tables = checkpoint->tensors.at("tokenizer.unicode_tables");
    const auto* bytes = static_cast<const std::byte*>(tables.const_data_ptr());
    bundle.tokenizer.unicode_tables.assign(bytes, bytes + tables.numel());
    bundle.student = take_student(*checkpoint, "");
    return bundle;
  } catch (const Failure& failure) {
    return corrupt(path, failure.what());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return corrupt(path, "lacks a part of a student, or holds one of another type");
  }
}

Result<std::string> describe_checkpoint(const std::string& path) {
  Result<Checkpoint> checkpoint = read_checkpoint(path);
  if (!checkpoint) return checkpoint.error();
  std::string text = fmt::format("{}: checkpoint ({}), all hashes match\n", path, kind_of(checkpoint->meta));
  for (const char* key : {"config", "quantized", "history", "phase", "phase_step"}) {
    if (checkpoint->meta.contains(key)) text += fmt::format("  {:<12} {}\n", key, checkpoint->meta.at(key).dump());
  }
  for (const auto& [name, tensor] : checkpoint->tensors) {
    text += fmt::format("  {:<40} {}\n", name, fmt::join(tensor.sizes(), " x "));
  }
  return text;
}

}  // namespace noggin::train
