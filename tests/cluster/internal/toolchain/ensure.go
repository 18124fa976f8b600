// SPDX-License-Identifier: Apache-2.0

package toolchain

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"liveroom.dev/tests/cluster/internal/component"
	"liveroom.dev/tests/cluster/internal/image"
)

// Ensure returns the programs and builds them before if need be, which takes
// minutes the first time; the screen shows how far it is.
func Ensure(ctx context.Context, screen io.Writer) (Tools, error) {
	source, err := sourceFolder()
	if err != nil {
		return Tools{}, err
	}
	hash, err := key(source)
	if err != nil {
		return Tools{}, err
	}
	root, err := Root()
	if err != nil {
		return Tools{}, err
	}
	folder := filepath.Join(root, "kubernetes-"+hash)
	if isComplete(folder) {
		return toolsIn(folder), nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return Tools{}, err
	}
	unlock, err := lock(ctx, folder+".lock", screen)
	if err != nil {
		return Tools{}, err
	}
	defer unlock()
	if isComplete(folder) { // built by the one we waited for
		return toolsIn(folder), nil
	}
	return toolsIn(folder), build(ctx, source, folder, screen)
}

func build(ctx context.Context, source, folder string, screen io.Writer) error {
	start := time.Now()
	fmt.Fprintln(screen, "building Kubernetes and Helm from source, once: 5 to 10 minutes on 2 cores")
	tools := toolsIn(folder)
	if err := os.MkdirAll(tools.Bin, 0o755); err != nil {
		return err
	}
	for _, step := range recipe {
		if err := compile(ctx, step, source, tools.Path(step.output), screen); err != nil {
			return err
		}
	}
	for _, name := range links {
		if err := link(kubeProgram, tools.Path(name)); err != nil {
			return err
		}
	}
	if err := packPause(tools); err != nil {
		return err
	}
	if err := os.WriteFile(completeMark(folder), nil, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(screen, "built in %s, kept in %s\n", time.Since(start).Round(time.Second), folder)
	return nil
}

func link(target, path string) error {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.Symlink(target, path)
}

func packPause(tools Tools) error {
	program, err := os.ReadFile(tools.Path(pauseProgram))
	if err != nil {
		return err
	}
	archive, err := os.Create(tools.Pause)
	if err != nil {
		return err
	}
	defer archive.Close()
	if err := image.Write(archive, component.PauseImage, "pause", program); err != nil {
		return err
	}
	return archive.Close()
}
