#include "format/reader.h"

#include <algorithm>
#include <bit>
#include <type_traits>
#include <utility>

#include "bytes/byte_cursor.h"
#include "bytes/little_endian.h"
#include "format/bind_tensors.h"
#include "format/reference_counts.h"
#include "format/section_table.h"
#include "format/value_checks.h"

// Views point at the file's own little-endian integers and floats.
static_assert(std::endian::native == std::endian::little, "the .nog reader needs a little-endian machine");

namespace noggin::format {
namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Status read_config(std::span<const std::byte> section, std::uint32_t layout, spec::ModelConfig& config) {
  const std::size_t fixed_bytes = stored_bytes(config, layout) + 4;
  if (section.size() < fixed_bytes) {
    return broken_rule("config", {"has ", section.size(), " bytes, at least ", fixed_bytes, " are needed"});
  }
  const std::byte* next = section.data();
  const auto read = [&](auto& member) {
    member = std::bit_cast<std::decay_t<decltype(member)>>(load_u32(next));
    next += 4;
  };
  std::uint32_t layers = 0;
  visit_stored_fields(config, layout, read);
  read(layers);
  if (layers > spec::kMaxLayers || section.size() != fixed_bytes + layers * stored_bytes(spec::LayerConfig{}, layout)) {
    return broken_rule("config",
                       {section.size(), " bytes do not fit ", layers, " layers (at most ", spec::kMaxLayers, ")"});
  }
  config.encoder.layers.resize(layers);
  for (spec::LayerConfig& layer : config.encoder.layers) visit_stored_fields(layer, layout, read);
  Status valid = spec::validate(config);
  if (valid || valid.error().code == ErrorCode::kUnsupported) return valid;
  return broken_rule("config", {valid.error().message});
}

Status read_task(std::span<const std::byte> section, std::uint32_t classes, ModelView& view) {
  ByteCursor cursor(section);
  std::uint32_t count = 0, none_class = 0;
  if (!cursor.u32(count) || !cursor.u32(none_class)) return broken_rule("task", {"is too short for its two counts"});
  if (count != classes) {
    return broken_rule("task", {count, " labels for ", classes, " classes"});
  }
  view.none_class = static_cast<std::int32_t>(none_class);
  if (Status status = check_none_class(view.none_class, classes); !status) return status;
  view.labels.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint32_t size = 0;
    std::span<const std::byte> label;
    if (!cursor.u32(size) || !cursor.take(size, label)) return broken_rule("task", {"ends before the last label"});
    if (Status status = check_label(message({"task label ", i}), as_text(label)); !status) return status;
    view.labels.push_back(as_text(label));
  }
  if (!cursor.at_end()) return broken_rule("task", {"bytes follow the last label"});
  return check_unique_labels(view.labels);
}

// The rules that also need labels and config; a file of layout version 1 has the defaults.
Status check_task_fits(ModelView& view) {
  if (Status status = check_decision(view.decision, view.none_class, view.config); !status) return status;
  Result<spec::TagScheme> tags = tag_scheme(view.decision.kind, view.labels);
  if (!tags) return tags.error();
  view.tags = *std::move(tags);
  return check_checks(view.decision.checks, view.decision.kind, view.tags);
}

Status read_checks(std::span<const std::byte> section, Decision& decision) {
  ByteCursor cursor(section);
  std::uint32_t count = 0;
  std::span<const std::byte> checks;
  if (!cursor.u32(count) || count == 0 || !cursor.take(std::uint64_t{count} * sizeof(spec::Check), checks) ||
      !cursor.at_end()) {
    return broken_rule("checks", {section.size(), " bytes do not fit ", count, " checks (at least 1)"});
  }
  decision.checks = {reinterpret_cast<const spec::Check*>(checks.data()), count};
  return {};
}

Status read_decision(std::span<const std::byte> section, Decision& decision) {
  ByteCursor cursor(section);
  std::uint32_t kind = 0, temperature = 0, abstain_below = 0, count = 0;
  if (!cursor.u32(kind) || !cursor.u32(temperature) || !cursor.u32(abstain_below) || !cursor.u32(count)) {
    return broken_rule("decision", {"has ", section.size(), " bytes, at least 16 are needed"});
  }
  std::span<const std::byte> thresholds;
  if (!cursor.take(std::uint64_t{count} * 4, thresholds) || !cursor.at_end()) {
    return broken_rule("decision", {section.size(), " bytes do not fit ", count, " thresholds"});
  }
  decision = {static_cast<spec::TaskKind>(kind),
              std::bit_cast<float>(temperature),
              std::bit_cast<float>(abstain_below),
              {reinterpret_cast<const float*>(thresholds.data()), count}};
  return {};
}

// One golden vector: text bytes, token count, ids, logits or their hash, text, zero bytes up to a multiple of 4.
Status read_golden_vector(ByteCursor& cursor, const std::string& where, const spec::ModelConfig& config, bool hashed,
                          GoldenView& golden) {
  std::uint32_t text_bytes = 0, tokens = 0;
  std::span<const std::byte> ids, outcome, text, padding;
  const auto take_outcome = [&] {
    const std::uint64_t logits = std::uint64_t{spec::logit_rows(config, tokens)} * config.classes;
    return cursor.take(hashed ? sizeof golden.logits_hash : logits * sizeof(float), outcome);
  };
  if (!cursor.u32(text_bytes) || !cursor.u32(tokens) || !cursor.take(std::uint64_t{tokens} * 4, ids) ||
      !take_outcome() || !cursor.take(text_bytes, text) || !cursor.take((4 - text_bytes % 4) % 4, padding)) {
    return broken_rule(where, {"reaches past the end of its section"});
  }
  golden.text = as_text(text);
  golden.token_ids = {reinterpret_cast<const std::uint32_t*>(ids.data()), tokens};
  if (hashed)
    golden.logits_hash = load_u64(outcome.data());
  else
    golden.logits = {reinterpret_cast<const float*>(outcome.data()), outcome.size() / sizeof(float)};
  for (const std::byte b : padding) {
    if (b != std::byte{0}) return broken_rule(where, {"the padding after its text is not zero"});
  }
  if (Status status = check_golden_text(where, golden.text); !status) return status;
  if (Status status = check_token_ids(where, golden.token_ids, config); !status) return status;
  return check_logits(where, golden.logits);
}

// How many vectors a section says it has, at most as many as it may.
std::uint32_t golden_count(std::span<const std::byte> section) {
  std::uint32_t count = 0;
  return ByteCursor(section).u32(count) ? std::min(count, kMaxGoldenVectors) : 0;
}

// Adds the vectors of one of the two sections.
Status read_golden(std::span<const std::byte> section, bool hashed, ModelView& view) {
  const char* where = hashed ? "golden hashes" : "golden";
  ByteCursor cursor(section);
  std::uint32_t count = 0;
  const std::size_t first = view.golden.size();
  if (!cursor.u32(count)) return broken_rule(where, {"is too short for its count"});
  if (count > kMaxGoldenVectors - first) {
    return broken_rule(where, {count, " vectors, the limit is ", kMaxGoldenVectors - first});
  }
  view.golden.resize(first + count);
  for (std::uint32_t i = 0; i < count; ++i) {
    Status status = read_golden_vector(cursor, message({hashed ? "golden hash " : "golden vector ", i}), view.config,
                                       hashed, view.golden[first + i]);
    if (!status) return status;
  }
  if (!cursor.at_end()) return broken_rule(where, {"bytes follow the last vector"});
  return {};
}

// What to do about a violated rule is the same for all of them.
Error with_advice(Error error) {
  if (error.code == ErrorCode::kCorrupt) {
    error.message += ". The file is damaged or its writer is faulty: copy it again, or export it again";
  }
  return error;
}

// Hash and content of the one large section. A wrong hash says more than whatever rule the damage happens to violate.
Status read_tensors(std::span<const std::byte> file, const SectionEntry& entry, ModelView& view) {
  ContentHasher hasher;
  Status status = bind_tensors(content(file, entry), view, hasher);
  if (status) return hasher.digest() == entry.hash ? Status() : wrong_section_hash(entry);
  if (Status hash = check_section_hash(file, entry); !hash) return hash;
  return status;
}

Result<ModelView> read_sections(std::span<const std::byte> bytes) {
  Result<SectionTable> table = read_section_table(bytes);
  if (!table) return table.error();
  for (const SectionEntry& entry : table->entries) {
    if (entry.kind == static_cast<std::uint32_t>(SectionKind::kTensors)) continue;  // read_tensors
    if (Status status = check_section_hash(bytes, entry); !status) return status.error();
  }
  const auto section = [&](SectionKind kind) { return content(bytes, table->entry(kind)); };

  ModelView view{};
  view.content_hash = table->content_hash;
  view.tokenizer = section(SectionKind::kTokenizer);
  view.provenance = as_text(section(SectionKind::kProvenance));
  if (Status status = read_config(section(SectionKind::kConfig), table->layout_version, view.config); !status)
    return status.error();
  if (view.config.family == spec::Family::kNgram && table->layout_version < 2) {
    return broken_rule("config", {"an n-gram model needs layout version 2, the file has ", table->layout_version});
  }
  if (spec::is_static(view.config) && table->layout_version < kLayoutOfStaticModels) {
    return broken_rule("config", {"a model without layers needs layout version ", kLayoutOfStaticModels,
                                  ", the file has ", table->layout_version});
  }
  if (Status status = read_tensors(bytes, table->entry(SectionKind::kTensors), view); !status) return status.error();
  if (Status status = read_task(section(SectionKind::kTask), view.config.classes, view); !status) return status.error();
  if (table->layout_version >= 2) {
    if (Status status = read_decision(section(SectionKind::kDecision), view.decision); !status) return status.error();
  }
  if (const SectionEntry* checks = table->find(SectionKind::kChecks); checks != nullptr) {
    if (Status status = read_checks(content(bytes, *checks), view.decision); !status) return status.error();
  }
  if (Status status = check_task_fits(view); !status) return status.error();
  const std::span<const std::byte> golden = section(SectionKind::kGolden);
  const SectionEntry* hashed = table->find(SectionKind::kGoldenHashes);
  const std::span<const std::byte> hashes = hashed != nullptr ? content(bytes, *hashed) : std::span<const std::byte>();
  // Once, so that growing does not need memory for two.
  view.golden.reserve(std::min(golden_count(golden) + golden_count(hashes), kMaxGoldenVectors));
  if (Status status = read_golden(golden, false, view); !status) return status.error();
  if (hashed != nullptr) {
    if (Status status = read_golden(hashes, true, view); !status) return status.error();
  }
  if (Status status = check_provenance(view.provenance); !status) return status.error();
  if (const SectionEntry* reference = table->find(SectionKind::kReference); reference != nullptr) {
    view.reference = content(bytes, *reference);
    const bool spans = spec::traits_of(view.decision.kind).per_token();
    const std::size_t answers = spans ? view.tags.types.size() : view.labels.size();
    if (Status status = check_reference(view.reference, answers); !status) return status.error();
  }
  return view;
}

}  // namespace

Result<ModelView> read_model(std::span<const std::byte> bytes) {
  Result<ModelView> view = read_sections(bytes);
  if (!view) return with_advice(view.error());
  return view;
}

Result<std::vector<SectionInfo>> list_sections(std::span<const std::byte> bytes) {
  Result<SectionTable> table = read_section_table(bytes);
  if (!table) return with_advice(table.error());
  std::vector<SectionInfo> sections;
  for (const SectionEntry& entry : table->entries) {
    if (Status status = check_section_hash(bytes, entry); !status) return with_advice(status.error());
    sections.push_back(
        {section_name(entry.kind), (entry.flags & kFlagRequired) != 0, entry.offset, entry.size, entry.hash});
  }
  return sections;
}

}  // namespace noggin::format
