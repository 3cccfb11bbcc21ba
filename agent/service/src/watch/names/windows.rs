//! Names on Windows are 16-bit units that need not be Unicode; they are stored as WTF-8.
//!
//! WTF-8 (Simon Sapin, <https://simonsapin.github.io/wtf-8/>) is UTF-8 in which a surrogate without its other half has the
//! three bytes that its number gives.

use std::ffi::{OsStr, OsString};
use std::os::windows::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf, Prefix};

/// A name or a path as it is stored.
///
/// The standard library keeps names as WTF-8 without promising to; the test below would tell of a change.
pub(crate) fn bytes(name: &OsStr) -> &[u8] {
    name.as_encoded_bytes()
}

/// A name or a path as it was stored.
pub(crate) fn name(bytes: Vec<u8>) -> OsString {
    match String::from_utf8(bytes) {
        Ok(name) => name.into(),
        Err(error) => OsString::from_wide(&units(error.as_bytes())),
    }
}

/// A path that the OS takes however long it is: `\\?\C:\a` for `C:\a`, `\\?\UNC\server\share\a` for `\\server\share\a`.
pub(crate) fn long(path: &Path) -> PathBuf {
    let mut parts = path.components();
    let Some(Component::Prefix(prefix)) = parts.next() else {
        return path.into();
    };
    let mut start = OsString::from(r"\\?\");
    match prefix.kind() {
        Prefix::Disk(letter) => start.push(format!("{}:", char::from(letter))),
        Prefix::UNC(server, share) => {
            start.push(r"UNC\");
            start.push(server);
            start.push(r"\");
            start.push(share);
        }
        _ => return path.into(),
    }
    start.push(r"\");
    PathBuf::from(start).join(parts.as_path().strip_prefix(r"\").unwrap_or(parts.as_path()))
}

/// Reads WTF-8. What is none, which only a damaged database has, is replaced as in UTF-8.
fn units(bytes: &[u8]) -> Vec<u16> {
    let mut units = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        let (valid, after) = match std::str::from_utf8(rest) {
            Ok(valid) => (valid, &[][..]),
            Err(error) => {
                let (valid, after) = rest.split_at(error.valid_up_to());
                (std::str::from_utf8(valid).unwrap_or_default(), after)
            }
        };
        units.extend(valid.encode_utf16());
        rest = match after {
            [] => return units,
            [0xED, second @ 0xA0..=0xBF, third @ 0x80..=0xBF, after @ ..] => {
                units.push(0xD000 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F));
                after
            }
            [_, after @ ..] => {
                units.push(char::REPLACEMENT_CHARACTER as u16);
                after
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use std::os::windows::ffi::OsStrExt;

    use proptest::prelude::*;

    use super::*;

    /// WTF-8 by its definition.
    fn wtf_8(units: &[u16]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for unit in char::decode_utf16(units.iter().copied()) {
            match unit {
                Ok(letter) => bytes.extend(letter.encode_utf8(&mut [0; 4]).bytes()),
                Err(error) => {
                    let lone = error.unpaired_surrogate();
                    let [high, low] = [lone >> 6, lone].map(|bits| 0x80 | bits.to_le_bytes()[0] & 0x3F);
                    bytes.extend([0xED, high, low]);
                }
            }
        }
        bytes
    }

    fn unit() -> impl Strategy<Value = u16> {
        prop_oneof![any::<u16>(), 0xD800_u16..=0xDFFF, 0x20_u16..0x7F]
    }

    #[test]
    fn a_long_path_is_plain_again_without_its_prefix() {
        for (short, expected) in [
            (r"C:\Users\张三", r"\\?\C:\Users\张三"),
            (r"D:\", r"\\?\D:\"),
            (r"\\server\share\a\b", r"\\?\UNC\server\share\a\b"),
        ] {
            assert_eq!(long(Path::new(short)).as_os_str(), expected);
            assert_eq!(fileward_places::plain(Path::new(expected)), Path::new(short));
        }
        assert_eq!(long(Path::new(r"\\?\C:\a")), Path::new(r"\\?\C:\a"));
    }

    proptest! {
        #[test]
        fn every_name_is_the_same_after_it_was_stored(units in prop::collection::vec(unit(), 0..40)) {
            let written = OsString::from_wide(&units);
            prop_assert_eq!(bytes(&written), wtf_8(&units));
            let read = name(bytes(&written).to_vec());
            prop_assert_eq!(read.encode_wide().collect::<Vec<_>>(), units);
            prop_assert_eq!(read, written);
        }

        #[test]
        fn damaged_names_are_read_as_something(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let read = name(bytes.clone());
            if let Ok(text) = String::from_utf8(bytes) {
                prop_assert_eq!(read, OsString::from(text));
            }
        }
    }
}
