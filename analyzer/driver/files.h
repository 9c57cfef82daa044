// The file system: reading whole files, finding files, writing whole files or none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenantlint {

// The content, or (if `error` is set) a sentence about why there is none.
struct FileContent {
  std::string text;
  std::string error;
};
FileContent read_file(const std::string& path);
FileContent read_stdin();

bool is_directory(const std::string& path);
bool exists(const std::string& path);

// Files below a folder whose path (relative to `root`, with '/') a pattern matches, sorted by
// bytes. Folders that link back into themselves are named in `loops`. Hidden folders and
// node_modules are left out unless the pattern names them.
struct FoundFiles {
  std::vector<std::string> paths;
  std::vector<std::string> loops;
  std::vector<std::pair<std::string, std::string>> unreadable;  // folders, and why
};
FoundFiles find_files(const std::string& root, const std::string& pattern);

// Writes beside the file, syncs, renames: the file is as before or whole. A sentence if that
// failed.
std::string write_whole_file(const std::string& path, std::string_view text);

// Lexically normal, relative to the working directory where it lies below it, with '/'.
std::string display_path(const std::string& path);
std::string parent_folder(const std::string& path);
std::string join_path(const std::string& folder, const std::string& name);

}  // namespace tenantlint
