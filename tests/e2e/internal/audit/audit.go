// SPDX-License-Identifier: Apache-2.0

// Package audit reads the log of an API server: who asked what of it, and what the answer was.
package audit

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// longestLine is more than a request with its body takes.
const longestLine = 8 << 20

// Request is a request that was answered.
type Request struct {
	Verb           string
	User           struct{ Username string }
	UserAgent      string
	ObjectRef      struct{ Namespace, Resource, Subresource, Name string }
	ResponseStatus struct{ Code int }
	// Time is when it came.
	Time time.Time `json:"requestReceivedTimestamp"`
	// Body is there for deletions.
	Body *metav1.DeleteOptions `json:"requestObject"`
}

// What is what was asked for, as "verb resource/subresource".
func (r Request) What() string {
	what := r.Verb + " " + r.ObjectRef.Resource
	if r.ObjectRef.Subresource != "" {
		what += "/" + r.ObjectRef.Subresource
	}
	return what
}

// Changes says whether it asks for a change.
func (r Request) Changes() bool {
	switch r.Verb {
	case "create", "update", "patch", "delete", "deletecollection":
		return true
	}
	return false
}

// Done says whether the server did it.
func (r Request) Done() bool { return r.ResponseStatus.Code >= 200 && r.ResponseStatus.Code < 300 }

// Read reads the log, which the server may still be writing.
func Read(t testing.TB, file string) []Request {
	t.Helper()
	log, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	var requests []Request
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		var request Request
		if json.Unmarshal(lines.Bytes(), &request) == nil {
			requests = append(requests, request)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return requests
}
