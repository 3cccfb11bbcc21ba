//! Office packages locked with a password: an encrypted zip inside a compound file.
//!
//! Whether it is text, table or slides stands only inside. The password that Excel has built in is tried: what it
//! opens is a workbook, and is read as one.

use std::cell::RefCell;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use fileward_protocol::vocabulary::{EncryptionMethod, EncryptionState};
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha384, Sha512};

use crate::container::compound::{Storage, Stream};
use crate::container::zip;
use crate::crypto;
use crate::found::Found;
use crate::kind;
use crate::office::built_in_password;
use crate::source::{Budget, ReadAt, Source, Stop, u16_at, u32_at, u64_at};
use crate::xml;

/// The largest description of an encryption that is read.
const MAX_INFO: usize = 64 << 10;
/// Programs hash a password 50,000 or 100,000 times; a file that asks for more only wants to keep us busy.
const MAX_SPINS: u32 = 200_000;
/// Bytes encrypted as one in the agile form.
const SEGMENT: usize = 4096;
/// Bytes of one block of AES.
const BLOCK: usize = 16;
/// Bytes in front of the package, which tell its size.
const SIZE: u64 = 8;

/// Fills in what a locked package is.
pub(crate) fn examine(source: &mut Source<'_>, storage: Storage<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::OOXML_ENCRYPTED;
    found.encrypted(EncryptionMethod::Ooxml);
    let Some(info) = storage.stream("EncryptionInfo") else {
        // Rights management: the key is with a server.
        return Ok(());
    };
    let info = storage.read(source, info, MAX_INFO)?;
    let budget = source.budget();
    let Some(lock) = Lock::read(&info) else {
        return Ok(());
    };
    let Some(key) = lock.open(budget)? else {
        return Ok(());
    };
    found.kind = kind::XLSX;
    found.set_encryption(EncryptionState::Openable, EncryptionMethod::Ooxml);
    let encryption = found.encryption;
    let mut sealed = storage.open_named(source, "EncryptedPackage")?;
    let len = u64_at(&sealed.array::<8>()?, 0)?.min(sealed.len() - SIZE);
    let package = RefCell::new(Package { sealed, lock, key });
    let result = zip::examine(&mut Source::of_part(&package, len, budget), found);
    found.encryption = encryption;
    result
}

/// The package inside, decrypted where it is read: its size, then its encrypted bytes.
#[derive(Debug)]
struct Package<'s, 'a> {
    sealed: Stream<'s, 'a>,
    lock: Lock,
    key: Vec<u8>,
}

impl ReadAt for Package<'_, '_> {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        let mut done = 0;
        while done < buffer.len() {
            let position = offset.saturating_add(done as u64);
            let (index, within) = (position / SEGMENT as u64, position % SEGMENT as u64);
            let mut segment = vec![0; SEGMENT];
            let start = (index * SEGMENT as u64).saturating_add(SIZE);
            let count = self.sealed.read_at(start, &mut segment)?;
            segment.truncate(count / BLOCK * BLOCK);
            self.sealed.budget().spend_unpacked(segment.len())?;
            let plain = self.lock.unseal(&self.key, index, &segment).ok_or(Stop::Damaged)?;
            let skip = usize::try_from(within).unwrap_or(SEGMENT);
            let rest = plain.get(skip..).unwrap_or_default();
            let len = rest.len().min(buffer.len() - done);
            if len == 0 {
                break;
            }
            buffer[done..done + len].copy_from_slice(&rest[..len]);
            done += len;
        }
        Ok(done)
    }
}

/// How a package is locked.
#[derive(Debug)]
enum Lock {
    Standard {
        key_bytes: usize,
        salt: Vec<u8>,
        verifier: Vec<u8>,
        verifier_hash: Vec<u8>,
    },
    Agile {
        hash: Hash,
        spins: u32,
        key_bytes: usize,
        salt: Vec<u8>,
        verifier: Vec<u8>,
        verifier_hash: Vec<u8>,
        sealed_key: Vec<u8>,
        data_hash: Hash,
        data_salt: Vec<u8>,
    },
}

impl Lock {
    fn read(info: &[u8]) -> Option<Self> {
        match (u16_at(info, 0).ok()?, u16_at(info, 2).ok()?) {
            (4, 4) => Self::read_agile(info.get(8..)?),
            (2..=4, 2) => Self::read_standard(info),
            _ => None,
        }
    }

    fn read_standard(info: &[u8]) -> Option<Self> {
        let header_size = usize::try_from(u32_at(info, 8).ok()?).ok()?;
        let header = info.get(12..header_size.checked_add(12)?)?;
        let verifier = info.get(12 + header_size..)?;
        Some(Self::Standard {
            key_bytes: usize::try_from(u32_at(header, 16).ok()? / 8).ok()?,
            salt: verifier.get(4..20)?.to_vec(),
            verifier: verifier.get(20..36)?.to_vec(),
            verifier_hash: verifier.get(40..72)?.to_vec(),
        })
    }

    fn read_agile(document: &[u8]) -> Option<Self> {
        let mut lock = None;
        let mut data = None;
        // A description that breaks off after the key still serves.
        let _ = xml::walk(
            document,
            |element| {
                let text = |name| element.attribute(name);
                let bytes = |name| BASE64.decode(text(name)?).ok();
                let number = |name| text(name)?.parse::<u32>().ok();
                let read_key = || {
                    let (data_hash, data_salt) = data.clone()?;
                    Some(Self::Agile {
                        hash: Hash::named(text("hashAlgorithm")?)?,
                        spins: number("spinCount")?,
                        key_bytes: usize::try_from(number("keyBits")? / 8).ok()?,
                        salt: bytes("saltValue")?,
                        verifier: bytes("encryptedVerifierHashInput")?,
                        verifier_hash: bytes("encryptedVerifierHashValue")?,
                        sealed_key: bytes("encryptedKeyValue")?,
                        data_hash,
                        data_salt,
                    })
                };
                match element.name.as_str() {
                    "keyData" => data = text("hashAlgorithm").and_then(Hash::named).zip(bytes("saltValue")),
                    "encryptedKey" if lock.is_none() => lock = read_key(),
                    _ => {}
                }
            },
            |_, _| {},
        );
        lock
    }

    /// The package's key, when the built-in password opens it.
    fn open(&self, budget: &Budget) -> Result<Option<Vec<u8>>, Stop> {
        match self {
            Self::Standard {
                key_bytes,
                salt,
                verifier,
                verifier_hash,
            } => {
                let hash = spin(Hash::Sha1, salt, 50_000, budget)?;
                let key = standard_key(&hash, *key_bytes);
                Ok(key.filter(|key| verifies(Hash::Sha1, key, verifier, verifier_hash)))
            }
            Self::Agile {
                hash,
                spins,
                key_bytes,
                salt,
                verifier,
                verifier_hash,
                sealed_key,
                ..
            } => {
                if *spins > MAX_SPINS {
                    return Ok(None);
                }
                let spun = spin(*hash, salt, *spins, budget)?;
                let open = |purpose: [u8; 8], sealed: &[u8]| {
                    let key = fit(hash.of(&[&spun, &purpose]), *key_bytes);
                    crypto::decrypt_cbc(&key, &iv(salt), sealed)
                };
                let check = || {
                    let input = open([0xFE, 0xA7, 0xD2, 0x76, 0x3B, 0x4B, 0x9E, 0x79], verifier)?;
                    let value = open([0xD7, 0xAA, 0x0F, 0x6D, 0x30, 0x61, 0x34, 0x4E], verifier_hash)?;
                    let expected = hash.of(&[input.get(..salt.len())?]);
                    value.starts_with(&expected).then_some(())?;
                    open([0x14, 0x6E, 0x0B, 0xE7, 0xAB, 0xAC, 0xD0, 0xD6], sealed_key)
                };
                Ok(check().map(|key| fit(key, *key_bytes)))
            }
        }
    }

    /// Decrypts one segment of the package.
    fn unseal(&self, key: &[u8], index: u64, segment: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Standard { .. } => crypto::decrypt_ecb(key, segment),
            Self::Agile {
                data_hash, data_salt, ..
            } => {
                let index = u32::try_from(index).ok()?;
                let iv = iv(&data_hash.of(&[data_salt, &index.to_le_bytes()]));
                crypto::decrypt_cbc(key, &iv, segment)
            }
        }
    }
}

/// Hashes the password again and again.
fn spin(hash: Hash, salt: &[u8], spins: u32, budget: &Budget) -> Result<Vec<u8>, Stop> {
    let mut value = hash.of(&[salt, &built_in_password::password_utf16()]);
    for index in 0..spins {
        if index % 4096 == 0 {
            budget.check_time()?;
        }
        value = hash.of(&[&index.to_le_bytes(), &value]);
    }
    Ok(value)
}

fn standard_key(spun: &[u8], key_bytes: usize) -> Option<Vec<u8>> {
    let last = Hash::Sha1.of(&[spun, &[0; 4]]);
    let half = |fill: u8| {
        let mut pad = [fill; 64];
        pad.iter_mut().zip(&last).for_each(|(pad, byte)| *pad ^= byte);
        Hash::Sha1.of(&[&pad])
    };
    [half(0x36), half(0x5C)].concat().get(..key_bytes).map(<[u8]>::to_vec)
}

fn verifies(hash: Hash, key: &[u8], verifier: &[u8], verifier_hash: &[u8]) -> bool {
    let plain = crypto::decrypt_ecb(key, verifier).zip(crypto::decrypt_ecb(key, verifier_hash));
    plain.is_some_and(|(verifier, expected)| expected.starts_with(&hash.of(&[&verifier])))
}

/// Cuts to a length, or fills up as the format says.
fn fit(mut bytes: Vec<u8>, len: usize) -> Vec<u8> {
    bytes.resize(len.min(64), 0x36);
    bytes
}

fn iv(salt: &[u8]) -> [u8; 16] {
    let mut iv = [0x36; 16];
    iv.iter_mut().zip(salt).for_each(|(iv, byte)| *iv = *byte);
    iv
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn named(name: &str) -> Option<Self> {
        match name {
            "SHA1" | "SHA-1" => Some(Self::Sha1),
            "SHA256" | "SHA-256" => Some(Self::Sha256),
            "SHA384" | "SHA-384" => Some(Self::Sha384),
            "SHA512" | "SHA-512" => Some(Self::Sha512),
            _ => None,
        }
    }

    fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        fn run<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut hasher = D::new();
            for part in parts {
                hasher.update(part);
            }
            hasher.finalize().to_vec()
        }
        match self {
            Self::Sha1 => run::<Sha1>(parts),
            Self::Sha256 => run::<Sha256>(parts),
            Self::Sha384 => run::<Sha384>(parts),
            Self::Sha512 => run::<Sha512>(parts),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::Limits;
    use crate::examined::examined;

    /// The description of a standard encryption with the salt 0, 1, … 15; the sealed parts were made by another program.
    fn standard() -> Vec<u8> {
        let mut header = [0; 32];
        header[16] = 128;
        let salt: [u8; 16] = std::array::from_fn(|index| u8::try_from(index).unwrap());
        let verifier = b"\xf5\xae\x38\x46\xad\x46\x7e\x13\x7e\xee\x50\x9e\x84\x48\x64\x1d";
        let hash = b"\xe0\x26\x9b\xd9\x11\xc9\x89\xfc\x28\x89\x2b\xcb\xc5\x7a\x7d\x8c\
            \xc1\xb3\xb4\xaf\xf9\x40\x4e\x71\x15\x1b\xb7\x2b\xa1\x98\xe3\xbb";
        let start = [4, 0, 2, 0, 0x24, 0, 0, 0, 32, 0, 0, 0];
        [
            &start[..],
            &header,
            &[16, 0, 0, 0],
            &salt,
            verifier,
            &[20, 0, 0, 0],
            hash,
        ]
        .concat()
    }

    fn opens(info: &[u8]) -> bool {
        let budget = Budget::new(&Limits::default(), Instant::now());
        let lock = Lock::read(info).unwrap();
        lock.open(&budget).unwrap().is_some()
    }

    #[test]
    fn the_standard_form_opens_with_the_built_in_password() {
        let mut info = standard();
        assert!(opens(&info));
        *info.last_mut().unwrap() ^= 1;
        info[64] ^= 1;
        assert!(!opens(&info));
    }

    #[test]
    fn a_package_that_opens_is_read_like_any_other() {
        let plain = examined(include_bytes!("../../tests/files/fixtures/calc.xlsx"));
        let found = examined(include_bytes!("../../tests/files/fixtures/calc-built-in.xlsx"));
        assert_eq!((found.kind, found.stopped), (kind::XLSX, None));
        assert_eq!(found.text.captured, plain.text.captured);
        assert!(!found.text.captured.is_empty());
    }

    #[test]
    fn a_file_that_asks_for_endless_hashing_stays_closed() {
        let agile = br#"<encryption><keyData hashAlgorithm="SHA512" saltValue="AAAA"/>
            <encryptedKey hashAlgorithm="SHA512" spinCount="4000000000" keyBits="256" saltValue="AAAA"
            encryptedVerifierHashInput="AAAA" encryptedVerifierHashValue="AAAA" encryptedKeyValue="AAAA"/></encryption>"#;
        let mut info = vec![4, 0, 4, 0, 0, 0, 0, 0];
        info.extend(agile);
        assert!(!opens(&info));
    }
}
