// SPDX-License-Identifier: Apache-2.0

package cgroup

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Remove removes the group `name` and all below it from every hierarchy. The
// processes in it must have been ended; groups stay busy for a moment after that.
func Remove(ctx context.Context, name string) error {
	const again = 50 * time.Millisecond
	for {
		err := removeOnce(name)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(again):
		}
	}
}

func removeOnce(name string) error {
	all, err := mounted()
	if err != nil {
		return err
	}
	for _, h := range all {
		if err := removeTree(filepath.Join(h.path, name)); err != nil {
			return fmt.Errorf("control group: %w", err)
		}
	}
	return nil
}

// removeTree removes folders from the leaves up; the files in them can't be
// and needn't be removed.
func removeTree(top string) error {
	var folders []string
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			folders = append(folders, path)
		}
		if os.IsNotExist(err) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	for i := len(folders) - 1; i >= 0; i-- {
		if err := os.Remove(folders[i]); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}
