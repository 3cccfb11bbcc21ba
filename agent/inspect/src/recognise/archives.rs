//! Archives and images of disks that show themselves by a small structure.

use crate::kind::{self, Kind};
use crate::source::{Source, Stop};

/// The last sector of images that begin like the disk that they hold.
const TRAILER: u64 = 512;

/// The kind of an image of a disk that says at its end what it is.
pub(super) fn by_end(source: &mut Source<'_>) -> Result<Option<Kind>, Stop> {
    let Some(at) = source.len().checked_sub(TRAILER) else {
        return Ok(None);
    };
    let trailer = source.bytes(at, 12)?;
    Ok(match trailer.as_slice() {
        [b'k', b'o', b'l', b'y', 0, 0, 0, 4, ..] => Some(kind::DMG),
        trailer if trailer.starts_with(b"conectix") => Some(kind::VHD),
        _ => None,
    })
}

/// Method and hyphens in a header of LHA, whatever the method.
pub(super) fn lzh(head: &[u8], _: u64) -> Option<Kind> {
    let &[_, _, b'-', b'l' | b'p', family @ (b'h' | b'z' | b'm'), method, b'-'] = head.first_chunk()? else {
        return None;
    };
    let is_method = match family {
        b'h' => matches!(method, b'0'..=b'7' | b'd' | b'x'),
        b'z' => matches!(method, b's' | b'2'..=b'8'),
        _ => matches!(method, b'0'..=b'2' | b's'),
    };
    // The level stands behind sizes, time and attribute.
    let is_level = matches!(head.get(20), Some(0..=3));
    (is_method && is_level).then_some(kind::LZH)
}

/// What `compress` packs: the widest code, of 9 to 16 bits, and no flag that is not in use.
pub(super) fn compress(head: &[u8], _: u64) -> Option<Kind> {
    let flags = *head.strip_prefix(b"\x1F\x9D")?.first()?;
    (flags & 0x60 == 0 && (9..=16).contains(&(flags & 0x1F))).then_some(kind::COMPRESS)
}

/// An archive of cpio, in any of its forms.
pub(super) fn cpio(head: &[u8], _: u64) -> Option<Kind> {
    crate::container::cpio::is_header(head).then_some(kind::CPIO)
}

/// A disk of QEMU that is not encrypted (its header's field `crypt_method`).
pub(super) fn qcow(head: &[u8], _: u64) -> Option<Kind> {
    let rest = head.strip_prefix(b"QFI\xFB")?;
    let version = u32::from_be_bytes(*rest.first_chunk()?);
    let is_plain = rest.get(28..32) == Some(&[0; 4]);
    ((1..=3).contains(&version) && (version == 1 || is_plain)).then_some(kind::QCOW)
}

/// What `adb backup` writes: lines of version, packing and cipher.
pub(super) fn android_backup(head: &[u8], _: u64) -> Option<Kind> {
    let mut lines = head.strip_prefix(b"ANDROID BACKUP\n")?.split(|byte| *byte == b'\n');
    (lines.nth(2)? == b"none").then_some(kind::ANDROID_BACKUP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_begins_like_an_archive_is_none() {
        assert_eq!(lzh(b"a -lh5-beginning of a line", 26), None);
        assert_eq!(compress(b"\x1F\x9D\x7F", 3), None);
        assert_eq!(cpio(b"0707010000 is a number of a telephone", 37), None);
        assert_eq!(android_backup(b"ANDROID BACKUP\nof my telephone\n", 31), None);
    }

    #[test]
    fn archives_are_told_by_their_headers() {
        assert_eq!(
            lzh(b"\x19\x2A-lh6-\x01\0\0\0\x01\0\0\0\0\0\0\0\x20\x01\x01a", 23),
            Some(kind::LZH)
        );
        assert_eq!(compress(b"\x1F\x9D\x90", 3), Some(kind::COMPRESS));
        let mut disk = b"QFI\xFB\0\0\0\x03".to_vec();
        disk.resize(72, 0);
        assert_eq!(qcow(&disk, 72), Some(kind::QCOW));
        assert_eq!(
            android_backup(b"ANDROID BACKUP\n5\n1\nnone\n\x78\xDA", 26),
            Some(kind::ANDROID_BACKUP)
        );
    }
}
