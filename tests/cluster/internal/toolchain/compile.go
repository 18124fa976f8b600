// SPDX-License-Identifier: Apache-2.0

package toolchain

import (
	"bufio"
	"bytes"
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
	progress := newProgress(step.title, screen)
	defer progress.stop()
	run := func(args ...string) (stdout []byte, err error) {
		stdout, err = runGo(ctx, source, progress.line, args...)
		if err != nil && ctx.Err() == nil {
			err = fmt.Errorf("building %s: %w\n%s", step.title, err, strings.Join(progress.complaints(), "\n"))
		}
		return stdout, err
	}
	// The list of packages downloads them, and says how many there are to compile.
	packages, err := run("list", "-mod=readonly", "-deps", step.pkg)
	if err != nil {
		return err
	}
	progress.expect(bytes.Count(packages, []byte("\n")))
	_, err = run("build", "-v", "-trimpath", "-buildvcs=false", "-mod=readonly",
		"-ldflags", step.ldflags, "-o", output, step.pkg)
	return err
}

// runGo runs the go command and hands over each line of its errors.
func runGo(ctx context.Context, source string, line func(string), args ...string) (stdout []byte, err error) {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = source
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	var output bytes.Buffer
	command.Stdout = &output
	errors, err := command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(errors)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		line(lines.Text())
	}
	_, _ = io.Copy(io.Discard, errors) // after a line longer than that
	if err := command.Wait(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	return output.Bytes(), nil
}

func elapsed(start time.Time) string { return time.Since(start).Round(time.Second).String() }
