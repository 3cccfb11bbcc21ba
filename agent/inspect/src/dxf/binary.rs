//! The same drawings with their groups as bytes: a code, then a value whose form the code tells (DXF reference, "Binary DXF files").

use std::io::{self, BufRead, Read};

use super::{MAX_LINE, PIECE, TEXT, readable};
use crate::encoding;
use crate::found::Found;
use crate::source::{Source, Stop};
use crate::text::{Gap, Part, Text};

/// What such a file begins with.
const HEAD: u64 = 22;

/// Reads the texts of a drawing.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.text.part(Part::Body);
    let budget = source.budget();
    // Until release 13 a code was one byte; the first is 0, before a string.
    let is_wide = source.array::<2>(HEAD)? == [0, 0];
    let rest = source.len().saturating_sub(HEAD);
    let mut groups = source.section(HEAD, rest);
    while !groups.fill_buf()?.is_empty() {
        budget.check_time()?;
        let code = code(&mut groups, is_wide)?;
        let fixed = match code {
            10..=59 | 110..=169 | 210..=239 | 460..=469 | 1010..=1059 => 8,
            90..=99 | 420..=429 | 440..=459 | 1071 => 4,
            60..=79 | 170..=179 | 270..=289 | 370..=389 | 400..=409 | 1060..=1070 => 2,
            290..=299 => 1,
            310..=319 | 1004 => u64::from(array::<1>(&mut groups)?[0]),
            _ => {
                string(&mut groups, code, &mut found.text)?;
                continue;
            }
        };
        if io::copy(&mut groups.by_ref().take(fixed), &mut io::sink())? < fixed {
            return Err(Stop::Damaged);
        }
    }
    Ok(())
}

fn code(groups: &mut impl Read, is_wide: bool) -> Result<u16, Stop> {
    if !is_wide {
        let [code] = array(groups)?;
        if code < 0xFF {
            return Ok(code.into());
        }
    }
    Ok(u16::from_le_bytes(array(groups)?))
}

/// Takes the string of a group, up to its zero.
fn string(groups: &mut impl BufRead, code: u16, text: &mut Text) -> Result<(), Stop> {
    let mut value = Vec::new();
    groups.by_ref().take(MAX_LINE as u64).read_until(0, &mut value)?;
    if value.pop() != Some(0) {
        return Err(Stop::Damaged);
    }
    if [TEXT, PIECE].contains(&code) {
        text.push(&readable(&encoding::decode_unlabelled(&value)))?;
    }
    // The last piece of a long text is of the other group.
    if code == TEXT {
        text.gap(Gap::Paragraph);
    }
    Ok(())
}

fn array<const N: usize>(groups: &mut impl Read) -> Result<[u8; N], Stop> {
    let mut bytes = [0; N];
    groups.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use crate::examined::examined;
    use crate::kind;

    const SENTINEL: &[u8] = b"AutoCAD Binary DXF\r\n\x1A\0";

    #[test]
    fn texts_stand_behind_their_codes_of_one_or_two_bytes() {
        let wide = [
            SENTINEL,
            b"\0\0SECTION\0",
            b"\x0A\0\x01\0\0\0\0\0\0\0",
            b"\x3E\0\x01\0",
            b"\x36\x01\x02\x01\0",
            b"\x22\x01\x01",
            b"\x03\0{\\fSimSun|b0;",
            "设计单位：\0".as_bytes(),
            b"\x01\0\\U+793A\\U+4F8B\0",
            b"\0\0EOF\0",
        ]
        .concat();
        let found = examined(&wide);
        assert_eq!((found.kind, found.stopped), (kind::DXF, None));
        assert_eq!(found.text.captured, "设计单位：示例\n");

        let narrow = [
            SENTINEL,
            b"\0SECTION\0",
            b"\x0A\0\0\0\0\0\0\0\0",
            b"\xFF\x2F\x04\x01\0\0\0",
            b"\x01A-1\0",
            b"\0EOF\0",
        ]
        .concat();
        let found = examined(&narrow);
        assert_eq!((found.text.captured.as_str(), found.stopped), ("A-1\n", None));
    }

    #[test]
    fn a_cut_drawing_keeps_what_came() {
        let found = examined(&[SENTINEL, b"\x00\x00SECTION\0\x01\0first\0\x01\0sec"].concat());
        assert_eq!(found.text.captured, "first\n");
        assert_eq!(found.stopped, Some(fileward_policy::facts::TextState::Malformed));
    }
}
