// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/filesystem.hpp"

namespace live::storage {

std::string join_path(std::string_view directory, std::string_view name) {
  if (directory.empty()) return std::string(name);
  if (name.empty()) return std::string(directory);
  std::string path(directory);
  if (path.back() != '/') path += '/';
  path += name;
  return path;
}

std::string_view directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

void replace_file(FileSystem& files, const std::string& path, ByteView content) {
  const std::string temporary = path + ".tmp";
  {
    const std::unique_ptr<File> file = files.open(temporary, OpenMode::create_or_truncate);
    file->write(content);
    file->sync_data();
  }
  files.rename(temporary, path);
  files.sync_directory(std::string(directory_of(path)));
}

std::optional<std::string> read_whole(FileSystem& files, const std::string& path, std::size_t max_size) {
  if (!files.stat(path)) return std::nullopt;
  const std::unique_ptr<File> file = files.open(path, OpenMode::read_only);
  const std::uint64_t size = file->size();
  if (size > max_size)
    throw system_error(boost::system::errc::make_error_code(boost::system::errc::file_too_large), path);
  std::string text(static_cast<std::size_t>(size), '\0');
  const std::size_t count = file->read_at(0, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  text.resize(count);
  return text;
}

}  // namespace live::storage
