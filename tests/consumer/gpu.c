/* gpu MODEL TEXT: prints label and probability from a GPU, or "no GPU: " and why. */
#include <noggin/noggin_gpu.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char** argv) {
  noggin_error error;
  noggin_model* model = NULL;
  noggin_gpu* gpu = NULL;
  noggin_session* session = NULL;
  noggin_answer answer;
  int code = 1;
  if (argc != 3) return 2;
  if (noggin_model_open(argv[1], &model, &error) != NOGGIN_OK) {
    fprintf(stderr, "%s\n", error.message);
  } else if (noggin_gpu_open(model, NULL, &gpu, &error) != NOGGIN_OK) {
    printf("no GPU: %s\n", error.message);
    code = 0;
  } else if (noggin_gpu_session_create(gpu, &session, &error) != NOGGIN_OK ||
             noggin_session_classify(session, argv[2], strlen(argv[2]), &answer, NULL, 0, &error) != NOGGIN_OK ||
             noggin_gpu_failure(gpu, &error) != NOGGIN_OK) {
    fprintf(stderr, "%s\n", error.message);
  } else {
    printf("%s %.9g\n", noggin_model_label(model, answer.label), (double)answer.probability);
    code = 0;
  }
  noggin_session_destroy(session);
  noggin_gpu_close(gpu);
  noggin_model_close(model);
  return code;
}
