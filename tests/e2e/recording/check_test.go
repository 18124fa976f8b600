// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"os"
	"strings"
	"testing"

	"liveroom.dev/liveroom/tests/e2e/internal/stage"
)

// cluster, simulator and chart as every test of this package wants them.
func prepare(t *testing.T) (*stage.Cluster, *stage.Simulator) {
	t.Helper()
	cluster := stage.Open(t)
	simulator := cluster.StartSimulator(t)
	cluster.InstallChart(t, simulator)
	return cluster, simulator
}

// everyFrameIsThere holds a finished file against what the simulator sent: each picture from the first key frame to the
// last, each once, and an unbroken run of the audio.
func everyFrameIsThere(t *testing.T, source *stage.Source, file string, sent []stage.Tag) {
	t.Helper()
	want, got := source.Pictures(t, sent), stage.DecodedFrames(t, file)
	if len(want) == 0 {
		t.Fatal("the simulator sent no picture")
	}
	if len(want) != len(got) {
		t.Errorf("%d pictures were sent and %d recorded", len(want), len(got))
	}
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			t.Fatalf("picture %d is not the one that was sent", i)
		}
	}
	// Audio before the first picture is left out, and so the run may begin later; its end is exact.
	packets, recorded := source.Packets(t, sent), stage.AudioPackets(t, file)
	if len(recorded) > len(packets) || len(recorded) < len(packets)-100 {
		t.Fatalf("%d audio packets were sent and %d recorded", len(packets), len(recorded))
	}
	if strings.Join(packets[len(packets)-len(recorded):], " ") != strings.Join(recorded, " ") {
		t.Error("the audio packets are not the unbroken end of what was sent")
	}
}

// timesRise checks that a file's clock starts at 0 and never steps back.
func timesRise(t *testing.T, file string) {
	t.Helper()
	packets := stage.Packets(t, file)
	if len(packets) == 0 {
		t.Fatalf("%s has no packets", file)
	}
	if packets[0].DTS != 0 {
		t.Errorf("the first packet is at %d ms", packets[0].DTS)
	}
	last := map[string]int64{"audio": -1, "video": -1}
	for i, packet := range packets {
		if packet.DTS <= last[packet.Codec] {
			t.Fatalf("packet %d (%s) is at %d ms after one at %d ms", i, packet.Codec, packet.DTS, last[packet.Codec])
		}
		last[packet.Codec] = packet.DTS
	}
}

func size(t *testing.T, file string) int64 {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
