// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"bufio"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// SourceMedia is the file that the simulator plays.
func SourceMedia(t testing.TB) string {
	t.Helper()
	return filepath.Join(kit.Root(t), "build", "release", "image", "media", "show.flv")
}

// DecodedFrames gives the MD5 of each decoded picture.
func DecodedFrames(t testing.TB, file string) []string {
	t.Helper()
	return frameHashes(t, file, "-map", "0:v", "-fps_mode", "passthrough")
}

// AudioPackets gives the MD5 of each audio packet as it is stored.
func AudioPackets(t testing.TB, file string) []string {
	t.Helper()
	return frameHashes(t, file, "-map", "0:a", "-c", "copy")
}

func frameHashes(t testing.TB, file string, options ...string) []string {
	t.Helper()
	arguments := append([]string{"-v", "error", "-xerror", "-i", file}, options...)
	arguments = append(arguments, "-f", "framemd5", "-")
	command := exec.Command("ffmpeg", arguments...)
	var problems strings.Builder
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil || problems.Len() > 0 {
		t.Fatalf("ffmpeg %s: %v %s", strings.Join(arguments, " "), err, problems.String())
	}
	var hashes []string
	lines := bufio.NewScanner(strings.NewReader(string(out)))
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		columns := strings.Split(lines.Text(), ",")
		hashes = append(hashes, strings.TrimSpace(columns[len(columns)-1]))
	}
	return hashes
}

// Packet is a packet as ffprobe sees it.
type Packet struct {
	Codec string `json:"codec_type"`
	DTS   int64  `json:"dts"`
	Flags string `json:"flags"`
}

// Packets lists the packets of a file in file order, times in milliseconds.
func Packets(t testing.TB, file string) []Packet {
	t.Helper()
	out, err := exec.Command("ffprobe", "-v", "error", "-show_entries", "packet=codec_type,dts,flags", "-of", "json", file).Output()
	if err != nil {
		t.Fatalf("ffprobe %s: %v", file, err)
	}
	var answer struct{ Packets []Packet }
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Packets
}
