// SPDX-License-Identifier: Apache-2.0
#include "websocket_peer.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

namespace live::net {
namespace {

std::string key_of(const std::string& head) {
  static constexpr std::string_view name = "\r\nSec-WebSocket-Key: ";
  const std::size_t begin = head.find(name) + name.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string answer_to(const std::string& key) {
  const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  unsigned char encoded[64];
  const int size = EVP_EncodeBlock(encoded, digest, sizeof digest);
  return {reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size)};
}

std::uint64_t number_of(const std::string& bytes) {
  std::uint64_t out = 0;
  for (const char c : bytes) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

}  // namespace

std::string WebSocketPeer::accept() {
  const std::string head = peer_.read_head();
  peer_.send(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      answer_to(key_of(head)) + "\r\n\r\n");
  return head;
}

Frame WebSocketPeer::read() {
  const std::string head = peer_.read_exactly(2);
  const auto first = static_cast<unsigned char>(head[0]);
  const auto second = static_cast<unsigned char>(head[1]);
  if ((second & 0x80) == 0) throw test::PeerGone("frame without mask");
  std::uint64_t size = second & 0x7f;
  if (size == 126) size = number_of(peer_.read_exactly(2));
  if (size == 127) size = number_of(peer_.read_exactly(8));
  const std::string mask = peer_.read_exactly(4);
  std::string payload = peer_.read_exactly(size);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
  return {static_cast<Opcode>(first & 0x0f), (first & 0x80) != 0, payload};
}

void WebSocketPeer::send(Opcode opcode, std::string_view payload, bool final) {
  std::string frame(1, static_cast<char>((final ? 0x80 : 0) | static_cast<int>(opcode)));
  int length_bytes = 0;
  if (payload.size() < 126) {
    frame += static_cast<char>(payload.size());
  } else {
    length_bytes = payload.size() < 65536 ? 2 : 8;
    frame += static_cast<char>(length_bytes == 2 ? 126 : 127);
  }
  for (int i = length_bytes - 1; i >= 0; --i) frame += static_cast<char>(payload.size() >> (8 * i));
  frame += payload;
  peer_.send(frame);
}

}  // namespace live::net
