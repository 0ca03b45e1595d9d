// publish_once MODEL FOLDER KEY: one call of publish(), as a process that can be killed.
#include <iostream>

#include "export/publish/publish.h"

int main(int count, char** words) {
  if (count != 4) return 2;
  noggin::publish::PublishRequest request;
  request.model = words[1];
  request.folder = words[2];
  request.key = words[3];
  const auto publication = noggin::publish::publish(request);
  if (publication) return 0;
  std::cerr << publication.error().message << '\n';
  return 1;
}
