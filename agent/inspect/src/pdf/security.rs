//! The standard security of PDF, tried with the empty password: what it opens, every reader opens without asking.

use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};

use crate::crypto;
use crate::pdf::filter::Filter;
use crate::pdf::object::{Dictionary, Indirect, Object};

/// What passwords are filled up with.
const PADDING: [u8; 32] = [
    0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E, 0x2E, 0x00,
    0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cipher {
    Identity,
    Rc4,
    Aes128,
    Aes256,
}

/// The key of a file that opens without a password.
#[derive(Debug)]
pub(super) struct Key {
    bytes: Vec<u8>,
    strings: Cipher,
    streams: Cipher,
    attachments: Cipher,
    /// The crypt filters that streams may name.
    named: Vec<(Vec<u8>, Cipher)>,
    has_plain_metadata: bool,
}

impl Key {
    /// Tries the empty password; `None` when it does not open the file.
    pub(super) fn without_password(encryption: &Dictionary, id: &[u8]) -> Option<Self> {
        if encryption.name("Filter")? != b"Standard" {
            return None;
        }
        let version = encryption.integer("V").unwrap_or_default();
        let revision = encryption.integer("R")?;
        let has_plain_metadata = encryption.get("EncryptMetadata") == Some(&Object::Bool(false));
        let bytes = match revision {
            2..=4 => key_by_md5(encryption, revision, version, id, has_plain_metadata)?,
            5 | 6 => key_by_sha(encryption, revision)?,
            _ => return None,
        };
        let named = crypt_filters(encryption);
        let cipher = |role| match version {
            1..=3 => Some(Cipher::Rc4),
            _ => Some(find(&named, encryption.name(role)?)),
        };
        let streams = cipher("StmF").unwrap_or(Cipher::Identity);
        Some(Self {
            bytes,
            strings: cipher("StrF").unwrap_or(Cipher::Identity),
            streams,
            attachments: cipher("EFF").unwrap_or(streams),
            named,
            has_plain_metadata,
        })
    }

    /// Decrypts the strings of an object. What cannot be decrypted stays.
    pub(super) fn decrypt_strings(&self, indirect: &mut Indirect) {
        let (number, generation) = (indirect.number, indirect.generation);
        self.decrypt_within(&mut indirect.object, number, generation);
    }

    fn decrypt_within(&self, object: &mut Object, number: u32, generation: u16) {
        match object {
            Object::Text(text) => {
                if let Some(plain) = self.decrypt(self.strings, number, generation, text) {
                    *text = plain;
                }
            }
            Object::Array(items) => {
                for item in items {
                    self.decrypt_within(item, number, generation);
                }
            }
            Object::Dictionary(dictionary) => {
                for (_, item) in &mut dictionary.0 {
                    self.decrypt_within(item, number, generation);
                }
            }
            _ => {}
        }
    }

    /// The cipher of a stream, if it has one.
    pub(super) fn cipher_of_stream(&self, dictionary: &Dictionary, filters: &[Filter]) -> Option<Cipher> {
        let kind = dictionary.name("Type");
        let cipher = match filters.iter().find(|filter| filter.name == b"Crypt") {
            Some(own) => find(&self.named, own.parameters.name("Name").unwrap_or(b"Identity")),
            None if kind == Some(b"Metadata") && self.has_plain_metadata => Cipher::Identity,
            None if kind == Some(b"EmbeddedFile") => self.attachments,
            None => self.streams,
        };
        (cipher != Cipher::Identity).then_some(cipher)
    }

    /// Decrypts the stream of an object. What cannot be decrypted stays.
    pub(super) fn decrypt_stream(&self, cipher: Cipher, indirect: &Indirect, sealed: Vec<u8>) -> Vec<u8> {
        let plain = self.decrypt(cipher, indirect.number, indirect.generation, &sealed);
        plain.unwrap_or(sealed)
    }

    fn decrypt(&self, cipher: Cipher, number: u32, generation: u16, sealed: &[u8]) -> Option<Vec<u8>> {
        let object_key = |salt: &[u8]| {
            let digest = Md5::new()
                .chain_update(&self.bytes)
                .chain_update(&number.to_le_bytes()[..3])
                .chain_update(generation.to_le_bytes())
                .chain_update(salt)
                .finalize();
            digest[..(self.bytes.len() + 5).min(16)].to_vec()
        };
        match cipher {
            Cipher::Identity => None,
            Cipher::Rc4 => crypto::rc4(&object_key(b""), sealed),
            Cipher::Aes128 => open_cbc(&object_key(b"sAlT"), sealed),
            Cipher::Aes256 => open_cbc(&self.bytes, sealed),
        }
    }
}

/// Decrypts what begins with its own initial block and ends with padding.
fn open_cbc(key: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (iv, sealed) = sealed.split_first_chunk::<16>()?;
    let mut plain = crypto::decrypt_cbc(key, iv, &sealed[..sealed.len() / 16 * 16])?;
    let padding = usize::from(*plain.last()?);
    if (1..=16).contains(&padding) {
        plain.truncate(plain.len() - padding);
    }
    Some(plain)
}

/// Whether the document is open to all, and only its attachments are locked (`EFF` of ISO 32000, 7.6.2).
pub(super) fn locks_attachments_only(encryption: &Dictionary) -> bool {
    let named = crypt_filters(encryption);
    let cipher = |role| find(&named, encryption.name(role).unwrap_or(b"Identity"));
    let [strings, streams, attachments] = ["StrF", "StmF", "EFF"].map(cipher);
    strings == Cipher::Identity && streams == Cipher::Identity && attachments != Cipher::Identity
}

/// The crypt filters with their ciphers.
fn crypt_filters(encryption: &Dictionary) -> Vec<(Vec<u8>, Cipher)> {
    let filters = encryption.dictionary("CF").map_or(&[][..], |filters| &filters.0);
    let cipher = |filter: &Object| {
        let Object::Dictionary(filter) = filter else {
            return Cipher::Identity;
        };
        match filter.name("CFM") {
            Some(b"V2") => Cipher::Rc4,
            Some(b"AESV2") => Cipher::Aes128,
            Some(b"AESV3") => Cipher::Aes256,
            _ => Cipher::Identity,
        }
    };
    filters
        .iter()
        .map(|(name, filter)| (name.clone(), cipher(filter)))
        .collect()
}

fn find(named: &[(Vec<u8>, Cipher)], name: &[u8]) -> Cipher {
    let found = named.iter().find(|(own, _)| own == name);
    found.map_or(Cipher::Identity, |(_, cipher)| *cipher)
}

/// Revisions 2 to 4: a key by MD5, checked by RC4.
fn key_by_md5(
    encryption: &Dictionary,
    revision: i64,
    version: i64,
    id: &[u8],
    plain_metadata: bool,
) -> Option<Vec<u8>> {
    let owner = encryption.text("O")?.get(..32)?;
    let user = encryption.text("U")?;
    // Permissions are 32 bits with a sign; some programs write them without.
    let permissions = &encryption.integer("P")?.to_le_bytes()[..4];
    let length = match version {
        1 => 5,
        4 => 16,
        _ => encryption.number::<usize>("Length").unwrap_or(40) / 8,
    };
    let length = if revision == 2 { 5 } else { length };
    if !(5..=16).contains(&length) {
        return None;
    }
    let mut hasher = Md5::new()
        .chain_update(PADDING)
        .chain_update(owner)
        .chain_update(permissions)
        .chain_update(id);
    if revision >= 4 && plain_metadata {
        hasher.update([0xFF; 4]);
    }
    let mut hash = hasher.finalize();
    if revision == 2 {
        let key = hash[..length].to_vec();
        return (crypto::rc4(&key, &PADDING)? == user.get(..32)?).then_some(key);
    }
    for _ in 0..50 {
        hash = Md5::digest(&hash[..length]);
    }
    let key = hash[..length].to_vec();
    let mut check = Md5::new().chain_update(PADDING).chain_update(id).finalize().to_vec();
    for round in 0..20 {
        let round_key: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
        check = crypto::rc4(&round_key, &check)?;
    }
    (check == user.get(..16)?).then_some(key)
}

/// Revisions 5 and 6: the key itself is in the file, sealed by a hash of the password.
fn key_by_sha(encryption: &Dictionary, revision: i64) -> Option<Vec<u8>> {
    let user = encryption.text("U")?;
    let sealed_key = encryption.text("UE")?.get(..32)?;
    let hash = |salt: &[u8]| {
        if revision == 5 {
            Sha256::digest(salt).to_vec()
        } else {
            hardened_hash(salt)
        }
    };
    if hash(user.get(32..40)?) != user.get(..32)? {
        return None;
    }
    crypto::decrypt_cbc(&hash(user.get(40..48)?), &[0; 16], sealed_key)
}

/// The hash of revision 6 for the empty password.
fn hardened_hash(salt: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::digest(salt).to_vec();
    let mut round = 0_u32;
    loop {
        let mut block = hash.repeat(64);
        let (mut key, mut iv) = ([0; 16], [0; 16]);
        key.copy_from_slice(&hash[..16]);
        iv.copy_from_slice(&hash[16..32]);
        crypto::encrypt_cbc_128(&key, &iv, &mut block);
        // The first 16 bytes as one number modulo 3: 256 is 1 modulo 3, so the sum of the bytes will do.
        hash = match block[..16].iter().map(|byte| u32::from(*byte)).sum::<u32>() % 3 {
            0 => Sha256::digest(&block).to_vec(),
            1 => Sha384::digest(&block).to_vec(),
            _ => Sha512::digest(&block).to_vec(),
        };
        round += 1;
        let last = block.last().copied().map_or(0, u32::from);
        if round >= 64 && last <= round - 32 {
            hash.truncate(32);
            return hash;
        }
    }
}
