//! Windows codepages, languages and font character sets: how formats older than Unicode name an encoding.

use std::io::Read;

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, IBM866, ISO_2022_JP, ISO_8859_2, ISO_8859_5, KOI8_R, MACINTOSH,
    SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_874, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253,
    WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257, WINDOWS_1258,
};

use crate::encoding;
use crate::source::{Budget, Stop};

/// Bytes decoded at once.
const CHUNK: usize = 8 << 10;

/// The encoding of a Windows codepage; the Western one for those that are not known.
pub(crate) fn by_number(number: u32) -> &'static Encoding {
    match number {
        866 => IBM866,
        874 => WINDOWS_874,
        932 => SHIFT_JIS,
        936 | 10008 | 20936 => GBK,
        949 | 51949 => EUC_KR,
        950 | 10002 => BIG5,
        1200 => UTF_16LE,
        1250 => WINDOWS_1250,
        1251 => WINDOWS_1251,
        1253 => WINDOWS_1253,
        1254 => WINDOWS_1254,
        1255 => WINDOWS_1255,
        1256 => WINDOWS_1256,
        1257 => WINDOWS_1257,
        1258 => WINDOWS_1258,
        // Older Excel writes Macintosh as 0x8000.
        10000 | 0x8000 => MACINTOSH,
        20866 => KOI8_R,
        20932 | 51932 => EUC_JP,
        28592 => ISO_8859_2,
        28595 => ISO_8859_5,
        50220..=50222 => ISO_2022_JP,
        52936 | 54936 => GB18030,
        65001 => UTF_8,
        _ => WINDOWS_1252,
    }
}

/// The encoding of a language, by its Windows number.
pub(crate) fn by_language(language: u16) -> &'static Encoding {
    let number = match (language & 0x3FF, language) {
        (_, 0x0404 | 0x0C04 | 0x1404) => 950,
        (0x04, _) => 936,
        (0x11, _) => 932,
        (0x12, _) => 949,
        (0x19 | 0x02 | 0x22 | 0x23 | 0x2F, _) => 1251,
        (0x05 | 0x0E | 0x15 | 0x18 | 0x1A | 0x1B | 0x1C | 0x24, _) => 1250,
        (0x08, _) => 1253,
        (0x1F, _) => 1254,
        (0x0D, _) => 1255,
        (0x01 | 0x20 | 0x29, _) => 1256,
        (0x25..=0x27, _) => 1257,
        (0x2A, _) => 1258,
        (0x1E, _) => 874,
        _ => 1252,
    };
    by_number(number)
}

/// The encoding of a font's character set, as Windows numbers them; `None` for those that say nothing.
pub(crate) fn by_charset(charset: i32) -> Option<&'static Encoding> {
    let number = match charset {
        0 => 1252,
        77 => 10000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    };
    Some(by_number(number))
}

/// The encoding of a text that does not say.
pub(crate) fn detect(head: &[u8]) -> &'static Encoding {
    match encoding::detect(head, false) {
        Some(encoding::Encoding::Gb18030) => GB18030,
        Some(encoding::Encoding::Utf16Le) => UTF_16LE,
        Some(encoding::Encoding::Utf16Be) => UTF_16BE,
        Some(encoding::Encoding::Big5) => BIG5,
        Some(encoding::Encoding::Latin) => WINDOWS_1252,
        Some(encoding::Encoding::Utf8 | encoding::Encoding::Recoded(_)) | None => UTF_8,
    }
}

/// Text that ends at its first zero, as fixed fields hold it.
pub(crate) fn zero_ended(bytes: &[u8], encoding: &'static Encoding) -> String {
    let text = encoding.decode_without_bom_handling(bytes).0;
    text.split('\0').next().unwrap_or_default().to_owned()
}

/// Decodes all that `reader` gives, piece by piece.
pub(crate) fn decode(
    mut reader: impl Read,
    encoding: &'static Encoding,
    budget: &Budget,
    mut take: impl FnMut(&str) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut bytes = [0; CHUNK];
    let mut text = String::with_capacity(CHUNK * 3 + 16);
    loop {
        budget.check_time()?;
        let count = reader.read(&mut bytes)?;
        let mut rest = &bytes[..count];
        loop {
            let (result, read, _) = decoder.decode_to_string(rest, &mut text, count == 0);
            take(&text)?;
            text.clear();
            rest = &rest[read..];
            if result == encoding_rs::CoderResult::InputEmpty {
                break;
            }
        }
        if count == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::Limits;

    #[test]
    fn a_character_cut_between_two_reads_stays_whole() {
        let text = "x示例😀".repeat(5000);
        let bytes = GB18030.encode(&text).0.into_owned();
        let budget = Budget::new(&Limits::default(), Instant::now());
        let mut decoded = String::new();
        let result = decode(bytes.as_slice(), GB18030, &budget, |piece| {
            decoded.push_str(piece);
            Ok(())
        });
        assert_eq!((result, decoded), (Ok(()), text));
    }

    #[test]
    fn chinese_is_known_by_codepage_language_and_font() {
        assert_eq!([by_number(936), by_language(0x0804)], [GBK, GBK]);
        assert_eq!([by_number(950), by_language(0x0404)], [BIG5, BIG5]);
        assert_eq!((by_charset(134), by_charset(136)), (Some(GBK), Some(BIG5)));
    }
}
