//! cpio: a header before each file, in old binary, in octal digits (POSIX.1-1988) or in hexadecimal ones (SVR4).

use std::io::{self, Read};

use crate::container::contents::Contents;
use crate::encoding;
use crate::found::Found;
use crate::kind;
use crate::source::{Budget, Stop};

/// The longest name that is taken for one.
const MAX_NAME: u64 = 4096;
/// The name behind the last file.
const TRAILER: &[u8] = b"TRAILER!!!";
/// The type of a file that holds data, among the bits of its mode.
const TYPE: u64 = 0o170_000;
const REGULAR: u64 = 0o100_000;

/// Where a header's fields stand, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// 26 bytes of 16-bit words, in either order.
    Binary { is_big: bool },
    /// 76 octal digits.
    Octal,
    /// 110 hexadecimal digits.
    Hexadecimal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    form: Form,
    mode: u64,
    name: u64,
    size: u64,
}

impl Form {
    const LONGEST: usize = 110;

    fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0xC7, 0x71, ..] => Some(Self::Binary { is_big: false }),
            [0x71, 0xC7, ..] => Some(Self::Binary { is_big: true }),
            start if start.starts_with(b"070707") => Some(Self::Octal),
            start if start.starts_with(b"070701") || start.starts_with(b"070702") => Some(Self::Hexadecimal),
            _ => None,
        }
    }

    fn len(self) -> usize {
        match self {
            Self::Binary { .. } => 26,
            Self::Octal => 76,
            Self::Hexadecimal => Self::LONGEST,
        }
    }

    /// What fills up a name behind its header, and a file's data, to a whole number of words.
    fn word(self) -> u64 {
        match self {
            Self::Binary { .. } => 2,
            Self::Octal => 1,
            Self::Hexadecimal => 4,
        }
    }
}

impl Header {
    fn of(head: &[u8]) -> Option<Self> {
        let form = Form::of(head)?;
        let head = head.get(..form.len())?;
        let digits = |at: usize, len: usize, radix: u32| {
            let field = std::str::from_utf8(head.get(at..at + len)?).ok()?;
            let is_number = field.bytes().all(|byte| char::from(byte).is_digit(radix));
            is_number.then(|| u64::from_str_radix(field, radix).ok()).flatten()
        };
        let (mode, name, size) = match form {
            Form::Binary { is_big } => {
                let word = |at: usize| {
                    let bytes = *head.get(at..)?.first_chunk()?;
                    Some(u64::from(if is_big {
                        u16::from_be_bytes(bytes)
                    } else {
                        u16::from_le_bytes(bytes)
                    }))
                };
                (word(6)?, word(20)?, word(22)? << 16 | word(24)?)
            }
            Form::Octal => (digits(18, 6, 8)?, digits(59, 6, 8)?, digits(65, 11, 8)?),
            Form::Hexadecimal => (digits(14, 8, 16)?, digits(94, 8, 16)?, digits(54, 8, 16)?),
        };
        let is_whole = (2..=MAX_NAME).contains(&name);
        is_whole.then_some(Self { form, mode, name, size })
    }

    fn padding(&self, len: u64) -> u64 {
        len.next_multiple_of(self.form.word()) - len
    }
}

/// Whether this is a header, and behind it a name that ends where the header says.
pub(crate) fn is_header(head: &[u8]) -> bool {
    let Some(header) = Header::of(head) else {
        return false;
    };
    let end = usize::try_from(header.name).unwrap_or(usize::MAX);
    let name = head.get(header.form.len()..).and_then(|rest| rest.get(..end));
    name.and_then(<[u8]>::split_last)
        .is_some_and(|(last, name)| *last == 0 && !name.contains(&0))
}

/// Goes through an archive from its start to its end.
pub(crate) fn examine(stream: &mut dyn Read, budget: &Budget, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::CPIO;
    let mut contents = Contents::new(found);
    let result = walk(stream, budget, &mut contents);
    contents.finish();
    result
}

fn walk(stream: &mut dyn Read, budget: &Budget, contents: &mut Contents<'_>) -> Result<(), Stop> {
    let mut head = [0; Form::LONGEST];
    loop {
        budget.spend_entry()?;
        stream.read_exact(&mut head[..6])?;
        let form = Form::of(&head).ok_or(Stop::Damaged)?;
        stream.read_exact(&mut head[6..form.len()])?;
        let header = Header::of(&head[..form.len()]).ok_or(Stop::Damaged)?;
        let mut name = Vec::new();
        Read::take(&mut *stream, header.name).read_to_end(&mut name)?;
        name.pop();
        if name == TRAILER {
            return Ok(());
        }
        skip(stream, header.padding(form.len() as u64 + header.name))?;
        let name = encoding::decode_unlabelled(&name).into_owned();
        contents.name(&name)?;
        let mut data = Read::take(&mut *stream, header.size);
        if header.mode & TYPE == REGULAR && header.size > 0 {
            contents.stream(&mut data, &name, budget)?;
        }
        let left = data.limit();
        skip(stream, left.saturating_add(header.padding(header.size)))?;
    }
}

/// Reads over what nobody looks at; damage when there is less.
fn skip(stream: &mut dyn Read, len: u64) -> Result<(), Stop> {
    let count = io::copy(&mut stream.take(len), &mut io::sink())?;
    if count == len { Ok(()) } else { Err(Stop::Damaged) }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::Limits;

    fn padded(bytes: &[u8], word: usize) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        bytes.resize(bytes.len().next_multiple_of(word), 0);
        bytes
    }

    fn member(form: Form, name: &str, data: &str) -> Vec<u8> {
        let name = format!("{name}\0");
        let head = match form {
            Form::Binary { is_big } => {
                let to_bytes = if is_big { u16::to_be_bytes } else { u16::to_le_bytes };
                let [name_len, data_len] = [name.len(), data.len()].map(|len| u16::try_from(len).unwrap());
                [0o70707, 0, 1, 0o100_644, 0, 0, 1, 0, 0, 0, name_len, 0, data_len]
                    .into_iter()
                    .flat_map(to_bytes)
                    .collect()
            }
            Form::Octal => format!(
                "070707{:06o}{:06o}{:06o}{:06o}{:06o}{:06o}{:06o}{:011o}{:06o}{:011o}",
                0,
                1,
                0o100_644,
                0,
                0,
                1,
                0,
                0,
                name.len(),
                data.len()
            )
            .into_bytes(),
            Form::Hexadecimal => {
                let fields = [1, 0o100_644, 0, 0, 1, 0, data.len(), 0, 0, 0, 0, name.len(), 0];
                fields
                    .iter()
                    .fold(String::from("070701"), |head, field| format!("{head}{field:08X}"))
                    .into_bytes()
            }
        };
        let word = usize::try_from(form.word()).unwrap();
        [
            padded(&[&head, name.as_bytes()].concat(), word),
            padded(data.as_bytes(), word),
        ]
        .concat()
    }

    #[test]
    fn every_form_is_read_from_its_names_to_its_texts() {
        for form in [
            Form::Binary { is_big: false },
            Form::Binary { is_big: true },
            Form::Octal,
            Form::Hexadecimal,
        ] {
            let members = [
                member(form, "一.txt", "合同编号 1234"),
                member(form, "b/second.txt", "the second"),
                member(form, "TRAILER!!!", ""),
            ];
            let archive = members.concat();
            assert!(is_header(&archive), "{form:?}");
            let budget = Budget::new(&Limits::default(), Instant::now());
            let mut found = Found::for_tests();
            examine(&mut archive.as_slice(), &budget, &mut found).unwrap();
            for text in ["一.txt", "合同编号 1234", "b/second.txt", "the second"] {
                assert!(found.text.captured.contains(text), "{form:?}: {}", found.text.captured);
            }
            let cut = &archive[..archive.len() - 200.min(archive.len() / 2)];
            assert_eq!(
                examine(&mut &*cut, &budget, &mut Found::for_tests()),
                Err(Stop::Damaged)
            );
        }
    }
}
