//! Feishu (飞书), by its document 自定义机器人使用指南 (open.feishu.cn/document/client-docs/bot-v3/add-custom-bot): the signature is
//! HMAC-SHA256 with `TIMESTAMP\nSECRET` as the key over nothing, in base64, and stands in the message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::hmac;
use serde_json::{Value, json};

use super::digest::Note;

/// Codes that pass: called too often.
pub(super) const PASSES: &[i64] = &[11232];

/// The message with time and signature, where the robot has a secret.
pub(super) fn signed(mut message: Value, key: Option<&str>, now: Timestamp) -> Value {
    if let Some(secret) = key {
        let time = now.as_second().to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, format!("{time}\n{secret}").as_bytes());
        message["sign"] = Value::String(STANDARD.encode(hmac::sign(&key, b"")));
        message["timestamp"] = Value::String(time);
    }
    message
}

/// The message.
pub(super) fn message(note: &Note, is_card: bool) -> Value {
    if !is_card {
        return json!({ "msg_type": "text", "content": { "text": plain(&note.text()) } });
    }
    // Plain text throughout: in Feishu's own Markdown a file's name could call everybody in the group.
    let text = |content: &str| json!({ "tag": "plain_text", "content": content });
    let mut elements: Vec<_> = note
        .lines
        .iter()
        .map(|(head, line)| json!({ "tag": "div", "text": text(&format!("[{head}] {line}")) }))
        .collect();
    elements.push(json!({
        "tag": "action",
        "actions": [{ "tag": "button", "type": "default", "text": text(&note.link.1), "url": note.link.0 }],
    }));
    json!({
        "msg_type": "interactive",
        "card": {
            "header": { "template": "orange", "title": text(&note.title) },
            "elements": elements,
        },
    })
}

/// The text without tags, such as the one that calls everybody.
fn plain(text: &str) -> String {
    text.replace('<', "＜")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_that_the_documents_sample_works_out() {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let message = signed(json!({}), Some("this is secret"), at);
        // By the Python sample of the document.
        assert_eq!(
            message,
            json!({ "timestamp": "1700000000", "sign": "OfGzRzoUICBOoc8wVra1e4A1hPfbZ9zqXozA8CWVUuY=" })
        );
        assert_eq!(signed(json!({}), None, at), json!({}));
    }
}
