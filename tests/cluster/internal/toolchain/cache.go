// SPDX-License-Identifier: Apache-2.0

package toolchain

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// SourceVariable names the environment variable with the module's folder.
const SourceVariable = "LIVEROOM_CLUSTER_SOURCE"

// Tools are the finished programs.
type Tools struct {
	Bin   string // folder of programs and links
	Pause string // archive of the pause image
}

// Path of a program.
func (t Tools) Path(name string) string { return filepath.Join(t.Bin, name) }

// Root is the cache of all versions.
func Root() (string, error) {
	if root := os.Getenv("LIVEROOM_CACHE"); root != "" {
		return filepath.Abs(root)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("set LIVEROOM_CACHE: %w", err)
	}
	return filepath.Join(home, ".cache", "liveroom"), nil
}

func sourceFolder() (string, error) {
	folder := os.Getenv(SourceVariable)
	if folder == "" {
		return "", errors.New("call this program by tests/cluster/cluster, which tells it where its sources are")
	}
	return folder, nil
}

// key is the hash of everything that decides what is built.
func key(source string) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q", recipe)
	for _, pattern := range sources {
		files, err := filepath.Glob(filepath.Join(source, pattern))
		if err != nil {
			return "", err
		}
		if len(files) == 0 {
			return "", fmt.Errorf("no %s in %s", pattern, source)
		}
		for _, file := range files { // Glob sorts
			content, err := os.ReadFile(file)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(sum, "%s %d\n", filepath.Base(file), len(content))
			sum.Write(content)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

func toolsIn(folder string) Tools {
	return Tools{Bin: filepath.Join(folder, "bin"), Pause: filepath.Join(folder, "pause.tar")}
}

// completeMark is the last file written to a version's folder.
func completeMark(folder string) string { return filepath.Join(folder, "complete") }

func isComplete(folder string) bool {
	_, err := os.Stat(completeMark(folder))
	return err == nil
}
