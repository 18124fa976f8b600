// SPDX-License-Identifier: Apache-2.0

// Package cluster brings a cluster up, takes it down and looks at it.
package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"liveroom.dev/tests/cluster/internal/layout"
	"liveroom.dev/tests/cluster/internal/proc"
)

// Modes of a cluster.
const (
	ModeFull    = "full"     // with a node that runs pods
	ModeAPIOnly = "api-only" // etcd and API server
)

// State is what is known about a cluster between two commands. It is written
// before anything is made that it names, so that all of it can be unmade.
type State struct {
	Mode        string  `json:"mode"`
	Controllers bool    `json:"controllers"`
	Audit       bool    `json:"audit"`
	Server      string  `json:"server"` // URL of the API server
	Holder      proc.ID `json:"holder"`
	CgroupRoot  string  `json:"cgroupRoot,omitempty"`
	Programs    string  `json:"programs"` // folder of the executables in use
}

func (s State) node() bool { return s.Mode == ModeFull }

func (s State) save(dir layout.Dir) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	temporary := dir.State() + ".new"
	if err := os.WriteFile(temporary, append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, dir.State())
}

// Load reads the state; found is false when there is no cluster in the folder.
func Load(dir layout.Dir) (state State, found bool, err error) {
	text, err := os.ReadFile(dir.State())
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, false, nil
	}
	if err != nil {
		return State{}, false, err
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return State{}, false, fmt.Errorf("%s: %w", dir.State(), err)
	}
	return state, true, nil
}

// loadRunning is for commands that need a cluster which is up.
func loadRunning(dir layout.Dir) (State, error) {
	state, found, err := Load(dir)
	if err != nil {
		return State{}, err
	}
	if !found || !state.Holder.Alive() {
		return State{}, fmt.Errorf("no cluster is up in %s", dir)
	}
	return state, nil
}

// lock lets one command at a time change the cluster of a folder.
func lock(dir layout.Dir) (unlock func(), err error) {
	folder, err := os.Open(string(dir))
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(folder.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		folder.Close()
		return nil, fmt.Errorf("another command works on the cluster in %s", dir)
	}
	// The one before may have removed the folder between our two calls.
	mine, err := folder.Stat()
	if err != nil {
		folder.Close()
		return nil, err
	}
	if there, err := os.Stat(string(dir)); err != nil || !os.SameFile(mine, there) {
		folder.Close()
		return nil, fmt.Errorf("the cluster in %s has just been taken down, try again", dir)
	}
	return func() { folder.Close() }, nil
}
