// SPDX-License-Identifier: Apache-2.0

package install

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// prometheus is a real one, started by scripts/prometheus.sh, that scrapes the liveroom of the cluster.
type prometheus struct{ address string }

func startPrometheus(t *testing.T) *prometheus {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	command := exec.Command(filepath.Join(kit.Root(t), "scripts", "prometheus.sh"), t.TempDir(), address)
	command.Env = append(os.Environ(), "KUBECONFIG="+os.Getenv("LIVEROOM_E2E_KUBECONFIG"), "PATH="+filepath.Dir(kit.Tool(t, "kubectl"))+":"+os.Getenv("PATH"))
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
	})
	server := &prometheus{address: address}
	kit.Await(t, 30*time.Second, "Prometheus is ready", func() (bool, string) {
		_, err := server.get("/-/ready", nil)
		return err == nil, fmt.Sprint(err)
	})
	return server
}

func (p *prometheus) get(path string, parameters url.Values) ([]byte, error) {
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Get("http://" + p.address + path + "?" + parameters.Encode())
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	return body, err
}

// answers fails when a query gives no series now.
func (p *prometheus) answers(query string) error {
	var answer struct{ Data struct{ Result []any } }
	body, err := p.get("/api/v1/query", url.Values{"query": {query}})
	if err != nil {
		return err
	}
	return decodeInto(body, &answer, func() int { return len(answer.Data.Result) })
}

// decodeInto reads an answer; without anything in it that is an error too.
func decodeInto(body []byte, answer any, length func() int) error {
	if err := json.Unmarshal(body, answer); err != nil {
		return err
	}
	if length() == 0 {
		return fmt.Errorf("no data")
	}
	return nil
}

// values fails when the series of a selector have no value of a label.
func (p *prometheus) values(selector, label string) error {
	var answer struct{ Data []string }
	body, err := p.get("/api/v1/label/"+label+"/values", url.Values{"match[]": {selector}})
	if err != nil {
		return err
	}
	return decodeInto(body, &answer, func() int { return len(answer.Data) })
}

// rules gives the health of every rule by its name.
func (p *prometheus) rules() (map[string]string, error) {
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
	}
	body, err := p.get("/api/v1/rules", nil)
	if err != nil {
		return nil, err
	}
	health := map[string]string{}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	for _, group := range answer.Data.Groups {
		for _, rule := range group.Rules {
			health[rule.Name] = rule.Health + rule.LastError
		}
	}
	return health, nil
}
