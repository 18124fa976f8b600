# SPDX-License-Identifier: Apache-2.0
# For `source`: every recorder that the script starts from here on records as an account, by a cookie of which nothing may
# appear in what it writes. `no_credential PATH…` at the end says where it did.
# shellcheck shell=bash
LIVEROOM_COOKIE_FILE=$(mktemp)
export LIVEROOM_COOKIE_FILE
echo 'SESSDATA=never-to-be-seen-1; bili_jct=never-to-be-seen-2; DedeUserID=20000001' >"$LIVEROOM_COOKIE_FILE"

# Removes the cookie; false when it is in a file.
no_credential() {
  rm -f "$LIVEROOM_COOKIE_FILE"
  local seen
  seen=$(grep -ral never-to-be-seen "$@") || return 0
  echo "FAILED: the cookie is in $seen"
  return 1
}
