//! Messages that are signed as a whole (S/MIME's signed data, RFC 8551, 3.5.2): what is signed stands readable in a structure of the
//! Cryptographic Message Syntax (RFC 5652, 5.1), encoded by BER.

const SIGNED_DATA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02";

const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTETS: u8 = 0x04;
const PIECES: u8 = 0x24;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const EXPLICIT: u8 = 0xA0;
const INTEGER: u8 = 0x02;

/// What is signed; `None` where nothing is, or elsewhere.
pub(super) fn content(structure: &[u8]) -> Option<Vec<u8>> {
    let (kind, rest) = take(enter(structure, SEQUENCE)?, OBJECT_IDENTIFIER)?;
    if kind != SIGNED_DATA {
        return None;
    }
    let signed = enter(enter(rest, EXPLICIT)?, SEQUENCE)?;
    let (_, rest) = take(signed, INTEGER)?;
    let (_, rest) = take(rest, SET)?;
    let (_, rest) = take(enter(rest, SEQUENCE)?, OBJECT_IDENTIFIER)?;
    octets(enter(rest, EXPLICIT)?)
}

/// A string of bytes, in one piece or in several.
fn octets(bytes: &[u8]) -> Option<Vec<u8>> {
    if let Some((whole, _)) = take(bytes, OCTETS) {
        return Some(whole.to_vec());
    }
    let mut pieces = enter(bytes, PIECES)?;
    let mut content = Vec::new();
    while let Some((piece, rest)) = take(pieces, OCTETS) {
        content.extend_from_slice(piece);
        pieces = rest;
    }
    Some(content)
}

/// What an element with this tag holds, whose end is not needed.
fn enter(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (_, rest) = head(bytes, tag)?;
    Some(rest)
}

/// An element with this tag, and what follows it. What is cut gives what is there.
fn take(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = head(bytes, tag)?;
    Some(rest.split_at(length?.min(rest.len())))
}

/// The length of an element with this tag, `None` where only its end tells it, and what follows.
fn head(bytes: &[u8], tag: u8) -> Option<(Option<usize>, &[u8])> {
    let (own, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    if *own != tag {
        return None;
    }
    let more = match *first {
        short @ 0..=0x7F => return Some((Some(short.into()), rest)),
        0x80 => return Some((None, rest)),
        long => usize::from(long & 0x7F),
    };
    let (digits, rest) = rest.split_at_checked(more)?;
    let length = digits.iter().try_fold(0_usize, |length, digit| {
        length.checked_mul(256)?.checked_add(usize::from(*digit))
    })?;
    Some((Some(length), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: u8, body: &[u8]) -> Vec<u8> {
        let len = u16::try_from(body.len()).unwrap();
        [&[tag, 0x82][..], &len.to_be_bytes(), body].concat()
    }

    fn endless(tag: u8, body: &[u8]) -> Vec<u8> {
        [&[tag, 0x80][..], body, &[0, 0]].concat()
    }

    fn signed(wrap: fn(u8, &[u8]) -> Vec<u8>, octets: &[u8]) -> Vec<u8> {
        let data = [
            element(OBJECT_IDENTIFIER, b"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01"),
            wrap(EXPLICIT, octets),
        ];
        let signed = [
            element(INTEGER, &[1]),
            element(SET, &[5, 0]),
            wrap(SEQUENCE, &data.concat()),
            element(SET, b"signers"),
        ];
        let whole = [
            element(OBJECT_IDENTIFIER, SIGNED_DATA),
            wrap(EXPLICIT, &wrap(SEQUENCE, &signed.concat())),
        ];
        wrap(SEQUENCE, &whole.concat())
    }

    #[test]
    fn what_is_signed_comes_in_one_piece_or_in_several() {
        let whole = signed(element, &element(OCTETS, b"what is signed"));
        let pieces = [element(OCTETS, b"what is "), element(OCTETS, b"signed")].concat();
        let pieces = signed(endless, &endless(PIECES, &pieces));
        for structure in [&whole, &pieces] {
            assert_eq!(content(structure).as_deref(), Some(&b"what is signed"[..]));
            for len in 0..structure.len() {
                let cut = content(&structure[..len]).unwrap_or_default();
                assert!(b"what is signed".starts_with(&cut), "{len}");
            }
        }
    }

    #[test]
    fn another_content_is_not_taken_apart() {
        let mut other = signed(element, &element(OCTETS, b"sealed"));
        let at = memchr::memmem::find(&other, SIGNED_DATA).unwrap();
        other[at + SIGNED_DATA.len() - 1] = 3;
        assert_eq!(content(&other), None);
        assert_eq!(content(b"\x30\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), None);
    }
}
