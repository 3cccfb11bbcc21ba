//! Encodings of text: which one it is, and turning it into characters.
//!
//! Chinese text without a mark is told by what it says: bytes that are Big5 are mostly valid GB18030 too and the other way
//! round, but only one of them gives the characters that people write.

mod recoded;

use std::borrow::Cow;

use encoding_rs::{BIG5, GB18030, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use wide::u8x16;

use crate::bytes::{count, is, within};
use crate::ideographs::Ideographs;
pub(crate) use recoded::{Coding, Recoded};

/// How text is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Gb18030,
    Big5,
    /// A Western single-byte encoding; which one does not matter here.
    Latin,
    /// One that is read as UTF-8.
    Recoded(Coding),
}

/// The characters that make up half of what is written in business, in the script of either encoding.
static SIMPLIFIED: Ideographs = Ideographs::of(
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没\
    日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声\
    全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先\
    合同报价单项目客户员工资料表号码身份证银行帐账部门财务管理公司技术开示例系统数据件文档密级内机绝度审批签字盖章日期金额编计总税元万",
);
static TRADITIONAL: Ideographs = Ideographs::of(
    "的一是不了在人有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡後小麼心多天而能好都然沒\
    日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進把法此實回二理美點月明其種聲\
    全工己話兒者向情部正名定女問力機給等幾很業最間新什打便位因重被走電四第門相次東政海口使教西再平真聽世氣信北少關並內加化由卻代軍產入先\
    合同報價單項目客戶員工資料表號碼身份證銀行帳部門財務管理公司技術開示例系統數據件文檔密級內機絕度審批簽字蓋章日期金額編計總稅元萬",
);

impl Encoding {
    /// What decodes it piece by piece. A byte order mark is no character.
    pub(crate) fn decoder(self) -> encoding_rs::Decoder {
        match self {
            Self::Utf8 | Self::Recoded(_) => UTF_8.new_decoder_with_bom_removal(),
            Self::Utf16Le => UTF_16LE.new_decoder_with_bom_removal(),
            Self::Utf16Be => UTF_16BE.new_decoder_with_bom_removal(),
            Self::Gb18030 => GB18030.new_decoder_without_bom_handling(),
            Self::Big5 => BIG5.new_decoder_without_bom_handling(),
            Self::Latin => WINDOWS_1252.new_decoder_without_bom_handling(),
        }
    }
}

/// Detects the encoding of text that begins with `head`; `None` when it does not look like text.
///
/// `whole` says that nothing follows, so that a cut character at the end is an error.
pub(crate) fn detect(head: &[u8], whole: bool) -> Option<Encoding> {
    match head {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => return recoded::of_wide(head).map(Encoding::Recoded),
        [0xEF, 0xBB, 0xBF, ..] => return Some(Encoding::Utf8),
        [0xFF, 0xFE, ..] => return is_wide_text(head, Encoding::Utf16Le),
        [0xFE, 0xFF, ..] => return is_wide_text(head, Encoding::Utf16Be),
        _ => {}
    }
    let zeros = count(head, |bytes| is(bytes, 0));
    // A crash leaves a few zeros in logs; more of them are no text, or half of each character.
    if zeros * 1000 > head.len() || zeros > 0 && head.len() < 1000 {
        return wide_without_mark(head).or_else(|| recoded::of_wide(head).map(Encoding::Recoded));
    }
    let controls = count(head, is_control);
    if controls * 200 > head.len() {
        return None;
    }
    match simdutf8::compat::from_utf8(head) {
        Ok(text) if text.is_ascii() => {
            let coding = recoded::of_ascii(head, is_chinese);
            return Some(coding.map_or(Encoding::Utf8, Encoding::Recoded));
        }
        Ok(_) => return Some(Encoding::Utf8),
        Err(error) if !whole && error.error_len().is_none() => return Some(Encoding::Utf8),
        Err(_) => {}
    }
    if controls * 500 > head.len() {
        return None;
    }
    chinese(head, whole).or_else(|| {
        // Noise of some length has control characters.
        let high = count(head, |bytes| within(bytes, 0x80, 0xFF));
        (controls == 0 && (high * 8 < head.len() || head.len() >= 512)).then_some(Encoding::Latin)
    })
}

/// Decodes text; what cannot be decoded becomes U+FFFD.
pub(crate) fn decode(bytes: &[u8], encoding: Encoding) -> Cow<'_, str> {
    match encoding {
        Encoding::Utf8 => decode_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)),
        Encoding::Utf16Le => UTF_16LE.decode_with_bom_removal(bytes).0,
        Encoding::Utf16Be => UTF_16BE.decode_with_bom_removal(bytes).0,
        Encoding::Gb18030 => GB18030.decode_without_bom_handling(bytes).0,
        Encoding::Big5 => BIG5.decode_without_bom_handling(bytes).0,
        Encoding::Latin => WINDOWS_1252.decode_without_bom_handling(bytes).0,
        Encoding::Recoded(coding) => Cow::Owned(recoded::decode(bytes, coding)),
    }
}

fn decode_utf8(bytes: &[u8]) -> Cow<'_, str> {
    match simdutf8::compat::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) => {
            // Most often it is but the last character that is cut.
            let (sound, rest) = bytes.split_at(error.valid_up_to());
            let sound = simdutf8::basic::from_utf8(sound).unwrap_or_default();
            Cow::Owned([sound, &String::from_utf8_lossy(rest)].concat())
        }
    }
}

/// Decodes a short text whose format does not say how it is encoded.
pub(crate) fn decode_unlabelled(bytes: &[u8]) -> Cow<'_, str> {
    decode(bytes, detect(bytes, true).unwrap_or(Encoding::Latin))
}

/// Control characters that text does not have. Tab, line and form feed, backspace and escape are in use.
#[inline]
fn is_control(bytes: u8x16) -> u8x16 {
    let in_use = within(bytes, 0x08, 0x0A) | within(bytes, 0x0C, 0x0D) | within(bytes, 0x1A, 0x1B);
    within(bytes, 0, 0x1F) & !in_use | is(bytes, 0x7F)
}

/// Which Chinese encoding it is, if it is one: valid, and mostly of common characters. Noise would spread over the whole
/// code space.
fn chinese(head: &[u8], whole: bool) -> Option<Encoding> {
    let mainland = Reading::of(head, whole, Encoding::Gb18030, &SIMPLIFIED);
    let traditional = Reading::of(head, whole, Encoding::Big5, &TRADITIONAL);
    match (mainland, traditional) {
        (Some(mainland), Some(traditional)) if mainland.is_plausible() && traditional.is_plausible() => {
            // Without a frequent character in either, the encoding of the mainland is the likelier one.
            let is_traditional = traditional.weight() > mainland.weight();
            Some(if is_traditional {
                Encoding::Big5
            } else {
                Encoding::Gb18030
            })
        }
        (Some(mainland), _) if mainland.is_plausible() => Some(Encoding::Gb18030),
        (_, Some(traditional)) if traditional.is_plausible() => Some(Encoding::Big5),
        _ => None,
    }
}

/// Whether wide characters are those that people write: no others, and some of the frequent ones.
fn is_chinese(wide: &str) -> bool {
    let (mut all, mut fits, mut frequent) = (0, 0, 0);
    for c in wide.chars() {
        all += 1;
        fits += usize::from(
            matches!(c, '\u{3000}'..='\u{303F}' | '\u{4E00}'..='\u{9FFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{2010}'..='\u{2027}' | '\u{B7}'),
        );
        frequent += usize::from(SIMPLIFIED.has(c) || TRADITIONAL.has(c));
    }
    all >= 2 && fits * 100 >= all * 97 && frequent * 5 >= all
}

/// What bytes say in an encoding.
#[derive(Clone, Copy, Debug)]
struct Reading {
    wide: usize,
    /// Of the first rows, which hold the common characters and punctuation.
    common: usize,
    frequent: usize,
}

impl Reading {
    /// Reads what begins with the first character that is not ASCII, as much as is enough; `None` when it is not valid.
    fn of(head: &[u8], whole: bool, encoding: Encoding, frequent: &Ideographs) -> Option<Self> {
        const ENOUGH: usize = 4 << 10;
        let head = &head[head.iter().position(|byte| !byte.is_ascii()).unwrap_or(head.len())..];
        let (head, whole) = (&head[..head.len().min(ENOUGH)], whole && head.len() <= ENOUGH);
        let text = valid(head, whole, encoding)?;
        let is_common = |lead: u8| match encoding {
            Encoding::Big5 => matches!(lead, 0xA1..=0xC6),
            _ => matches!(lead, 0xA1 | 0xA3 | 0xB0..=0xD7),
        };
        Some(Self {
            wide: text.chars().filter(|c| !c.is_ascii()).count(),
            common: lead_bytes(head).filter(|lead| is_common(*lead)).count(),
            frequent: text.chars().filter(|c| frequent.has(*c)).count(),
        })
    }

    fn is_plausible(self) -> bool {
        self.wide > 0 && self.common * 10 >= self.wide * 7
    }

    /// How much it looks like writing: a frequent character says more than a common one.
    fn weight(self) -> usize {
        (self.frequent * 4 + self.common) * 1000 / self.wide.max(1)
    }
}

/// The text of valid bytes, of which the last character may be cut unless they are the whole.
fn valid(head: &[u8], whole: bool, encoding: Encoding) -> Option<Cow<'_, str>> {
    let strict = |bytes| match encoding {
        Encoding::Big5 => BIG5.decode_without_bom_handling_and_without_replacement(bytes),
        _ => GB18030.decode_without_bom_handling_and_without_replacement(bytes),
    };
    let cuts = if whole { 0 } else { 3 };
    (0..=cuts).find_map(|cut| strict(head.get(..head.len().checked_sub(cut)?)?))
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
        () if odd > even * 4 && is_wide_chinese(head, Encoding::Utf16Le) => Encoding::Utf16Le,
        () if even > odd * 4 && is_wide_chinese(head, Encoding::Utf16Be) => Encoding::Utf16Be,
        () => return None,
    };
    is_wide_text(head, encoding)
}

/// Chinese in UTF-16 has few zeros; nearly all of it are ideographs, their punctuation, and printable ASCII.
fn is_wide_chinese(head: &[u8], encoding: Encoding) -> bool {
    let text = decode(&head[..head.len() & !1], encoding);
    let (mut all, mut fits, mut frequent) = (0, 0, 0);
    for c in text.chars() {
        all += 1;
        fits += usize::from(
            matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{3000}'..='\u{303F}' | '\u{4E00}'..='\u{9FFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{2010}'..='\u{2027}'),
        );
        frequent += usize::from(SIMPLIFIED.has(c) || TRADITIONAL.has(c));
    }
    all >= 4 && fits * 100 >= all * 97 && frequent * 10 >= all
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
    fn traditional_text_is_told_from_simplified() {
        let taiwan = "關於示例專案的報價單，請在星期五之前確認。\r\n合計：12,800 元（含稅）\r\n";
        let big5 = BIG5.encode(taiwan).0.into_owned();
        assert_eq!(detect(&big5, true), Some(Encoding::Big5));
        assert_eq!(decode(&big5, Encoding::Big5), taiwan);
        for (name, traditional) in [
            ("合同.docx", "合約.docx"),
            ("客户身份证号码.xlsx", "客戶身份證號碼.xlsx"),
            ("员工工资表", "員工薪資表"),
            ("机密", "機密"),
        ] {
            let gb = GB18030.encode(name).0.into_owned();
            assert_eq!(decode_unlabelled(&gb), name);
            let big5 = BIG5.encode(traditional).0.into_owned();
            assert_eq!(decode_unlabelled(&big5), traditional);
        }
    }

    #[test]
    fn chinese_in_wide_characters_needs_no_mark() {
        for to in [u16::to_le_bytes, u16::to_be_bytes] {
            let wide: Vec<u8> = TEXT.encode_utf16().flat_map(to).collect();
            let encoding = detect(&wide, true).unwrap();
            assert_eq!(decode(&wide, encoding), TEXT);
        }
        assert_eq!(detect(&[1, 0, 2, 0, 3, 0, 0, 0x4E, 5, 0, 6, 0], true), None);
    }

    #[test]
    fn chinese_in_seven_bits_is_told_from_programs() {
        let coding = |text: &[u8]| detect(text, true);
        assert_eq!(
            coding(b"~{:OM,~} 12 ~{7]#,NpMb4+!#~}\n"),
            Some(Encoding::Recoded(Coding::Hz))
        );
        assert_eq!(
            coding(b"+VAhUDA 12 +Tv3/DFL/WRZPIDAC-\n"),
            Some(Encoding::Recoded(Coding::Utf7))
        );
        for text in [
            &b"~{ a block of a template ~}\n"[..],
            b"x = a+b; c = d+Tables+/more\n",
            b"aGVsbG8gd29ybGQ+VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcw+b3ZlciB0aGU=\n",
            b"sed 's/~{[^}]*~}//g' +Iffy\n",
        ] {
            assert_eq!(coding(text), Some(Encoding::Utf8), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn a_log_with_a_few_zeros_is_text() {
        let mut log = b"2026-01-01 00:00:00 started\n".repeat(100);
        log[500] = 0;
        assert_eq!(detect(&log, true), Some(Encoding::Utf8));
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
