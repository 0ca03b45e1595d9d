/* A C program that embeds Noggin: MODEL TEXT -> "label probability". Also the C example of runtime/README.md, with two
 * threads. */
#include <noggin/noggin.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char** argv) {
  noggin_error error;
  noggin_session_options options = {0};
  noggin_model* model = NULL;
  noggin_session* session = NULL;
  noggin_answer answer;
  int failed;
  options.threads = 2;
  if (argc != 3) {
    fprintf(stderr, "usage: classify MODEL.nog TEXT\n");
    return 2;
  }
  failed = noggin_model_open(argv[1], &model, &error) != NOGGIN_OK ||
           noggin_session_create(model, &options, &session, &error) != NOGGIN_OK ||
           noggin_session_self_test(session, NULL, NULL, &error) != NOGGIN_OK ||
           noggin_session_classify(session, argv[2], strlen(argv[2]), &answer, NULL, 0, &error) != NOGGIN_OK;
  if (failed) {
    fprintf(stderr, "%s\n", error.message);
  } else {
    printf("%s %.9g\n", noggin_model_label(model, answer.label), (double)answer.probability);
  }
  noggin_session_destroy(session);
  noggin_model_close(model);
  return failed;
}
