// SPDX-License-Identifier: Apache-2.0
#include "net/cpprest_http.hpp"

#define _TURN_OFF_PLATFORM_STRING  // a macro U of the library that fmt does not survive
#include <cpprest/http_client.h>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <pplx/threadpool.h>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <map>
#include <mutex>

#include "base/stop.hpp"
#include "net/errors.hpp"
#include "net/message_head.hpp"
#include "net/socket_watch.hpp"
#include "net/tls.hpp"

namespace live::net {
namespace {

namespace rest = web::http;

constexpr std::size_t threads = 2;
constexpr std::size_t max_clients = 8;  // hosts whose connections are kept
constexpr std::size_t piece = 32 << 10;
constexpr auto backstop = std::chrono::seconds(60);  // of the library's single steps; ends what was abandoned

// The side of a call that belongs to the coroutine and its thread.
struct Waiter {
  explicit Waiter(const Executor& executor_) : executor(executor_), finished(executor_) {}
  Executor executor;
  asio::steady_timer finished;
  bool done = false;
};

struct Failed {
  error_code code;
  std::string detail;
};

// The side that the library's threads share; it may outlive the coroutine's io_context and so holds nothing
// of it but a pointer, which is null once nobody waits any more.
struct Call {
  pplx::cancellation_token_source cancellation;
  std::mutex mutex;  // for what follows, until done
  Waiter* waiter = nullptr;
  HttpResponse response;
  std::optional<Failed> failed;
};

void finish(const std::shared_ptr<Call>& call, HttpResponse response, std::optional<Failed> failed) {
  const std::lock_guard lock(call->mutex);
  if (call->waiter == nullptr) return;
  call->response = std::move(response);
  call->failed = std::move(failed);
  // Under the lock: as long as somebody waits the executor stands.
  asio::post(call->waiter->executor, [call] {
    if (call->waiter == nullptr) return;
    call->waiter->done = true;
    call->waiter->finished.cancel();
  });
}

// Ties the two together as long as the coroutine lives, and ends a call that nobody waits for any more.
class Waiting {
 public:
  Waiting(const std::shared_ptr<Call>& call, Waiter& waiter) : call_(call) { call_->waiter = &waiter; }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    const bool done = call_->waiter->done;
    {
      const std::lock_guard lock(call_->mutex);
      call_->waiter = nullptr;
    }
    if (!done) call_->cancellation.cancel();
  }

 private:
  std::shared_ptr<Call> call_;
};

// The library gives numbers without their category: mostly of the system, but an end of the connection comes
// as 2, and those of the resolver and of OpenSSL mean anything.
error_code code_of(const rest::http_exception& failed) {
  const std::string_view text = failed.what();
  const int value = failed.error_code().value();
  if (text.find("resolv") != text.npos && text.find("connect") == text.npos)
    return asio::error::host_not_found;
  if (text.find("SSL handshake") != text.npos) return NetError::tls_failed;
  if (value == asio::error::eof) return NetError::cut_short;
  if (value >= EPIPE && value <= EHWPOISON) return {value, boost::system::system_category()};
  return NetError::bad_reply;
}

// An exception of the library as values; exceptions stay in the thread that threw them.
Failed failure_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const system_error& failed) {
    return {failed.code(), ""};
  } catch (const web::uri_exception& failed) {
    return {NetError::bad_request, failed.what()};
  } catch (const rest::http_exception& failed) {
    return {code_of(failed), failed.what()};
  } catch (const std::exception& failed) {
    return {NetError::bad_reply, failed.what()};
  } catch (...) {
    return {NetError::bad_reply, "unknown"};
  }
}

rest::http_request to_library(const HttpRequest& request) {
  rest::http_request out(request.method);
  out.set_request_uri(web::uri(request.url.target));
  if (!request.body.empty()) {
    out.set_body(std::vector<unsigned char>(request.body.begin(), request.body.end()));
    out.headers().remove("Content-Type");
  }
  for (const auto& [name, value] : request.headers) {
    if (!is_framing_header(name)) out.headers().add(name, value);
  }
  // The library reports after each piece, and what is thrown here ends the call.
  const std::size_t max_body = request.max_body;
  out.set_progress_handler([max_body](rest::message_direction::direction direction, std::uint64_t bytes) {
    if (direction == rest::message_direction::download && bytes > max_body) {
      throw system_error(NetError::body_too_large);
    }
  });
  return out;
}

HttpResponse from_library(const rest::http_response& response, const std::vector<unsigned char>& body) {
  HttpResponse out;
  out.status = response.status_code();
  for (const auto& [name, value] : response.headers()) out.headers.add(name, value);
  out.body.assign(body.begin(), body.end());
  return out;
}

[[noreturn]] void fail(const Failed& failed, const std::string& what) {
  throw system_error(failed.code, failed.detail.empty() ? what : fmt::format("{}: {}", what, failed.detail));
}

void start(const std::shared_ptr<Call>& call, rest::client::http_client& client,
           const rest::http_request& request) {
  const auto read_all = [](const rest::http_response& head) {
    return head.content_ready().then([](rest::http_response whole) {
      return whole.extract_vector().then(
          [whole](const std::vector<unsigned char>& body) { return from_library(whole, body); });
    });
  };
  client.request(request, call->cancellation.get_token())
      .then(read_all)
      .then([call](const pplx::task<HttpResponse>& task) {
        try {
          finish(call, task.get(), std::nullopt);
        } catch (...) {
          finish(call, {}, failure_of(std::current_exception()));
        }
      });
}

}  // namespace

void limit_cpprest_threads() {
  // What is set up first goes last at exit: the library's threads end while OpenSSL, which they use, still
  // stands.
  OPENSSL_init_ssl(0, nullptr);
  crossplat::threadpool::initialize_with_threads(threads);
}

struct CpprestHttpClient::Impl {
  explicit Impl(CpprestOptions options_) : options(std::move(options_)) {
    TlsOptions tls_options;
    tls_options.ca_file = options.ca_file;
    tls_options.system_authorities = true;
    Result<TlsContext> made = make_client_tls(tls_options);
    if (!made) throw system_error(asio::error::invalid_argument, made.error().message);
    tls = std::move(made).value();
  }

  // One of the library's clients keeps the connections to one host.
  rest::client::http_client& client_for(const Url& url) {
    const std::string base = fmt::format("{}://{}", url.scheme, url.authority());
    if (const auto found = clients.find(base); found != clients.end()) return found->second;
    if (clients.size() >= max_clients) clients.clear();
    return clients.try_emplace(base, web::uri(base), configuration()).first->second;
  }

  rest::client::http_client_config configuration() const {
    rest::client::http_client_config config;
    config.set_timeout(backstop);
    config.set_max_redirects(0);
    config.set_chunksize(piece);
    if (options.proxy) config.set_proxy(web::web_proxy(web::uri(options.proxy->text())));
    // The library makes a context for each connection; all share the authorities of ours.
    config.set_ssl_context_callback([shared = tls](asio::ssl::context& context) {
      SSL_CTX_set1_cert_store(context.native_handle(), SSL_CTX_get_cert_store(shared->native_handle()));
      SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    });
    return config;
  }

  CpprestOptions options;
  TlsContext tls;
  std::map<std::string, rest::client::http_client> clients;
};

CpprestHttpClient::CpprestHttpClient(CpprestOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

CpprestHttpClient::~CpprestHttpClient() = default;

void CpprestHttpClient::set_proxy(std::optional<Url> proxy) {
  if (impl_->options.proxy == proxy) return;
  impl_->options.proxy = std::move(proxy);
  impl_->clients.clear();
}

awaitable<HttpResponse> CpprestHttpClient::send(HttpRequest request, std::stop_token stop) {
  throw_if_stopped(stop);
  const Executor executor = co_await asio::this_coro::executor;
  check_head(request);
  const std::string what = redacted(request.url);
  const auto call = std::make_shared<Call>();
  Waiter waiter(executor);
  const Waiting waiting(call, waiter);
  waiter.finished.expires_at(deadline_after(request.timeout));
  try {
    start(call, impl_->client_for(request.url), to_library(request));
  } catch (...) {
    fail(failure_of(std::current_exception()), what);
  }
  std::stop_callback on_stop(stop, [&waiter] { waiter.finished.cancel(); });
  error_code ignored;
  co_await waiter.finished.async_wait(asio::redirect_error(use_awaitable, ignored));
  if (!waiter.done) {
    throw_if_stopped(stop);
    throw system_error(asio::error::timed_out, what);
  }
  if (call->failed) fail(*call->failed, what);
  // The library reports pieces before it counts the last one.
  if (call->response.body.size() > request.max_body) throw system_error(NetError::body_too_large, what);
  co_return std::move(call->response);
}

}  // namespace live::net
