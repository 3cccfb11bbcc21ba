//! Kinds that show themselves by fixed bytes, or by a small structure at a fixed place.

use super::{archives, data, magic, mail, media};
use crate::container::tar;
use crate::kind::{self, Kind};

/// Looks for a structure in the head of a file of that size.
type Structure = fn(&[u8], u64) -> Option<Kind>;

/// Structures that one signature does not tell.
const STRUCTURES: &[Structure] = &[
    dwg,
    media::riff,
    media::iso_media,
    media::matroska,
    media::bitmap,
    media::icon,
    media::netpbm,
    media::pcx,
    media::apple_icons,
    media::flash,
    media::wechat_picture,
    bzip2,
    lzma,
    frames_behind_a_skipped_one,
    archives::lzh,
    archives::compress,
    archives::cpio,
    archives::qcow,
    archives::android_backup,
    bare_workbook,
    archive_of_blocks,
    program,
    universal_binary,
    byte_code,
    arj,
    dbf,
    binary_stl,
    data::solidworks,
    data::jupiter,
    data::gds,
    data::shapefile,
    data::stata,
    data::sql_server,
    data::oracle,
    data::columns,
    data::tensors,
    data::certificate,
    data::openpgp_key,
    media::mpeg_audio,
    media::transport_stream,
    mail,
    iges,
];

/// Finds the kind of a file of `size` bytes that begins with `head`.
pub(super) fn find(head: &[u8], size: u64) -> Option<Kind> {
    match magic::find(head) {
        Some(kind) => Some(refine(kind, head)),
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

/// `AC1018`, and of the first years `AC1.40` and `AC2.10`.
fn dwg(head: &[u8], _: u64) -> Option<Kind> {
    let &[first @ (b'1' | b'2'), second, third, fourth] = head.strip_prefix(b"AC")?.first_chunk()? else {
        return None;
    };
    let is_old = second == b'.' && third.is_ascii_digit() && (fourth.is_ascii_digit() || fourth == 0);
    let is_version = first == b'1' && [second, third, fourth].iter().all(u8::is_ascii_digit);
    (is_old || is_version).then_some(kind::DWG)
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

/// What Python compiles: the number of its version, a mark that reading as text would break, and few flags.
fn byte_code(head: &[u8], _: u64) -> Option<Kind> {
    let (&[low, high, b'\r', b'\n'], rest) = head.split_first_chunk()? else {
        return None;
    };
    let version = u16::from_le_bytes([low, high]);
    let is_flags = |flags: &[u8]| flags[0] <= 3 && flags[1..] == [0; 3];
    let fits = match version {
        3390..=3900 => rest.get(..4).is_some_and(is_flags),
        3000..=3389 | 62011..=62300 => rest.get(4..).is_some_and(|code| !code.is_empty() && !rest.is_ascii()),
        _ => false,
    };
    fits.then_some(kind::BYTECODE)
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
        for (magic, kind) in magic::AT_START {
            assert_eq!(kind_of(magic), Some(*kind), "{}", magic.escape_ascii());
        }
        for ((offset, magic), kind) in magic::ELSEWHERE {
            let found = kind_of(&at(*offset, magic));
            assert_eq!(found, Some(*kind), "{}", magic.escape_ascii());
        }
        for ((first, one), (second, two), kind) in magic::PAIRS {
            let mut head = at(*second, two);
            head[*first..first + one.len()].copy_from_slice(one);
            assert_eq!(kind_of(&head), Some(*kind), "{}", one.escape_ascii());
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
