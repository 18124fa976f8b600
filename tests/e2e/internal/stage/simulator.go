// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

const (
	simulatorNamespace = "bilibili"
	simulatorName      = "bilibili-simulator"
	simulatorImage     = "localhost/bilibili-simulator:dev"
	controlPort        = 9090
)

// Simulator is the program that plays Bilibili, running as a pod and reached over TLS.
type Simulator struct {
	cluster *Cluster
	address string // of its service
	CA      []byte
}

// StartSimulator brings the simulator up, or takes the one that an earlier test of the same cluster brought up.
func (c *Cluster) StartSimulator(t testing.TB) *Simulator {
	t.Helper()
	ctx := context.Background()
	namespaces := c.Kube.CoreV1().Namespaces()
	_, err := namespaces.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: simulatorNamespace}}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	simulator := &Simulator{cluster: c, address: c.simulatorAddress(t)}
	simulator.CA = c.simulatorCertificate(t, simulator.address)
	c.simulatorPod(t, simulator.address)
	return simulator
}

func (c *Cluster) simulatorAddress(t testing.TB) string {
	t.Helper()
	services := c.Kube.CoreV1().Services(simulatorNamespace)
	port := func(name string, port, target int) corev1.ServicePort {
		return corev1.ServicePort{Name: name, Port: int32(port), TargetPort: intstr.FromInt(target)}
	}
	wanted := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: simulatorName},
		Spec: corev1.ServiceSpec{
			Selector: map[string]string{"app": simulatorName},
			Ports:    []corev1.ServicePort{port("http", 80, 8080), port("https", 443, 8443), port("control", controlPort, controlPort)},
		},
	}
	service, err := services.Create(context.Background(), wanted, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		service, err = services.Get(context.Background(), simulatorName, metav1.GetOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	return service.Spec.ClusterIP
}

func (c *Cluster) simulatorCertificate(t testing.TB, address string) []byte {
	t.Helper()
	secrets := c.Kube.CoreV1().Secrets(simulatorNamespace)
	authority := newAuthority(t)
	certificate, key := authority.server(t, address)
	wanted := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: simulatorName},
		Data:       map[string][]byte{"tls.crt": certificate, "tls.key": key, "ca.pem": authority.pem()},
	}
	secret, err := secrets.Create(context.Background(), wanted, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		secret, err = secrets.Get(context.Background(), simulatorName, metav1.GetOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	return secret.Data["ca.pem"]
}

func (c *Cluster) simulatorPod(t testing.TB, address string) {
	t.Helper()
	pods := c.Kube.CoreV1().Pods(simulatorNamespace)
	wanted := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: simulatorName, Labels: map[string]string{"app": simulatorName}},
		Spec: corev1.PodSpec{
			Containers: []corev1.Container{{
				Name:            "simulator",
				Image:           simulatorImage,
				ImagePullPolicy: corev1.PullNever,
				Command:         []string{"/usr/bin/bilibili-simulator"},
				Args: []string{
					"--listen", "0.0.0.0:8080", "--tls-listen", "0.0.0.0:8443",
					"--tls-certificate", "/tls/tls.crt", "--tls-key", "/tls/tls.key",
					"--control", fmt.Sprintf("0.0.0.0:%d", controlPort),
					"--public-host", address + ":80", "--public-tls-host", address + ":443",
					"--media", "/media/show.flv", "--log",
				},
				VolumeMounts: []corev1.VolumeMount{{Name: "tls", MountPath: "/tls", ReadOnly: true}},
			}},
			Volumes: []corev1.Volume{{Name: "tls", VolumeSource: corev1.VolumeSource{
				Secret: &corev1.SecretVolumeSource{SecretName: simulatorName}}}},
		},
	}
	_, err := pods.Create(context.Background(), wanted, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	kit.Await(t, time.Minute, "the simulator runs", func() (bool, string) {
		pod, err := pods.Get(context.Background(), simulatorName, metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		return pod.Status.Phase == corev1.PodRunning, string(pod.Status.Phase)
	})
}

// Control calls the control API from inside the cluster's network, which also works while the API server is down.
func (s *Simulator) Control(t testing.TB, method, path string, body any) []byte {
	t.Helper()
	arguments := []string{"curl", "-sS", "--fail-with-body", "--max-time", "10", "-X", method}
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, "-d", string(text))
	}
	arguments = append(arguments, fmt.Sprintf("http://%s:%d%s", s.address, controlPort, path))
	return []byte(s.cluster.Run(t, "exec", arguments...))
}

// BaseURL is what a recorder uses in place of Bilibili's addresses.
func (s *Simulator) BaseURL() string { return "https://" + s.address }

// Room is a room at the simulator.
type Room struct {
	simulator *Simulator
	ID        int64
}

// NewRoom makes a room with a number of its own.
func (s *Simulator) NewRoom(t testing.TB, title string) *Room {
	t.Helper()
	room := &Room{simulator: s, ID: 1_000_000 + rand.Int64N(1_000_000_000)}
	s.Control(t, "POST", "/rooms", map[string]any{"roomId": room.ID, "title": title, "anchor": "主播", "uid": room.ID * 7})
	return room
}

// Do gives the room a command of the control API: live, stop, drop, stall …
func (r *Room) Do(t testing.TB, command string, body map[string]any) {
	t.Helper()
	if body == nil {
		body = map[string]any{}
	}
	r.simulator.Control(t, "POST", fmt.Sprintf("/rooms/%d/%s", r.ID, command), body)
}

// Moment is a tag's time in the stream and on the wall clock.
type Moment struct {
	MediaMs int64 `json:"mediaMs"`
	WallMs  int64 `json:"wallMs"`
}

// Connection is one connection that the simulator had.
type Connection struct {
	ID       uint64  `json:"id"`
	Kind     string  `json:"kind"`
	Peer     string  `json:"peer"`
	TLS      bool    `json:"tls"`
	OpenedMs int64   `json:"openedMs"`
	ClosedMs *int64  `json:"closedMs"`
	FirstTag *Moment `json:"firstTag"`
	LastTag  *Moment `json:"lastTag"`
}

// State is what the simulator knows of a room.
type State struct {
	Status      string `json:"status"`
	Danmaku     struct{ Now, Total int }
	Media       struct{ Now, Total int }
	Connections []Connection `json:"connections"`
}

// State asks for the room's state.
func (r *Room) State(t testing.TB) State {
	t.Helper()
	var state State
	if err := json.Unmarshal(r.simulator.Control(t, "GET", fmt.Sprintf("/rooms/%d", r.ID), nil), &state); err != nil {
		t.Fatal(err)
	}
	return state
}

// Media gives the media connections in the order in which they were opened.
func (s State) MediaConnections() []Connection {
	var media []Connection
	for _, connection := range s.Connections {
		if connection.Kind == "media" {
			media = append(media, connection)
		}
	}
	return media
}

// AwaitDanmaku waits until a recorder listens to the room.
func (r *Room) AwaitDanmaku(t testing.TB, limit time.Duration) {
	t.Helper()
	kit.Await(t, limit, "a recorder on the danmaku socket", func() (bool, string) {
		state := r.State(t)
		return state.Danmaku.Now == 1, fmt.Sprintf("%+v", state.Danmaku)
	})
}

// Tag is a tag that the simulator sent.
type Tag struct {
	Type   string `json:"type"`
	Header bool   `json:"header"`
	Key    bool   `json:"key"`
	Index  int    `json:"index"`
	Loop   int    `json:"loop"`
	WallMs int64  `json:"wallMs"`
}

// Tags lists what a connection was sent.
func (r *Room) Tags(t testing.TB, connection uint64) []Tag {
	t.Helper()
	text := r.simulator.Control(t, "GET", fmt.Sprintf("/rooms/%d/connections/%d/tags", r.ID, connection), nil)
	var tags []Tag
	for line := range strings.Lines(string(text)) {
		var tag Tag
		if err := json.Unmarshal([]byte(line), &tag); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		tags = append(tags, tag)
	}
	return tags
}
