// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"encoding/json"
	"errors"
)

// Kubeconfig renders a kubeconfig with everything in it. JSON is YAML too.
func Kubeconfig(server, name string, authority []byte, user Pair) ([]byte, error) {
	type object = map[string]any
	return json.MarshalIndent(object{
		"apiVersion":      "v1",
		"kind":            "Config",
		"current-context": name,
		"clusters": []any{object{"name": name, "cluster": object{
			"server":                     server,
			"certificate-authority-data": authority,
		}}},
		"users": []any{object{"name": name, "user": object{
			"client-certificate-data": user.Certificate,
			"client-key-data":         user.Key,
		}}},
		"contexts": []any{object{"name": name, "context": object{"cluster": name, "user": name}}},
	}, "", "  ")
}

// ReadKubeconfig reads back what Kubeconfig has rendered.
func ReadKubeconfig(text []byte) (user Pair, authority []byte, err error) {
	var config struct {
		Clusters []struct {
			Cluster struct {
				Authority []byte `json:"certificate-authority-data"`
			}
		}
		Users []struct {
			User struct {
				Certificate []byte `json:"client-certificate-data"`
				Key         []byte `json:"client-key-data"`
			}
		}
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return Pair{}, nil, err
	}
	if len(config.Clusters) != 1 || len(config.Users) != 1 {
		return Pair{}, nil, errors.New("kubeconfig is not one of this program's")
	}
	found := config.Users[0].User
	return Pair{found.Certificate, found.Key}, config.Clusters[0].Cluster.Authority, nil
}
