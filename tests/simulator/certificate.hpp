// SPDX-License-Identifier: Apache-2.0
// An authority and a certificate of it, made for one run.
#pragma once
#include <string>
#include <vector>

namespace live::simulator {

struct Identity {
  std::string chain_pem, key_pem;
};

// A certificate for localhost, 127.0.0.1, ::1 and `names` (host names, wildcards or addresses), signed by a
// new authority that is written to `directory`/ca.pem. Throws std::runtime_error.
Identity make_identity(const std::string& directory, const std::vector<std::string>& names);

}  // namespace live::simulator
