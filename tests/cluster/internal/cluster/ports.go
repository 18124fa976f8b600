// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// The port of an API server must stay its own while it is stopped. So it is
// taken from below the range from which the kernel gives ports to whoever
// asks for any.
const (
	firstPort = 12000
	lastPort  = 31999
	tries     = 50
)

func listenLoopback() (*net.TCPListener, error) {
	for range tries {
		port := firstPort + rand.IntN(lastPort-firstPort+1)
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return listener.(*net.TCPListener), nil
		}
	}
	return nil, errors.New("no free port on 127.0.0.1")
}

func portOf(listener *net.TCPListener) int { return listener.Addr().(*net.TCPAddr).Port }
