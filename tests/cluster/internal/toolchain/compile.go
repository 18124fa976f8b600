// SPDX-License-Identifier: Apache-2.0

package toolchain

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

const maxLine = 1 << 20

// compile builds one program. Pure Go, so that no C compiler is needed and the
// result runs everywhere, also in an image from scratch.
func compile(ctx context.Context, step step, source, output string, screen io.Writer) error {
	command := exec.CommandContext(ctx, "go", "build", "-v", "-trimpath", "-buildvcs=false", "-mod=readonly",
		"-ldflags", step.ldflags, "-o", output, step.pkg)
	command.Dir = source
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	errors, err := command.StderrPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	progress := newProgress(step.title, screen)
	defer progress.stop()
	lines := bufio.NewScanner(errors)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		progress.line(lines.Text())
	}
	_, _ = io.Copy(io.Discard, errors) // after a line longer than that
	if err := command.Wait(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("building %s: %w\n%s", step.title, err, strings.Join(progress.complaints(), "\n"))
	}
	return nil
}

func elapsed(start time.Time) string { return time.Since(start).Round(time.Second).String() }
