//! Properties of Outlook's messages: their numbers and types ([MS-OXPROPS], [MS-OXCDATA]).

use super::entity::Span;
use crate::source::{Source, Stop};

pub(super) const MESSAGE_CLASS: u16 = 0x001A;
pub(super) const SUBJECT: u16 = 0x0037;
pub(super) const BODY: u16 = 0x1000;
pub(super) const BODY_RTF: u16 = 0x1009;
pub(super) const BODY_HTML: u16 = 0x1013;
pub(super) const SENDER_NAME: u16 = 0x0C1A;
pub(super) const SENDER_ADDRESS: u16 = 0x0C1F;
pub(super) const SENDER_SMTP: u16 = 0x5D01;
pub(super) const DISPLAY_TO: u16 = 0x0E04;
pub(super) const DISPLAY_CC: u16 = 0x0E03;
pub(super) const DISPLAY_BCC: u16 = 0x0E02;
pub(super) const NAME: u16 = 0x3001;
pub(super) const ADDRESS: u16 = 0x3003;
pub(super) const SMTP: u16 = 0x39FE;
pub(super) const ATTACHED: u16 = 0x3701;
pub(super) const FILE_NAME: u16 = 0x3704;
pub(super) const ATTACH_METHOD: u16 = 0x3705;
pub(super) const LONG_FILE_NAME: u16 = 0x3707;
/// What contacts have besides: numbers, addresses, names of companies.
pub(super) const CONTACT_FIRST: u16 = 0x3A00;
pub(super) const CONTACT_LAST: u16 = 0x3A5F;
pub(super) const CODEPAGE: u16 = 0x3FFD;
pub(super) const INTERNET_CODEPAGE: u16 = 0x3FDE;

/// From here on properties have names of their own.
pub(super) const NAMED: u16 = 0x8000;

pub(super) const NUMBER: u16 = 0x0003;
pub(super) const OBJECT: u16 = 0x000D;
pub(super) const NARROW: u16 = 0x001E;
pub(super) const WIDE: u16 = 0x001F;
pub(super) const BINARY: u16 = 0x0102;

/// Properties of one list that are looked at.
const MAX_PROPERTIES: u32 = 10_000;

/// A property in a list: its number, its type, and where its value lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    pub(super) id: u16,
    pub(super) kind: u16,
    pub(super) span: Span,
}

/// Walks over a list of properties as a message in TNEF carries it ([MS-OXTNEF]).
pub(super) fn walk(
    source: &mut Source<'_>,
    span: Span,
    mut take: impl FnMut(&mut Source<'_>, Value) -> Result<(), Stop>,
) -> Result<(), Stop> {
    const MANY: u16 = 0x1000;
    let mut at = span.start;
    let count = word(source, &mut at, span)?;
    for _ in 0..count.min(MAX_PROPERTIES) {
        source.budget().check_time()?;
        let tag = word(source, &mut at, span)?;
        let [kind, id] = [tag & 0xFFFF, tag >> 16].map(|half| u16::try_from(half).unwrap_or(0));
        if id >= NAMED {
            skip_name(source, &mut at, span)?;
        }
        let is_many = kind & MANY != 0;
        let kind = kind & !MANY;
        let is_long = matches!(kind, OBJECT | NARROW | WIDE | BINARY);
        let values = if is_many || is_long {
            word(source, &mut at, span)?
        } else {
            1
        };
        for _ in 0..values {
            let len = match kind {
                OBJECT | NARROW | WIDE | BINARY => word(source, &mut at, span)?.into(),
                0x05 | 0x06 | 0x07 | 0x14 | 0x40 => 8,
                0x48 => 16,
                _ => 4,
            };
            let end = at.saturating_add(len);
            if end > span.end {
                return Err(Stop::Damaged);
            }
            let span = Span { start: at, end };
            take(source, Value { id, kind, span })?;
            at = start_of_next(at, len);
        }
    }
    Ok(())
}

/// Values are filled up to four bytes.
fn start_of_next(at: u64, len: u64) -> u64 {
    at.saturating_add(len.next_multiple_of(4))
}

fn skip_name(source: &mut Source<'_>, at: &mut u64, span: Span) -> Result<(), Stop> {
    const BY_NUMBER: u32 = 0;
    *at += 16;
    if word(source, at, span)? == BY_NUMBER {
        *at += 4;
    } else {
        let len = word(source, at, span)?;
        *at = start_of_next(*at, len.into());
    }
    Ok(())
}

fn word(source: &mut Source<'_>, at: &mut u64, span: Span) -> Result<u32, Stop> {
    if at.saturating_add(4) > span.end {
        return Err(Stop::Damaged);
    }
    let word = u32::from_le_bytes(source.array(*at)?);
    *at += 4;
    Ok(word)
}
