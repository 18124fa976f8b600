// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"liveroom.dev/tests/cluster/internal/proc"
)

// Options of the holder process.
type Options struct {
	Dir        string   // the cluster's folder
	Namespaces bool     // own mount, network and PID namespace (made by the parent)
	Keep       []string // folders that must stay visible in the mount namespace
	Target     string   // address inside that the listener outside is carried to
}

// SocketPath is where the holder of the cluster in dir listens.
func SocketPath(dir string) string { return filepath.Join(dir, "run", "holder.sock") }

// PIDPath is where a component's identity is written by a holder without namespaces.
func PIDPath(dir, name string) string { return filepath.Join(dir, "run", name+".pid.json") }

// Files the parent hands over.
const (
	readyFD    = 3 // write end: empty when all is well, else the error
	listenerFD = 4 // only with Target
)

// Main is the holder process. It returns only when it can't start.
func Main(options Options) error {
	syscall.CloseOnExec(readyFD) // not for the components
	ready := os.NewFile(readyFD, "ready")
	server, err := prepare(options)
	if err != nil {
		fmt.Fprintln(ready, err)
		return err
	}
	ready.Close()
	// Asked to end it ends at once, and its children with it.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	<-signals
	return server.Close()
}

func prepare(options Options) (*http.Server, error) {
	if options.Namespaces {
		if err := enterMounts(options); err != nil {
			return nil, err
		}
		if err := bringUpNetwork(); err != nil {
			return nil, err
		}
	}
	if options.Target != "" {
		inherited := os.NewFile(listenerFD, "listener")
		listener, err := net.FileListener(inherited)
		inherited.Close()
		if err != nil {
			return nil, fmt.Errorf("listener handed over: %w", err)
		}
		go forward(listener, options.Target)
	}
	socket, err := net.Listen("unix", SocketPath(options.Dir))
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: handler(newChildren(pidRecorder(options)))}
	go server.Serve(socket)
	return server, nil
}

// pidRecorder writes who runs, for a `down` after the holder's death. In a PID
// namespace nothing outlives the holder, and numbers inside mean nothing outside.
func pidRecorder(options Options) func(string, int) {
	if options.Namespaces {
		return func(string, int) {}
	}
	return func(name string, pid int) {
		id, err := proc.Identify(pid)
		if err != nil {
			return // it has ended already
		}
		text, _ := json.Marshal(id)
		if err := os.WriteFile(PIDPath(options.Dir, name), text, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}

func handler(children *children) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /start", func(w http.ResponseWriter, r *http.Request) {
		var spec Spec
		answer(w, r, &spec, func() error { return children.start(spec) })
	})
	mux.HandleFunc("POST /restart", func(w http.ResponseWriter, r *http.Request) {
		var request nameRequest
		answer(w, r, &request, func() error { return children.restart(request.Name) })
	})
	mux.HandleFunc("POST /signal", func(w http.ResponseWriter, r *http.Request) {
		var request stopRequest
		answer(w, r, &request, func() error {
			return children.signal(request.Name, syscall.Signal(request.Signal))
		})
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(children.list())
	})
	return mux
}

func answer(w http.ResponseWriter, r *http.Request, request any, act func() error) {
	err := json.NewDecoder(r.Body).Decode(request)
	if err == nil {
		err = act()
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
	}
}
