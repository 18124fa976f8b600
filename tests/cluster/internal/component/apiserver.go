// SPDX-License-Identifier: Apache-2.0

package component

import (
	"fmt"

	"liveroom.dev/tests/cluster/internal/address"
	"liveroom.dev/tests/cluster/internal/layout"
)

// API describes the API server wanted.
type API struct {
	Port        int
	Node        bool // a kubelet belongs to the cluster
	Controllers bool // a controller manager does: it makes service accounts
	Audit       bool
}

// AuditPolicy records every request's metadata once, when it is answered, and
// of deletions their options: grace period and preconditions.
const AuditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Request
  verbs: [delete, deletecollection]
- level: Metadata
`

// APIServerHosts are the names its certificate is good for.
func APIServerHosts() []string {
	return []string{
		"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
		"kubernetes.default.svc.cluster.local", "127.0.0.1", address.FirstService, address.Node,
	}
}

// APIServerArgs are the flags of kube-apiserver.
func APIServerArgs(dir layout.Dir, api API) []string {
	args := []string{
		"--etcd-servers=unix://" + dir.EtcdSocket(),
		fmt.Sprintf("--secure-port=%d", api.Port),
		"--tls-cert-file=" + dir.PKI("apiserver.crt"),
		"--tls-private-key-file=" + dir.PKI("apiserver.key"),
		"--client-ca-file=" + dir.PKI("ca.crt"),
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-signing-key-file=" + dir.PKI("service-accounts.key"),
		"--service-account-key-file=" + dir.PKI("service-accounts.key"),
		"--service-cluster-ip-range=" + address.ServiceRange,
		"--allow-privileged=true",
		"--profiling=false",
	}
	if api.Node {
		args = append(args,
			"--bind-address=0.0.0.0",
			"--advertise-address="+address.Node,
			"--authorization-mode=Node,RBAC",
			"--enable-admission-plugins=NodeRestriction",
			"--kubelet-client-certificate="+dir.PKI("apiserver-kubelet.crt"),
			"--kubelet-client-key="+dir.PKI("apiserver-kubelet.key"),
			"--kubelet-preferred-address-types=InternalIP",
		)
	} else {
		args = append(args,
			"--bind-address=127.0.0.1",
			"--advertise-address=127.0.0.1",
			"--endpoint-reconciler-type=none", // it refuses loopback, and nobody asks for it
			"--authorization-mode=RBAC",
		)
	}
	if !api.Controllers {
		// Nobody makes the account `default`, without which no pod is admitted.
		args = append(args, "--disable-admission-plugins=ServiceAccount")
	}
	if api.Audit {
		args = append(args,
			"--audit-policy-file="+dir.Config("audit-policy.yaml"),
			"--audit-log-path="+dir.AuditLog(),
			"--audit-log-maxsize=100000", // MiB: a test reads the whole of it
		)
	}
	return args
}
