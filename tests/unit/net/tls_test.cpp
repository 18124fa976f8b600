// SPDX-License-Identifier: Apache-2.0
#include "net/tls.hpp"

#include <unistd.h>

#include <boost/asio/error.hpp>
#include <filesystem>
#include <fstream>

#include "net/beast_http.hpp"
#include "net_test_kit.hpp"

namespace live::net {
namespace {

using test::CertificateOptions;
using test::KeyPair;
using test::Peer;
using test::ScriptedServer;
using test::TestAuthority;

class Tls : public testing::Test {
 protected:
  // Speaks with a server that shows `identity` and gives the error's text, empty when all is well.
  std::string outcome(const KeyPair& identity, const TlsOptions& options,
                      std::optional<std::string> server_name = {}, const std::string& host = "127.0.0.1",
                      const std::string& client_authority = "") {
    ScriptedServer server(
        [](Peer& peer, int) {
          (void)peer.read_head();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
          peer.wait_for_end();
        },
        identity, client_authority);
    BeastHttpOptions http;
    http.tls_server_name = std::move(server_name);
    BeastHttpClient client(loop.executor(), make_client_tls(options).value(), http);
    HttpRequest request;
    request.url = url_of(server.url("/", host));
    return message_of([&] { (void)loop.run_real(client.send(request, std::stop_token())); });
  }
  static TlsOptions trusting(const TestAuthority& trusted = authority()) {
    TlsOptions options;
    options.ca_pem = trusted.certificate_pem();
    return options;
  }

  test::Loop loop;
};

TEST_F(Tls, AcceptsWhatTheAuthoritySigned) {
  EXPECT_EQ(outcome(authority().issue("127.0.0.1"), trusting()), "");
  EXPECT_EQ(outcome(authority().issue("localhost"), trusting(), {}, "localhost"), "");
  EXPECT_EQ(outcome(authority().issue("api.example.com"), trusting(), "api.example.com"), "");
  EXPECT_EQ(outcome(authority().issue("*.example.com"), trusting(), "api.example.com"), "");
  EXPECT_EQ(outcome(authority().issue("::1"), trusting(), "::1"), "");
  EXPECT_EQ(outcome(authority().issue(CertificateOptions{.names = {"x", "y", "127.0.0.1"}}), trusting()), "");
}

TEST_F(Tls, RefusesAnUnknownAuthority) {
  const TestAuthority other("Somebody Else");
  const std::string text = outcome(authority().issue("127.0.0.1"), trusting(other));
  EXPECT_NE(text.find("unable to get local issuer certificate"), std::string::npos) << text;
  EXPECT_NE(text.find("127.0.0.1"), std::string::npos) << text;
}

TEST_F(Tls, RefusesAnotherName) {
  for (const auto& [issued, asked] :
       std::initializer_list<std::pair<const char*, const char*>>{{"localhost", "127.0.0.1"},
                                                                  {"other.example.com", "api.example.com"},
                                                                  {"example.com", "api.example.com"},
                                                                  {"*.example.com", "a.b.example.com"},
                                                                  {"*.example.com", "example.com"},
                                                                  {"api*.example.com", "api1.example.com"}}) {
    const std::string text = outcome(authority().issue(issued), trusting(), asked);
    EXPECT_NE(text.find("mismatch"), std::string::npos) << issued << " for " << asked << ": " << text;
  }
}

TEST_F(Tls, RefusesAnAddressThatIsNotInTheCertificate) {
  const std::string text = outcome(authority().issue("127.0.0.2"), trusting());
  EXPECT_NE(text.find("IP address mismatch"), std::string::npos) << text;
}

TEST_F(Tls, RefusesExpiredAndFutureCertificates) {
  using std::chrono::hours;
  const KeyPair expired = authority().issue(
      CertificateOptions{.names = {"127.0.0.1"}, .begins_in = -hours(3), .ends_in = -hours(1)});
  EXPECT_NE(outcome(expired, trusting()).find("certificate has expired"), std::string::npos);
  const KeyPair future = authority().issue(
      CertificateOptions{.names = {"127.0.0.1"}, .begins_in = hours(1), .ends_in = hours(3)});
  EXPECT_NE(outcome(future, trusting()).find("certificate is not yet valid"), std::string::npos);
}

TEST_F(Tls, TrustsOnlyWhatItIsTold) {
  // The system's authorities did not sign this one; that they are asked is seen by the failure.
  EXPECT_NE(outcome(authority().issue("127.0.0.1"), TlsOptions{}), "");
  TlsOptions both = trusting();
  both.system_authorities = true;
  EXPECT_EQ(outcome(authority().issue("127.0.0.1"), both), "");
}

TEST_F(Tls, TrustsACertificateThatIsItsOwnAuthority) {
  const KeyPair server = authority().issue("127.0.0.1");
  TlsOptions options;
  options.ca_pem = server.certificate_pem;  // not the authority's
  EXPECT_EQ(outcome(server, options), "");
}

TEST_F(Tls, SkipsVerificationWhenTold) {
  TlsOptions options;
  options.insecure_skip_verify = true;
  EXPECT_EQ(outcome(authority().issue("whatever"), options), "");
}

TEST_F(Tls, ReadsAuthoritiesFromAFile) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("net-tls-test-" + std::to_string(::getpid()) + ".pem");
  const TestAuthority other("Somebody Else");
  std::ofstream(path) << other.certificate_pem() << "\n# a comment\n" << authority().certificate_pem();
  TlsOptions options;
  options.ca_file = path;
  EXPECT_EQ(outcome(authority().issue("127.0.0.1"), options), "");
  std::filesystem::remove(path);
}

TEST_F(Tls, ShowsAClientCertificate) {
  const KeyPair me = authority().issue("system:node");
  TlsOptions options = trusting();
  const std::string& pem = authority().certificate_pem();
  EXPECT_NE(outcome(authority().issue("127.0.0.1"), options, {}, "127.0.0.1", pem), "");
  options.certificate_pem = me.certificate_pem;
  options.key_pem = me.key_pem;
  EXPECT_EQ(outcome(authority().issue("127.0.0.1"), options, {}, "127.0.0.1", pem), "");
}

TEST_F(Tls, NewConnectionsUseReplacedSettings) {
  const TestAuthority next("The Next Authority");
  const KeyPair old_identity = authority().issue("127.0.0.1");
  const auto answer = [](Peer& peer, int) {
    while (true) {
      (void)peer.read_head();
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
  };
  ScriptedServer before(answer, authority().issue("127.0.0.1"));
  ScriptedServer after(answer, next.issue("127.0.0.1"));
  BeastHttpClient client(loop.executor(), trusting_tls(), {});
  const auto send = [&](const ScriptedServer& server) {
    HttpRequest request;
    request.url = url_of(server.url());
    return message_of([&] { (void)loop.run_real(client.send(request, std::stop_token())); });
  };
  EXPECT_EQ(send(before), "");
  EXPECT_NE(send(after), "");
  client.replace_tls(make_client_tls(trusting(next)).value());
  EXPECT_EQ(send(after), "");
  EXPECT_NE(send(before), "");  // its connection at rest is not used any more
}

TEST(TlsOptionsTest, SaysWhatIsWrong) {
  const KeyPair one = authority().issue("one");
  const KeyPair two = authority().issue("two");
  const auto problem = [](TlsOptions options) {
    const Result<TlsContext> made = make_client_tls(options);
    return made ? std::string() : made.error().message;
  };
  TlsOptions file;
  file.ca_file = "/nonexistent/ca.pem";
  EXPECT_NE(problem(file).find("ca_file /nonexistent/ca.pem"), std::string::npos) << problem(file);
  TlsOptions pem;
  pem.ca_pem = "not a certificate";
  EXPECT_NE(problem(pem).find("ca_pem"), std::string::npos) << problem(pem);
  TlsOptions cut;
  cut.ca_pem = authority().certificate_pem() + authority().certificate_pem().substr(0, 300);
  EXPECT_NE(problem(cut).find("ca_pem"), std::string::npos) << problem(cut);
  TlsOptions half;
  half.certificate_pem = one.certificate_pem;
  EXPECT_NE(problem(half).find("without"), std::string::npos) << problem(half);
  TlsOptions mixed;
  mixed.certificate_pem = one.certificate_pem;
  mixed.key_pem = two.key_pem;
  EXPECT_NE(problem(mixed).find("key_pem"), std::string::npos) << problem(mixed);
  TlsOptions broken;
  broken.certificate_pem = "x";
  broken.key_pem = one.key_pem;
  EXPECT_NE(problem(broken).find("certificate_pem"), std::string::npos) << problem(broken);
  EXPECT_FALSE(make_server_tls(one.certificate_pem, two.key_pem));
  EXPECT_TRUE(make_server_tls(one.certificate_pem, one.key_pem));
  EXPECT_EQ(problem({}), "");
}

}  // namespace
}  // namespace live::net
