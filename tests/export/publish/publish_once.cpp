// publish_once MODEL FOLDER KEY [ROLLOUT]: one call of publish(), as a process that can be killed. Makes the key if it
// is missing.
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "export/publish/files.h"
#include "export/publish/publish.h"

int main(int count, char** words) {
  if (count < 4 || count > 5) return 2;
  noggin::publish::PublishRequest request;
  request.model = words[1];
  request.folder = words[2];
  request.key = words[3];
  if (count == 5) request.rollout = std::atof(words[4]);
  if (!std::filesystem::exists(request.key) && !noggin::publish::write_new_key(request.key, "")) return 1;
  const auto publication = noggin::publish::publish(request);
  if (publication) return 0;
  std::cerr << publication.error().message << '\n';
  return 1;
}
