//! The password with which Excel locks a workbook when its author set none, only protection against changes.
//! Excel opens such a file without asking, so it is encrypted in form only.

use md5::Md5;
use sha1::{Digest, Sha1};

use crate::crypto;
use crate::office::xls::cipher::{BlockKeys, Cipher};
use crate::source::{u16_at, u32_at};

/// Known to every program that reads Excel files.
pub(crate) const PASSWORD: &str = "VelvetSweatshop";

/// The password as Office hashes it.
pub(crate) fn password_utf16() -> Vec<u8> {
    PASSWORD.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// What decrypts a legacy workbook with this `FilePass` record, when the built-in password opens it.
pub(crate) fn open_workbook(record: &[u8]) -> Option<Cipher> {
    match (record.len(), u16_at(record, 0)) {
        (4, _) => open_xor(record),
        (_, Ok(0)) => open_xor(record.get(2..6)?),
        (_, Ok(1)) => match u16_at(record, 2).ok()? {
            1 => open_rc4(record.get(6..)?),
            _ => open_crypto_api(record.get(6..)?),
        },
        _ => None,
    }
}

/// XOR obfuscation: the record holds a key and a 16-bit check of the password.
fn open_xor(record: &[u8]) -> Option<Cipher> {
    /// Fills up the password, which is one byte short.
    const PADDING: u8 = 0xBB;
    let length = u16::try_from(PASSWORD.len()).ok()?;
    let check = PASSWORD
        .bytes()
        .rev()
        .map(u16::from)
        .chain([length])
        .fold(0_u16, |value, byte| {
            (((value >> 14) & 1) | ((value << 1) & 0x7FFF)) ^ byte
        });
    if u16_at(record, 2) != Ok(check ^ 0xCE4B) {
        return None;
    }
    let mut key = [0; 16];
    let secret = PASSWORD.bytes().chain([PADDING]).zip(record[..2].iter().cycle());
    for (key, (byte, own)) in key.iter_mut().zip(secret) {
        *key = (byte ^ own).rotate_right(1);
    }
    Some(Cipher::Xor(key))
}

/// RC4 with a key of 40 bits, by MD5.
fn open_rc4(header: &[u8]) -> Option<Cipher> {
    let (salt, rest) = header.split_first_chunk::<16>()?;
    let first = Md5::digest(password_utf16());
    let mut hasher = Md5::new();
    for _ in 0..16 {
        hasher.update(&first[..5]);
        hasher.update(salt);
    }
    let second = hasher.finalize();
    let keys = BlockKeys::Md5(*second.first_chunk()?);
    let plain = crypto::rc4(&keys.key(0)?, rest.get(..32)?)?;
    (Md5::digest(&plain[..16])[..] == plain[16..]).then(|| Cipher::rc4(keys))
}

/// RC4 by `CryptoAPI`: a described header, then a verifier; the hash is SHA-1.
fn open_crypto_api(info: &[u8]) -> Option<Cipher> {
    let header_size = usize::try_from(u32_at(info, 4).ok()?).ok()?;
    let header = info.get(8..header_size.checked_add(8)?)?;
    let verifier = info.get(8 + header_size..)?;
    let bits = u32_at(header, 16).ok()?;
    let salt = verifier.get(4..20)?;
    let sealed = [verifier.get(20..36)?, verifier.get(40..60)?].concat();
    let hasher = Sha1::new().chain_update(salt).chain_update(password_utf16());
    let start = hasher.finalize().into();
    let keys = BlockKeys::Sha1 { start, bits };
    let plain = crypto::rc4(&keys.key(0)?, &sealed)?;
    (Sha1::digest(&plain[..16])[..] == plain[16..36]).then(|| Cipher::rc4(keys))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opens(record: &[u8]) -> bool {
        open_workbook(record).is_some()
    }

    /// A `FilePass` record of `CryptoAPI` with the salt 0, 1, … 15; the sealed parts were made by another program.
    fn crypto_api(key_bits: u8, sealed: [u8; 36]) -> Vec<u8> {
        let mut header = [0; 32];
        header[16] = key_bits;
        let salt: [u8; 16] = std::array::from_fn(|index| u8::try_from(index).unwrap());
        [
            &[1, 0, 2, 0, 2, 0, 4, 0, 0, 0, 32, 0, 0, 0][..],
            &header,
            &[16, 0, 0, 0],
            &salt,
            &sealed[..16],
            &[20, 0, 0, 0],
            &sealed[16..],
        ]
        .concat()
    }

    #[test]
    fn crypto_api_opens_with_short_and_long_keys() {
        let short = *b"\xdf\x7e\x6c\x9c\x19\xb9\x59\xcf\x95\x69\xc4\x35\x7f\xac\x8b\xbf\
            \x83\xbc\x8d\x05\x7b\xea\x22\xe2\xd4\xd0\x8b\xfc\x8c\x87\xa4\x54\xaf\xc7\x0f\x2f";
        let long = *b"\xb7\x28\xbc\x86\xd4\x1c\xd8\x9a\x65\x3f\x73\xc3\xdc\xbe\x04\x01\
            \x22\xfd\x4a\xd8\xc5\xb6\xa4\xd9\x45\x38\x8b\xc6\x4b\x83\x6a\x77\xd2\x3a\x0e\x6f";
        assert!(opens(&crypto_api(40, short)));
        assert!(opens(&crypto_api(128, long)));
        assert!(!opens(&crypto_api(128, short)));
    }

    #[test]
    fn xor_opens_by_its_check() {
        assert!(opens(&[0, 0, 0x12, 0x34, 0x0A, 0x9A]));
        assert!(opens(&[0x12, 0x34, 0x0A, 0x9A]));
        assert!(!opens(&[0, 0, 0x12, 0x34, 0x0B, 0x9A]));
    }

    #[test]
    fn short_records_open_nothing() {
        for len in 0..60 {
            assert!(!opens(&crypto_api(128, [0; 36])[..len]));
            assert!(!opens(&vec![1; len]));
        }
    }
}
