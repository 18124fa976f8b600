// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/resumption.hpp"

#include "recorder/flv/file_scan.hpp"

namespace live::flv {
namespace {

std::optional<Header> header_of(TagType type, const FileScan::Stream& stream) {
  if (stream.codec == Codec::none) return std::nullopt;
  Header header;
  header.type = type;
  header.codec = stream.codec;
  if (!stream.header.empty()) {
    const TagClass kind = classify(type, stream.header);
    header.enhanced = kind.enhanced;
    header.data_offset = kind.data_offset;
    header.body = std::make_shared<const Bytes>(stream.header);
  }
  return header;
}

}  // namespace

Resumption::File resumed_file(const FileScan& scan) {
  Resumption::File file;
  file.headers[0] = header_of(TagType::video, scan.streams[0]);
  file.headers[1] = header_of(TagType::audio, scan.streams[1]);
  file.size = scan.whole_size;
  file.key_time = scan.last_key.time;
  file.key_position = scan.last_key.position;
  file.longest_gop = scan.longest_gop;
  file.largest_gop = scan.largest_gop;
  return file;
}

}  // namespace live::flv
