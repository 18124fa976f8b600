// SPDX-License-Identifier: Apache-2.0

// Package image writes a container image of one static program, without a
// registry, a container tool or a base image.
package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"runtime"
)

const (
	typeIndex    = "application/vnd.oci.image.index.v1+json"
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar"
)

type object = map[string]any

// blob is content known by its digest.
type blob struct {
	mediaType string
	content   []byte
}

func (b blob) hash() string {
	sum := sha256.Sum256(b.content)
	return hex.EncodeToString(sum[:])
}

func (b blob) descriptor() object {
	return object{"mediaType": b.mediaType, "digest": "sha256:" + b.hash(), "size": len(b.content)}
}

// Write writes an OCI archive of an image that runs the program as a user
// without rights. The same program gives the same bytes.
func Write(to io.Writer, name, programName string, program []byte) error {
	layerTar, err := tarball([]file{{name: programName, mode: 0o755, content: program}})
	if err != nil {
		return err
	}
	layer := blob{typeLayer, layerTar}
	config, err := asBlob(typeConfig, object{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"config":       object{"Entrypoint": []string{"/" + programName}, "User": "65535:65535"},
		"rootfs":       object{"type": "layers", "diff_ids": []string{"sha256:" + layer.hash()}},
	})
	if err != nil {
		return err
	}
	manifest, err := asBlob(typeManifest, object{
		"schemaVersion": 2,
		"mediaType":     typeManifest,
		"config":        config.descriptor(),
		"layers":        []any{layer.descriptor()},
	})
	if err != nil {
		return err
	}
	reference := manifest.descriptor()
	reference["annotations"] = map[string]string{
		"io.containerd.image.name":          name,
		"org.opencontainers.image.ref.name": name,
	}
	index, err := asBlob(typeIndex, object{
		"schemaVersion": 2, "mediaType": typeIndex, "manifests": []any{reference},
	})
	if err != nil {
		return err
	}
	archive, err := tarball([]file{
		{name: "oci-layout", mode: 0o644, content: []byte(`{"imageLayoutVersion":"1.0.0"}`)},
		{name: "index.json", mode: 0o644, content: index.content},
		{name: "blobs/sha256/" + config.hash(), mode: 0o644, content: config.content},
		{name: "blobs/sha256/" + manifest.hash(), mode: 0o644, content: manifest.content},
		{name: "blobs/sha256/" + layer.hash(), mode: 0o644, content: layer.content},
	})
	if err != nil {
		return err
	}
	_, err = to.Write(archive)
	return err
}

func asBlob(mediaType string, value object) (blob, error) {
	content, err := json.Marshal(value)
	return blob{mediaType, content}, err
}

type file struct {
	name    string
	mode    int64
	content []byte
}

func tarball(files []file) ([]byte, error) {
	var buffer bytes.Buffer
	writer := tar.NewWriter(&buffer)
	for _, f := range files {
		header := &tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.content)), Typeflag: tar.TypeReg}
		if err := writer.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := writer.Write(f.content); err != nil {
			return nil, err
		}
	}
	err := writer.Close()
	return buffer.Bytes(), err
}
