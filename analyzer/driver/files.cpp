// System calls on files, with messages that a user can act on.
#include "analyzer/driver/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "analyzer/text/glob.h"

namespace tenantlint {

namespace fs = std::filesystem;

namespace {

FileContent read_all(int fd, std::size_t expected) {
  FileContent out;
  out.text.resize(expected);
  std::size_t size = 0;
  for (;;) {
    if (size == out.text.size()) out.text.resize(size + std::max<std::size_t>(size / 2, 64 * 1024));
    const ssize_t got = ::read(fd, out.text.data() + size, out.text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      out.error = std::strerror(errno);
      break;
    }
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    // A regular file of the expected size needs no second read to see its end.
    if (size == expected && expected > 0) break;
  }
  out.text.resize(size);
  return out;
}

}  // namespace

FileContent read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {{}, std::strerror(errno)};
  struct stat info {};
  FileContent out;
  if (::fstat(fd, &info) != 0) {
    out.error = std::strerror(errno);
  } else if (S_ISDIR(info.st_mode)) {
    out.error = "Is a directory";
  } else {
    out = read_all(fd, static_cast<std::size_t>(info.st_size));
  }
  ::close(fd);
  return out;
}

FileContent read_stdin() {
  return read_all(STDIN_FILENO, 0);
}

bool is_directory(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::string join_path(const std::string& folder, const std::string& name) {
  if (folder.empty() || folder == ".") return name;
  return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

std::string parent_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

std::string display_path(const std::string& path) {
  std::error_code ignored;
  const fs::path normal = fs::path(path).lexically_normal();
  if (!normal.is_absolute()) return normal.generic_string();
  const fs::path relative = normal.lexically_relative(fs::current_path(ignored));
  const bool below = !relative.empty() && *relative.begin() != "..";
  return (below ? relative : normal).generic_string();
}

FoundFiles find_files(const std::string& root, const std::string& pattern) {
  FoundFiles out;
  if (!is_glob(pattern)) {
    if (exists(join_path(root, pattern)) && !is_directory(join_path(root, pattern)))
      out.paths.push_back(pattern);
    return out;
  }
  // The folders before the first special character need no search.
  const std::size_t special = pattern.find_first_of("*?[{");
  const std::size_t slash = pattern.rfind('/', special);
  const std::string fixed = slash == std::string::npos ? std::string() : pattern.substr(0, slash);
  std::set<std::pair<dev_t, ino_t>> above;
  const auto walk = [&](const auto& self, const std::string& folder) -> void {
    const std::string real = join_path(root.empty() ? "." : root, folder);
    struct stat info {};
    if (::stat(real.c_str(), &info) != 0) {
      const bool absent = errno == ENOENT || errno == ENOTDIR;
      if (!absent) out.unreadable.emplace_back(folder, std::strerror(errno));
      return;
    }
    if (!S_ISDIR(info.st_mode)) return;
    const auto id = std::pair(info.st_dev, info.st_ino);
    if (!above.insert(id).second) {
      out.loops.push_back(folder);
      return;
    }
    std::error_code ignored, failed;
    const fs::directory_iterator entries(real, failed);
    if (failed) out.unreadable.emplace_back(folder, std::strerror(failed.value()));
    for (const fs::directory_entry& entry : entries) {
      const std::string name = entry.path().filename().string();
      const std::string path = join_path(folder, name);
      if (entry.is_directory(ignored)) {
        const bool skip = (name.starts_with('.') || name == "node_modules") &&
                          pattern.find(name) == std::string::npos;
        if (!skip) self(self, path);
      } else if (glob_match(pattern, path)) {
        out.paths.push_back(path);
      }
    }
    above.erase(id);
  };
  walk(walk, fixed);
  std::sort(out.paths.begin(), out.paths.end());
  return out;
}

std::string write_whole_file(const std::string& path, std::string_view text) {
  const std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
  const auto failed = [&](std::string_view what) {
    const std::string message = fmt::format("Cannot {} '{}': {}", what, path, std::strerror(errno));
    ::unlink(temporary.c_str());
    return message;
  };
  // Devices and pipes are written to as they are: there is nothing to rename.
  struct stat info {};
  const bool special = ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
  const std::string& target = special ? path : temporary;
  const int fd = ::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return failed("create");
  while (!text.empty()) {
    const ssize_t done = ::write(fd, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) {
      const std::string message = failed("write");
      ::close(fd);
      return message;
    }
    text.remove_prefix(static_cast<std::size_t>(done));
  }
  if (!special && ::fsync(fd) != 0) {
    ::close(fd);
    return failed("write");
  }
  if (::close(fd) != 0) return failed("write");
  if (!special && ::rename(temporary.c_str(), path.c_str()) != 0) return failed("replace");
  return {};
}

}  // namespace tenantlint
