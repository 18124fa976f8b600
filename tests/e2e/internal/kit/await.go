// SPDX-License-Identifier: Apache-2.0

package kit

import (
	"testing"
	"time"
)

const lookInterval = 50 * time.Millisecond

// Await looks until done says yes. After the limit the test fails with what was awaited and what was seen last.
func Await(t testing.TB, limit time.Duration, what string, done func() (bool, string)) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for {
		yes, seen := done()
		if yes {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v; last seen: %s", what, limit, seen)
		}
		time.Sleep(lookInterval)
	}
}
