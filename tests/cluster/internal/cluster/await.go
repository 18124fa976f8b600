// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"liveroom.dev/tests/cluster/internal/api"
	"liveroom.dev/tests/cluster/internal/holder"
	"liveroom.dev/tests/cluster/internal/layout"
)

// Deadlines are generous: they are for a machine that is busy with other work.
const (
	quickDeadline = 60 * time.Second
	apiDeadline   = 120 * time.Second
	nodeDeadline  = 180 * time.Second
	awaitInterval = 50 * time.Millisecond
)

// waiter waits for components, and fails as soon as one of the cluster ends.
type waiter struct {
	dir    layout.Dir
	holder *holder.Client
}

// until repeats check until it succeeds. The component is the one to blame when
// it never does. A refusal of what was asked is final.
func (w waiter) until(ctx context.Context, component string, deadline time.Duration, check func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	var last error
	for {
		err := check(limited)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var status *api.StatusError
		if errors.As(err, &status) && status.Code == http.StatusUnprocessableEntity {
			return newFailure(component, w.dir.Log(component), "%v", err)
		}
		if limited.Err() != nil {
			return newFailure(component, w.dir.Log(component), "not ready after %s: %v", deadline, cmp.Or(last, err))
		}
		last = err
		if err := w.allRunning(limited); err != nil {
			return err
		}
		select {
		case <-limited.Done():
		case <-time.After(awaitInterval):
		}
	}
}

func (w waiter) allRunning(ctx context.Context) error {
	all, err := w.holder.Status(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil // the caller tells which deadline it was
		}
		return newFailure("holder", w.dir.Log("holder"), "%v", err)
	}
	for _, status := range all {
		if !status.Running && !status.Asked {
			return newFailure(status.Name, status.Log, "ended with %s", status.Exit)
		}
	}
	return nil
}

// accepts checks that something listens on a socket of the file system.
func accepts(path string) func(context.Context) error {
	return func(ctx context.Context) error {
		connection, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
		if err != nil {
			return err
		}
		return connection.Close()
	}
}
