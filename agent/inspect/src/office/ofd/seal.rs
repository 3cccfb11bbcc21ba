//! Electronic seals: the texts in their structure, such as the seal's name (GM/T 0031, in DER).

use crate::flow::Flow;
use crate::source::Stop;

const UTF8_STRING: u8 = 0x0C;
/// The bit of a tag whose content is elements.
const CONSTRUCTED: u8 = 0x20;
/// The longest name that is taken.
const MAX_NAME: usize = 1024;

/// Gives every text of a structure.
pub(super) fn read(mut der: &[u8], flow: &mut Flow<'_>) -> Result<(), Stop> {
    while let Some((tag, content, rest)) = element(der) {
        if tag & CONSTRUCTED != 0 {
            // Its elements follow its head.
            der = &der[der.len() - rest.len() - content.len()..];
            continue;
        }
        der = rest;
        if tag == UTF8_STRING
            && content.len() <= MAX_NAME
            && let Ok(name) = std::str::from_utf8(content)
        {
            flow.paragraph(name)?;
        }
    }
    Ok(())
}

/// The tag and the content of the element at the beginning, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (len, rest) = match first {
        0..=0x7F => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            (bytes.iter().fold(0, |len, byte| len << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(len)?;
    Some((*tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::found::Found;
    use crate::text::Part;

    #[test]
    fn the_name_of_a_seal_is_read() {
        let name = "示例科技有限公司";
        let mut inner = vec![0x02, 1, 1, UTF8_STRING, u8::try_from(name.len()).unwrap()];
        inner.extend(name.as_bytes());
        inner.extend([0x04, 2, 0x0C, 0xFF]);
        let outer = [&[0x30, 0x81, u8::try_from(inner.len()).unwrap()][..], &inner].concat();
        let mut found = Found::for_tests();
        let mut flow = Flow::new(&mut found.text, Part::Margin);
        read(&outer, &mut flow).unwrap();
        flow.finish().unwrap();
        assert!(found.text.captured.contains(name));
    }
}
