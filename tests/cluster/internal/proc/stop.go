// SPDX-License-Identifier: Apache-2.0

package proc

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

const pollInterval = 20 * time.Millisecond

// Signal sends a signal if the process still is the one meant.
func (id ID) Signal(signal syscall.Signal) {
	if id.Alive() {
		_ = syscall.Kill(id.PID, signal) // it may end at this very moment
	}
}

// WaitGone returns when the process has ended.
func (id ID) WaitGone(ctx context.Context) error {
	for id.Alive() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("process %d has not ended: %w", id.PID, ctx.Err())
		case <-time.After(pollInterval):
		}
	}
	return nil
}

// Stop asks the process to end, and kills it when it hasn't after grace.
func (id ID) Stop(ctx context.Context, grace time.Duration) error {
	id.Signal(syscall.SIGTERM)
	polite, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	if id.WaitGone(polite) == nil {
		return nil
	}
	id.Signal(syscall.SIGKILL)
	return id.WaitGone(ctx)
}
