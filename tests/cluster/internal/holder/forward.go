// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"io"
	"net"
	"time"
)

// forward carries connections from a listener, which was made outside and
// stays there, to an address in the network namespace of this process.
func forward(listener net.Listener, target string) {
	const afterError = 100 * time.Millisecond
	for {
		outside, err := listener.Accept()
		if err != nil {
			time.Sleep(afterError) // out of descriptors
			continue
		}
		go carry(outside.(*net.TCPConn), target)
	}
}

func carry(outside *net.TCPConn, target string) {
	const dialTimeout = 5 * time.Second
	defer outside.Close()
	connection, err := net.DialTimeout("tcp", target, dialTimeout)
	if err != nil {
		_ = outside.SetLinger(0) // a reset, as near as can be to a refusal
		return
	}
	inside := connection.(*net.TCPConn)
	defer inside.Close()
	done := make(chan error, 2)
	go func() { done <- pump(inside, outside) }()
	go func() { done <- pump(outside, inside) }()
	for range 2 {
		if err := <-done; err != nil {
			_ = outside.SetLinger(0)
			return // closing both ends the other direction
		}
	}
}

// pump copies until the source ends, and passes a clean end on.
func pump(to, from *net.TCPConn) error {
	if _, err := io.Copy(to, from); err != nil {
		return err
	}
	return to.CloseWrite()
}
