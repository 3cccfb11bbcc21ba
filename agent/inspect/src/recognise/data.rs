//! Models, tables, keys and other data that show themselves by a small structure.

use crate::kind::{self, Kind};

/// JT (ISO 14306): a version in words, filled up to 75 characters.
pub(super) fn jupiter(head: &[u8], _: u64) -> Option<Kind> {
    let version = head.strip_prefix(b"Version ")?.get(..67)?;
    let is_number = version.first()?.is_ascii_digit() && version.contains(&b'.');
    (is_number
        && memchr::memmem::find(version, b" JT").is_some()
        && !head.get(75..80)?.iter().any(u8::is_ascii_alphanumeric))
    .then_some(kind::JT)
}

/// `SolidWorks` since 2015 (PRONOM fmt/1967): a version, and soon the name of a part of it, whose bytes have their halves exchanged.
pub(super) fn solidworks(head: &[u8], _: u64) -> Option<Kind> {
    const REACH: usize = 2080;
    const CONTENTS: &[u8] = b"\x34\xF6\xE6\x47\x56\xE6\x47\x37\xF2";
    if head.get(4..8) != Some(&[0, 0, 0, 4]) {
        return None;
    }
    memchr::memmem::find(&head[..head.len().min(REACH)], CONTENTS).map(|_| kind::SOLIDWORKS)
}

/// GDSII: the records of a header and of the library's beginning.
pub(super) fn gds(head: &[u8], _: u64) -> Option<Kind> {
    let &[0, 6, 0, 2, _, _, 0, 0x1C, 1, 2] = head.first_chunk()? else {
        return None;
    };
    Some(kind::GDS)
}

/// A shapefile (ESRI, July 1998): its code, five zeros, its length in words, and its version.
pub(super) fn shapefile(head: &[u8], size: u64) -> Option<Kind> {
    let rest = head.strip_prefix(b"\0\0\x27\x0A\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")?;
    let words = u64::from(u32::from_be_bytes(*rest.first_chunk()?));
    (rest.get(4..8)? == 1000_u32.to_le_bytes() && words * 2 <= size + 1).then_some(kind::SHAPEFILE)
}

/// Stata before version 13: a release, an order of bytes, and behind the label the length of a time or the time itself.
pub(super) fn stata(head: &[u8], size: u64) -> Option<Kind> {
    let (&[release @ 0x69..=0x73, order @ (1 | 2), 1, 0], counts) = head.split_first_chunk()? else {
        return None;
    };
    let (variables, rows) = (*counts.first_chunk()?, *counts.get(2..)?.first_chunk()?);
    let (variables, rows) = if order == 1 {
        (u16::from_be_bytes(variables), u32::from_be_bytes(rows))
    } else {
        (u16::from_le_bytes(variables), u32::from_le_bytes(rows))
    };
    let label = if release < 0x6C { 32 } else { 81 };
    let time = head.get(10 + label..)?.get(..18)?;
    let is_time = time[0] == 0 || time.split(|byte| *byte == b' ').count() >= 4 && time.contains(&b':');
    (variables > 0 && u64::from(rows) <= size && is_time).then_some(kind::STATA)
}

/// A database of SQL Server: pages of 8 KiB, of which the first is the file's header page.
pub(super) fn sql_server(head: &[u8], size: u64) -> Option<Kind> {
    let is_header = head.starts_with(b"\x01\x0F\0\0") && head.get(32..38) == Some(b"\0\0\0\0\x01\0");
    (is_header && size.is_multiple_of(8192)).then_some(kind::SQL_SERVER)
}

/// What Oracle's `exp` writes: its name and version behind the number of its character set.
pub(super) fn oracle(head: &[u8], _: u64) -> Option<Kind> {
    (head.first()? < &0x20 && head.get(3..11)? == b"EXPORT:V").then_some(kind::ORACLE_DUMP)
}

/// Columns as Apache ORC keeps them: its name, and behind it a stripe in binary.
pub(super) fn columns(head: &[u8], _: u64) -> Option<Kind> {
    let stripe = head.strip_prefix(b"ORC")?;
    stripe[..stripe.len().min(64)].contains(&0).then_some(kind::ORC)
}

/// Tensors behind a description as JSON, whose length comes first.
pub(super) fn tensors(head: &[u8], size: u64) -> Option<Kind> {
    let length = u64::from_le_bytes(*head.first_chunk()?);
    let start = head.get(8..)?;
    (start.starts_with(b"{\"") && length <= size.saturating_sub(8) && length < 1 << 27).then_some(kind::SAFETENSORS)
}

/// Certificates (RFC 5280), keys (RFC 5958) and stores of both (RFC 7292), as a sequence in DER.
pub(super) fn certificate(head: &[u8], size: u64) -> Option<Kind> {
    let (content, length) = sequence(head)?;
    if length.checked_add(head.len() as u64 - content.len() as u64)? != size {
        return None;
    }
    if content.starts_with(&[2, 1, 3]) {
        // The version of a store, then its content, which is data.
        let (inner, _) = sequence(&content[3..])?;
        return inner
            .starts_with(b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07")
            .then_some(kind::PKCS_12);
    }
    // A key, which begins with a version.
    let is_key = matches!(content, [2, 1, 0 | 1, 2 | 4 | 0x30, ..]);
    // Certificates that were signed together (RFC 5652).
    let is_signed = content.starts_with(b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0");
    let inner = || sequence(content).map(|(inner, _)| inner);
    // A certificate, a request for one, a locked key.
    let is_certificate = || {
        inner().is_some_and(|inner| {
            matches!(inner, [0xA0, 3, 2, 1, ..] | [2, 1, 0, 0x30, ..])
                || inner.starts_with(b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x05")
        })
    };
    (is_key || is_signed || is_certificate()).then_some(kind::CERTIFICATE)
}

/// What follows the header of a sequence, and how long that is.
fn sequence(bytes: &[u8]) -> Option<(&[u8], u64)> {
    let (first, rest) = bytes.strip_prefix(&[0x30])?.split_first()?;
    if *first < 0x80 {
        return Some((rest, u64::from(*first)));
    }
    let digits = rest
        .get(..usize::from(first & 0x7F))
        .filter(|digits| digits.len() <= 4)?;
    let length = digits.iter().fold(0, |length, digit| length << 8 | u64::from(*digit));
    Some((&rest[digits.len()..], length))
}

/// A key of OpenPGP (RFC 9580, 5.5.2): a packet of a key, its version, a time and an algorithm that are known.
pub(super) fn openpgp_key(head: &[u8], size: u64) -> Option<Kind> {
    // Secret and public keys, with lengths in the old form and in the new one.
    let body = match *head.first_chunk::<3>()? {
        [0x94 | 0x98, ..] | [0xC5 | 0xC6, 0..192, _] => head.get(2..)?,
        [0x95 | 0x99, high, low] if u64::from(u16::from_be_bytes([high, low])) >= size => return None,
        [0x95 | 0x99, ..] | [0xC5 | 0xC6, 192..224, _] => head.get(3..)?,
        _ => return None,
    };
    let &[4 | 6, a, b, c, d, algorithm] = body.first_chunk()? else {
        return None;
    };
    // Since 1995.
    let is_time = u32::from_be_bytes([a, b, c, d]) > 0x2F00_0000;
    (is_time && matches!(algorithm, 1..=3 | 16..=19 | 22 | 25..=28)).then_some(kind::OPENPGP_KEY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_and_layouts_are_told_by_their_headers() {
        let mut model = b"Version 9.5 JT  DM 7.3.4.0".to_vec();
        model.resize(75, b' ');
        model.extend(b"\0 \n\r\n\0");
        assert_eq!(jupiter(&model, 81), Some(kind::JT));
        let part = [
            &b"\x7A\x21\x08\x55\0\0\0\x04"[..],
            &[7; 40],
            &b"Contents/".map(|byte| byte.rotate_left(4)),
        ]
        .concat();
        assert_eq!(solidworks(&part, 57), Some(kind::SOLIDWORKS));
        assert_eq!(solidworks(&part[4..], 53), None);
        assert_eq!(gds(b"\0\x06\0\x02\x02\x58\0\x1C\x01\x02\0", 11), Some(kind::GDS));
        assert_eq!(
            jupiter(&[b"Version 9.5 of the JT rules, ".as_slice(), &[b'x'; 60]].concat(), 89),
            None
        );
    }

    #[test]
    fn certificates_and_stores_are_as_long_as_they_say() {
        let certificate_of = |size| certificate(b"\x30\x0A\x30\x08\xA0\x03\x02\x01\x02\x02\x01\x05", size);
        assert_eq!(certificate_of(12), Some(kind::CERTIFICATE));
        assert_eq!(certificate_of(13), None);
        let store = b"\x30\x10\x02\x01\x03\x30\x0B\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01";
        assert_eq!(certificate(store, 18), Some(kind::PKCS_12));
    }

    #[test]
    fn tables_fit_their_files() {
        let mut shapes = [
            &b"\0\0\x27\x0A"[..],
            &[0; 20],
            &50_u32.to_be_bytes(),
            &1000_u32.to_le_bytes(),
        ]
        .concat();
        shapes.resize(100, 0);
        assert_eq!(shapefile(&shapes, 100), Some(kind::SHAPEFILE));
        assert_eq!(shapefile(&shapes, 90), None);
        assert_eq!(tensors(b"\x02\0\0\0\0\0\0\0{\"", 10), Some(kind::SAFETENSORS));
        assert_eq!(tensors(b"\x03\0\0\0\0\0\0\0{\"", 10), None);
    }
}
