// SPDX-License-Identifier: Apache-2.0

// Package kit is what the tests on a real Kubernetes share.
package kit

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Root is the root of the checkout, found upwards from the folder of the test.
func Root(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; folder != "/"; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "crds", "liveroom.yaml")); err == nil {
			return folder
		}
	}
	t.Fatal("no folder above this test has crds/liveroom.yaml")
	return ""
}

// File reads a file of the checkout.
func File(t testing.TB, path ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(append([]string{Root(t)}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// Tool is the path of a program that the test cluster is built with, for example helm or kubectl.
func Tool(t testing.TB, name string) string {
	t.Helper()
	command := exec.Command(filepath.Join(Root(t), "tests", "cluster", "cluster"), "tools")
	command.Stderr = os.Stderr
	folder, err := command.Output()
	if err != nil {
		t.Fatalf("cluster tools: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(folder)), name)
}
