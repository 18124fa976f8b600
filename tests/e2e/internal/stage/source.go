// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"encoding/binary"
	"os"
	"testing"
)

const (
	fileHeader = 9 + 4 // with the first back pointer
	tagHeader  = 11
	audioTag   = 8
	videoTag   = 9
)

// Source is the file that the simulator plays, as what a recording of it must hold.
type Source struct {
	video, audio map[int]int // index among the media tags → number of the picture or packet
	pictures     []string    // MD5 of each picture
	packets      []string    // MD5 of each audio packet
}

// ReadSource reads and decodes the simulator's media.
func ReadSource(t testing.TB) *Source {
	t.Helper()
	file := SourceMedia(t)
	source := &Source{video: map[int]int{}, audio: map[int]int{}, pictures: DecodedFrames(t, file), packets: AudioPackets(t, file)}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	index := 0
	for at := fileHeader; at+tagHeader <= len(content); {
		size := int(binary.BigEndian.Uint32(content[at:]) & 0xFFFFFF)
		body := content[at+tagHeader : at+tagHeader+size]
		isHeader := len(body) < 2 || body[1] == 0
		switch content[at] & 0x1F {
		case videoTag:
			if !isHeader && body[1] == 1 {
				source.video[index] = len(source.video)
				index++
			}
		case audioTag:
			if !isHeader {
				source.audio[index] = len(source.audio)
				index++
			}
		}
		at += tagHeader + size + 4
	}
	if len(source.video) != len(source.pictures) || len(source.audio) != len(source.packets) {
		t.Fatalf("the source has %d and %d tags, but %d pictures and %d packets", len(source.video), len(source.audio), len(source.pictures), len(source.packets))
	}
	return source
}

// Pictures gives what was sent as pictures, from the first key frame on.
func (s *Source) Pictures(t testing.TB, sent []Tag) []string {
	t.Helper()
	var pictures []string
	for _, tag := range sent {
		if tag.Type != "video" || tag.Header || (len(pictures) == 0 && !tag.Key) {
			continue
		}
		number, known := s.video[tag.Index]
		if !known {
			t.Fatalf("tag %d of the source is no picture", tag.Index)
		}
		pictures = append(pictures, s.pictures[number])
	}
	return pictures
}

// Packets gives what was sent as audio packets.
func (s *Source) Packets(t testing.TB, sent []Tag) []string {
	t.Helper()
	var packets []string
	for _, tag := range sent {
		if tag.Type != "audio" || tag.Header {
			continue
		}
		number, known := s.audio[tag.Index]
		if !known {
			t.Fatalf("tag %d of the source is no audio packet", tag.Index)
		}
		packets = append(packets, s.packets[number])
	}
	return packets
}
