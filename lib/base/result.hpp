// SPDX-License-Identifier: Apache-2.0
// Result<T, E>: the value or the error of an operation whose outcome depends on its input.
#pragma once
#include <string>
#include <utility>
#include <variant>

namespace live {

// Wraps an error so that it converts to any Result with that error type.
template <class E>
struct Failure {
  E error;
};
template <class E>
Failure(E) -> Failure<E>;

// A plain sentence for a person; names the field where there is one.
struct Problem {
  std::string message;
  bool operator==(const Problem&) const = default;
};

inline Failure<Problem> failure(std::string message) { return {Problem{std::move(message)}}; }

template <class T, class E = Problem>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  template <class F>
  Result(Failure<F> failed) : state_(std::in_place_index<1>, std::move(failed.error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  bool has_value() const { return state_.index() == 0; }

  // Asking for what is not there throws std::bad_variant_access: a programming error.
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  E& error() { return std::get<1>(state_); }
  const E& error() const { return std::get<1>(state_); }
  T value_or(T other) const& { return has_value() ? value() : std::move(other); }

 private:
  std::variant<T, E> state_;
};

}  // namespace live
