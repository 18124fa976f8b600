// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
	"liveroom.dev/liveroom/tests/e2e/internal/program"
)

const (
	rotationsAnHour = 6
	changesAtATime  = 5
	doneWithin      = 60 * time.Second // after the restart of an API server, on a busy machine
	mostGrowth      = 2.0              // MiB of anonymous memory, from the first quarter to the last
)

// day is a controller that lives through many hours in a few minutes, by the account that the chart gives it.
type day struct {
	*kit.Clients
	own        *kit.Own
	system     string
	namespace  string
	kubeconfig string
	token      string // its file

	controller *program.Process
	processes  int
	bound      string // what the token of now hangs on
	turn       int
	made       int
	expected   map[string]int64 // generation of each LiveRoom
	names      []string
	anonymous  []float64
	resident   []float64
}

// rotate gives the controller another token, and takes the old one's validity away.
func (d *day) rotate(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	d.turn++
	before := d.bound
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("token-%d", d.turn)}}
	made, err := d.Kube.CoreV1().Secrets(d.system).Create(ctx, secret, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d.bound = made.Name
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "Secret", APIVersion: "v1", Name: made.Name, UID: made.UID}}}
	answer, err := d.Kube.CoreV1().ServiceAccounts(d.system).CreateToken(ctx, "liveroom-controller", request, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// As the kubelet does: a whole file takes the place of the old one.
	if err := os.WriteFile(d.token+".new", []byte(answer.Status.Token), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(d.token+".new", d.token); err != nil {
		t.Fatal(err)
	}
	if before != "" {
		if err := d.Kube.CoreV1().Secrets(d.system).Delete(ctx, before, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

func (d *day) create(t *testing.T) {
	t.Helper()
	d.made++
	name := fmt.Sprintf("room-%04d", d.made)
	if _, err := d.LiveRooms(d.namespace).Create(context.Background(), kit.LiveRoom(t, name, fmt.Sprintf("{roomId: %d}", d.made)), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	d.expected[name] = 1
	d.names = append(d.names, name)
}

// live changes some LiveRooms, makes one and deletes the oldest.
func (d *day) live(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	for i := range changesAtATime {
		name := d.names[(d.turn*changesAtATime+i)%len(d.names)]
		patch := fmt.Sprintf(`{"spec": {"transport": {"pollIntervalSeconds": %d}}}`, 60+d.turn)
		changed, err := d.LiveRooms(d.namespace).Patch(ctx, name, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		d.expected[name] = changed.GetGeneration()
	}
	d.create(t)
	oldest := d.names[0]
	d.names = d.names[1:]
	delete(d.expected, oldest)
	if err := d.LiveRooms(d.namespace).Delete(ctx, oldest, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	// What the garbage collector does.
	if err := d.Kube.CoreV1().Pods(d.namespace).Delete(ctx, oldest+"-recorder", metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
}

// awaitDone waits until the controller has seen everything; one that has lost its lease is started again, as a kubelet does.
func (d *day) awaitDone(t *testing.T) {
	t.Helper()
	kit.Await(t, doneWithin, "everything done", func() (bool, string) {
		d.keep(t)
		list, err := d.LiveRooms(d.namespace).List(context.Background(), metav1.ListOptions{})
		if err != nil {
			return false, err.Error()
		}
		behind := 0
		for i := range list.Items {
			if room := view(t, &list.Items[i]); room.status.ObservedGeneration != d.expected[room.name] || room.status.PodName == "" {
				behind++
			}
		}
		return behind == 0 && len(list.Items) == len(d.names), fmt.Sprintf("%d of %d are behind", behind, len(list.Items))
	})
}

func (d *day) keep(t *testing.T) {
	t.Helper()
	if d.controller != nil && d.controller.Runs() {
		return
	}
	d.controller = program.Start(t, image, "--kubeconfig", d.kubeconfig, "--lease-namespace", d.system)
	d.processes++
	d.anonymous, d.resident = nil, nil
}

func (d *day) restartServer(t *testing.T) {
	t.Helper()
	d.own.Run(t, "api", "kill")
	d.own.Run(t, "api", "start")
	d.AwaitLiveRooms(t)
}

// middle is the median of a part of the values, from one fraction of them to another.
func middle(values []float64, from, to float64) float64 {
	part := append([]float64(nil), values[int(from*float64(len(values))):int(to*float64(len(values)))]...)
	if len(part) == 0 {
		return 0
	}
	sort.Float64s(part)
	return part[len(part)/2]
}

// slope is by how much values rise from one to the next, by least squares.
func slope(values []float64) float64 {
	n := float64(len(values))
	var x, y, xx, xy float64
	for i, value := range values {
		at := float64(i)
		x, y, xx, xy = x+at, y+value, xx+at*at, xy+at*value
	}
	return (n*xy - x*y) / (n*xx - x*x)
}

func newDay(t *testing.T, rooms int) *day {
	t.Helper()
	own := kit.OwnCluster(t, "--api-only")
	t.Setenv("KUBECONFIG", own.Kubeconfig)
	clients := kit.Connect(t)
	d := &day{Clients: clients, own: own, system: clients.Namespace(t, "system", nil), namespace: clients.Namespace(t, "rooms", nil),
		kubeconfig: filepath.Join(t.TempDir(), "kubeconfig"), token: filepath.Join(t.TempDir(), "token"), expected: map[string]int64{}}
	clients.InstallChart(t, d.system)
	config := clientcmdapi.NewConfig()
	config.Clusters["c"] = &clientcmdapi.Cluster{Server: clients.Config.Host, CertificateAuthority: clients.Config.CAFile, CertificateAuthorityData: clients.Config.CAData}
	config.AuthInfos["u"] = &clientcmdapi.AuthInfo{TokenFile: d.token}
	config.Contexts["x"] = &clientcmdapi.Context{Cluster: "c", AuthInfo: "u", Namespace: d.system}
	config.CurrentContext = "x"
	if err := clientcmd.WriteToFile(*config, d.kubeconfig); err != nil {
		t.Fatal(err)
	}
	d.rotate(t)
	for range rooms {
		d.create(t)
	}
	return d
}

// Many hours in a few minutes: another token each ten of their minutes, while the old one is no longer taken, and a restart of the API server each hour.
// What users change is done, and memory doesn't grow.
//
//	LIVEROOM_DAY_HOURS  how many (2)        LIVEROOM_DAY_HOUR_SECONDS  how long one takes (16)        LIVEROOM_DAY_ROOMS  LiveRooms (40)
func TestHoursOfTokensAndRestartsCostNothing(t *testing.T) {
	hours := setting(t, "LIVEROOM_DAY_HOURS", 2)
	hour := time.Duration(setting(t, "LIVEROOM_DAY_HOUR_SECONDS", 16)) * time.Second
	d := newDay(t, setting(t, "LIVEROOM_DAY_ROOMS", 40))
	d.keep(t)
	d.awaitDone(t)
	began := time.Now()
	longest := time.Duration(0)
	for h := range hours {
		start := began.Add(time.Duration(h) * hour)
		for rotation := range rotationsAnHour {
			time.Sleep(time.Until(start.Add(hour * time.Duration(rotation) / rotationsAnHour))) // time passes
			d.rotate(t)
			d.live(t)
			d.anonymous, d.resident = append(d.anonymous, d.controller.Memory("RssAnon")), append(d.resident, d.controller.Memory("VmRSS"))
		}
		d.restartServer(t)
		back := time.Now()
		d.awaitDone(t)
		longest = max(longest, time.Since(back))
	}
	t.Logf("%d hours in %v: %d tokens, %d restarts of the API server, everything done at most %v after one; %d LiveRooms made, %d changes each ten minutes",
		hours, time.Since(began).Round(time.Second), d.turn, hours, longest.Round(time.Millisecond), d.made, changesAtATime)
	d.check(t)
}

func (d *day) check(t *testing.T) {
	t.Helper()
	refused := d.controller.Sum("rest_client_requests_total", `code="401"`)
	early, late := middle(d.anonymous, 0, 0.25), middle(d.anonymous, 0.75, 1)
	t.Logf("%d processes; memory of the last: %.2f MiB resident, anonymous %.2f MiB in the first quarter and %.2f in the last, %+.4f MiB an hour; %v requests with a token that was no longer taken",
		d.processes, middle(d.resident, 0.75, 1), early, late, rotationsAnHour*slope(d.anonymous), refused)
	if late-early > mostGrowth {
		t.Errorf("memory grew by %.2f MiB", late-early)
	}
	for _, line := range strings.Split(d.controller.Text(), "\n") {
		if strings.Contains(line, " 401 ") {
			t.Errorf("a token that could have been read again failed: %s", line)
		}
	}
	d.controller.Terminate(t)
}
