#include "format/writer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "bytes/atomic_file.h"
#include "bytes/content_hash.h"
#include "bytes/float_hash.h"
#include "bytes/little_endian.h"
#include "format/file_layout.h"
#include "format/reference_counts.h"
#include "spec/layout.h"
#include "spec/pack_panels.h"
#include "spec/versions.h"

namespace noggin::format {
namespace {

using Bytes = std::vector<std::byte>;

void append_u32(Bytes& to, std::uint32_t value) {
  to.resize(to.size() + 4);
  store_u32(to.data() + to.size() - 4, value);
}
void append_f32(Bytes& to, float value) { append_u32(to, std::bit_cast<std::uint32_t>(value)); }
void append_text(Bytes& to, const std::string& text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  to.insert(to.end(), first, first + text.size());
}

Bytes config_section(const spec::ModelConfig& config, std::uint32_t layout) {
  Bytes bytes;
  const auto append = [&](const auto& member) { append_u32(bytes, std::bit_cast<std::uint32_t>(member)); };
  visit_stored_fields(config, layout, append);
  append_u32(bytes, static_cast<std::uint32_t>(config.encoder.layers.size()));
  for (const spec::LayerConfig& layer : config.encoder.layers) visit_stored_fields(layer, layout, append);
  return bytes;
}

Bytes task_section(const TaskContents& task) {
  Bytes bytes;
  append_u32(bytes, static_cast<std::uint32_t>(task.labels.size()));
  append_u32(bytes, static_cast<std::uint32_t>(task.none_class));
  for (const std::string& label : task.labels) {
    append_u32(bytes, static_cast<std::uint32_t>(label.size()));
    append_text(bytes, label);
  }
  return bytes;
}

Bytes decision_section(const Decision& decision) {
  Bytes bytes;
  append_u32(bytes, static_cast<std::uint32_t>(decision.kind));
  append_f32(bytes, decision.temperature);
  append_f32(bytes, decision.abstain_below);
  append_u32(bytes, static_cast<std::uint32_t>(decision.thresholds.size()));
  for (const float threshold : decision.thresholds) append_f32(bytes, threshold);
  return bytes;
}

Bytes checks_section(const std::vector<spec::Check>& checks) {
  Bytes bytes;
  append_u32(bytes, static_cast<std::uint32_t>(checks.size()));
  for (const spec::Check& check : checks) {
    append_u32(bytes, static_cast<std::uint32_t>(check.kind));
    append_u32(bytes, check.type);
  }
  return bytes;
}

void store_floats(std::byte* to, const std::vector<float>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) store_f32(to + 4 * i, values[i]);
}

void store_linear(const spec::TensorSpec& spec, const FrozenTensor& tensor, std::byte* panels, std::byte* columns) {
  std::vector<spec::LinearColumn> packed(spec::padded_outputs(spec.rows));
  auto* to = reinterpret_cast<std::int8_t*>(panels);
  if (spec.group == 0) {
    spec::pack_panels(tensor.values.data(), tensor.bias.data(), tensor.floats.data(), spec.rows, spec.columns, to,
                      packed.data());
  } else {
    spec::pack_int4_panels(tensor.values.data(), tensor.steps.data(), tensor.bias.data(), tensor.floats.data(),
                           spec.rows, spec.columns, spec.group, to,
                           to + spec::panels_bytes(spec.type, spec.rows, spec.columns), packed.data());
  }
  for (const spec::LinearColumn& column : packed) {
    store_u32(columns, static_cast<std::uint32_t>(column.bias));
    store_u32(columns + 4, static_cast<std::uint32_t>(column.bias_minus_offset));
    store_f32(columns + 8, column.scale);
    columns += sizeof(spec::LinearColumn);
  }
}

void store_rows(const spec::TensorSpec& spec, const FrozenTensor& tensor, std::byte* values) {
  if (spec.type == spec::WeightType::kInt8) {
    std::memcpy(values, tensor.values.data(), tensor.values.size());
    return;
  }
  const std::size_t row_bytes = spec::packed_bytes(spec.type, spec.columns);
  for (std::size_t row = 0; row < spec.rows; ++row) {
    spec::pack_int4(tensor.values.data() + row * spec.columns, spec.columns,
                    reinterpret_cast<std::int8_t*>(values) + row * row_bytes);
  }
}

Bytes tensors_section(const FrozenModel& model) {
  Bytes bytes(tensors_section_bytes(model.config));
  std::uint64_t offset = 0;
  spec::for_each_tensor(model.config, [&](spec::TensorSpec&& spec) {
    const FrozenTensor& tensor = model.tensors.at(spec.name);
    const TensorPlace place = place_tensor(spec, offset);
    std::byte* values = bytes.data() + place.values;
    std::byte* per_row = bytes.data() + place.per_row;
    if (spec.kind == spec::TensorKind::kLinear) {
      store_linear(spec, tensor, values, per_row);
    } else if (spec.kind == spec::TensorKind::kEmbedding) {
      store_rows(spec, tensor, values);
      store_floats(per_row, tensor.floats);
    } else {
      store_floats(values, tensor.floats);
    }
    offset = place.end;
  });
  return bytes;
}

// The vectors whose logits are stored come first; the others are known by a hash.
std::size_t golden_with_logits(const FrozenModel& model) {
  const std::size_t most = model.config.classes > kMostGoldenClasses ? 1 : model.golden.size();
  return std::min(most, model.golden.size());
}

Bytes golden_section(std::span<const GoldenVector> vectors, bool hashed) {
  Bytes bytes;
  append_u32(bytes, static_cast<std::uint32_t>(vectors.size()));
  for (const GoldenVector& golden : vectors) {
    append_u32(bytes, static_cast<std::uint32_t>(golden.text.size()));
    append_u32(bytes, static_cast<std::uint32_t>(golden.token_ids.size()));
    for (const std::uint32_t id : golden.token_ids) append_u32(bytes, id);
    if (hashed) {
      append_little_endian(bytes, float_hash(golden.logits));
    } else {
      for (const float logit : golden.logits) append_f32(bytes, logit);
    }
    append_text(bytes, golden.text);
    bytes.resize(spec::round_up(bytes.size(), 4));
  }
  return bytes;
}

// What goes into a file.
struct Source {
  const FrozenModel& model;
  std::span<const std::byte> tokenizer_section;
  const Counts* reference;  // null: none
};

Bytes section_content(const Source& source, SectionKind kind, std::uint32_t layout) {
  const FrozenModel& model = source.model;
  switch (kind) {
    case SectionKind::kConfig:
      return config_section(model.config, layout);
    case SectionKind::kTokenizer:
      return {source.tokenizer_section.begin(), source.tokenizer_section.end()};
    case SectionKind::kTask:
      return task_section(model.task);
    case SectionKind::kTensors:
      return tensors_section(model);
    case SectionKind::kGolden:
      return golden_section(std::span(model.golden).first(golden_with_logits(model)), false);
    case SectionKind::kGoldenHashes:
      return golden_section(std::span(model.golden).subspan(golden_with_logits(model)), true);
    case SectionKind::kReference:
      return reference_section(*source.reference);
    case SectionKind::kDecision:
      return decision_section(decision_of(model.task));
    case SectionKind::kChecks:
      return checks_section(model.task.checks);
    case SectionKind::kProvenance:
      break;
  }
  Bytes bytes;
  append_text(bytes, model.provenance);
  return bytes;
}

void store_entry(std::byte* entry, const KnownSection& known, std::uint64_t offset, const Bytes& content) {
  store_u32(entry + kEntryKindOffset, static_cast<std::uint32_t>(known.kind));
  store_u32(entry + kEntryFlagsOffset, known.flags);
  store_u64(entry + kEntryOffsetOffset, offset);
  store_u64(entry + kEntrySizeOffset, content.size());
  store_u64(entry + kEntryHashOffset, content_hash(content));
  store_u32(entry + kEntryAlignmentOffset, kSectionAlignment);
  store_u32(entry + kEntryNeedsLayoutOffset, known.needs_layout);
}

// The layout version that introduced the newest field with a value that older files cannot express.
template <typename Config>
std::uint32_t layout_version_of_fields(const Config& config) {
  std::uint32_t version = spec::kOldestLayoutVersion;
  spec::visit_fields(config, [&](const spec::ConfigField& field, const auto& member) {
    if (member != std::decay_t<decltype(member)>{}) version = std::max(version, field.layout);
  });
  return version;
}

// The lowest version that can express `model`, so that older runtimes read whatever they can.
std::uint32_t layout_version_of(const FrozenModel& model) {
  const bool encoder = model.config.family == spec::Family::kEncoder;
  const std::uint32_t task_version = encoder && is_plain_classifier(decision_of(model.task)) ? 1 : 2;
  std::uint32_t version = std::max(task_version, layout_version_of_fields(model.config));
  if (!model.task.checks.empty()) version = std::max(version, kLayoutOfChecks);
  if (spec::is_static(model.config)) version = std::max(version, kLayoutOfStaticModels);
  for (const spec::LayerConfig& layer : model.config.encoder.layers)
    version = std::max(version, layout_version_of_fields(layer));
  return version;
}

std::vector<KnownSection> sections_of(const Source& source, std::uint32_t layout) {
  const auto wanted = [&](const KnownSection& known) {
    if (known.kind == SectionKind::kReference) return source.reference != nullptr;
    if (known.kind == SectionKind::kChecks) return !source.model.task.checks.empty();
    return known.always || golden_with_logits(source.model) < source.model.golden.size();
  };
  std::vector<KnownSection> sections;
  for (const KnownSection& known : kKnownSections) {
    if (known.needs_layout <= layout && wanted(known)) sections.push_back(known);
  }
  return sections;
}

void store_header(Bytes& file, std::uint32_t layout, std::size_t sections) {
  std::memcpy(file.data(), kMagic.data(), kMagic.size());
  store_u32(&file[kLayoutVersionOffset], layout);
  store_u32(&file[kNumericsVersionOffset], spec::kNumericsVersion);
  store_u32(&file[kHeaderSizeOffset], kHeaderBytes);
  store_u32(&file[kSectionCountOffset], static_cast<std::uint32_t>(sections));
  store_u64(&file[kFileSizeOffset], file.size());
  const std::size_t table_end = kHeaderBytes + sections * kEntryBytes;
  store_u64(&file[kHeaderHashOffset], content_hash({&file[kHashedFrom], table_end - kHashedFrom}));
}

}  // namespace

Result<std::vector<std::byte>> serialize(const FrozenModel& model, std::span<const std::byte> tokenizer_section,
                                         const Counts* reference) {
  if (Status status = validate(model); !status) return status.error();
  const std::uint32_t layout = layout_version_of(model);
  const Source source = {model, tokenizer_section, reference};
  const std::vector<KnownSection> sections = sections_of(source, layout);
  Bytes file(kHeaderBytes + sections.size() * kEntryBytes);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const Bytes content = section_content(source, sections[i].kind, layout);
    file.resize(spec::round_up(file.size(), kSectionAlignment));
    store_entry(&file[kHeaderBytes + i * kEntryBytes], sections[i], file.size(), content);
    file.insert(file.end(), content.begin(), content.end());
  }
  store_header(file, layout, sections.size());
  return file;
}

Status write_model(const FrozenModel& model, std::span<const std::byte> tokenizer_section, const std::string& path,
                   const Counts* reference) {
  Result<std::vector<std::byte>> bytes = serialize(model, tokenizer_section, reference);
  if (!bytes) return bytes.error();
  return write_file_atomically(path, bytes->data(), bytes->size());
}

}  // namespace noggin::format
