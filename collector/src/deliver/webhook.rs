//! Webhooks: each letter one `CloudEvents` 1.0 event in structured JSON, signed as Standard Webhooks 1.0 says.

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use ring::hmac;
use serde_json::{Value, json};

use super::event::{self, Content};
use super::http::{self, Client};
use super::{Outcome, Secrets};
use crate::store::targets::{Form, Letter, Subject, Target};

/// What a signing key begins with.
const KEY_PREFIX: &str = "whsec_";

/// How long a key is, in bytes.
const KEY_LENGTH: std::ops::RangeInclusive<usize> = 24..=64;

/// A webhook.
pub(crate) struct Webhook {
    client: Client,
    url: Url,
    key: hmac::Key,
    form: Form,
    source: String,
}

impl Webhook {
    /// Sets up a webhook. `source` is what events name as where they come from.
    pub(super) fn new(target: &Target, secrets: Secrets, source: &str) -> Result<Self> {
        Ok(Self {
            client: Client::new(target.wanted.authorities.as_deref())?,
            url: http::url(&secrets.address)?,
            key: key(&secrets.key.context("a webhook needs a signing key")?)?,
            form: target.wanted.form,
            source: source.to_owned(),
        })
    }

    /// Sends letters, one request each.
    pub(super) async fn send(&self, letters: &[&Letter]) -> Outcome {
        for letter in letters {
            let now = Timestamp::now();
            let Some(event) = envelope(&self.source, self.form, letter, now) else {
                continue;
            };
            let body = event.to_string().into_bytes();
            let Ok(headers) = headers(&self.key, &event::id(letter), now, &body) else {
                return Outcome::Refused("it cannot be written as HTTP headers".to_owned());
            };
            let outcome = match self.client.post(self.url.clone(), headers, body).await {
                Ok(answer) => answer.outcome(),
                Err(outcome) => outcome,
            };
            if outcome != Outcome::Taken {
                return outcome;
            }
        }
        Outcome::Taken
    }
}

fn envelope(source: &str, form: Form, letter: &Letter, now: Timestamp) -> Option<Value> {
    let (media_type, data) = match event::content(form, &letter.subject, now)? {
        Content::Json(event) => ("application/json", event),
        Content::Text(text) => ("text/plain", Value::String(text)),
    };
    let subject = match &letter.subject {
        Subject::Finding(row) => format!("{}/{}", row.device, row.finding.id),
        Subject::Device(row) => row.id.to_string(),
        Subject::Audit(row) => row.id.to_string(),
    };
    Some(json!({
        "specversion": "1.0",
        "id": event::id(letter),
        "source": source,
        "type": format!("fileward.{}", letter.mark.about),
        "subject": subject,
        "time": event::at(&letter.subject, now).to_string(),
        "datacontenttype": media_type,
        "data": data,
    }))
}

/// The headers, with the signature over id, time and body.
fn headers(key: &hmac::Key, id: &str, now: Timestamp, body: &[u8]) -> Result<HeaderMap> {
    let time = now.as_second().to_string();
    let mut signed = hmac::Context::with_key(key);
    for part in [id.as_bytes(), b".", time.as_bytes(), b".", body] {
        signed.update(part);
    }
    let signature = format!("v1,{}", STANDARD.encode(signed.sign()));
    let mut headers = HeaderMap::new();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/cloudevents+json; charset=utf-8"),
    );
    for (name, value) in [
        ("webhook-id", id),
        ("webhook-timestamp", &time),
        ("webhook-signature", &signature),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value)?);
    }
    Ok(headers)
}

/// Makes a signing key.
pub(crate) fn new_key() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("Failed to get random bytes: {error}"))?;
    Ok(format!("{KEY_PREFIX}{}", STANDARD.encode(bytes)))
}

fn key(text: &str) -> Result<hmac::Key> {
    let bytes = STANDARD.decode(text.strip_prefix(KEY_PREFIX).unwrap_or(text)).ok();
    match bytes {
        Some(bytes) if KEY_LENGTH.contains(&bytes.len()) => Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes)),
        _ => bail!("a webhook's signing key reads {KEY_PREFIX} and 24 to 64 bytes in base64"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification.
    #[test]
    fn the_signature_is_that_of_the_specification() {
        let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let at = Timestamp::from_second(1_614_265_330).unwrap();
        let headers = headers(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, br#"{"test": 2432232314}"#).unwrap();
        assert_eq!(
            headers["webhook-signature"],
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        assert_eq!(headers["webhook-timestamp"], "1614265330");
    }

    #[test]
    fn a_key_that_was_made_can_be_used_and_a_short_one_cannot() {
        key(&new_key().unwrap()).unwrap();
        for bad in ["", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64"] {
            assert!(key(bad).is_err(), "{bad}");
        }
    }
}
