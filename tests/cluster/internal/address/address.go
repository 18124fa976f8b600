// SPDX-License-Identifier: Apache-2.0

// Package address holds the addresses inside a cluster with a node. Every such
// cluster has the same ones: they are seen only in its network namespace.
package address

// Addresses and ranges.
const (
	Node         = "10.245.0.1"
	FirstService = "10.96.0.1" // of kubernetes.default
	ServiceRange = "10.96.0.0/16"
	PodRange     = "10.244.0.0/24"
)
