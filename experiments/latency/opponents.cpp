#include "experiments/latency/opponents.h"

#include <initializer_list>

namespace noggin::latency {
namespace {

using exporter::GraphOptimization;

// Tanh instead of erf, which is less work.
constexpr char kGeluApproximation[] = "optimization.enable_gelu_approximation";
constexpr char kWithout[] = "optimization.disable_specified_optimizers";

Variant plain(const std::string& file) {
  Variant variant;
  variant.name = variant.file = file;
  variant.masked = !file.ends_with("-nomask");
  variant.counted = !file.starts_with("float") && !file.starts_with("static");
  variant.same_numbers = file == "qdq" || file == "qdq-nomask";
  return variant;
}

Variant at_level(Variant variant, GraphOptimization level, const char* name) {
  variant.options.optimization = level;
  variant.name += std::string(":") + name;
  return variant;
}

Variant approximating_gelu(Variant variant) {
  variant.options.entries.emplace_back(kGeluApproximation, "1");
  variant.name += "+tanh";
  variant.same_numbers = false;
  return variant;
}

Variant without(Variant variant, const std::string& optimizer) {
  variant.options.entries.emplace_back(kWithout, optimizer);
  variant.name += "-" + optimizer;
  return variant;
}

// A file fused without SkipLayerNormalization: loading it must not fuse that after all. It says so in its name.
Variant unskipped(const std::string& file) {
  Variant variant = without(plain(file), "SkipLayerNormFusion");
  variant.name = file;
  return variant;
}

void add_levels(std::vector<Variant>& list, const Variant& variant) {
  list.push_back(variant);
  list.push_back(at_level(variant, GraphOptimization::kExtended, "extended"));
  list.push_back(at_level(variant, GraphOptimization::kBasic, "basic"));
}

std::vector<Variant> fastest() {
  std::vector<Variant> list;
  for (const char* file : {"qdq", "qdq-nomask"}) list.push_back(plain(file));
  for (const char* file : {"dynamic-noskip", "dynamic-noskip-nomask"}) {
    list.push_back(unskipped(file));
    list.push_back(approximating_gelu(unskipped(file)));
  }
  return list;
}

std::vector<Variant> all() {
  std::vector<Variant> list = fastest();
  const Variant qdq = plain("qdq");
  list.push_back(at_level(qdq, GraphOptimization::kExtended, "extended"));
  list.push_back(at_level(qdq, GraphOptimization::kBasic, "basic"));
  list.push_back(approximating_gelu(qdq));
  for (const char* optimizer : {"QDQPropagationTransformer", "TransposeOptimizer"}) {
    list.push_back(without(qdq, optimizer));
  }
  list.push_back(plain("qdq-s8"));
  list.push_back(at_level(unskipped("dynamic-noskip"), GraphOptimization::kExtended, "extended"));
  list.push_back(at_level(unskipped("dynamic-noskip"), GraphOptimization::kBasic, "basic"));
  list.push_back(without(unskipped("dynamic-noskip"), "SkipLayerNormFusion;DynamicQuantizeMatMulFusion"));
  add_levels(list, plain("dynamic-fused"));
  list.push_back(approximating_gelu(plain("dynamic-fused")));
  list.push_back(plain("dynamic-fused-nomask"));
  list.push_back(plain("dynamic-fused-u8"));
  add_levels(list, plain("dynamic"));
  for (const char* file : {"float", "float-fused"}) list.push_back(plain(file));
  for (const char* file : {"float-noskip", "float-noskip-nomask"}) list.push_back(unskipped(file));
  for (const char* file : {"static", "static-nomask"}) list.push_back(approximating_gelu(unskipped(file)));
  return list;
}

}  // namespace

std::vector<Variant> variants(bool quick, bool exact) {
  std::vector<Variant> list = quick ? fastest() : all();
  for (Variant& variant : list) variant.options.exact_products = exact;
  return list;
}

}  // namespace noggin::latency
