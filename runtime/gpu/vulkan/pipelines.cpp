#include "gpu/vulkan/pipelines.h"

#include <cstddef>
#include <vector>

#include "gpu/vulkan/launches.h"
#include "gpu/vulkan/spirv.h"

namespace noggin::gpu {
namespace {

// The specialization constants of a shader: its own, and all of constants.def. Ids that it does not use are ignored.
class Specialization {
 public:
  explicit Specialization(Shader shader) {
    add(0, shader_threads(shader));
    add(14, shader_channels(shader));
    for (const ShaderConstant& constant : shader_constants()) add(constant.id, constant.bits);
  }
  VkSpecializationInfo info() const {
    return {static_cast<std::uint32_t>(entries_.size()), entries_.data(), values_.size() * sizeof values_[0],
            values_.data()};
  }

 private:
  void add(std::uint32_t id, std::uint32_t bits) {
    entries_.push_back({id, static_cast<std::uint32_t>(values_.size() * sizeof bits), sizeof bits});
    values_.push_back(bits);
  }
  std::vector<VkSpecializationMapEntry> entries_;
  std::vector<std::uint32_t> values_;
};

}  // namespace

Pipelines::~Pipelines() {
  if (device_->forked()) return;
  const Functions& vulkan = device_->functions();
  for (const VkPipeline pipeline : pipelines_) vulkan.DestroyPipeline(device_->handle(), pipeline, nullptr);
  vulkan.DestroyPipelineLayout(device_->handle(), layout_, nullptr);
  vulkan.DestroyDescriptorSetLayout(device_->handle(), blocks_, nullptr);
}

Result<std::unique_ptr<Pipelines>> Pipelines::create(std::shared_ptr<const Device> device) {
  std::unique_ptr<Pipelines> pipelines(new Pipelines(std::move(device)));
  if (Status status = pipelines->create_layouts(); !status) return status.error();
  return pipelines;
}

Status Pipelines::create_layouts() {
  VkDescriptorSetLayoutBinding bindings[2] = {};
  for (std::uint32_t i = 0; i < 2; ++i) {
    bindings[i] = {i, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1, VK_SHADER_STAGE_COMPUTE_BIT, nullptr};
  }
  auto set = made<VkDescriptorSetLayoutCreateInfo>(VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO);
  set.bindingCount = 2;
  set.pBindings = bindings;
  const Functions& vulkan = device_->functions();
  const VkDevice handle = device_->handle();
  Status status = device_->check(vulkan.CreateDescriptorSetLayout(handle, &set, nullptr, &blocks_), "making a layout");
  if (!status) return status;
  const VkPushConstantRange constants = {VK_SHADER_STAGE_COMPUTE_BIT, 0, Launch::kMaxWords * kWordBytes};
  auto layout = made<VkPipelineLayoutCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO);
  layout.setLayoutCount = 1;
  layout.pSetLayouts = &blocks_;
  layout.pushConstantRangeCount = 1;
  layout.pPushConstantRanges = &constants;
  return device_->check(vulkan.CreatePipelineLayout(handle, &layout, nullptr, &layout_), "making a layout");
}

Status Pipelines::prepare(Shader shader) {
  VkPipeline& pipeline = pipelines_[static_cast<std::size_t>(shader)];
  if (pipeline != VK_NULL_HANDLE) return {};
  const Functions& vulkan = device_->functions();
  const VkDevice handle = device_->handle();
  const std::string doing = std::string("compiling the shader ") + shader_name(shader);
  const std::vector<std::uint32_t> code =
      with_float_modes(shader_code(shader, device_->info().packed_dot), device_->info().float_modes);
  auto source = made<VkShaderModuleCreateInfo>(VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO);
  source.codeSize = code.size() * sizeof code[0];
  source.pCode = code.data();
  VkShaderModule module = VK_NULL_HANDLE;
  Status status = device_->check(vulkan.CreateShaderModule(handle, &source, nullptr, &module), doing);
  if (!status) return status;
  const Specialization specialization(shader);
  const VkSpecializationInfo constants = specialization.info();
  auto wanted = made<VkComputePipelineCreateInfo>(VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO);
  wanted.layout = layout_;
  wanted.stage = made<VkPipelineShaderStageCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO);
  wanted.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  wanted.stage.module = module;
  wanted.stage.pName = "main";
  wanted.stage.pSpecializationInfo = &constants;
  status = device_->check(vulkan.CreateComputePipelines(handle, VK_NULL_HANDLE, 1, &wanted, nullptr, &pipeline), doing);
  vulkan.DestroyShaderModule(handle, module, nullptr);
  return status;
}

}  // namespace noggin::gpu
