// The files that a publication is made with: keys and certificates.
#pragma once

#include <string>

#include "export/publish/publish.h"
#include "export/publish/secret_key.h"
#include "format/section_table.h"

namespace noggin::publish {

// The content of a regular file of at most `most_bytes`. kNotFound, kIo, kCorrupt (too large).
Result<std::string> read_small_file(const std::string& path, std::size_t most_bytes);

// Messages name the file.
Result<SecretKey> read_secret_key(const std::string& path, const std::string& password);
// A public key file, or its base64 line itself. kInvalidArgument.
Result<update::PublicKey> public_key_of(const std::string& file_or_line);

// The certificate to keep beside the model: request.certificate, else certificate.json beside the model if that is
// about this model; empty if there is none. kCorrupt: it names another model; kExists: it says that the model failed.
Result<std::string> certificate_of(const PublishRequest& request, const std::string& content_hash);

// A new pair of files: the secret key, readable by its owner alone, at `path`, the public one at `path`.pub. Neither
// may be there: kExists. kIo, kOutOfSpace. Returns the public key.
Result<update::PublicKey> write_new_key(const std::string& path, const std::string& password);

// The trusted comment of a model: its name, content hash and versions.
std::string model_comment(const std::string& name, const format::SectionTable& table);

// path.minisig, in place of an older one. Without a comment: model_comment of a model, else the file's name.
Status sign_file(const SecretKey& key, const std::string& path, const std::string& trusted_comment);

}  // namespace noggin::publish
