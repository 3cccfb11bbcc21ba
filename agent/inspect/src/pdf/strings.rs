//! The text strings of a PDF that are no page's content.

use encoding_rs::{UTF_16BE, UTF_16LE};

use crate::encoding;

/// Text strings are UTF-16 or UTF-8 with a mark; without one they should be Latin, but Chinese programs write GBK.
pub(super) fn decode(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, wide @ ..] => UTF_16BE.decode_without_bom_handling(wide).0.into_owned(),
        [0xFF, 0xFE, wide @ ..] => UTF_16LE.decode_without_bom_handling(wide).0.into_owned(),
        _ => encoding::decode_unlabelled(bytes).into_owned(),
    }
}
