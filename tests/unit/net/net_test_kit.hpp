// SPDX-License-Identifier: Apache-2.0
// What the tests of lib/net share: coroutines started beside the test, errors as values, TLS of one
// authority.
#pragma once
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "base/stop.hpp"
#include "net/errors.hpp"
#include "net/tls.hpp"
#include "net/url.hpp"
#include "support/loop.hpp"
#include "support/scripted_server.hpp"

namespace live::net {

// A coroutine that runs while the test does something else. `loop` outlives it.
template <class T>
class Pending {
 public:
  Pending(test::Loop& loop, awaitable<T> task) : loop_(loop), state_(std::make_shared<State>()) {
    asio::co_spawn(loop.io, std::move(task), [state = state_](std::exception_ptr error, T value) {
      state->error = error;
      if (!error) state->value.emplace(std::move(value));
      state->done = true;
    });
  }

  bool done() const { return state_->done; }
  T get() {
    loop_.run_until([this] { return done(); });
    if (state_->error) std::rethrow_exception(state_->error);
    return std::move(*state_->value);
  }

 private:
  struct State {
    bool done = false;
    std::exception_ptr error;
    std::optional<T> value;
  };
  test::Loop& loop_;
  std::shared_ptr<State> state_;
};

// The code of the system_error that `action` throws; no error when it throws none.
template <class Action>
error_code error_of(Action action) {
  try {
    action();
  } catch (const system_error& error) {
    return error.code();
  }
  return {};
}

template <class Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const system_error& error) {
    return error.what();
  }
  return {};
}

inline const test::TestAuthority& authority() {
  static const test::TestAuthority instance;
  return instance;
}

inline const test::KeyPair& server_identity() {
  static const test::KeyPair instance =
      authority().issue(test::CertificateOptions{.names = {"localhost", "127.0.0.1"}});
  return instance;
}

// Trusts authority() and nothing else.
inline TlsContext trusting_tls() {
  TlsOptions options;
  options.ca_pem = authority().certificate_pem();
  return make_client_tls(options).value();
}

inline std::optional<test::KeyPair> identity_if(bool tls) {
  return tls ? std::optional<test::KeyPair>(server_identity()) : std::nullopt;
}

// Names of the instances of a suite whose parameter says whether TLS is used.
inline std::string plain_or_tls(const testing::TestParamInfo<bool>& instance) {
  return instance.param ? "Tls" : "Plain";
}

inline Url url_of(const std::string& text) { return parse_url(text).value(); }

}  // namespace live::net
