// SPDX-License-Identifier: Apache-2.0

package toolchain

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lock keeps two builders from meeting. The kernel gives it back when the
// holder ends, however it ends.
func lock(ctx context.Context, path string, screen io.Writer) (unlock func(), err error) {
	const (
		again   = 200 * time.Millisecond
		tellAll = 10 * time.Second
	)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	start, told := time.Now(), time.Time{}
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { file.Close() }, nil
		}
		if err != unix.EWOULDBLOCK && err != unix.EINTR {
			file.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if time.Since(told) >= tellAll {
			told = time.Now()
			fmt.Fprintf(screen, "waiting for another build (%s)\n", elapsed(start))
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, ctx.Err()
		case <-time.After(again):
		}
	}
}
