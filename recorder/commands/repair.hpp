// SPDX-License-Identifier: Apache-2.0
// `liveroom-recorder repair FILE… -o DIR`: the rules of a recording over files that exist already.
#pragma once
#include "recorder/options.hpp"

namespace live::recorder {

// The files are taken for the successive connections of one recording. The exit code: 0 done, 1 a file could
// not be read or written, or holds no media; 2 an argument is no FLV file or no folder, and nothing was
// written.
int repair_files(const RepairOptions& options);

}  // namespace live::recorder
