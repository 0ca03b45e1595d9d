/* A C program that masks a text with a tagger: MODEL TEXT -> the text with its spans replaced by "[TYPE]", then a line
 * for each span. */
#include <noggin/noggin.h>
#include <stdio.h>
#include <string.h>

enum { kMaxSpans = 64, kMaxBytes = 4096 };

int main(int argc, char** argv) {
  noggin_error error;
  noggin_model* model = NULL;
  noggin_session* session = NULL;
  noggin_tagged_span spans[kMaxSpans];
  char masked[kMaxBytes];
  size_t size = 0, count = 0, i;
  int failed;
  if (argc != 3) {
    fprintf(stderr, "usage: mask MODEL.nog TEXT\n");
    return 2;
  }
  failed = noggin_model_open(argv[1], &model, &error) != NOGGIN_OK ||
           noggin_session_create(model, NULL, &session, &error) != NOGGIN_OK ||
           noggin_session_mask(session, argv[2], strlen(argv[2]), masked, sizeof masked, &size, &error) != NOGGIN_OK ||
           noggin_session_tag(session, argv[2], strlen(argv[2]), spans, kMaxSpans, &count, &error) != NOGGIN_OK;
  if (failed) {
    fprintf(stderr, "%s\n", error.message);
  } else if (size >= sizeof masked || count > kMaxSpans) {
    fprintf(stderr, "the text is too long for this program\n");
    failed = 1;
  } else {
    printf("%s\n", masked);
    for (i = 0; i < count; ++i) {
      printf("%s %lu %lu\n", noggin_model_span_type(model, spans[i].type), (unsigned long)spans[i].begin,
             (unsigned long)spans[i].end);
    }
  }
  noggin_session_destroy(session);
  noggin_model_close(model);
  return failed;
}
