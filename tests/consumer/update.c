/* A C program that takes an update and confirms it: STATE FOLDER PUBLIC_KEY_FILE -> outcome and the model's file. */
#include <noggin/noggin.h>
#include <noggin/noggin_update.h>
#include <stdio.h>
#include <string.h>

enum { kMaxKeyBytes = 4096, kMaxPathBytes = 4096 };

static int read_key(const char* path, char* key) {
  FILE* file = fopen(path, "rb");
  size_t size = 0;
  if (file == NULL) return 0;
  size = fread(key, 1, kMaxKeyBytes - 1, file);
  key[size] = '\0';
  fclose(file);
  return size > 0;
}

int main(int argc, char** argv) {
  char key[kMaxKeyBytes], path[kMaxPathBytes];
  noggin_error error;
  noggin_model* model = NULL;
  noggin_update_options options = {0};
  noggin_update_report report;
  size_t size = 0;
  int failed;
  if (argc != 4 || !read_key(argv[3], key)) {
    fprintf(stderr, "usage: update STATE FOLDER PUBLIC_KEY_FILE\n");
    return 2;
  }
  options.first_key = key;
  failed = noggin_update_apply(argv[1], argv[2], &options, &report, &error) != NOGGIN_OK ||
           noggin_update_start(argv[1], path, sizeof path, &size, &error) != NOGGIN_OK ||
           noggin_model_open(path, &model, &error) != NOGGIN_OK || noggin_update_confirm(argv[1], &error) != NOGGIN_OK;
  if (failed) {
    fprintf(stderr, "%s\n", error.message);
  } else {
    printf("%d %lu classes\n", (int)report.outcome, (unsigned long)noggin_model_class_count(model));
  }
  noggin_model_close(model);
  return failed;
}
