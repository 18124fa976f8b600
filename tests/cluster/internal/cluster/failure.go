// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
)

const (
	tailLines = 15
	tailBytes = 64 << 10
)

// failure is an error with the last words of the component it is about.
type failure struct {
	component string
	text      string
	tail      string
}

func newFailure(component, log, format string, args ...any) *failure {
	return &failure{component, fmt.Sprintf(format, args...), Tail(log, tailLines)}
}

func (f *failure) Error() string {
	if f.tail == "" {
		return f.component + ": " + f.text
	}
	return fmt.Sprintf("%s: %s; its log ends with:\n%s", f.component, f.text, f.tail)
}

// Tail returns the last lines of a file, indented; "" when there are none.
func Tail(path string, lines int) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	if size, err := file.Seek(0, io.SeekEnd); err == nil {
		_, _ = file.Seek(max(0, size-tailBytes), io.SeekStart)
	}
	content, err := io.ReadAll(io.LimitReader(file, tailBytes))
	if err != nil {
		return ""
	}
	all := strings.Split(string(bytes.TrimSpace(content)), "\n")
	if len(all) == 1 && all[0] == "" {
		return ""
	}
	return "  " + strings.Join(all[max(0, len(all)-lines):], "\n  ")
}
