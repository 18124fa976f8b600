// SPDX-License-Identifier: Apache-2.0

package selftest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const script = "../cluster"

// The first call may have to build everything.
const buildDeadline = 40 * time.Minute

func TestMain(m *testing.M) {
	ctx, cancel := context.WithTimeout(context.Background(), buildDeadline)
	build := exec.CommandContext(ctx, script, "build")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	err := build.Run()
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster build:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// cluster is one folder that commands are given, taken down when the test ends.
type cluster struct {
	t   *testing.T
	dir string
	env []string
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	// Not t.TempDir: its paths are too long for sockets.
	dir, err := os.MkdirTemp("", "lrc")
	if err != nil {
		t.Fatal(err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, dir: dir}
	t.Cleanup(func() {
		if _, _, err := c.try("down"); err != nil {
			t.Error(err)
		}
		os.RemoveAll(dir)
	})
	return c
}

// command prepares a call without a deadline of its own.
func (c *cluster) command(ctx context.Context, args ...string) *exec.Cmd {
	before, after := args, []string{}
	for i, arg := range args {
		if arg == "--" {
			before, after = args[:i], args[i:]
			break
		}
	}
	all := append(append(append([]string{}, before...), "--dir", c.dir), after...)
	command := exec.CommandContext(ctx, script, all...)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "KUBECONFIG=") && !strings.HasPrefix(variable, "KUBEBUILDER_ASSETS=") {
			command.Env = append(command.Env, variable)
		}
	}
	command.Env = append(command.Env, c.env...)
	return command
}

func (c *cluster) try(args ...string) (stdout, stderr string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	command := c.command(ctx, args...)
	var out, errors bytes.Buffer
	command.Stdout, command.Stderr = &out, &errors
	if err = command.Run(); err != nil {
		err = fmt.Errorf("cluster %s: %w\n%s", strings.Join(args, " "), err, errors.String())
	}
	return out.String(), errors.String(), err
}

func (c *cluster) run(args ...string) string {
	c.t.Helper()
	stdout, _, err := c.try(args...)
	if err != nil {
		c.t.Fatal(err)
	}
	return stdout
}

func (c *cluster) kubectl(args ...string) string {
	c.t.Helper()
	return c.run(append([]string{"kubectl", "--"}, args...)...)
}

// apply gives objects, as YAML, to the API server.
func (c *cluster) apply(yaml string) {
	c.t.Helper()
	file := filepath.Join(c.t.TempDir(), "objects.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o644); err != nil {
		c.t.Fatal(err)
	}
	c.kubectl("apply", "-f", file)
}

type report struct {
	Up         bool
	Mode       string
	Server     string
	HolderPID  int
	Components []struct {
		Name    string
		Running bool
		PID     int
		Exit    string
	}
}

func (c *cluster) status() report {
	c.t.Helper()
	found, err := c.tryStatus()
	if err != nil {
		c.t.Fatal(err)
	}
	return found
}

// hasStarted is false also while a cluster that is just starting can't be asked yet.
func (c *cluster) hasStarted(components int) bool {
	starting, err := c.tryStatus()
	return err == nil && len(starting.Components) >= components
}

func (c *cluster) tryStatus() (report, error) {
	stdout, stderr, _ := c.try("status", "--json")
	var found report
	if err := json.Unmarshal([]byte(stdout), &found); err != nil {
		return found, fmt.Errorf("status: %w in %q; %s", err, stdout, stderr)
	}
	return found, nil
}

func (r report) pids() []int {
	all := []int{r.HolderPID}
	for _, component := range r.Components {
		all = append(all, component.PID)
	}
	return all
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !condition(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: ", what)
		}
	}
}
