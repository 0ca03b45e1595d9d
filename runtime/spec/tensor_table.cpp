#include "spec/tensor_table.h"

#include "bytes/message.h"

namespace noggin::spec {

std::string layer_name(std::size_t layer, const std::string& part) { return message({"layers.", layer, ".", part}); }

void for_each_tensor(const ModelConfig& config, const std::function<void(TensorSpec&&)>& visit) {
  visit_tensors(config, visit);
}

std::vector<TensorSpec> tensor_table(const ModelConfig& config) {
  std::vector<TensorSpec> table;
  visit_tensors(config, [&](TensorSpec&& tensor) { table.push_back(std::move(tensor)); });
  return table;
}

}  // namespace noggin::spec
