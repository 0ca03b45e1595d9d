#include <type_traits>

#include "bytes/foreign_text.h"
#include "bytes/hex.h"
#include "cli/modes.h"
#include "format/file_bytes.h"
#include "format/reader.h"
#include "kernels/kernel_set.h"
#include "noggin/noggin.h"
#include "prediction/json_writer.h"
#include "spec/task.h"
#include "spec/versions.h"
#include "streams/json_reader.h"

namespace noggin::run_tool {
namespace {

std::string thresholds_json(const Model& model) {
  std::string out;
  append_json_floats(model.view().decision.thresholds, out);
  return out;
}

std::span<const runtime::KernelSetEntry> kernel_sets() {
  const runtime::KernelSetList list = runtime::kernel_sets();
  return {list.entries, list.count};
}

void append_value(JsonObject& object, const char* name, std::uint32_t value) { object.integer(name, value); }
void append_value(JsonObject& object, const char* name, float value) { object.number(name, value); }
template <typename Value>
  requires std::is_enum_v<Value>
void append_value(JsonObject& object, const char* name, Value value) {
  object.text(name, spec::name_of(value));
}

template <typename Config>
void append_fields(JsonObject& object, const Config& config) {
  spec::visit_fields(
      config, [&](const spec::ConfigField& field, const auto& value) { append_value(object, field.name, value); });
}

std::string config_json(const spec::ModelConfig& config) {
  std::string out;
  JsonObject object(out);
  append_fields(object, config);
  object
      .raw("layers", json_array(config.encoder.layers,
                                [](const spec::LayerConfig& layer, std::string& layers) {
                                  JsonObject fields(layers);
                                  append_fields(fields, layer);
                                  fields.finish();
                                }))
      .finish();
  return out;
}

// The file's own JSON; as a string if it is not valid JSON, so that our output stays valid.
std::string provenance_json(std::string_view provenance) {
  if (parse_json(provenance)) return std::string(provenance);
  std::string quoted;
  append_json_string(provenance, quoted);
  return quoted;
}

std::string checks_json(const Model& model) {
  return json_array(model.view().decision.checks, [&](const spec::Check& check, std::string& out) {
    JsonObject(out).text("kind", spec::check_name(check.kind)).text("type", model.span_types()[check.type]).finish();
  });
}

std::string info_json(const Model& model, const std::vector<format::SectionInfo>& sections) {
  const auto append_label = [](std::string_view label, std::string& out) { append_json_string(label, out); };
  const auto append_section = [](const format::SectionInfo& section, std::string& out) {
    JsonObject(out)
        .text("name", section.name)
        .raw("required", section.required ? "true" : "false")
        .integer("offset", section.offset)
        .integer("size", section.size)
        .text("hash", hex(section.hash))
        .finish();
  };
  const auto append_set = [](const runtime::KernelSetEntry& entry, std::string& out) {
    JsonObject(out).text("name", entry.kernels->name).raw("executable", entry.executable ? "true" : "false").finish();
  };
  const auto append_gpu = [](const KnownGpu& gpu, std::string& out) {
    JsonObject(out)
        .text("name", gpu.name)
        .text("kind", gpu.kind)
        .raw("usable", gpu.why_not.empty() ? "true" : "false")
        .text("why_not", gpu.why_not)
        .finish();
  };
  std::string out;
  JsonObject(out)
      .text("version", noggin_version())
      .integer("layout_version", spec::kLayoutVersion)
      .integer("numerics_version", spec::kNumericsVersion)
      .text("content_hash", hex(model.content_hash()))
      .text("task", spec::task_name(model.task()))
      .number("temperature", model.temperature())
      .number("abstain_below", model.abstain_below())
      .raw("thresholds", thresholds_json(model))
      .raw("span_types", json_array(model.span_types(), append_label))
      .raw("checks", checks_json(model))
      .raw("config", config_json(model.view().config))
      .raw("labels", json_array(model.labels(), append_label))
      .raw("none_class", std::to_string(model.none_class()))
      .integer("golden_vectors", model.view().golden.size())
      .raw("sections", json_array(sections, append_section))
      .raw("kernel_sets", json_array(kernel_sets(), append_set))
      .raw("gpus", json_array(known_gpus().devices, append_gpu))
      .raw("provenance", provenance_json(model.provenance()))
      .finish();
  return out + "\n";
}

// " (from 0.5)"
std::string threshold_text(float threshold) {
  std::string out = " (from ";
  append_json_short(threshold, out);
  return out + ")";
}

std::string decision_text(const Model& model) {
  std::string out = std::string("task           ") + spec::task_name(model.task()) + ", temperature ";
  append_json_short(model.temperature(), out);
  if (model.abstain_below() > 0.0F) {
    out += ", abstains below ";
    append_json_short(model.abstain_below(), out);
  }
  out += '\n';
  if (!model.span_types().empty()) out += "span types    ";
  for (const std::string_view type : model.span_types()) out += " " + std::string(type);
  if (!model.span_types().empty()) out += '\n';
  const std::span<const spec::Check> checks = model.view().decision.checks;
  if (!checks.empty()) out += "checks        ";
  for (const spec::Check& check : checks)
    out += " " + std::string(spec::check_name(check.kind)) + ": " + std::string(model.span_types()[check.type]) + ";";
  if (!checks.empty()) out.back() = '\n';
  return out;
}

std::string student_text(const spec::ModelConfig& config) {
  const std::string known = std::to_string(config.vocabulary_size), max_tokens = std::to_string(config.max_tokens);
  if (config.family == spec::Family::kNgram) {
    return "linear on hashed n-grams\nvocabulary     " + known + " n-grams, at most " + max_tokens + " in a text\n";
  }
  const std::string narrow =
      config.encoder.embedding_width == 0 ? "" : " (words " + std::to_string(config.encoder.embedding_width) + ")";
  return "encoder, width " + std::to_string(config.encoder.width) + narrow + ", head width " +
         std::to_string(config.encoder.head_width) + ", pooling " + spec::name_of(config.pooling) +
         (config.encoder.word_type == spec::WeightType::kInt4 ? ", words of int4" : "") + "\nvocabulary     " + known +
         " pieces, at most " + max_tokens + " tokens\n";
}

// ", int4 (qkv 64, ffn_up 64)": the matrices with int4 weights, each with its group.
std::string groups_text(const spec::LayerConfig& layer) {
  std::string out;
  spec::visit_fields(layer, [&](const spec::ConfigField& field, std::uint32_t value) {
    const std::string_view name = field.name, end = "_group";
    if (!name.ends_with(end) || value == 0) return;
    out += (out.empty() ? ", int4 (" : ", ") + std::string(name.substr(0, name.size() - end.size())) + " " +
           std::to_string(value);
  });
  return out.empty() ? out : out + ")";
}

std::string info_text(const Model& model, const std::vector<format::SectionInfo>& sections) {
  const spec::ModelConfig& config = model.view().config;
  std::string out = std::string("noggin-run ") + noggin_version() + ", layout " + std::to_string(spec::kLayoutVersion) +
                    ", numerics " + std::to_string(spec::kNumericsVersion) + "\ncontent hash   " +
                    hex(model.content_hash()) + "\nstudent        " + student_text(config);
  for (std::size_t i = 0; i < config.encoder.layers.size(); ++i) {
    out += "layer " + std::to_string(i) + "        " + std::to_string(config.encoder.layers[i].heads) +
           " heads, ffn width " + std::to_string(config.encoder.layers[i].ffn_width) +
           groups_text(config.encoder.layers[i]) + "\n";
  }
  out += decision_text(model);
  out += "golden vectors " + std::to_string(model.view().golden.size()) + "\nlabels         " +
         std::to_string(model.labels().size()) + ":";
  for (std::size_t c = 0; c < model.labels().size(); ++c) {
    out += " " + std::string(model.labels()[c]);
    if (static_cast<std::int32_t>(c) == model.none_class()) out += " (none of these)";
    if (spec::traits_of(model.task()).has_thresholds) out += threshold_text(model.threshold(c));
  }
  out += "\nsections\n";
  for (const format::SectionInfo& section : sections) {
    out += "  " + section.name + (section.required ? "" : " (optional)") + ": " + std::to_string(section.size) +
           " bytes, XXH3 " + hex(section.hash) + "\n";
  }
  out += "kernel sets, best first\n";
  for (const runtime::KernelSetEntry& entry : kernel_sets()) {
    out +=
        std::string("  ") + entry.kernels->name + (entry.executable ? "" : " (not executable on this machine)") + "\n";
  }
  const KnownGpus gpus = known_gpus();
  out += "GPUs, best first" + (gpus.devices.empty() ? ": none (" + gpus.why_none + ")" : "") + "\n";
  for (const KnownGpu& gpu : gpus.devices) {
    out += "  " + gpu.name + ", " + gpu.kind + (gpu.why_not.empty() ? "" : " (cannot be used: " + gpu.why_not + ")") +
           "\n";
  }
  return out + "provenance     " + std::string(model.provenance()) + "\n";
}

}  // namespace

Status show_info(const Arguments& arguments, const Model& model, Output& output) {
  const Result<format::FileBytes> file = format::FileBytes::open(arguments.model);
  if (!file) return file.error();
  const Result<std::vector<format::SectionInfo>> sections = format::list_sections(file->bytes());
  if (!sections) return sections.error();
  output.write(printable(arguments.json ? info_json(model, *sections) : info_text(model, *sections)));
  return {};
}

}  // namespace noggin::run_tool
