//! Enrolment: `POST /v1/enrol` and `POST /v1/renew`, and the token that starts it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::ids::DeviceId;
use crate::vocabulary::Binding;

/// What an administrator hands out: where the collector is, which CA to trust, and a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The collector's address for agents, such as `https://fileward.example:8443`.
    #[serde(rename = "u")]
    pub url: String,
    /// SHA-256 of the CA certificate's `SubjectPublicKeyInfo` (DER), base64url.
    #[serde(rename = "c")]
    pub ca_hash: String,
    /// The secret, base64url.
    #[serde(rename = "s")]
    pub secret: String,
}

/// Text that is not an enrolment token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// It does not begin as a token does.
    #[error("this is no Fileward enrolment token: it must begin with \"{PREFIX}\"")]
    Prefix,
    /// It is cut or changed.
    #[error("the enrolment token is damaged; copy it whole, it is one line without blanks")]
    Damaged,
}

const PREFIX: &str = "fw1.";

impl Token {
    /// Writes the token as one line.
    pub fn encode(&self) -> String {
        let json = serde_json::json!({"u": self.url, "c": self.ca_hash, "s": self.secret}).to_string();
        let check = blake3::hash(json.as_bytes());
        format!(
            "{PREFIX}{}.{}",
            URL_SAFE_NO_PAD.encode(&json),
            URL_SAFE_NO_PAD.encode(&check.as_bytes()[..4])
        )
    }

    /// Reads a token.
    pub fn decode(text: &str) -> Result<Self, BadToken> {
        let body = text.trim().strip_prefix(PREFIX).ok_or(BadToken::Prefix)?;
        let (json, check) = body.split_once('.').ok_or(BadToken::Damaged)?;
        let json = URL_SAFE_NO_PAD.decode(json).map_err(|_| BadToken::Damaged)?;
        let check = URL_SAFE_NO_PAD.decode(check).map_err(|_| BadToken::Damaged)?;
        if check != blake3::hash(&json).as_bytes()[..4] {
            return Err(BadToken::Damaged);
        }
        serde_json::from_slice(&json).map_err(|_| BadToken::Damaged)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("url", &self.url).finish_non_exhaustive()
    }
}

/// What an agent sends to enrol, over TLS whose CA it checked against the token.
#[derive(Clone, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// [`crate::VERSION`].
    pub protocol: u32,
    /// The token's secret.
    pub secret: String,
    /// A PKCS#10 request in PEM, made with the device's key.
    pub csr: String,
    /// Who asks.
    pub fingerprint: Fingerprint,
}

/// What the collector answers.
#[derive(Clone, Serialize, Deserialize)]
pub struct EnrolAnswer {
    /// The device's id; also the common name of its certificate.
    pub device: DeviceId,
    /// The certificate chain in PEM.
    pub certificate: String,
    /// Every CA root to trust, in PEM.
    pub roots: Vec<String>,
    /// Counts up when the roots change.
    pub roots_serial: u64,
    /// The Ed25519 public key that signs policy bundles, base64.
    pub policy_key: String,
    /// The company's key for keyed hashes, 32 bytes in base64. Secret.
    pub company_key: String,
    /// The device's standing.
    pub binding: Binding,
    /// The collector's time.
    pub server_time: Timestamp,
}

/// `POST /v1/renew`, over mutual TLS.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RenewRequest {
    /// A PKCS#10 request in PEM, made with the device's key.
    pub csr: String,
}

/// The new certificate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RenewAnswer {
    /// The certificate chain in PEM.
    pub certificate: String,
    /// The CA roots to trust.
    #[serde(flatten)]
    pub roots: Roots,
}

/// `GET /v1/roots`: the CA roots to trust. Two can overlap while one replaces the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roots {
    /// Every CA root, in PEM.
    pub roots: Vec<String>,
    /// Counts up when the roots change.
    pub roots_serial: u64,
}

/// `GET /v1/time`: the collector's time, for agents whose clock is off.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Time {
    /// The collector's time.
    pub server_time: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        Token {
            url: "https://127.0.0.1:8443".into(),
            ca_hash: "aGFzaA".into(),
            secret: "c2VjcmV0".into(),
        }
    }

    #[test]
    fn a_token_survives_its_text() {
        assert_eq!(Token::decode(&format!(" {}\n", token().encode())).unwrap(), token());
    }

    #[test]
    fn a_cut_or_changed_token_is_damaged() {
        let text = token().encode();
        assert_eq!(Token::decode(&text[..text.len() - 1]), Err(BadToken::Damaged));
        let mut changed = text.clone().into_bytes();
        changed[10] ^= 1;
        assert!(Token::decode(&String::from_utf8(changed).unwrap()).is_err());
        assert_eq!(Token::decode("hello"), Err(BadToken::Prefix));
    }

    #[test]
    fn a_token_keeps_its_secret_out_of_debug_output() {
        assert!(!format!("{:?}", token()).contains("c2VjcmV0"));
    }
}
