// SPDX-License-Identifier: Apache-2.0
#include "support/test_certificates.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace live::test {
namespace {

using KeyHandle = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertificateHandle = std::unique_ptr<X509, decltype(&X509_free)>;
using BioHandle = std::unique_ptr<BIO, decltype(&BIO_free)>;

void expect(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("test certificate: ") + what);
}

KeyHandle make_key() {
  KeyHandle key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  expect(key != nullptr, "key");
  return key;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  const BioHandle bio(BIO_new(BIO_s_mem()), BIO_free);
  expect(PEM_write_bio_X509(bio.get(), certificate) == 1, "PEM");
  return text_of(bio.get());
}

std::string pem_of(EVP_PKEY* key) {
  const BioHandle bio(BIO_new(BIO_s_mem()), BIO_free);
  expect(PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "PEM");
  return text_of(bio.get());
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  expect(extension != nullptr, "extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Everything but issuer, extensions and signature.
CertificateHandle make_certificate(const std::string& name, EVP_PKEY* key, std::chrono::seconds begins_in,
                                   std::chrono::seconds ends_in) {
  CertificateHandle certificate(X509_new(), X509_free);
  X509* const raw = certificate.get();
  X509_set_version(raw, X509_VERSION_3);
  std::uint64_t serial = 0;
  expect(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "serial");
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(raw), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(raw), static_cast<long>(begins_in.count()));
  X509_gmtime_adj(X509_getm_notAfter(raw), static_cast<long>(ends_in.count()));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  expect(X509_set_pubkey(raw, key) == 1, "public key");
  return certificate;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    in6_addr address{};
    const bool ip =
        inet_pton(AF_INET, name.c_str(), &address) == 1 || inet_pton(AF_INET6, name.c_str(), &address) == 1;
    out += (out.empty() ? "" : ",") + std::string(ip ? "IP:" : "DNS:") + name;
  }
  return out;
}

}  // namespace

struct TestAuthority::Impl {
  KeyHandle key = make_key();
  CertificateHandle certificate{nullptr, X509_free};
};

TestAuthority::TestAuthority(const std::string& name) : impl_(std::make_unique<Impl>()) {
  EVP_PKEY* const key = impl_->key.get();
  impl_->certificate = make_certificate(name, key, -std::chrono::hours(24), std::chrono::hours(24) * 365);
  X509* const raw = impl_->certificate.get();
  X509_set_issuer_name(raw, X509_get_subject_name(raw));
  add_extension(raw, raw, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(raw, raw, NID_subject_key_identifier, "hash");
  expect(X509_sign(raw, key, EVP_sha256()) > 0, "signature");
  certificate_pem_ = pem_of(raw);
}

TestAuthority::~TestAuthority() = default;

KeyPair TestAuthority::issue(const CertificateOptions& options) const {
  expect(!options.names.empty(), "no name");
  const KeyHandle key = make_key();
  const CertificateHandle certificate =
      make_certificate(options.names.front(), key.get(), options.begins_in, options.ends_in);
  X509* const raw = certificate.get();
  X509* const issuer = impl_->certificate.get();
  X509_set_issuer_name(raw, X509_get_subject_name(issuer));
  add_extension(raw, issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(raw, issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(raw, issuer, NID_ext_key_usage, "serverAuth,clientAuth");
  add_extension(raw, issuer, NID_subject_alt_name, alternative_names(options.names));
  add_extension(raw, issuer, NID_authority_key_identifier, "keyid");
  expect(X509_sign(raw, impl_->key.get(), EVP_sha256()) > 0, "signature");
  return {pem_of(raw), pem_of(key.get())};
}

}  // namespace live::test
