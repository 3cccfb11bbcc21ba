//! Codes from a telephone (TOTP, RFC 6238) and the recovery codes beside them.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use jiff::Timestamp;
use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::{Builder, Totp};

use crate::seal::SealKey;
use crate::secret;
use crate::store::people::{UserId, UserRow};

/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;

/// What a user's telephone and the collector share.
pub(super) struct Shared(Totp);

impl Shared {
    /// A fresh secret of 160 bits.
    pub(super) fn new(user: &UserRow) -> Result<Self> {
        let mut bytes = [0; 20];
        getrandom::fill(&mut bytes).context("Failed to get random bytes")?;
        Self::of(&bytes, &user.name)
    }

    fn of(bytes: &[u8], name: &str) -> Result<Self> {
        let totp = Builder::new()
            .with_secret(bytes.to_vec())
            // A colon ends the issuer's name in the address.
            .with_account_name(name.replace(':', "·"))
            .with_issuer(Some("Fileward"))
            .build();
        totp.map(Self)
            .map_err(|error| anyhow::anyhow!("Failed to make codes: {error}"))
    }

    /// What is kept of it.
    pub(super) fn seal(&self, key: &SealKey, user: UserId) -> Result<Vec<u8>> {
        key.seal(&purpose(user), self.0.secret().as_bytes())
    }

    /// Opens what was kept. None where the key is another one, such as after a restore without the data folder.
    pub(super) fn open(key: &SealKey, user: &UserRow, sealed: &[u8]) -> Option<Self> {
        let bytes = key.open(&purpose(user.id), sealed)?;
        Self::of(&bytes, &user.name).ok()
    }

    /// The time step a code belongs to, if it is a code of this time or of the half minute before or after.
    pub(super) fn step(&self, code: &str, now: Timestamp) -> Option<u64> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let right = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = u64::try_from(now.as_second()).ok().filter(|_| right)?;
        self.0.check(&digits, seconds)
    }

    /// The secret as people type it.
    pub(super) fn text(&self) -> String {
        let text = self.0.secret().to_base32();
        let groups: Vec<&str> = text
            .as_bytes()
            .chunks(4)
            .filter_map(|group| std::str::from_utf8(group).ok())
            .collect();
        groups.join(" ")
    }

    /// The secret as telephones read it.
    pub(super) fn picture(&self) -> Result<Markup> {
        let address = self
            .0
            .to_url()
            .map_err(|error| anyhow::anyhow!("Failed to make the address: {error}"))?;
        let code = QrCode::encode_text(&address, QrCodeEcc::Medium).context("The address is too long for a picture")?;
        Ok(svg(&code))
    }

    /// The code of a time.
    #[cfg(test)]
    pub(super) fn code(&self, now: Timestamp) -> String {
        self.0.generate(now.as_second().cast_unsigned()).to_string()
    }

    /// From the text that a page shows.
    #[cfg(test)]
    pub(super) fn from_text(text: &str) -> Self {
        let secret = totp_rs::Secret::try_from_base32(text.replace(' ', "")).unwrap();
        Self::of(secret.as_bytes(), "test").unwrap()
    }
}

fn purpose(user: UserId) -> String {
    format!("codes of user {}", user.0)
}

/// Dark on light whatever the colours of the page: cameras want it so.
fn svg(code: &QrCode) -> Markup {
    const MARGIN: i32 = 4;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + MARGIN, y + MARGIN);
        }
    }
    let side = code.size() + 2 * MARGIN;
    html! {
        svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="QR" width="220" height="220"
            viewBox={ "0 0 " (side) " " (side) } shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#ffffff" {}
            path d=(path) fill="#000000" {}
        }
    }
}

/// Fresh recovery codes; only their hashes are kept.
pub(super) fn recovery_codes() -> Result<Vec<String>> {
    (0..RECOVERY_CODES).map(|_| secret::typed()).collect()
}

/// What is kept of a recovery code, however it is typed.
pub(super) fn recovery_hash(typed: &str) -> [u8; 32] {
    let letters: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    secret::hash(&letters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;

    #[test]
    fn a_code_is_of_its_half_minute_and_the_ones_beside_it() {
        // RFC 6238, appendix B: the last six of the eight digits.
        let shared = Shared::of(b"12345678901234567890", "li").unwrap();
        let time = Timestamp::from_second(1_111_111_111).unwrap();
        assert_eq!(shared.step("050471", time), Some(1_111_111_111 / 30));
        assert_eq!(shared.step("050 471", time), Some(1_111_111_111 / 30));
        for (seconds, known) in [(-31, true), (30, true), (90, false), (-90, false)] {
            let then = time + jiff::SignedDuration::from_secs(seconds);
            assert_eq!(shared.step("050471", then).is_some(), known, "{seconds}");
        }
        for wrong in ["050472", "50471", "0504711", "", "０５０４７１", "-50471"] {
            assert_eq!(shared.step(wrong, time), None, "{wrong}");
        }
    }

    #[test]
    fn the_text_gives_the_same_codes() {
        let shared = Shared::of(&[7; 20], "a:b").unwrap();
        assert_eq!(Shared::from_text(&shared.text()).code(at(0)), shared.code(at(0)));
        assert!(shared.picture().unwrap().into_string().contains("<path d=\"M"));
    }

    #[test]
    fn a_recovery_code_may_be_typed_in_small_letters_and_without_dashes() {
        let codes = recovery_codes().unwrap();
        assert_eq!(codes.len(), RECOVERY_CODES);
        let typed = codes[0].to_lowercase().replace('-', " ");
        assert_eq!(recovery_hash(&typed), recovery_hash(&codes[0]));
        assert_ne!(recovery_hash(&codes[0]), recovery_hash(&codes[1]));
    }
}
