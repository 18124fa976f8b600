// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"fmt"
	"net"
	"os"

	"github.com/vishvananda/netlink"

	"liveroom.dev/tests/cluster/internal/address"
)

// nodeLink carries the node's address: the kubelet takes none from loopback.
const nodeLink = "node0"

func bringUpNetwork() error {
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("link lo: %w", err)
	}
	if err := netlink.LinkSetUp(loopback); err != nil {
		return fmt.Errorf("link lo up: %w", err)
	}
	attributes := netlink.NewLinkAttrs()
	attributes.Name = nodeLink
	bridge := &netlink.Bridge{LinkAttrs: attributes}
	if err := netlink.LinkAdd(bridge); err != nil {
		return fmt.Errorf("link %s: %w", nodeLink, err)
	}
	node := &netlink.Addr{IPNet: &net.IPNet{IP: net.ParseIP(address.Node), Mask: net.CIDRMask(32, 32)}}
	if err := netlink.AddrAdd(bridge, node); err != nil {
		return fmt.Errorf("address %s: %w", address.Node, err)
	}
	if err := netlink.LinkSetUp(bridge); err != nil {
		return fmt.Errorf("link %s up: %w", nodeLink, err)
	}
	// A packet to a service is rewritten only after a route for it was found.
	_, services, err := net.ParseCIDR(address.ServiceRange)
	if err != nil {
		return err
	}
	if err := netlink.RouteAdd(&netlink.Route{LinkIndex: bridge.Index, Dst: services}); err != nil {
		return fmt.Errorf("route to %s: %w", address.ServiceRange, err)
	}
	return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1\n"), 0o644)
}
