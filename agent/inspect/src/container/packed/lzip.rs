//! lzip (RFC draft-diaz-lzip): members of LZMA, each with a header that names its dictionary and a trailer.

use std::io::{self, Read};

use lzma_rust2::LzmaReader;

use crate::source::Stop;

const MAGIC: &[u8] = b"LZIP\x01";
const HEADER: usize = 6;
/// A checksum, and the sizes of what is unpacked and of the member.
const TRAILER: usize = 20;

/// A stream, and bytes of it that were read too early.
struct Rest<R> {
    early: io::Cursor<Vec<u8>>,
    stream: R,
}

impl<R: Read> Read for Rest<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.early.read(buffer)? {
            0 => self.stream.read(buffer),
            count => Ok(count),
        }
    }
}

/// What members unpack to, up to one that asks for a larger dictionary than the first.
pub(super) struct LzipReader<R: Read> {
    state: State<R>,
    window: u32,
}

enum State<R> {
    Between(Rest<R>),
    Within(Box<LzmaReader<Rest<R>>>),
    End,
}

impl<R: Read> LzipReader<R> {
    /// Takes a stream that begins with a member, and the largest dictionary that a member may have.
    pub(super) fn new(stream: R, window: u32) -> Self {
        let early = io::Cursor::new(Vec::new());
        Self {
            state: State::Between(Rest { early, stream }),
            window,
        }
    }

    /// Opens the next member; the end where there is none.
    fn open(&mut self, mut rest: Rest<R>) -> io::Result<State<R>> {
        let mut header = Vec::new();
        rest.by_ref().take(HEADER as u64).read_to_end(&mut header)?;
        // Anything may follow the last member.
        let Some(code) = header.strip_prefix(MAGIC).and_then(<[u8]>::first) else {
            return Ok(State::End);
        };
        let window = window(*code).ok_or_else(|| io::Error::other(Stop::Damaged))?;
        if window > self.window {
            return Err(io::Error::other(Stop::TooLarge));
        }
        let reader = LzmaReader::new(rest, u64::MAX, 3, 0, 2, window, None)?;
        Ok(State::Within(Box::new(reader)))
    }
}

/// The dictionary of a member: a power of two in the lower bits, of which so many sixteenths are taken away.
pub(super) fn window(code: u8) -> Option<u32> {
    let bits = code & 0x1F;
    (12..=29)
        .contains(&bits)
        .then(|| (1 << bits) - (1 << bits >> 4) * u32::from(code >> 5))
}

impl<R: Read> Read for LzipReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            self.state = match std::mem::replace(&mut self.state, State::End) {
                State::End => return Ok(0),
                State::Between(rest) => self.open(rest)?,
                State::Within(mut reader) => match reader.read(buffer)? {
                    0 => {
                        let (rest, early) = reader.into_parts();
                        let mut rest = Rest {
                            early: io::Cursor::new(joined(early, &rest.early)),
                            stream: rest.stream,
                        };
                        rest.read_exact(&mut [0; TRAILER])?;
                        State::Between(rest)
                    }
                    count => {
                        self.state = State::Within(reader);
                        return Ok(count);
                    }
                },
            };
        }
    }
}

/// What was read too early, twice.
fn joined(mut early: Vec<u8>, earlier: &io::Cursor<Vec<u8>>) -> Vec<u8> {
    let at = usize::try_from(earlier.position()).unwrap_or(usize::MAX);
    early.extend_from_slice(earlier.get_ref().get(at..).unwrap_or_default());
    early
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `lzip` makes of `Cat` and a line end.
    const MEMBER: &[u8] = b"LZIP\x01\x0C";

    #[test]
    fn dictionaries_are_powers_of_two_less_some_sixteenths() {
        assert_eq!(window(0x0C), Some(1 << 12));
        assert_eq!(window(0xD3), Some((1 << 19) - 6 * (1 << 15)));
        assert_eq!([window(0x0B), window(0x1E)], [None, None]);
    }

    #[test]
    fn a_member_with_a_larger_dictionary_is_not_opened() {
        let larger = [&MEMBER[..5], &[0x14], &[0; 20]].concat();
        let error = LzipReader::new(larger.as_slice(), 1 << 12)
            .read(&mut [0; 4])
            .unwrap_err();
        assert_eq!(Stop::from(error), Stop::TooLarge);
    }
}
