// SPDX-License-Identifier: Apache-2.0

// Package api is the little of a Kubernetes client that bringing a cluster up
// needs.
package api

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"liveroom.dev/tests/cluster/internal/pki"
)

const (
	callTimeout = 5 * time.Second
	maxAnswer   = 4 << 20
)

// Client talks to one API server.
type Client struct {
	server string
	http   *http.Client
}

// New makes a client; a connection is made at the first call.
func New(server string, authority []byte, user pki.Pair) (*Client, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("the cluster's authority is not a certificate")
	}
	certificate, err := tls.X509KeyPair(user.Certificate, user.Key)
	if err != nil {
		return nil, err
	}
	return &Client{server: server, http: &http.Client{
		Timeout: callTimeout,
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}},
		},
	}}, nil
}

// StatusError is an answer other than success.
type StatusError struct {
	Code int
	Text string
}

func (e *StatusError) Error() string { return fmt.Sprintf("status %d: %.500s", e.Code, e.Text) }

// Get reads a JSON answer into reply, or ignores the answer when reply is nil.
func (c *Client) Get(ctx context.Context, path string, reply any) error {
	return c.call(ctx, http.MethodGet, path, nil, reply)
}

// Create posts an object. One that exists already is fine.
func (c *Client) Create(ctx context.Context, path string, object any) error {
	err := c.call(ctx, http.MethodPost, path, object, nil)
	if status, ok := err.(*StatusError); ok && status.Code == http.StatusConflict {
		return nil
	}
	return err
}

// Ready tells whether the API server calls itself ready.
func (c *Client) Ready(ctx context.Context) error { return c.Get(ctx, "/readyz", nil) }

// NodeReady tells whether the node has the condition Ready.
func (c *Client) NodeReady(ctx context.Context, name string) error {
	var node struct {
		Status struct {
			Conditions []struct{ Type, Status, Message string }
		}
	}
	if err := c.Get(ctx, "/api/v1/nodes/"+name, &node); err != nil {
		return err
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == "Ready" {
			if condition.Status == "True" {
				return nil
			}
			return fmt.Errorf("node %s is not ready: %s", name, condition.Message)
		}
	}
	return fmt.Errorf("node %s has not reported yet", name)
}

func (c *Client) call(ctx context.Context, method, path string, request, reply any) error {
	var body io.Reader
	if request != nil {
		text, err := json.Marshal(request)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	call, err := http.NewRequestWithContext(ctx, method, c.server+path, body)
	if err != nil {
		return err
	}
	call.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(call)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return &StatusError{response.StatusCode, string(text)}
	}
	if reply == nil {
		return nil
	}
	return json.Unmarshal(text, reply)
}
