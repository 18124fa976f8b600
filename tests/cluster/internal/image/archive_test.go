// SPDX-License-Identifier: Apache-2.0

package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

func TestArchiveIsWhole(t *testing.T) {
	var archive, again bytes.Buffer
	for _, to := range []*bytes.Buffer{&archive, &again} {
		if err := Write(to, "localhost/x:1", "x", []byte("program")); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(archive.Bytes(), again.Bytes()) {
		t.Error("two runs give two archives")
	}
	files := unpack(t, archive.Bytes())
	for name, content := range files {
		if digest, isBlob := strings.CutPrefix(name, "blobs/sha256/"); isBlob {
			sum := sha256.Sum256(content)
			if hex.EncodeToString(sum[:]) != digest {
				t.Errorf("%s is not the hash of its content", name)
			}
		}
	}
	type reference struct {
		Digest      string
		Size        int
		Annotations map[string]string
	}
	blob := func(r reference) []byte {
		content := files["blobs/sha256/"+strings.TrimPrefix(r.Digest, "sha256:")]
		if len(content) == 0 || len(content) != r.Size {
			t.Fatalf("%s: %d bytes, not %d", r.Digest, len(content), r.Size)
		}
		return content
	}
	var index struct{ Manifests []reference }
	decode(t, files["index.json"], &index)
	if name := index.Manifests[0].Annotations["io.containerd.image.name"]; name != "localhost/x:1" {
		t.Error(name)
	}
	var manifest struct {
		Config reference
		Layers []reference
	}
	decode(t, blob(index.Manifests[0]), &manifest)
	blob(manifest.Config)
	if layer := unpack(t, blob(manifest.Layers[0])); string(layer["x"]) != "program" {
		t.Errorf("layer holds %v", layer)
	}
}

func decode(t *testing.T, text []byte, value any) {
	t.Helper()
	if err := json.Unmarshal(text, value); err != nil {
		t.Fatal(err)
	}
}

func unpack(t *testing.T, archive []byte) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	reader := tar.NewReader(bytes.NewReader(archive))
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[header.Name], err = io.ReadAll(reader); err != nil {
			t.Fatal(err)
		}
	}
}
