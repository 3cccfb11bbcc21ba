//! Images, audio and video that show themselves by a small structure.

use crate::kind::{self, Kind};

/// RIFF and its forerunner IFF (EA IFF 85), by form.
pub(super) fn riff(head: &[u8], _: u64) -> Option<Kind> {
    let form = head.get(8..12)?;
    match (head.get(..4)?, form) {
        (b"RIFF" | b"RF64", b"WAVE") => Some(kind::WAV),
        (b"RIFF", b"AVI ") => Some(kind::AVI),
        (b"RIFF", b"WEBP") => Some(kind::WEBP),
        (b"RIFF", b"ACON") => Some(kind::ICO),
        (b"RIFF", b"RMID") => Some(kind::MIDI),
        (b"RIFF", [b'C' | b'c', b'D', b'R' | b'T' | b'X', _]) => Some(kind::COREL),
        (b"FORM", b"AIFF" | b"AIFC") => Some(kind::AIFF),
        (b"FORM", b"8SVX") => Some(kind::VOC),
        (b"FORM", b"ILBM" | b"PBM ") => Some(kind::RASTER),
        (b"AT&T", _) => (head.get(4..8) == Some(b"FORM") && head.get(12..15) == Some(b"DJV")).then_some(kind::DJVU),
        _ => None,
    }
}

/// MP4 and its many relatives, by brand.
pub(super) fn iso_media(head: &[u8], _: u64) -> Option<Kind> {
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
        b"crx " => kind::RAW,
        brand if brand.starts_with(b"3g") => kind::THREE_GP,
        _ => kind::MP4,
    })
}

pub(super) fn matroska(head: &[u8], _: u64) -> Option<Kind> {
    let header = head.strip_prefix(b"\x1A\x45\xDF\xA3")?;
    let header = &header[..header.len().min(64)];
    let is_webm = memchr::memmem::find(header, b"webm").is_some();
    Some(if is_webm { kind::WEBM } else { kind::MKV })
}

pub(super) fn bitmap(head: &[u8], _: u64) -> Option<Kind> {
    let info_size = u32::from_le_bytes(*head.strip_prefix(b"BM")?.get(12..)?.first_chunk()?);
    [12, 40, 52, 56, 64, 108, 124].contains(&info_size).then_some(kind::BMP)
}

pub(super) fn icon(head: &[u8], size: u64) -> Option<Kind> {
    let rest = head
        .strip_prefix(b"\0\0\x01\0")
        .or_else(|| head.strip_prefix(b"\0\0\x02\0"))?;
    let count = u64::from(u16::from_le_bytes(*rest.first_chunk()?));
    let reserved = *rest.get(5)?;
    (count > 0 && reserved == 0 && 6 + 16 * count <= size).then_some(kind::ICO)
}

/// Portable bitmaps, graymaps and pixmaps: a size in digits, and as many bytes as it needs.
pub(super) fn netpbm(head: &[u8], size: u64) -> Option<Kind> {
    let (&[b'P', format @ b'1'..=b'7', b'\n' | b' ' | b'\r' | b'\t'], rest) = head.split_first_chunk()? else {
        return None;
    };
    if format == b'7' {
        return rest.starts_with(b"WIDTH ").then_some(kind::NETPBM);
    }
    let mut lines = rest.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#"));
    let mut numbers = std::str::from_utf8(lines.next()?).ok()?.split_ascii_whitespace();
    let (width, height): (u64, u64) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    let bits = [1, 1, 1, 1, 8, 24][usize::from(format - b'1')];
    let fits = width.checked_mul(height)?.checked_mul(bits)? / 8 <= size;
    (width > 0 && height > 0 && fits).then_some(kind::NETPBM)
}

/// A version, run lengths, and a window that is no larger than the screen it was made for could be.
pub(super) fn pcx(head: &[u8], _: u64) -> Option<Kind> {
    let (&[0x0A, 0 | 2..=5, 1, 1 | 2 | 4 | 8], window) = head.split_first_chunk()? else {
        return None;
    };
    let corner = |at: usize| Some(u16::from_le_bytes(*window.get(at..)?.first_chunk()?));
    let is_window = corner(0)? <= corner(4)? && corner(2)? <= corner(6)?;
    (is_window && head.get(64) == Some(&0)).then_some(kind::PCX)
}

/// A length that is the file's own.
pub(super) fn apple_icons(head: &[u8], size: u64) -> Option<Kind> {
    let length = u32::from_be_bytes(*head.strip_prefix(b"icns")?.first_chunk()?);
    (u64::from(length) == size).then_some(kind::ICNS)
}

/// A version, and a length that can be.
pub(super) fn flash(head: &[u8], size: u64) -> Option<Kind> {
    let &[packing @ (b'F' | b'C' | b'Z'), b'W', b'S', 1..=60, a, b, c, d] = head.first_chunk()? else {
        return None;
    };
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    let fits = if packing == b'F' {
        length == size
    } else {
        length >= size
    };
    (fits && length < 1 << 30).then_some(kind::SWF)
}

/// What chat programs of Tencent make of moving pictures.
pub(super) fn wechat_picture(head: &[u8], _: u64) -> Option<Kind> {
    let length = head.strip_prefix(b"wxgf")?.first()?;
    (!length.is_ascii_graphic()).then_some(kind::WECHAT_IMAGE)
}

/// Two frames in a row, so that two bytes of noise are not music.
pub(super) fn mpeg_audio(head: &[u8], _: u64) -> Option<Kind> {
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

/// Packets in a row, which discs and cameras put a time before.
pub(super) fn transport_stream(head: &[u8], _: u64) -> Option<Kind> {
    let is_of = |size: usize, at: usize| {
        let mut packets = head.chunks_exact(size).take(8);
        head.len() >= 8 * size && packets.all(|packet| packet[at] == 0x47)
    };
    (is_of(188, 0) || is_of(192, 4)).then_some(kind::MPEG_TS)
}
