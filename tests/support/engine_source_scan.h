// Reads the project's own sources, for tests that restrict their content.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace noggin::test {

struct SourceFile {
  std::string path;                // from the project's root, with '/'
  std::vector<std::string> lines;  // without comments; literals emptied
};

inline std::string file_content(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Blanks out comments and, unless keep_literals, the content of literals. Handles line and block comments, escapes, raw
// strings and digit separators; line numbers stay correct.
inline std::string without_comments(const std::string& text, bool keep_literals) {
  std::string out;
  const auto copy_until = [&](std::size_t& i, std::size_t end, bool keep) {
    for (; i < end && i < text.size(); ++i) out += keep || text[i] == '\n' ? text[i] : ' ';
  };
  const auto end_of = [&](const std::string& mark, std::size_t from) {
    const std::size_t found = text.find(mark, from);
    return found == std::string::npos ? text.size() : found + mark.size();
  };
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  for (std::size_t i = 0; i < text.size();) {
    const char previous = i > 0 ? text[i - 1] : ' ';
    if (text.compare(i, 2, "//") == 0) {
      copy_until(i, text.find('\n', i), false);
    } else if (text.compare(i, 2, "/*") == 0) {
      copy_until(i, end_of("*/", i + 2), false);
    } else if (text.compare(i, 2, "R\"") == 0 && !is_word(previous)) {
      const std::size_t open = text.find('(', i);
      copy_until(i, end_of(")" + text.substr(i + 2, open - i - 2) + "\"", open), keep_literals);
    } else if (text[i] == '"' || (text[i] == '\'' && !is_word(previous))) {
      std::size_t end = i + 1;
      while (end < text.size() && text[end] != text[i] && text[end] != '\n') end += text[end] == '\\' ? 2 : 1;
      copy_until(i, end + 1, keep_literals);
    } else {
      out += text[i++];
    }
  }
  return out;
}

inline std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  }
  return lines;
}

// Every .h, .cpp and .cu below the given folders of the project.
inline std::vector<SourceFile> source_files(const std::vector<std::string>& folders, bool keep_literals) {
  const std::filesystem::path root = NOGGIN_SOURCE_DIR;
  std::vector<SourceFile> files;
  for (const std::string& folder : folders) {
    if (!std::filesystem::exists(root / folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cpp" && extension != ".cu") continue;
      files.push_back({std::filesystem::relative(entry.path(), root).generic_string(),
                       split_lines(without_comments(file_content(entry.path()), keep_literals))});
    }
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

}  // namespace noggin::test
