// SPDX-License-Identifier: Apache-2.0
#include "simulator/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "base/asio.hpp"

#include <boost/asio/ip/address.hpp>

namespace live::simulator {
namespace {

constexpr long lifetime = 10L * 365 * 24 * 3600;
constexpr long backdated = 24 * 3600;  // for clients whose clock is behind

template <auto Free>
struct Release {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("making a certificate failed: ") + what);
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  check(key != nullptr, "key");
  return key;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  check(extension != nullptr, value.c_str());
  check(X509_add_ext(certificate, extension.get(), -1) == 1, "extension");
}

Certificate start_certificate(const std::string& name, EVP_PKEY* key) {
  Certificate certificate(X509_new());
  check(certificate != nullptr, "certificate");
  X509_set_version(certificate.get(), X509_VERSION_3);
  std::uint64_t serial = 0;
  check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "serial");
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -backdated);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), lifetime);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

std::string pem_of(X509* certificate) {
  Bio bio(BIO_new(BIO_s_mem()));
  check(PEM_write_bio_X509(bio.get(), certificate) == 1, "PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string pem_of(EVP_PKEY* key) {
  Bio bio(BIO_new(BIO_s_mem()));
  check(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text = "DNS:localhost,IP:127.0.0.1,IP:::1";
  for (const std::string& name : names) {
    error_code error;
    asio::ip::make_address(name, error);
    text += (error ? ",DNS:" : ",IP:") + name;
  }
  return text;
}

}  // namespace

Identity make_identity(const std::string& directory, const std::vector<std::string>& names) {
  const Key authority_key = make_key();
  const Certificate authority = start_certificate("bilibili-simulator authority", authority_key.get());
  X509_set_issuer_name(authority.get(), X509_get_subject_name(authority.get()));
  add_extension(authority.get(), authority.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(authority.get(), authority.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(authority.get(), authority.get(), NID_subject_key_identifier, "hash");
  check(X509_sign(authority.get(), authority_key.get(), EVP_sha256()) > 0, "signature");

  const Key key = make_key();
  const Certificate server = start_certificate("bilibili-simulator", key.get());
  X509_set_issuer_name(server.get(), X509_get_subject_name(authority.get()));
  add_extension(server.get(), authority.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(server.get(), authority.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(server.get(), authority.get(), NID_ext_key_usage, "serverAuth");
  add_extension(server.get(), authority.get(), NID_subject_alt_name, alternative_names(names));
  add_extension(server.get(), authority.get(), NID_authority_key_identifier, "keyid");
  check(X509_sign(server.get(), authority_key.get(), EVP_sha256()) > 0, "signature");

  const std::string path = directory + "/ca.pem";
  std::filesystem::create_directories(directory);
  std::ofstream file(path, std::ios::trunc);
  file << pem_of(authority.get());
  file.close();
  if (!file) throw std::runtime_error("--self-signed: can not write " + path);
  return {pem_of(server.get()), pem_of(key.get())};
}

}  // namespace live::simulator
