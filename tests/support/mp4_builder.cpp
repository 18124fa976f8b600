// SPDX-License-Identifier: Apache-2.0
#include "support/mp4_builder.hpp"

#include <string_view>

namespace live::test {
namespace {

// A box around what `fill` writes.
template <class Fill>
void box(ByteWriter& out, std::string_view type, Fill fill) {
  const std::size_t begin = out.size();
  out.u32(0);
  out.text(type);
  fill();
  store_u32(out.data().data() + begin, static_cast<std::uint32_t>(out.size() - begin));
}
template <class Fill>
void full_box(ByteWriter& out, std::string_view type, std::uint8_t version, std::uint32_t flags, Fill fill) {
  box(out, type, [&] {
    out.u8(version);
    out.u24(flags);
    fill();
  });
}
void zeros(ByteWriter& out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out.u8(0);
}

void matrix(ByteWriter& out) {
  for (const std::uint32_t value : {0x10000u, 0u, 0u, 0u, 0x10000u, 0u, 0u, 0u, 0x40000000u}) out.u32(value);
}

void video_entry(ByteWriter& out, const Mp4Track& track) {
  box(out, "avc1", [&] {
    zeros(out, 6);
    out.u16(1);
    zeros(out, 16);
    out.u16(track.width);
    out.u16(track.height);
    out.u32(0x48'0000);
    out.u32(0x48'0000);
    out.u32(0);
    out.u16(1);
    zeros(out, 32);
    out.u16(24);
    out.u16(0xFFFF);
    box(out, "avcC", [&] { out.bytes(track.config); });
  });
}

void descriptor(ByteWriter& out, std::uint8_t tag, std::size_t size) {
  out.u8(tag);
  for (const int unused : {0, 1, 2}) {
    (void)unused;
    out.u8(0x80);
  }
  out.u8(static_cast<std::uint8_t>(size));
}

void sound_entry(ByteWriter& out, const Mp4Track& track) {
  box(out, "mp4a", [&] {
    zeros(out, 6);
    out.u16(1);
    zeros(out, 8);
    out.u16(2);
    out.u16(16);
    out.u32(0);
    out.u32(track.timescale << 16);
    full_box(out, "esds", 0, 0, [&] {
      const std::size_t config = track.config.size();
      descriptor(out, 3, 3 + 5 + 13 + 5 + config + 5 + 1);
      out.u16(static_cast<std::uint16_t>(track.id));
      out.u8(0);
      descriptor(out, 4, 13 + 5 + config);
      out.u8(0x40);
      out.u8(0x15);
      out.u24(0);
      out.u32(128'000);
      out.u32(128'000);
      descriptor(out, 5, config);
      out.bytes(track.config);
      descriptor(out, 6, 1);
      out.u8(2);
    });
  });
}

void sample_table(ByteWriter& out, const Mp4Track& track) {
  box(out, "stbl", [&] {
    full_box(out, "stsd", 0, 0, [&] {
      out.u32(1);
      track.video ? video_entry(out, track) : sound_entry(out, track);
    });
    full_box(out, "stts", 0, 0, [&] { out.u32(0); });
    full_box(out, "stsc", 0, 0, [&] { out.u32(0); });
    full_box(out, "stsz", 0, 0, [&] { zeros(out, 8); });
    full_box(out, "stco", 0, 0, [&] { out.u32(0); });
  });
}

void media(ByteWriter& out, const Mp4Track& track) {
  box(out, "mdia", [&] {
    full_box(out, "mdhd", 0, 0, [&] {
      zeros(out, 8);
      out.u32(track.timescale);
      out.u32(0);
      out.u16(0x55C4);
      out.u16(0);
    });
    full_box(out, "hdlr", 0, 0, [&] {
      out.u32(0);
      out.text(track.video ? "vide" : "soun");
      zeros(out, 13);
    });
    box(out, "minf", [&] {
      if (track.video) full_box(out, "vmhd", 0, 1, [&] { zeros(out, 8); });
      if (!track.video) full_box(out, "smhd", 0, 0, [&] { zeros(out, 4); });
      box(out, "dinf", [&] {
        full_box(out, "dref", 0, 0, [&] {
          out.u32(1);
          full_box(out, "url ", 0, 1, [] {});
        });
      });
      sample_table(out, track);
    });
  });
}

void track_box(ByteWriter& out, const Mp4Track& track) {
  box(out, "trak", [&] {
    full_box(out, "tkhd", 0, 3, [&] {
      zeros(out, 8);
      out.u32(track.id);
      zeros(out, 8);
      zeros(out, 12);
      out.u16(track.video ? 0 : 0x0100);
      out.u16(0);
      matrix(out);
      out.u32(track.video ? std::uint32_t{track.width} << 16 : 0);
      out.u32(track.video ? std::uint32_t{track.height} << 16 : 0);
    });
    media(out, track);
  });
}

constexpr std::uint32_t sync_flags = 0x0200'0000, other_flags = 0x0101'0000;

}  // namespace

Bytes mp4_init(const std::vector<Mp4Track>& tracks, std::uint32_t note) {
  ByteWriter out;
  box(out, "ftyp", [&] {
    out.text("isom");
    out.u32(1);
    out.text("isommp42avc1dash");
  });
  box(out, "moov", [&] {
    full_box(out, "mvhd", 0, 0, [&] {
      out.u32(note);
      out.u32(0);
      out.u32(90'000);
      out.u32(0);
      out.u32(0x10000);
      out.u16(0x0100);
      zeros(out, 10);
      matrix(out);
      zeros(out, 24);
      out.u32(static_cast<std::uint32_t>(tracks.size() + 1));
    });
    for (const Mp4Track& track : tracks) track_box(out, track);
    box(out, "mvex", [&] {
      for (const Mp4Track& track : tracks) {
        full_box(out, "trex", 0, 0, [&] {
          out.u32(track.id);
          out.u32(1);
          zeros(out, 12);
        });
      }
    });
  });
  return std::move(out).take();
}

Bytes mp4_fragment(std::uint32_t number, std::span<const Mp4Run> runs, Mp4Form form) {
  ByteWriter out;
  std::vector<std::size_t> offsets_at;
  box(out, "moof", [&] {
    full_box(out, "mfhd", 0, 0, [&] { out.u32(number); });
    for (const Mp4Run& run : runs) {
      box(out, "traf", [&] {
        full_box(out, "tfhd", 0, form.absolute_base ? 0x1 : 0x2'0000, [&] {
          out.u32(run.track);
          if (form.absolute_base) out.u64(0);
        });
        full_box(out, "tfdt", form.wide_times ? 1 : 0, 0, [&] {
          if (form.wide_times) out.u64(run.decode_time);
          if (!form.wide_times) out.u32(static_cast<std::uint32_t>(run.decode_time));
        });
        full_box(out, "trun", 1, 0x1 | 0x100 | 0x200 | 0x400 | 0x800, [&] {
          out.u32(static_cast<std::uint32_t>(run.samples.size()));
          offsets_at.push_back(out.size());
          out.u32(0);
          for (const Mp4Sample& sample : run.samples) {
            out.u32(sample.duration);
            out.u32(static_cast<std::uint32_t>(sample.data.size()));
            out.u32(sample.sync ? sync_flags : other_flags);
            out.u32(static_cast<std::uint32_t>(sample.composition));
          }
        });
      });
    }
  });
  std::size_t at = out.size() + 8;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    store_u32(out.data().data() + offsets_at[i], static_cast<std::uint32_t>(at));
    for (const Mp4Sample& sample : runs[i].samples) at += sample.data.size();
  }
  box(out, "mdat", [&] {
    for (const Mp4Run& run : runs)
      for (const Mp4Sample& sample : run.samples) out.bytes(sample.data);
  });
  return std::move(out).take();
}

}  // namespace live::test
