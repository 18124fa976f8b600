// SPDX-License-Identifier: Apache-2.0
// Over captured samples, where they are: a whole small file, and dumps of recordings turned into tags.
#include <gtest/gtest.h>

namespace live::flv {
namespace {}
}  // namespace live::flv
