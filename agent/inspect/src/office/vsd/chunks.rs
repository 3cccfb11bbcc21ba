//! The chunks of a stream, each behind a header that tells what it is and how long.

use super::Version;
use crate::source::{u16_at, u32_at};

const HEADER: usize = 19;

#[derive(Debug)]
pub(super) struct Chunk<'b> {
    pub(super) kind: u32,
    pub(super) bytes: &'b [u8],
}

/// Goes over the chunks of a stream.
#[derive(Debug)]
pub(super) struct Chunks<'b> {
    rest: &'b [u8],
    version: Version,
}

impl<'b> Chunks<'b> {
    pub(super) fn new(bytes: &'b [u8], version: Version) -> Self {
        Self { rest: bytes, version }
    }

    /// The chunk that comes first. Streams may end within one.
    fn chunk(&mut self) -> Option<Chunk<'b>> {
        let (header, rest) = self.rest.split_at_checked(HEADER)?;
        let len = usize::try_from(u32_at(header, 12).ok()?).ok()?;
        let header = Header {
            kind: u32_at(header, 0).ok()?,
            is_list: u32_at(header, 8).ok()? != 0,
            level: u16_at(header, 16).ok()?,
            mark: header[18],
        };
        let (bytes, behind) = rest.split_at(len.min(rest.len()));
        self.rest = behind.get(header.trailer(self.version)..).unwrap_or_default();
        Some(Chunk {
            kind: header.kind,
            bytes,
        })
    }
}

impl<'b> Iterator for Chunks<'b> {
    type Item = Chunk<'b>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.rest.iter().position(|byte| *byte != 0)?;
        self.rest = &self.rest[start..];
        self.chunk()
    }
}

struct Header {
    kind: u32,
    is_list: bool,
    level: u16,
    mark: u8,
}

impl Header {
    /// How many bytes stand between a chunk and the next one.
    fn trailer(&self, version: Version) -> usize {
        if matches!(self.kind, 0x1F | 0xC9) {
            return 0;
        }
        match version {
            Version::Narrow
                if self.is_list || matches!(self.kind, 0x0D | 0x2C | 0x64..=0x66 | 0x68..=0x73 | 0x76 | 0x67) =>
            {
                8
            }
            Version::Narrow => 0,
            Version::Wide => self.wide_trailer(),
        }
    }

    fn wide_trailer(&self) -> usize {
        if matches!(self.kind, 0x2D | 0xD1) {
            return 0;
        }
        let has_list = self.is_list || matches!(self.kind, 0x2C | 0x65 | 0x66 | 0x69..=0x6B | 0x70 | 0x71);
        let has_separator = self.is_list
            || self.level == 2 && (self.mark == 0x55 || self.mark == 0x54 && self.kind == 0xAA)
            || self.level == 3 && !matches!(self.mark, 0x50 | 0x54)
            || matches!(
                self.kind,
                0x64..=0x66 | 0x69..=0x6B | 0x6F | 0x71 | 0x92 | 0xA9 | 0xB4 | 0xB6 | 0xB9 | 0xC7
            );
        8 * usize::from(has_list) + 4 * usize::from(has_separator)
    }
}
