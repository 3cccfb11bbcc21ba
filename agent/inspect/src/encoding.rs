//! Encodings of text: which one it is, and turning it into characters.

use std::borrow::Cow;

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How text is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Gb18030,
    /// A Western single-byte encoding; which one does not matter here.
    Latin,
}

/// Detects the encoding of text that begins with `head`; `None` when it does not look like text.
///
/// `whole` says that nothing follows, so that a cut character at the end is an error.
pub(crate) fn detect(head: &[u8], whole: bool) -> Option<Encoding> {
    match head {
        [0xEF, 0xBB, 0xBF, ..] => return Some(Encoding::Utf8),
        [0xFF, 0xFE, ..] => return is_wide_text(head, Encoding::Utf16Le),
        [0xFE, 0xFF, ..] => return is_wide_text(head, Encoding::Utf16Be),
        _ => {}
    }
    if head.contains(&0) {
        return wide_without_mark(head);
    }
    let controls = head.iter().filter(|byte| is_control(**byte)).count();
    if controls * 200 > head.len() {
        return None;
    }
    match std::str::from_utf8(head) {
        Ok(_) => return Some(Encoding::Utf8),
        Err(error) if !whole && error.error_len().is_none() => return Some(Encoding::Utf8),
        Err(_) => {}
    }
    if controls == 0 && is_chinese(head, whole) {
        return Some(Encoding::Gb18030);
    }
    let high = head.iter().filter(|byte| !byte.is_ascii()).count();
    (controls == 0 && high * 8 < head.len()).then_some(Encoding::Latin)
}

/// Decodes text; what cannot be decoded becomes U+FFFD.
pub(crate) fn decode(bytes: &[u8], encoding: Encoding) -> Cow<'_, str> {
    match encoding {
        Encoding::Utf8 => String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)),
        Encoding::Utf16Le => UTF_16LE.decode_with_bom_removal(bytes).0,
        Encoding::Utf16Be => UTF_16BE.decode_with_bom_removal(bytes).0,
        Encoding::Gb18030 => GB18030.decode_without_bom_handling(bytes).0,
        Encoding::Latin => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// Decodes a short text whose format does not say how it is encoded.
pub(crate) fn decode_unlabelled(bytes: &[u8]) -> Cow<'_, str> {
    decode(bytes, detect(bytes, true).unwrap_or(Encoding::Latin))
}

/// Control characters that text does not have. Tab, line and form feed, backspace and escape are in use.
fn is_control(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x08 | 0x1B | 0x1A) || byte == 0x7F
}

/// Valid, and mostly of the common characters: noise would spread over the whole code space.
fn is_chinese(head: &[u8], whole: bool) -> bool {
    let mut valid = GB18030.decode_without_bom_handling_and_without_replacement(head);
    for cut in 1..4 {
        if valid.is_some() || whole {
            break;
        }
        valid = head
            .get(..head.len() - cut)
            .and_then(|head| GB18030.decode_without_bom_handling_and_without_replacement(head));
    }
    let Some(text) = valid else {
        return false;
    };
    let wide = text.chars().filter(|c| !c.is_ascii()).count();
    let common = lead_bytes(head)
        .filter(|lead| matches!(lead, 0xA1 | 0xA3 | 0xB0..=0xD7))
        .count();
    wide > 0 && common * 10 >= wide * 7
}

/// The first bytes of two-byte characters.
fn lead_bytes(head: &[u8]) -> impl Iterator<Item = u8> {
    let mut bytes = head.iter().copied();
    std::iter::from_fn(move || {
        loop {
            let byte = bytes.next()?;
            if !byte.is_ascii() {
                bytes.next();
                return Some(byte);
            }
        }
    })
}

fn is_wide_text(head: &[u8], encoding: Encoding) -> Option<Encoding> {
    let text = decode(&head[..head.len() & !1], encoding);
    let strange = text
        .chars()
        .filter(|c| *c == char::REPLACEMENT_CHARACTER || c.is_control() && !c.is_whitespace())
        .count();
    // A pair may be cut at the end of the head.
    (strange <= 1 + text.len() / 200).then_some(encoding)
}

/// UTF-16 without a mark shows itself by the zero halves of its blanks, digits and line ends.
fn wide_without_mark(head: &[u8]) -> Option<Encoding> {
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let half = head.len() / 2;
    let encoding = match () {
        () if odd * 3 >= half && even * 20 <= odd => Encoding::Utf16Le,
        () if even * 3 >= half && odd * 20 <= even => Encoding::Utf16Be,
        () => return None,
    };
    is_wide_text(head, encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "关于示例项目的报价单，请在周五之前确认。\r\n合计：12,800.00 元（含税）\r\n";

    #[test]
    fn text_is_known_in_every_encoding() {
        let gb = GB18030.encode(TEXT).0.into_owned();
        let wide = |to: fn(u16) -> [u8; 2]| TEXT.encode_utf16().flat_map(to).collect::<Vec<u8>>();
        let marked = [b"\xFF\xFE".to_vec(), wide(u16::to_le_bytes)].concat();
        let english = "Plain ASCII\r\nwith digits 12345\r\n"
            .encode_utf16()
            .flat_map(u16::to_be_bytes);
        assert_eq!(detect(TEXT.as_bytes(), true), Some(Encoding::Utf8));
        assert_eq!(detect(&gb, true), Some(Encoding::Gb18030));
        assert_eq!(decode(&gb, Encoding::Gb18030), TEXT);
        assert_eq!(detect(&marked, true), Some(Encoding::Utf16Le));
        assert_eq!(decode(&marked, Encoding::Utf16Le), TEXT);
        assert_eq!(detect(&english.collect::<Vec<_>>(), true), Some(Encoding::Utf16Be));
        assert_eq!(
            detect(b"Stra\xDFe und caf\xE9, nothing else here\n", true),
            Some(Encoding::Latin)
        );
    }

    #[test]
    fn a_character_cut_at_the_end_of_the_head_is_no_error() {
        let gb = GB18030.encode(TEXT).0.into_owned();
        for cut in 20..gb.len() {
            assert_eq!(detect(&gb[..cut], false), Some(Encoding::Gb18030), "cut at {cut}");
        }
        assert_eq!(detect(&TEXT.as_bytes()[..31], false), Some(Encoding::Utf8));
    }

    #[test]
    fn noise_is_not_text() {
        let mut state = 1_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(4096)
        .collect();
        assert_eq!(detect(&noise, true), None);
    }
}
