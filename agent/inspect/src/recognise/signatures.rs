//! Kinds that show themselves by fixed bytes, or by a small structure at a fixed place.

use super::mail;
use crate::container::tar;
use crate::kind::{self, Kind};

/// Bytes at an offset that make a kind. Longer and rarer ones come first.
const SIGNATURES: &[(usize, &[u8], Kind)] = &[
    (0, b"{\\rtf", kind::RTF),
    (
        0,
        b"\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3",
        kind::ONE,
    ),
    (0, b"AutoCAD Binary DXF\r\n\x1A\0", kind::DXF),
    (0, b"ISO-10303-21;", kind::STEP),
    (0, b"(DWF V", kind::DWF),
    (0, b"3D Geometry File Format ", kind::RHINO),
    (0, b"V5_CFV2\0", kind::CATIA),
    (0, b"\xFF\xFE\xFF\x0ES\0k\0e\0t\0c\0h\0U\0p\0", kind::SKETCHUP),
    (0, b"\x08\x09\xFE\x02", kind::DGN),
    (0, b"\xC8\x09\xFE\x02", kind::DGN),
    (0, b"\x1F\x8B\x08", kind::GZIP),
    (0, b"\xFD7zXZ\0", kind::XZ),
    (0, b"\x28\xB5\x2F\xFD", kind::ZSTD),
    (0, b"\x04\x22\x4D\x18", kind::LZ4),
    (0, b"MSCF\0\0\0\0", kind::CAB),
    (0x8001, b"CD001", kind::ISO),
    (2, b"-lh5-", kind::LZH),
    (2, b"-lh0-", kind::LZH),
    (0, b"SQLite format 3\0", kind::SQLITE),
    (0, b"\0\x01\0\0Standard Jet DB\0", kind::MDB),
    (0, b"\0\x01\0\0Standard ACE DB\0", kind::ACCDB),
    (0, b"PGDMP", kind::PG_DUMP),
    (0, b"PAR1", kind::PARQUET),
    (0, b"\x89HDF\r\n\x1A\n", kind::HDF5),
    (0, b"!BDN", kind::PST),
    (0, b"\x78\x9F\x3E\x22", kind::TNEF),
    (0, b"8BPS\0\x01", kind::PSD),
    (0, b"8BPS\0\x02", kind::PSD),
    (0, b"fig-kiwi", kind::FIGMA),
    (0, b"\x89PNG\r\n\x1A\n", kind::PNG),
    (0, b"\xFF\xD8\xFF", kind::JPEG),
    (0, b"GIF87a", kind::GIF),
    (0, b"GIF89a", kind::GIF),
    (0, b"II*\0", kind::TIFF),
    (0, b"MM\0*", kind::TIFF),
    (0, b"%!PS", kind::POSTSCRIPT),
    (0, b"\xC5\xD0\xD3\xC6", kind::POSTSCRIPT),
    (0, b"\xD7\xCD\xC6\x9A", kind::WMF),
    (40, b" EMF", kind::EMF),
    (0, b"ID3\x02", kind::MP3),
    (0, b"ID3\x03", kind::MP3),
    (0, b"ID3\x04", kind::MP3),
    (0, b"fLaC\0\0\0", kind::FLAC),
    (0, b"OggS\0", kind::OGG),
    (0, b"#!AMR", kind::AMR),
    (0, b"#!SILK", kind::SILK),
    (0, b"\x02#!SILK", kind::SILK),
    (0, b"MThd\0\0\0\x06", kind::MIDI),
    (0, b"FLV\x01", kind::FLV),
    (0, b"\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9", kind::ASF),
    (0, b"\0\0\x01\xBA", kind::MPEG),
    (0, b"\0\0\x01\xB3", kind::MPEG),
    (0, b"\x7FELF", kind::ELF),
    (0, b"\xFE\xED\xFA\xCE", kind::MACH_O),
    (0, b"\xFE\xED\xFA\xCF", kind::MACH_O),
    (0, b"\xCE\xFA\xED\xFE", kind::MACH_O),
    (0, b"\xCF\xFA\xED\xFE", kind::MACH_O),
    (0, b"\0asm\x01\0\0\0", kind::WASM),
    (0, b"!<arch>\ndebian-binary", kind::DEB),
    (0, b"\xED\xAB\xEE\xDB", kind::RPM),
    (0, b"\0\x01\0\0\0", kind::FONT),
    (0, b"OTTO\0", kind::FONT),
    (0, b"wOFF", kind::FONT),
    (0, b"wOF2", kind::FONT),
    (0, b"\x4C\0\0\0\x01\x14\x02\0", kind::SHORTCUT),
    (0, b"d8:announce", kind::TORRENT),
];

/// Looks for a structure in the head of a file of that size.
type Structure = fn(&[u8], u64) -> Option<Kind>;

/// Structures that one signature does not tell.
const STRUCTURES: &[Structure] = &[
    dwg,
    riff,
    iso_media,
    matroska,
    bitmap,
    icon,
    bzip2,
    lzma,
    frames_behind_a_skipped_one,
    bare_workbook,
    archive_of_blocks,
    program,
    universal_binary,
    arj,
    dbf,
    binary_stl,
    mpeg_audio,
    transport_stream,
    mail,
    iges,
];

/// Finds the kind of a file of `size` bytes that begins with `head`.
pub(super) fn find(head: &[u8], size: u64) -> Option<Kind> {
    let signature = SIGNATURES
        .iter()
        .find(|(offset, magic, _)| head.get(*offset..).is_some_and(|rest| rest.starts_with(magic)));
    match signature {
        Some((_, _, kind)) => Some(refine(*kind, head)),
        None => STRUCTURES.iter().find_map(|structure| structure(head, size)),
    }
}

/// Tells apart kinds that share their first bytes.
fn refine(kind: Kind, head: &[u8]) -> Kind {
    let start = &head[..head.len().min(4096)];
    match kind {
        kind::POSTSCRIPT if memchr::memmem::find(start, b"Adobe Illustrator").is_some() => kind::ILLUSTRATOR,
        kind::OGG if memchr::memmem::find(&start[..start.len().min(64)], b"\x80theora").is_some() => kind::OGV,
        kind => kind,
    }
}

fn dwg(head: &[u8], _: u64) -> Option<Kind> {
    let version = head.strip_prefix(b"AC10")?.first_chunk::<2>()?;
    version.iter().all(u8::is_ascii_digit).then_some(kind::DWG)
}

fn riff(head: &[u8], _: u64) -> Option<Kind> {
    let form = head.strip_prefix(b"RIFF")?.get(4..8)?;
    match form {
        b"WAVE" => Some(kind::WAV),
        b"AVI " => Some(kind::AVI),
        b"WEBP" => Some(kind::WEBP),
        _ => None,
    }
}

/// MP4 and its many relatives, by brand.
fn iso_media(head: &[u8], _: u64) -> Option<Kind> {
    match head.get(4..8)? {
        b"ftyp" => {}
        b"moov" | b"mdat" | b"wide" | b"free" if head.starts_with(b"\0") => return Some(kind::MOV),
        _ => return None,
    }
    Some(match head.get(8..12)? {
        b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1" => kind::HEIC,
        b"avif" | b"avis" => kind::AVIF,
        b"M4A " | b"M4B " => kind::M4A,
        b"qt  " => kind::MOV,
        brand if brand.starts_with(b"3g") => kind::THREE_GP,
        _ => kind::MP4,
    })
}

fn matroska(head: &[u8], _: u64) -> Option<Kind> {
    let header = head.strip_prefix(b"\x1A\x45\xDF\xA3")?;
    let header = &header[..header.len().min(64)];
    let is_webm = memchr::memmem::find(header, b"webm").is_some();
    Some(if is_webm { kind::WEBM } else { kind::MKV })
}

fn bitmap(head: &[u8], _: u64) -> Option<Kind> {
    let info_size = u32::from_le_bytes(*head.strip_prefix(b"BM")?.get(12..)?.first_chunk()?);
    [12, 40, 52, 56, 64, 108, 124].contains(&info_size).then_some(kind::BMP)
}

fn icon(head: &[u8], size: u64) -> Option<Kind> {
    let rest = head
        .strip_prefix(b"\0\0\x01\0")
        .or_else(|| head.strip_prefix(b"\0\0\x02\0"))?;
    let count = u64::from(u16::from_le_bytes(*rest.first_chunk()?));
    let reserved = *rest.get(5)?;
    (count > 0 && reserved == 0 && 6 + 16 * count <= size).then_some(kind::ICO)
}

fn bzip2(head: &[u8], _: u64) -> Option<Kind> {
    let rest = head.strip_prefix(b"BZh")?;
    let is_level = rest.first()?.is_ascii_digit();
    (is_level && (rest[1..].starts_with(b"1AY&SY") || rest[1..].starts_with(b"\x17\x72\x45\x38\x50\x90")))
        .then_some(kind::BZIP2)
}

/// The usual properties, a dictionary of a power of two or half as much again, and a size or none.
fn lzma(head: &[u8], _: u64) -> Option<Kind> {
    let rest = head.strip_prefix(b"\x5D")?;
    let dictionary = u32::from_le_bytes(*rest.first_chunk()?);
    let size = u64::from_le_bytes(*rest.get(4..)?.first_chunk()?);
    let is_usual = dictionary.is_power_of_two() || dictionary % 3 == 0 && (dictionary / 3).is_power_of_two();
    // The range coder's first byte is zero.
    let fits = rest.get(12) == Some(&0) && dictionary >= 1 << 12 && (size == u64::MAX || size < 1 << 40);
    (is_usual && fits).then_some(kind::LZMA)
}

fn archive_of_blocks(head: &[u8], _: u64) -> Option<Kind> {
    tar::is_header(head.first_chunk()?).then_some(kind::TAR)
}

fn program(head: &[u8], _: u64) -> Option<Kind> {
    let dos = head.strip_prefix(b"MZ")?;
    let header = u32::from_le_bytes(*dos.get(58..)?.first_chunk()?);
    let header = usize::try_from(header).ok()?;
    let magic = head.get(header..header.checked_add(2)?);
    let is_program = matches!(magic, Some(b"PE" | b"NE" | b"LE" | b"LX")) || dos.get(22).is_some_and(|&at| at >= 0x1C);
    is_program.then_some(kind::EXE)
}

/// Java classes and fat Mach-O binaries share four bytes; the next four are a version or a small count.
fn universal_binary(head: &[u8], _: u64) -> Option<Kind> {
    let rest = head.strip_prefix(b"\xCA\xFE\xBA\xBE")?;
    let number = u32::from_be_bytes(*rest.first_chunk()?);
    Some(if number < 40 { kind::MACH_O } else { kind::CLASS })
}

/// Compressed frames behind some that decoders skip, as parallel compressors write them (RFC 8878, 3.1.2).
fn frames_behind_a_skipped_one(head: &[u8], _: u64) -> Option<Kind> {
    let mut rest = head;
    while let Some(&[0x50..=0x5F, 0x2A, 0x4D, 0x18, a, b, c, d]) = rest.first_chunk() {
        let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?;
        rest = rest.get(8..)?.get(length..)?;
    }
    match rest.first_chunk()? {
        b"\x28\xB5\x2F\xFD" => Some(kind::ZSTD),
        b"\x04\x22\x4D\x18" => Some(kind::LZ4),
        _ => None,
    }
}

/// A workbook's first record, which tells its version and what follows, and the head of another.
fn bare_workbook(head: &[u8], size: u64) -> Option<Kind> {
    let &[0x09, version, length, 0, _, _, content, more, ..] = head else {
        return None;
    };
    let fits = matches!((version, length), (0, 4) | (2 | 4, 6) | (8, 8));
    let is_known = matches!((content, more), (0x05 | 0x10 | 0x20 | 0x40, 0) | (0, 1));
    let next = head.get(4 + usize::from(length)..)?;
    let &[_, 0..=0x10, a, b] = next.first_chunk()? else {
        return None;
    };
    let is_record = u64::from(u16::from_le_bytes([a, b])) <= size;
    (fits && is_known && is_record).then_some(kind::XLS)
}

fn arj(head: &[u8], _: u64) -> Option<Kind> {
    let rest = head.strip_prefix(b"\x60\xEA")?;
    let header_size = u16::from_le_bytes(*rest.first_chunk()?);
    let first_size = *rest.get(2)?;
    ((30..=2600).contains(&header_size) && (30..=34).contains(&first_size)).then_some(kind::ARJ)
}

/// A dBASE table: version, a possible date, and sizes that fit each other.
fn dbf(head: &[u8], size: u64) -> Option<Kind> {
    let header: &[u8; 33] = head.first_chunk()?;
    let known = [
        0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x83, 0x8B, 0x8C, 0xF5, 0xFB,
    ];
    let [version, _, month, day, ..] = *header;
    let records = u64::from(u32::from_le_bytes(*header[4..].first_chunk()?));
    let header_size = u64::from(u16::from_le_bytes(*header[8..].first_chunk()?));
    let record_size = u64::from(u16::from_le_bytes(*header[10..].first_chunk()?));
    let fits = header_size > 32 && record_size > 1 && header_size + records * record_size <= size + 1;
    let is_date = (1..=12).contains(&month) && (1..=31).contains(&day);
    let has_field = header[32].is_ascii_alphabetic() || header[32] == b'_' || header[32] >= 0x80;
    (known.contains(&version) && fits && is_date && has_field).then_some(kind::DBF)
}

/// A count of triangles that gives exactly the file's size.
fn binary_stl(head: &[u8], size: u64) -> Option<Kind> {
    let count = u64::from(u32::from_le_bytes(*head.get(80..)?.first_chunk()?));
    (count > 0 && size == 84 + 50 * count).then_some(kind::STL)
}

/// Two frames in a row, so that two bytes of noise are not music.
fn mpeg_audio(head: &[u8], _: u64) -> Option<Kind> {
    let (kind, length) = audio_frame(head)?;
    let (next, _) = audio_frame(head.get(length..)?)?;
    (next == kind).then_some(kind)
}

fn audio_frame(bytes: &[u8]) -> Option<(Kind, usize)> {
    const BITRATES: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const BITRATES_2: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    const RATES: [usize; 3] = [44_100, 48_000, 32_000];
    let &[sync, second, third, fourth, fifth, sixth] = bytes.first_chunk()?;
    if sync != 0xFF || second & 0xF0 != 0xF0 && second & 0xE0 != 0xE0 {
        return None;
    }
    if second & 0xF6 == 0xF0 {
        let length = (usize::from(fourth & 3) << 11) | (usize::from(fifth) << 3) | usize::from(sixth >> 5);
        return (length > 7).then_some((kind::AAC, length));
    }
    let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
    if version == 1 || layer != 1 {
        return None;
    }
    let (bitrates, samples, divisor) = match version {
        3 => (BITRATES, 144, 1),
        2 => (BITRATES_2, 72, 2),
        _ => (BITRATES_2, 72, 4),
    };
    let bitrate = *bitrates.get(usize::from(third >> 4))?;
    let rate = RATES.get(usize::from(third >> 2 & 3))? / divisor;
    let length = samples * bitrate * 1000 / rate + usize::from(third >> 1 & 1);
    (bitrate > 0).then_some((kind::MP3, length))
}

fn transport_stream(head: &[u8], _: u64) -> Option<Kind> {
    let packets = head.chunks_exact(188).take(8);
    (head.len() >= 8 * 188 && packets.into_iter().all(|packet| packet[0] == 0x47)).then_some(kind::MPEG_TS)
}

fn mail(head: &[u8], _: u64) -> Option<Kind> {
    if mail::is_mailbox(head) {
        Some(kind::MBOX)
    } else {
        mail::is_message(head).then_some(kind::EML)
    }
}

/// Cards of 80 columns, the first of them the start section.
fn iges(head: &[u8], _: u64) -> Option<Kind> {
    let card = head.get(72..80)?;
    let is_card = card[0] == b'S' && card[1..].trim_ascii() == b"1";
    let ends = matches!(head.get(80), Some(b'\r' | b'\n'));
    (is_card && ends).then_some(kind::IGES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: usize, bytes: &[u8]) -> Vec<u8> {
        [&vec![0; offset][..], bytes].concat()
    }

    fn kind_of(head: &[u8]) -> Option<Kind> {
        find(head, head.len() as u64)
    }

    #[test]
    fn every_signature_is_reached() {
        for (offset, magic, kind) in SIGNATURES {
            let found = kind_of(&at(*offset, magic));
            assert_eq!(found, Some(*kind), "{}", magic.escape_ascii());
        }
    }

    #[test]
    fn structures_are_told_apart() {
        let mut stl = at(80, &2_u32.to_le_bytes());
        stl.resize(84 + 2 * 50, 0);
        let mut program = at(0x80, b"PE\0\0");
        program[..2].copy_from_slice(b"MZ");
        program[0x3C] = 0x80;
        let iges = format!("{:72}S      1\n", "a drawing");
        let mp3_frame = at(413, b"");
        let mp3_frame = [b"\xFF\xFB\x90\x00", &mp3_frame[..]].concat();
        for (head, kind) in [
            (&b"AC1032\0"[..], kind::DWG),
            (b"RIFF\0\0\0\0WAVEfmt ", kind::WAV),
            (b"RIFF\0\0\0\0AVI LIST", kind::AVI),
            (b"RIFF\0\0\0\0WEBPVP8 ", kind::WEBP),
            (b"\0\0\0\x18ftypheic", kind::HEIC),
            (b"\0\0\0\x18ftypM4A ", kind::M4A),
            (b"\0\0\0\x18ftypqt  ", kind::MOV),
            (b"\0\0\0\x18ftypisom", kind::MP4),
            (b"\x1A\x45\xDF\xA3\x9FB\x86\x81\x01B\x82\x84webm", kind::WEBM),
            (b"\x1A\x45\xDF\xA3\x9FB\x86\x81\x01B\x82\x88matroska", kind::MKV),
            (b"BZh91AY&SY", kind::BZIP2),
            (b"\x50\x2A\x4D\x18\x02\0\0\0xx\x28\xB5\x2F\xFD", kind::ZSTD),
            (
                b"\x5F\x2A\x4D\x18\0\0\0\0\x50\x2A\x4D\x18\x01\0\0\0x\x04\x22\x4D\x18",
                kind::LZ4,
            ),
            (b"\x5D\0\0\x80\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0", kind::LZMA),
            (b"\xCA\xFE\xBA\xBE\0\0\0\x41", kind::CLASS),
            (b"\xCA\xFE\xBA\xBE\0\0\0\x02", kind::MACH_O),
            (&stl, kind::STL),
            (&program, kind::EXE),
            (iges.as_bytes(), kind::IGES),
            (&mp3_frame.repeat(2), kind::MP3),
        ] {
            assert_eq!(
                kind_of(head),
                Some(kind),
                "{}",
                head[..8.min(head.len())].escape_ascii()
            );
        }
    }

    #[test]
    fn a_table_must_fit_its_file() {
        let mut table = vec![0; 33 + 2 * 10];
        table[..12].copy_from_slice(&[3, 126, 11, 21, 2, 0, 0, 0, 33, 0, 10, 0]);
        table[32] = b'A';
        assert_eq!(kind_of(&table), Some(kind::DBF));
        table[32] = b'_';
        assert_eq!(kind_of(&table), Some(kind::DBF));
        table.truncate(40);
        assert_eq!(kind_of(&table), None);
    }

    #[test]
    fn what_only_begins_like_a_kind_is_none() {
        for head in [
            &b"BM is how this note begins, which is no picture"[..],
            b"RIFF\0\0\0\0JUNK",
            b"MZ\0\0",
            b"BZh9 is a level of compression",
            b"\xFF\xFB\x90\x00 one frame alone is no music",
            b"\x50\x2A\x4D\x18\xFF\xFF\xFF\xFF\x28\xB5\x2F\xFD",
            &[0; 600],
        ] {
            assert_eq!(kind_of(head), None, "{}", head[..8.min(head.len())].escape_ascii());
        }
    }
}
