//! Names in the store: the file's own name where it is free, else `name (2).docx` and so on.

/// The `number`th name to try for `name`, at most `limit` bytes long. The extension stays whole where it fits.
pub(super) fn numbered(name: &[u8], number: u32, limit: usize) -> Vec<u8> {
    let (stem, extension) = name.split_at(extension_at(name));
    let suffix = if number < 2 {
        String::new()
    } else {
        format!(" ({number})")
    };
    let extension = &extension[..boundary(extension, limit.saturating_sub(suffix.len() + 1))];
    let room = limit.saturating_sub(suffix.len() + extension.len());
    [&stem[..boundary(stem, room)], suffix.as_bytes(), extension].concat()
}

/// Where the extension begins, with its dot; `.tar.gz` and its like count as one. A leading dot begins none.
fn extension_at(name: &[u8]) -> usize {
    let dot_before = |end: usize| name[..end].iter().rposition(|b| *b == b'.').filter(|at| *at > 0);
    let Some(last) = dot_before(name.len()) else {
        return name.len();
    };
    match dot_before(last) {
        Some(inner) if name[inner..last].eq_ignore_ascii_case(b".tar") => inner,
        _ => last,
    }
}

/// The longest length up to `limit` that does not cut a UTF-8 character in two.
fn boundary(text: &[u8], limit: usize) -> usize {
    if text.len() <= limit {
        return text.len();
    }
    let continues = |at: usize| text[at] & 0b1100_0000 == 0b1000_0000;
    (0..=limit).rev().find(|at| !continues(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(name: &str, number: u32) -> String {
        String::from_utf8(numbered(name.as_bytes(), number, 255)).unwrap()
    }

    #[test]
    fn the_number_stands_before_the_extension() {
        assert_eq!(text("报价单.docx", 1), "报价单.docx");
        assert_eq!(text("报价单.docx", 2), "报价单 (2).docx");
        assert_eq!(text("backup.tar.gz", 3), "backup (3).tar.gz");
        assert_eq!(text(".hidden", 2), ".hidden (2)");
        assert_eq!(text("README", 2), "README (2)");
        assert_eq!(text("v1.2 final.pdf", 2), "v1.2 final (2).pdf");
    }

    proptest! {
        #[test]
        fn a_name_fits_keeps_its_extension_and_stays_text(stem in "\\PC{1,120}", number in 1_u32..9999, limit in 64_usize..=255) {
            let name = format!("{}.docx", stem.replace(['/', '\0'], "_"));
            let made = numbered(name.as_bytes(), number, limit);
            prop_assert!(made.len() <= limit);
            prop_assert!(made.ends_with(b".docx"));
            let made = String::from_utf8(made);
            prop_assert!(made.is_ok(), "a character was cut in two");
        }

        #[test]
        fn two_numbers_never_make_the_same_name(name in "[a-z.]{1,300}", one in 2_u32..999, other in 2_u32..999, limit in 64_usize..=255) {
            prop_assume!(one != other);
            prop_assert_ne!(numbered(name.as_bytes(), one, limit), numbered(name.as_bytes(), other, limit));
        }

        #[test]
        fn any_bytes_stay_within_the_limit(name in proptest::collection::vec(1_u8.., 1..600), number in 1_u32..9999, limit in 16_usize..=255) {
            let made = numbered(&name, number, limit);
            prop_assert!(!made.is_empty() && made.len() <= limit);
        }
    }
}
