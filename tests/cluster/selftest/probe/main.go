// SPDX-License-Identifier: Apache-2.0

// Command probe is what the tests run in a pod: `serve FOLDER` writes the file
// FOLDER/written and serves it on port 8080; `fetch URL` prints what it gets.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: probe serve FOLDER | fetch URL")
	}
	if args[0] == "serve" {
		return serve(args[1])
	}
	return fetch(args[1])
}

func serve(folder string) error {
	text := fmt.Sprintf("written by %d\n", os.Getuid())
	if err := os.WriteFile(filepath.Join(folder, "written"), []byte(text), 0o644); err != nil {
		return err
	}
	return http.ListenAndServe(":8080", http.FileServer(http.Dir(folder)))
}

// fetch tries for a while: rules for a service follow its endpoints.
func fetch(url string) error {
	client := &http.Client{Timeout: 2 * time.Second}
	var last error
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		response, err := client.Get(url)
		if err != nil {
			last = err
			continue
		}
		defer response.Body.Close()
		_, err = io.Copy(os.Stdout, response.Body)
		return err
	}
	return last
}
