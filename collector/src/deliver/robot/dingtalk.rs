//! DingTalk (钉钉), by its document 自定义机器人安全设置 (open.dingtalk.com/document/robots/customize-robot-security-settings): the
//! signature is HMAC-SHA256 with the secret over `TIMESTAMP\nSECRET`, in base64, and stands in the address.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use reqwest::Url;
use ring::hmac;
use serde_json::{Value, json};

use super::digest::Note;

/// Codes that pass: busy, sent too fast.
pub(super) const PASSES: &[i64] = &[-1, 130_101, 410_100];

/// The address with time and signature, where the robot has a secret.
pub(super) fn signed(url: &Url, key: Option<&str>, now: Timestamp) -> Url {
    let mut url = url.clone();
    if let Some(secret) = key {
        let time = now.as_millisecond().to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let sign = STANDARD.encode(hmac::sign(&key, format!("{time}\n{secret}").as_bytes()));
        url.query_pairs_mut()
            .append_pair("timestamp", &time)
            .append_pair("sign", &sign);
    }
    url
}

/// The message.
pub(super) fn message(note: &Note, is_card: bool) -> Value {
    if !is_card {
        return json!({ "msgtype": "text", "text": { "content": note.text() } });
    }
    let lines = note
        .lines
        .iter()
        .map(|(head, line)| format!("- **{}** {}", plain(head), plain(line)));
    let text = format!("### {}\n\n{}", plain(&note.title), lines.collect::<Vec<_>>().join("\n"));
    json!({
        "msgtype": "actionCard",
        "actionCard": {
            "title": note.title,
            "text": text,
            "singleTitle": note.link.1,
            "singleURL": note.link.0,
        },
    })
}

/// The text without anything that Markdown would take for its own.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' | '<' | '>'
        ) {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_that_the_documents_sample_works_out() {
        let url = Url::parse("https://oapi.dingtalk.example/robot/send?access_token=t").unwrap();
        let at = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        // By the Python sample of the document, with "this is secret".
        assert_eq!(
            signed(&url, Some("this is secret"), at).query(),
            Some("access_token=t&timestamp=1700000000123&sign=W2RNhLVXZurCuMiewxzjoEaGqxhR%2FFQAkLiAHZh%2BPWY%3D")
        );
        assert_eq!(signed(&url, None, at), url);
    }

    #[test]
    fn a_name_cannot_become_a_link() {
        assert_eq!(plain("[a](https://x)"), "\\[a\\]\\(https://x\\)");
    }
}
