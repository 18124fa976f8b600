// SPDX-License-Identifier: Apache-2.0

package selftest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"liveroom.dev/tests/cluster/internal/image"
	"liveroom.dev/tests/cluster/internal/proc"
)

func itoa(number int) string { return strconv.Itoa(number) }

const probeImage = "localhost/probe:1"

// restricted is a namespace and a pod in it as the recorder's is: without
// rights, with a volume. The second pod asks the first one by its service.
const restricted = `
apiVersion: v1
kind: Namespace
metadata: {name: rooms, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: rooms}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Service
metadata: {name: server, namespace: rooms}
spec: {selector: {app: server}, clusterIP: 10.96.7.7, ports: [{port: 80, targetPort: 8080}]}
---
` + podBegin + `
metadata: {name: server, namespace: rooms, labels: {app: server}}
spec:` + podSecurity + `
  containers:
  - args: [serve, /data]` + containerSecurity + `
    volumeMounts: [{name: data, mountPath: /data}]
    readinessProbe: {httpGet: {path: /written, port: 8080}, periodSeconds: 1}
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
---
` + podBegin + `
metadata: {name: client, namespace: rooms}
spec:` + podSecurity + `
  restartPolicy: Never
  containers:
  - args: [fetch, "http://10.96.7.7/written"]` + containerSecurity

const (
	podBegin    = "apiVersion: v1\nkind: Pod"
	podSecurity = `
  securityContext: {runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}`
	containerSecurity = `
    name: probe
    image: ` + probeImage + `
    securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}`
)

// probeArchive builds the image that the pods run.
func probeArchive(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "probe")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", program, "./probe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := os.Create(program + ".tar")
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	if err := image.Write(archive, probeImage, "probe", content); err != nil {
		t.Fatal(err)
	}
	return archive.Name()
}

func TestFullClusterRunsPodsAndLeavesNothing(t *testing.T) {
	before := lookAtMachine(t)
	c := newCluster(t)
	c.run("up")
	if output := c.run("load", "--", probeArchive(t)); !strings.Contains(output, probeImage) {
		t.Errorf("load printed %q", output)
	}
	c.apply(restricted)
	c.kubectl("wait", "-n", "rooms", "pod/server", "--for=condition=Ready", "--timeout=120s")
	c.kubectl("wait", "-n", "rooms", "pod/client", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=120s")

	// The volume is the default one, its folder is known outside, and the pod's user owns the file.
	const written = "written by 65532\n"
	volume := c.kubectl("get", "-n", "rooms", "pvc", "data", "-o", "jsonpath={.spec.volumeName}")
	file := filepath.Join(c.dir, "volumes", volume, "written")
	if text, err := os.ReadFile(file); err != nil || string(text) != written {
		t.Errorf("%s: %q, %v", file, text, err)
	}
	if info, err := os.Stat(file); err != nil || info.Sys().(*syscall.Stat_t).Uid != 65532 {
		t.Errorf("%s: %v", file, err)
	}
	// Pods reach services, and so does a command in the cluster's network; logs and exec reach the kubelet.
	if got := c.kubectl("logs", "-n", "rooms", "client"); got != written {
		t.Errorf("the client got %q", got)
	}
	if got := c.run("exec", "--", "curl", "-sS", "--max-time", "5", "http://10.96.7.7/written"); got != written {
		t.Errorf("from outside the pods: %q", got)
	}
	if got := c.kubectl("exec", "-n", "rooms", "server", "--", "/probe", "fetch", "http://127.0.0.1:8080/written"); got != written {
		t.Errorf("in the pod: %q", got)
	}

	// Pods live through an outage of the API server.
	c.run("api", "kill")
	if _, _, err := c.try("kubectl", "--", "get", "nodes", "--request-timeout=5s"); err == nil {
		t.Error("the killed API server answers")
	}
	if got := c.run("exec", "--", "curl", "-sS", "--max-time", "5", "http://10.96.7.7/written"); got != written {
		t.Errorf("without an API server: %q", got)
	}
	c.run("api", "start")
	const restarts = "jsonpath={.status.containerStatuses[0].restartCount}"
	if got := c.kubectl("get", "-n", "rooms", "pod", "server", "-o", restarts); got != "0" {
		t.Errorf("the container was restarted %s times", got)
	}

	if len(groupsOf(t, c.dir)) == 0 {
		t.Error("the cluster has no control group of its own, so this test sees nothing")
	}
	processes := members(t, c.status())
	if len(processes) < 8+3 { // holder, seven components, and pause, shim, probe
		t.Errorf("only %d processes seen", len(processes))
	}
	c.run("down")
	checkGone(t, c.dir, processes)
	before.compare(t)
}

func TestTwoFullClustersSideBySide(t *testing.T) {
	first, second := newCluster(t), newCluster(t)
	first.run("up")
	second.run("up")
	for i, c := range []*cluster{first, second} {
		c.kubectl("create", "namespace", fmt.Sprintf("only-%d", i))
		c.kubectl("get", "node", "node1")
	}
	if got := second.kubectl("get", "namespaces"); strings.Contains(got, "only-0") {
		t.Error("both are the same cluster: ", got)
	}
	// One ends by accident, and the other does not notice.
	processes := members(t, first.status())
	if err := syscall.Kill(first.status().HolderPID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all processes end", func() bool {
		return !slices.ContainsFunc(processes, func(id proc.ID) bool { return id.Alive() })
	})
	first.run("down")
	checkGone(t, first.dir, processes)
	second.kubectl("get", "node", "node1")
	processes = members(t, second.status())
	second.run("down")
	checkGone(t, second.dir, processes)
}

// withContainerd gives a path in which a shell script stands for containerd.
func withContainerd(t *testing.T, script string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "containerd"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return "PATH=" + folder + ":" + os.Getenv("PATH")
}

func TestFailedFullUpCleansUp(t *testing.T) {
	before := lookAtMachine(t)
	c := newCluster(t)
	c.env = []string{withContainerd(t, "echo no container today\nexit 5\n")}
	_, stderr, err := c.try("up")
	if err == nil {
		t.Error("up ended well")
	}
	for _, part := range []string{"containerd: ended with exit status 5", "no container today"} {
		if !strings.Contains(stderr, part) {
			t.Errorf("%q is not in:\n%s", part, stderr)
		}
	}
	checkGone(t, c.dir, nil)
	before.compare(t)
}

func TestDownAfterAnUpThatWasKilled(t *testing.T) {
	c := newCluster(t)
	c.env = []string{withContainerd(t, "exec sleep 600\n")}
	command := c.command(t.Context(), "up")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the first components start", func() bool { return c.hasStarted(2) })
	processes := members(t, c.status())
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	c.run("down")
	checkGone(t, c.dir, processes)
}
