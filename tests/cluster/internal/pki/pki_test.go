// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"testing"
)

func TestCertificatesAreAccepted(t *testing.T) {
	authority, err := NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.Certificate)
	server, err := authority.Server("localhost", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"localhost", "127.0.0.1"} {
		options := x509.VerifyOptions{Roots: roots, DNSName: host}
		if _, err := parsed(t, server).Verify(options); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if _, err := parsed(t, server).Verify(x509.VerifyOptions{Roots: roots, DNSName: "other"}); err == nil {
		t.Error("good for any name")
	}
	client, err := authority.Client("somebody", "one", "two")
	if err != nil {
		t.Fatal(err)
	}
	certificate := parsed(t, client)
	options := x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	if _, err := certificate.Verify(options); err != nil {
		t.Error(err)
	}
	if name := certificate.Subject; name.CommonName != "somebody" || len(name.Organization) != 2 {
		t.Error(name)
	}
}

func parsed(t *testing.T, pair Pair) *x509.Certificate {
	t.Helper()
	loaded, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	return loaded.Leaf
}

func TestKubeconfigRoundTrip(t *testing.T) {
	want := Pair{[]byte("certificate"), []byte("key")}
	text, err := Kubeconfig("https://127.0.0.1:1", "x", []byte("authority"), want)
	if err != nil {
		t.Fatal(err)
	}
	got, authority, err := ReadKubeconfig(text)
	if err != nil || !bytes.Equal(got.Certificate, want.Certificate) || !bytes.Equal(got.Key, want.Key) ||
		string(authority) != "authority" {
		t.Errorf("got %s %s, %v", got, authority, err)
	}
	if _, _, err := ReadKubeconfig([]byte(`{}`)); err == nil {
		t.Error("an empty one was taken")
	}
}
