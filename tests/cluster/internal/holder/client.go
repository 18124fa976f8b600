// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

const callTimeout = 10 * time.Second

// Client steers the holder of one cluster.
type Client struct {
	http *http.Client
}

// Connect makes a client; the connection itself is made at the first call.
func Connect(dir string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", SocketPath(dir))
	}
	return &Client{http: &http.Client{
		Timeout:   callTimeout,
		Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true},
	}}
}

// Start runs a component.
func (c *Client) Start(ctx context.Context, spec Spec) error {
	return c.call(ctx, http.MethodPost, "/start", spec, nil)
}

// Restart runs a component again the way it was started before.
func (c *Client) Restart(ctx context.Context, name string) error {
	return c.call(ctx, http.MethodPost, "/restart", nameRequest{Name: name}, nil)
}

// Signal sends a signal to a component; nothing happens when it doesn't run.
func (c *Client) Signal(ctx context.Context, name string, signal syscall.Signal) error {
	return c.call(ctx, http.MethodPost, "/signal", stopRequest{Name: name, Signal: int(signal)}, nil)
}

// Status lists the components in the order of their first start.
func (c *Client) Status(ctx context.Context) ([]Status, error) {
	var all []Status
	err := c.call(ctx, http.MethodGet, "/status", nil, &all)
	return all, err
}

// Component returns the status of one component.
func (c *Client) Component(ctx context.Context, name string) (Status, error) {
	all, err := c.Status(ctx)
	if err != nil {
		return Status{}, err
	}
	for _, status := range all {
		if status.Name == name {
			return status, nil
		}
	}
	return Status{}, fmt.Errorf("this cluster has no %s", name)
}

func (c *Client) call(ctx context.Context, method, path string, request, reply any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	call, err := http.NewRequestWithContext(ctx, method, "http://holder"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := c.http.Do(call)
	if err != nil {
		return fmt.Errorf("the cluster's holder does not answer: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
		return errors.New(strings.TrimSpace(string(text)))
	}
	if reply == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(reply)
}
