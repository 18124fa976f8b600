#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check_coroutines  # noqa: E402

GOOD = [
    'co_await f(x);',
    'T x = co_await f(std::move(y));',
    'const auto n = co_await s.read(std::span<char>(b), std::stop_token());',
    'value_ = co_await f(Args(1, 2));',
    'co_return co_await f(x);',
    'if (ready) co_await f(x);',
    'for (int i = 0; i < 3; ++i) co_await f(i);',
    'while (running) { co_await f(x); }',
    'a->b[3].c = co_await f(x);',
    'else co_await f(x);',
]
BAD = [
    'if (co_await f()) g();',
    'while (co_await f()) {}',
    'switch (co_await f()) {}',
    'auto x = c ? co_await f() : y;',
    'auto x = co_await f(c ? a : b);',
    'throw X(co_await f());',
    'co_await f(Args{1, 2});',
    'co_await f({.a = 1});',
    'co_await f([x] { return x; });',
    'g(co_await f());',
    'auto x = co_await f() + co_await g();',
    'auto x = 1 + co_await f();',
    'T x{co_await f()};',
    'if (auto x = co_await f(); x) g();',
]


def findings(statement):
    with tempfile.NamedTemporaryFile('w', suffix='.cpp', delete=False) as file:
        file.write('awaitable<void> t() {\n  ' + statement + '\n}\n')
    try:
        return check_coroutines.check(file.name)
    finally:
        os.unlink(file.name)


class CheckCoroutines(unittest.TestCase):
    def test_good_forms_pass(self):
        for statement in GOOD:
            self.assertEqual(findings(statement), 0, statement)

    def test_bad_forms_are_found(self):
        for statement in BAD:
            self.assertGreater(findings(statement), 0, statement)

    def test_comments_and_strings_do_not_count(self):
        self.assertEqual(findings('g("if (co_await f())"); // if (co_await f())'), 0)


if __name__ == '__main__':
    unittest.main()
