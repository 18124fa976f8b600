#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Finds co_await outside the forms that g++ 12.2 compiles correctly.

Allowed: a statement of its own, optionally behind `co_return`, an assignment or the initialisation of one variable,
whose expression holds no braces, no conditional operator, no lambda and no second co_await. Everything else may
compile into a wrong coroutine frame (double frees, use after free), so it is refused without asking whether this
particular case happens to work.
"""
import re
import sys

COMMENT_OR_LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.S)
CONTROL = re.compile(r'^\s*(?:else\b|do\b|case\b[^:;]*:|default\s*:|\w+\s*:(?!:))')
TARGET = re.compile(r'^\s*(?:co_return|\(void\)|[\w:<>,&*\s.\[\]\->()]*?[\w\])>]\s*=)?\s*$')


def blank(match):
    """Same length and line breaks, no content, so that offsets and lines stay right."""
    return ''.join('\n' if c == '\n' else ' ' for c in match.group(0))


def skip_parentheses(text, start):
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == '(') - (text[i] == ')')
        if depth == 0:
            return i + 1
    return len(text)


def strip_control(prefix):
    """Takes `if (...)`, `else`, `for (...)` and labels off the front of a statement."""
    while True:
        head = re.match(r'\s*(?:if(?:\s+constexpr)?|for|while|switch)\s*(?=\()', prefix)
        if head:
            end = skip_parentheses(prefix, head.end())
            if end == len(prefix) and prefix.count('(') != prefix.count(')'):
                return prefix  # the co_await is inside the parentheses
            prefix = prefix[end:]
            continue
        label = CONTROL.match(prefix)
        if not label:
            return prefix
        prefix = prefix[label.end():]


def end_of_statement(text, start):
    depth = 0
    for i in range(start, len(text)):
        if text[i] in '([{':
            depth += 1
        elif text[i] in ')]}':
            depth -= 1
            if depth < 0:
                return i
        elif text[i] == ';' and depth == 0:
            return i
    return len(text)


def problem_of(text, at):
    begin = max(text.rfind(c, 0, at) for c in ';{}') + 1
    # A `;` inside the parentheses of a for statement is no border.
    while text.count('(', begin, at) < text.count(')', begin, at) and begin > 1:
        begin = max(text.rfind(c, 0, begin - 1) for c in ';{}') + 1
    prefix = strip_control(text[begin:at])
    if prefix.count('(') != prefix.count(')'):
        return 'co_await inside parentheses: a condition, an argument or a cast'
    if re.match(r'\s*throw\b', prefix):
        return 'co_await in a throw expression'
    if not TARGET.match(prefix):
        return 'co_await is not the whole right side of its statement'
    end = end_of_statement(text, at)
    if text[end:end + 1] != ';':
        return 'co_await inside a braced list'
    rest = text[at + len('co_await'):end]
    if 'co_await' in rest:
        return 'two co_await in one statement'
    if '{' in rest:
        return 'braces or a lambda beside co_await'
    if re.search(r'\[[^\]]*\]\s*\(', rest) and re.search(r'(^|[(,=\s])\[', rest):
        return 'a lambda beside co_await'
    if re.search(r'\?', rest):
        return 'a conditional operator beside co_await'
    return None


def check(path):
    with open(path, encoding='utf-8') as file:
        text = COMMENT_OR_LITERAL.sub(blank, file.read())
    found = 0
    for match in re.finditer(r'\bco_await\b', text):
        why = problem_of(text, match.start())
        if why:
            found += 1
            print(f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {why}: give it a statement of its own")
    return found


if __name__ == '__main__':
    sys.exit(1 if sum(check(path) for path in sys.argv[1:]) else 0)
