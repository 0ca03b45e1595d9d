// What can go wrong with a device: every way has a message that says what to do, and no answer is lost. Functions that
// fail are put in the driver's place.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>

#include "gpu/vulkan/launches.h"
#include "noggin/noggin_gpu.h"
#include "tests/support/gpu_texts.h"
#include "tests/support/gpu_vulkan.h"

namespace noggin {
namespace {

using test::OpenModel;
using ::testing::AllOf;
using ::testing::HasSubstr;

OpenModel small_model() { return test::open_model(test::frozen_model_with_golden(test::engine_config(), 70)); }

gpu::InstanceOptions with(std::function<void(gpu::Functions&)> replace) {
  gpu::InstanceOptions options = test::watched();
  options.replace_functions = std::move(replace);
  return options;
}

Error error_of(const Model& model, const gpu::InstanceOptions& instance, const GpuOptions& options = {}) {
  const Result<GpuModel> gpu = GpuModel::open(model, options, instance);
  EXPECT_FALSE(gpu);
  return gpu ? Error{} : gpu.error();
}

const auto kOffersTheCpu = HasSubstr("or use the CPU (without --gpu), whose answers have the same bits");

TEST(VulkanFailure, NoLoader) {
  const OpenModel open = small_model();
  gpu::InstanceOptions options;
  for (const char* library : {"libnothing_here.so.1", "libc.so.6"}) {
    options.library = library;
    const Error error = error_of(open.model, options);
    EXPECT_EQ(error.code, ErrorCode::kUnsupported);
    EXPECT_THAT(error.message, AllOf(HasSubstr("no Vulkan on this machine"), HasSubstr(library), kOffersTheCpu));
  }
}

TEST(VulkanFailure, AnNgramModelIsForTheCpu) {
  const Result<Model> model = Model::open(NOGGIN_SOURCE_DIR "/tests/golden/v2_tiny_ngrams.nog");
  ASSERT_TRUE(model);
  EXPECT_THAT(error_of(*model, {}).message, AllOf(HasSubstr("n-gram"), HasSubstr("use the CPU")));
}

class VulkanFailures : public test::OnVulkan {
 protected:
  OpenModel open_ = small_model();
};

TEST_F(VulkanFailures, NoDriver) {
  const Error error =
      error_of(open_.model, with([](gpu::Functions& vulkan) {
                 vulkan.EnumeratePhysicalDevices = [](VkInstance, std::uint32_t* count, VkPhysicalDevice*) {
                   *count = 0;
                   return VK_SUCCESS;
                 };
               }));
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_THAT(error.message, AllOf(HasSubstr("no Vulkan device"), HasSubstr("Fix: "), kOffersTheCpu));
}

TEST_F(VulkanFailures, NoDeviceOfThisName) {
  const Error error = error_of(open_.model, test::watched(), {.device = "no such"});
  EXPECT_THAT(error.message, AllOf(HasSubstr("'no such'"), HasSubstr(device_->info().device.name), kOffersTheCpu));
}

TEST_F(VulkanFailures, NoEightBitStorage) {
  const Error error = error_of(open_.model, with([](gpu::Functions& vulkan) {
                                 vulkan.GetPhysicalDeviceFeatures2 = [](VkPhysicalDevice, VkPhysicalDeviceFeatures2*) {
                                 };  // all are false
                               }));
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_THAT(error.message, AllOf(HasSubstr("8-bit storage"), HasSubstr(device_->info().device.name), kOffersTheCpu));
}

TEST_F(VulkanFailures, OutOfMemory) {
  const Error error =
      error_of(open_.model, with([](gpu::Functions& vulkan) {
                 vulkan.AllocateMemory = [](VkDevice, const VkMemoryAllocateInfo*, const VkAllocationCallbacks*,
                                            VkDeviceMemory*) { return VK_ERROR_OUT_OF_DEVICE_MEMORY; };
               }));
  EXPECT_EQ(error.code, ErrorCode::kOutOfSpace);
  EXPECT_THAT(error.message, AllOf(HasSubstr("out of device memory"), HasSubstr("bytes for"), kOffersTheCpu));
}

TEST_F(VulkanFailures, OutOfThisMachinesMemory) {
  Result<GpuModel> gpu =
      GpuModel::open(open_.model, {.batch_tokens = 1U << 22, .batch_texts = 1U << 22}, with([](gpu::Functions& vulkan) {
                       vulkan.CreateBuffer = [](VkDevice, const VkBufferCreateInfo*, const VkAllocationCallbacks*,
                                                VkBuffer*) { return VK_ERROR_OUT_OF_HOST_MEMORY; };
                     }));
  ASSERT_FALSE(gpu);
  EXPECT_EQ(gpu.error().code, ErrorCode::kOutOfSpace);
}

// A device whose + is -: its shader of arithmetic gets another operation than was asked for.
TEST_F(VulkanFailures, AWrongBitIsRefusedWithItsCase) {
  static PFN_vkCmdPushConstants push = nullptr;
  const Error error = error_of(open_.model, with([](gpu::Functions& vulkan) {
                                 push = vulkan.CmdPushConstants;
                                 vulkan.CmdPushConstants = [](VkCommandBuffer commands, VkPipelineLayout layout,
                                                              VkShaderStageFlags stages, std::uint32_t offset,
                                                              std::uint32_t bytes, const void* words) {
                                   std::array<std::uint32_t, gpu::Launch::kMaxWords> changed{};
                                   std::memcpy(changed.data(), words, bytes);
                                   if (changed[1] == 6) changed[1] = 2;  // divide: multiply
                                   push(commands, layout, stages, offset, bytes, changed.data());
                                 };
                               }));
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_THAT(error.message, AllOf(HasSubstr("other numbers than NUMERICS.md demands: Divide of"), kOffersTheCpu));
}

// What is put in place of vkQueueSubmit and vkWaitForFences once a session is open.
VkResult g_submit_result = VK_SUCCESS, g_wait_result = VK_SUCCESS;
PFN_vkQueueSubmit g_submit = nullptr;
PFN_vkWaitForFences g_wait = nullptr;

gpu::InstanceOptions breakable() {
  g_submit_result = g_wait_result = VK_SUCCESS;
  return with([](gpu::Functions& vulkan) {
    g_submit = vulkan.QueueSubmit;
    g_wait = vulkan.WaitForFences;
    vulkan.QueueSubmit = [](VkQueue queue, std::uint32_t count, const VkSubmitInfo* info, VkFence fence) {
      return g_submit_result != VK_SUCCESS ? g_submit_result : g_submit(queue, count, info, fence);
    };
    vulkan.WaitForFences = [](VkDevice device, std::uint32_t count, const VkFence* fences, VkBool32 all,
                              std::uint64_t time) {
      const VkResult result = g_wait(device, count, fences, all, time);
      return g_wait_result != VK_SUCCESS ? g_wait_result : result;
    };
  });
}

struct Loss {
  VkResult *where, result;
  const char* message;
};

TEST_F(VulkanFailures, TheCpuAnswersAfterALossOrATimeOut) {
  const Loss losses[] = {{&g_submit_result, VK_ERROR_DEVICE_LOST, "the device was lost"},
                         {&g_wait_result, VK_ERROR_DEVICE_LOST, "the device was lost"},
                         {&g_wait_result, VK_TIMEOUT, "the driver did not finish in time"}};
  Result<Session> cpu = Session::create(open_.model);
  for (const Loss& loss : losses) {
    const Result<GpuModel> gpu = GpuModel::open(open_.model, {}, breakable());
    ASSERT_TRUE(gpu) << gpu.error().message;
    Result<Session> session = gpu->session();
    ASSERT_TRUE(session);
    EXPECT_TRUE(session->classify("where is my parcel"));
    EXPECT_TRUE(gpu->failure());
    *loss.where = loss.result;
    for (const std::string& text : test::sample_texts()) {
      EXPECT_EQ(session->classify(text)->probability, cpu->classify(text)->probability) << loss.message;
    }
    *loss.where = VK_SUCCESS;
    const Status failure = gpu->failure();
    ASSERT_FALSE(failure);
    EXPECT_EQ(failure.error().code, ErrorCode::kIo);
    EXPECT_THAT(failure.error().message,
                AllOf(HasSubstr(loss.message), HasSubstr(device_->info().device.name), kOffersTheCpu));
  }
}

TEST_F(VulkanFailures, AForkedChildIsAnsweredByTheCpu) {
  Result<GpuModel> opened = GpuModel::open(open_.model);
  ASSERT_TRUE(opened) << opened.error().message;
  std::optional<GpuModel> gpu = *std::move(opened);
  std::optional<Session> session = *gpu->session();
  const float probability = session->classify("where is my parcel")->probability;
  const pid_t child = fork();
  if (child == 0) {
    const bool equal = session->classify("where is my parcel")->probability == probability;
    const bool told = !gpu->failure();
    session.reset();  // must not wait for threads of the driver that are not here
    gpu.reset();
    _exit(equal && told ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(gpu->failure()) << "of the parent";
}

// --- the C API ---------------------------------------------------------------------------------------------------

class VulkanC : public VulkanFailures {
 protected:
  void SetUp() override {
    VulkanFailures::SetUp();
    const std::span<const std::byte> bytes = open_.bytes.span();
    ASSERT_EQ(noggin_model_open_memory(bytes.data(), bytes.size(), &model_, &error_), NOGGIN_OK);
  }
  void TearDown() override {
    noggin_model_close(model_);
    VulkanFailures::TearDown();
  }
  noggin_model* model_ = nullptr;
  noggin_error error_{};
};

TEST_F(VulkanC, AnswersAsTheCpuDoes) {
  noggin_gpu* gpu = nullptr;
  noggin_session *session = nullptr, *cpu = nullptr;
  ASSERT_EQ(noggin_gpu_open(model_, nullptr, &gpu, &error_), NOGGIN_OK) << error_.message;
  ASSERT_EQ(noggin_gpu_session_create(gpu, &session, &error_), NOGGIN_OK) << error_.message;
  ASSERT_EQ(noggin_session_create(model_, nullptr, &cpu, &error_), NOGGIN_OK);
  EXPECT_EQ(noggin_gpu_failure(gpu, &error_), NOGGIN_OK);
  EXPECT_EQ(noggin_gpu_name(gpu), device_->info().device.name);
  EXPECT_STREQ(noggin_session_kernel_set(session), "vulkan");
  noggin_gpu_close(gpu);
  for (const std::string& text : test::sample_texts()) {
    noggin_answer found{}, want{};
    ASSERT_EQ(noggin_session_classify(session, text.data(), text.size(), &found, nullptr, 0, &error_), NOGGIN_OK);
    ASSERT_EQ(noggin_session_classify(cpu, text.data(), text.size(), &want, nullptr, 0, &error_), NOGGIN_OK);
    EXPECT_EQ(found.label, want.label);
    EXPECT_EQ(found.probability, want.probability);
  }
  noggin_session_destroy(cpu);
  noggin_session_destroy(session);
}

TEST_F(VulkanC, ListsDevicesAndRefusesMistakes) {
  noggin_gpu_device device{};
  ASSERT_EQ(noggin_gpu_device_at(0, &device, &error_), NOGGIN_OK) << error_.message;
  EXPECT_EQ(device.name, device_->info().device.name);
  EXPECT_EQ(device.usable, 1);
  EXPECT_EQ(noggin_gpu_device_at(1000, &device, &error_), NOGGIN_NOT_FOUND);
  EXPECT_EQ(noggin_gpu_device_at(0, nullptr, &error_), NOGGIN_INVALID_ARGUMENT);
  noggin_gpu* gpu = nullptr;
  const noggin_gpu_options options = {.device = "no such", .batch_tokens = 0, .batch_texts = 0, .time_out_ms = 0};
  EXPECT_EQ(noggin_gpu_open(model_, &options, &gpu, &error_), NOGGIN_UNSUPPORTED);
  EXPECT_THAT(error_.message, HasSubstr("'no such'"));
  EXPECT_EQ(gpu, nullptr);
  EXPECT_EQ(noggin_gpu_open(nullptr, nullptr, &gpu, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_gpu_session_create(nullptr, nullptr, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_gpu_failure(nullptr, &error_), NOGGIN_INVALID_ARGUMENT);
  EXPECT_EQ(noggin_gpu_name(nullptr), nullptr);
  noggin_gpu_close(nullptr);
}

}  // namespace
}  // namespace noggin
