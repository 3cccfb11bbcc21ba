//! Identifiers and keyed hashes. None of them can be turned back into what it stands for without the company's key.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

uuid_id! {
    /// A device, given by the collector at enrolment.
    DeviceId
}

uuid_id! {
    /// A finding: derived on the device from the file's identity, so that a rebuilt ledger finds the same id again.
    FindingId
}

uuid_id! {
    /// One ledger database. A new one after a loss shows the collector that numbering goes on from its last ack.
    LedgerId
}

impl DeviceId {
    /// Makes a new id, ordered by time.
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl Default for DeviceId {
    fn default() -> Self {
        Self::new()
    }
}

impl LedgerId {
    /// Makes a new random id.
    pub fn new() -> Self {
        Self(Uuid::new_v4())
    }
}

impl Default for LedgerId {
    fn default() -> Self {
        Self::new()
    }
}

/// What a keyed hash stands for. Each purpose has a key of its own, derived from the company's key, so that
/// hashes of different purposes cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A chat account id.
    Account,
    /// A device's serial number.
    Serial,
    /// The UUID that SMBIOS has for a device.
    SystemUuid,
    /// A file's content.
    Content,
    /// Parts of a document's text, for recognising near copies.
    Sketch,
    /// A file's name.
    FileName,
    /// A finding's identity on one device.
    Finding,
}

impl Purpose {
    const fn context(self) -> &'static str {
        match self {
            Self::Account => "fileward 2026-11 chat account",
            Self::Serial => "fileward 2026-11 device serial",
            Self::SystemUuid => "fileward 2026-11 device system uuid",
            Self::Content => "fileward 2026-11 file content",
            Self::Sketch => "fileward 2026-11 text sketch",
            Self::FileName => "fileward 2026-11 file name",
            Self::Finding => "fileward 2026-11 finding identity",
        }
    }
}

/// The company's secret from which every keyed hash is made. The collector makes it; agents get it at enrolment.
#[derive(Clone, PartialEq, Eq)]
pub struct CompanyKey([u8; 32]);

impl CompanyKey {
    /// Wraps 32 secret bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret bytes, for storing them.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The BLAKE3 key for one purpose.
    pub fn for_purpose(&self, purpose: Purpose) -> [u8; 32] {
        blake3::derive_key(purpose.context(), &self.0)
    }

    /// Hashes `data` for one purpose.
    pub fn hash(&self, purpose: Purpose, data: &[u8]) -> KeyedHash {
        KeyedHash(*blake3::keyed_hash(&self.for_purpose(purpose), data).as_bytes())
    }
}

impl fmt::Debug for CompanyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CompanyKey(…)")
    }
}

/// A BLAKE3 keyed hash of 32 bytes; 64 hexadecimal digits in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyedHash(pub [u8; 32]);

impl fmt::Display for KeyedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        blake3::Hash::from_bytes(self.0).to_hex().fmt(f)
    }
}

/// Text that is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash must be 64 hexadecimal digits")]
pub struct BadHash;

impl FromStr for KeyedHash {
    type Err = BadHash;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        blake3::Hash::from_hex(text)
            .map(|hash| Self(*hash.as_bytes()))
            .map_err(|_| BadHash)
    }
}

impl Serialize for KeyedHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeyedHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A chat account without its name: a keyed hash of app and account id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pseudonym(pub KeyedHash);

impl Pseudonym {
    /// The pseudonym of `account` in `app`. Letters' case and outer blanks do not matter, nor whether an id that `WeChat`
    /// made is written as the account's folder has it, with an underscore and four hexadecimal digits more.
    pub fn of(key: &CompanyKey, app: crate::vocabulary::App, account: &str) -> Self {
        let account = account.trim().to_lowercase();
        let account = match app {
            crate::vocabulary::App::Wechat => without_folder_digits(&account),
            _ => &account,
        };
        let text = format!("{app}\0{account}");
        Self(key.hash(Purpose::Account, text.as_bytes()))
    }
}

/// An id `wxid_…` holds no other underscore. One that a person chose may end like this of itself and stays as it is.
fn without_folder_digits(account: &str) -> &str {
    let digits = |text: &str| text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    match account.rsplit_once('_') {
        Some((id, end)) if id.starts_with("wxid_") && digits(end) => id,
        _ => account,
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The last component of a file's name. It cannot hold a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct FileName(String);

impl FileName {
    /// Takes what follows the last `/` or `\`, without control characters, cut to 255 characters.
    pub fn new(text: &str) -> Self {
        let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
        Self(last.chars().filter(|c| !c.is_control()).take(255).collect())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for FileName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(&String::deserialize(deserializer)?))
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::App;

    #[test]
    fn a_file_name_never_holds_a_path() {
        assert_eq!(FileName::new("/home/u/桌面/报价单.docx").as_str(), "报价单.docx");
        assert_eq!(FileName::new("C:\\Users\\u\\a.xlsx").as_str(), "a.xlsx");
        let read: FileName = serde_json::from_str("\"../../etc/passwd\"").unwrap();
        assert_eq!(read.as_str(), "passwd");
    }

    #[test]
    fn pseudonyms_differ_by_app_and_key_but_not_by_case() {
        let key = CompanyKey::new([7; 32]);
        let one = Pseudonym::of(&key, App::Wechat, "wxid_Abc");
        assert_eq!(one, Pseudonym::of(&key, App::Wechat, " wxid_abc "));
        assert_ne!(one, Pseudonym::of(&key, App::Qq, "wxid_abc"));
        assert_ne!(one, Pseudonym::of(&CompanyKey::new([8; 32]), App::Wechat, "wxid_abc"));
    }

    #[test]
    fn an_account_of_wechat_is_the_same_by_its_id_and_by_the_name_of_its_folder() {
        let of = |app, account| Pseudonym::of(&CompanyKey::new([7; 32]), app, account);
        let typed = of(App::Wechat, "wxid_abc");
        for folder in ["wxid_abc_1a2b", " WXID_abc_1A2B "] {
            assert_eq!(typed, of(App::Wechat, folder), "{folder}");
        }
        for (one, other) in [
            ("wxid_abc_1a2", "wxid_abc"),
            ("wxid_1a2b", "wxid"),
            ("wxid_abc_xyzw", "wxid_abc"),
            // A person may have chosen this.
            ("zhang_2024", "zhang"),
        ] {
            assert_ne!(of(App::Wechat, one), of(App::Wechat, other), "{one}");
        }
        assert_ne!(of(App::Qq, "wxid_abc_1a2b"), of(App::Qq, "wxid_abc"));
    }

    #[test]
    fn a_key_does_not_show_itself_in_debug_output() {
        assert_eq!(format!("{:?}", CompanyKey::new([7; 32])), "CompanyKey(…)");
    }
}
