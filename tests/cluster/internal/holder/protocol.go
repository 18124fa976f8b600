// SPDX-License-Identifier: Apache-2.0

// Package holder is the process that a cluster lives in. It holds the
// namespaces, runs the components as its children and carries connections
// from a loopback port outside to the API server inside. When it ends, the
// kernel ends everything in it.
//
// It is steered by HTTP over a socket in the cluster's folder, so that the
// command that started it need not stay.
package holder

import "time"

// Spec is a program to run.
type Spec struct {
	Name string   `json:"name"` // of the component, unique
	Path string   `json:"path"` // of the executable
	Args []string `json:"args"` // without the program's name
	Env  []string `json:"env"`  // in addition to the holder's own
	Log  string   `json:"log"`  // file that stdout and stderr are appended to
}

// Status is what became of a Spec.
type Status struct {
	Name    string    `json:"name"`
	PID     int       `json:"pid"` // as the holder sees it; 0 when not running
	Running bool      `json:"running"`
	Asked   bool      `json:"asked"` // its end was asked for
	Exit    string    `json:"exit,omitempty"`
	Started time.Time `json:"started"`
	Log     string    `json:"log"`
}

type stopRequest struct {
	Name   string `json:"name"`
	Signal int    `json:"signal"`
}

type nameRequest struct {
	Name string `json:"name"`
}
