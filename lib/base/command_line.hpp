// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace live {

// What is wrong with a command line, as one line without its end: "PROGRAM: WHAT; see PROGRAM COMMAND
// --help". A command or an option that there is not is named before anything that is missing. Only for
// errors, not for --help and --version.
std::string command_line_complaint(const CLI::App& app, const CLI::ParseError& error);

}  // namespace live
