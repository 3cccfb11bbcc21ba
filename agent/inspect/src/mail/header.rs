//! Header fields of mail: unfolding, encoded words (RFC 2047), parameters (RFC 2045, RFC 2231).

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use encoding_rs::{BIG5, Encoding, GB18030, UTF_8};

use crate::codepage;
use crate::encoding;
use crate::escapes::unescaped;
use crate::source::{Source, Stop};

/// The longest header that is read.
const MAX_HEADER: usize = 256 << 10;
/// Fields that are kept.
const MAX_FIELDS: usize = 1000;
/// Pieces of one parameter that are put together.
const MAX_PIECES: usize = 64;

/// Mailers are careless with padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The header of a message or of a part of one.
#[derive(Debug, Default)]
pub(super) struct Header {
    fields: Vec<(String, String)>,
}

impl Header {
    /// Reads the header between two places; gives it and where the body begins.
    pub(super) fn read(source: &mut Source<'_>, start: u64, end: u64) -> Result<(Self, u64), Stop> {
        let len = usize::try_from(end.saturating_sub(start)).map_or(MAX_HEADER, |len| len.min(MAX_HEADER));
        let bytes = source.bytes(start, len)?;
        let mut header = Self::default();
        let mut at = 0;
        while at < bytes.len() {
            let next = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |line| at + line + 1);
            let line = bytes[at..next].trim_ascii_end();
            at = next;
            if line.is_empty() {
                break;
            }
            header.take(line);
        }
        Ok((header, start + at as u64))
    }

    fn take(&mut self, line: &[u8]) {
        let text = encoding::decode_unlabelled(line);
        if text.starts_with([' ', '\t']) {
            if let Some((_, value)) = self.fields.last_mut() {
                value.push(' ');
                value.push_str(text.trim());
            }
            return;
        }
        if let Some((name, value)) = text.split_once(':')
            && self.fields.len() < MAX_FIELDS
        {
            let name = name.trim_start_matches('\u{FEFF}').trim().to_ascii_lowercase();
            self.fields.push((name, value.trim().to_owned()));
        }
    }

    /// The first field of that name, in lower case, as it is written.
    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The first field of that name, decoded.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.raw(name).map(decode_words)
    }

    /// A field's value without its parameters, in lower case.
    pub(super) fn value(&self, name: &str) -> String {
        let value = self.raw(name).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// A parameter of a field, put together from its pieces and decoded.
    pub(super) fn parameter(&self, field: &str, name: &str) -> Option<String> {
        let parameters = parameters(self.raw(field)?);
        let find = |wanted: &str| parameters.iter().find(|(own, _)| own == wanted).map(|(_, value)| value);
        if let Some(value) = find(name) {
            return Some(decode_words(value));
        }
        if let Some(value) = find(&format!("{name}*")) {
            return Some(decode_extended(&unescaped(value.as_bytes(), b'%')));
        }
        let mut bytes = Vec::new();
        let mut is_escaped = false;
        for index in 0..MAX_PIECES {
            if let Some(piece) = find(&format!("{name}*{index}*")) {
                is_escaped |= index == 0;
                bytes.extend(unescaped(piece.as_bytes(), b'%'));
            } else if let Some(piece) = find(&format!("{name}*{index}")) {
                bytes.extend(piece.as_bytes());
            } else {
                break;
            }
        }
        if bytes.is_empty() {
            return None;
        }
        Some(if is_escaped {
            decode_extended(&bytes)
        } else {
            decode_words(&String::from_utf8_lossy(&bytes))
        })
    }
}

/// The encoding of that name; `None` when it says nothing, or is not known.
pub(super) fn charset(name: &str) -> Option<&'static Encoding> {
    let name = name.trim().trim_matches(['"', '\'']);
    if name.eq_ignore_ascii_case("us-ascii") || name.eq_ignore_ascii_case("ascii") {
        return None;
    }
    if let Some(encoding) = Encoding::for_label_no_replacement(name.as_bytes()) {
        return Some(encoding);
    }
    // Names that mailers make up.
    let name = name.to_ascii_lowercase();
    match () {
        () if name.contains("gb") => Some(GB18030),
        () if name.contains("big5") => Some(BIG5),
        () => {
            let number = name.strip_prefix("cp").or_else(|| name.strip_prefix("ms"))?;
            number.parse().ok().map(codepage::by_number)
        }
    }
}

/// The parameters after a field's value, with names in lower case and without quotes.
fn parameters(field: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = field.split_once(';').map_or("", |(_, rest)| rest);
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', '\t', ';']).to_ascii_lowercase();
        let after = after.trim_start();
        let value = if let Some(quoted) = after.strip_prefix('"') {
            let (value, after) = unquote(quoted);
            rest = after;
            value
        } else {
            let (value, after) = after.split_once(';').unwrap_or((after, ""));
            rest = after;
            value.trim().to_owned()
        };
        if found.len() < MAX_FIELDS {
            found.push((name, value));
        }
    }
    found
}

/// What stands before the closing quote, and what after it.
fn unquote(quoted: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

/// A value that begins with its charset and language.
fn decode_extended(bytes: &[u8]) -> String {
    let mut pieces = bytes.splitn(3, |byte| *byte == b'\'');
    if let (Some(name), Some(_), Some(text)) = (pieces.next(), pieces.next(), pieces.next()) {
        let encoding = charset(&String::from_utf8_lossy(name)).unwrap_or(UTF_8);
        return encoding.decode_without_bom_handling(text).0.into_owned();
    }
    encoding::decode_unlabelled(bytes).into_owned()
}

/// Decodes the encoded words of a value. Neighbours are decoded as one: a character may be cut between them.
pub(super) fn decode_words(value: &str) -> String {
    let mut out = String::new();
    let mut run: Option<Run> = None;
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("=?") {
        let Some((encoding, bytes, behind)) = word(after) else {
            end_run(&mut run, &mut out);
            out.push_str(before);
            out.push_str("=?");
            rest = after;
            continue;
        };
        if !before.trim().is_empty() || run.is_none() {
            end_run(&mut run, &mut out);
            out.push_str(before);
        }
        match &mut run {
            Some((own, so_far)) if *own == encoding => so_far.extend(bytes),
            _ => {
                end_run(&mut run, &mut out);
                run = Some((encoding, bytes));
            }
        }
        rest = behind;
    }
    end_run(&mut run, &mut out);
    out.push_str(rest);
    out
}

/// Bytes of neighbouring words, and their encoding where it is known.
type Run = (Option<&'static Encoding>, Vec<u8>);

fn end_run(run: &mut Option<Run>, out: &mut String) {
    match run.take() {
        Some((Some(encoding), bytes)) => out.push_str(&encoding.decode_without_bom_handling(&bytes).0),
        Some((None, bytes)) => out.push_str(&encoding::decode_unlabelled(&bytes)),
        None => {}
    }
}

/// One encoded word after its opening mark: charset, form, text; and what stands behind it.
fn word(after: &str) -> Option<(Option<&'static Encoding>, Vec<u8>, &str)> {
    let (name, rest) = after.split_once('?')?;
    let (form, rest) = rest.split_once('?')?;
    let (text, behind) = rest.split_once("?=")?;
    let encoding = charset(name.split('*').next()?);
    let bytes = match form {
        "B" | "b" => BASE64.decode(text.trim_end_matches('=')).ok()?,
        "Q" | "q" => unescaped(text.replace('_', " ").as_bytes(), b'='),
        _ => return None,
    };
    Some((encoding, bytes, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_are_joined_before_they_are_decoded() {
        // 示例 in UTF-8, cut within the second character.
        assert_eq!(decode_words("=?utf-8?B?56S65L4=?=\t=?UTF-8?B?iw==?= x"), "示例 x");
        assert_eq!(
            decode_words("Re: =?gb2312?Q?=CA=BE=C0=FD_1?= (=?gbk?b?yr4?=)"),
            "Re: 示例 1 (示)"
        );
        assert_eq!(decode_words("=?eucgb2312_cn?b?yr4=?= =?who-knows?b?wP0=?="), "示例");
        assert_eq!(decode_words("a =?b c"), "a =?b c");
    }

    #[test]
    fn parameters_come_in_all_their_forms() {
        let header = Header {
            fields: vec![
                ("a".into(), "x/y; name=\"a\\\"b; c.txt\"; charset=gbk".into()),
                (
                    "b".into(),
                    "attachment; filename*=UTF-8''%E7%A4%BA%E4%BE%8B.xlsx".into(),
                ),
                (
                    "c".into(),
                    "attachment; filename*0*=gb2312''%CA%BE; filename*1*=%C0%FD; filename*2=\".doc\"".into(),
                ),
                ("d".into(), "attachment; filename=\"=?gbk?B?yr7A/Q==?=.pdf\"".into()),
            ],
        };
        let parameter = |field, name| header.parameter(field, name).unwrap();
        assert_eq!(parameter("a", "name"), "a\"b; c.txt");
        assert_eq!(parameter("a", "charset"), "gbk");
        assert_eq!(parameter("b", "filename"), "示例.xlsx");
        assert_eq!(parameter("c", "filename"), "示例.doc");
        assert_eq!(parameter("d", "filename"), "示例.pdf");
        assert_eq!(header.value("a"), "x/y");
    }
}
