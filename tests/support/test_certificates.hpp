// SPDX-License-Identifier: Apache-2.0
// Certificates made when they are needed: an authority of one's own and what it signs. EC P-256, PEM.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace live::test {

struct KeyPair {
  std::string certificate_pem;
  std::string key_pem;
};

struct CertificateOptions {
  std::vector<std::string> names;  // DNS names and IP addresses for subjectAltName; the first is the CN
  std::chrono::seconds begins_in = -std::chrono::hours(1);
  std::chrono::seconds ends_in = std::chrono::hours(24);
};

// Throws std::runtime_error when OpenSSL fails.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name = "Liveroom Test Authority");
  ~TestAuthority();

  const std::string& certificate_pem() const { return certificate_pem_; }
  // For servers and clients alike.
  KeyPair issue(const CertificateOptions& options) const;
  KeyPair issue(const std::string& name) const { return issue(CertificateOptions{.names = {name}}); }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string certificate_pem_;
};

}  // namespace live::test
