//! WeCom (企业微信), by its document 消息推送配置说明 (developer.work.weixin.qq.com/document/path/99110): the key stands in the
//! address, there is no signature.

use serde_json::{Value, json};

use super::digest::Note;

/// Codes that pass: busy, called too often, too many at once.
pub(super) const PASSES: &[i64] = &[-1, 45009, 45033];

/// The longest text, in bytes.
const LONGEST: usize = 2048;

/// The most lines of a card beside its title.
const CARD_LINES: usize = 6;

/// The message.
pub(super) fn message(note: &Note, is_card: bool) -> Value {
    if !is_card {
        let text = note.text();
        return json!({ "msgtype": "text", "text": { "content": &text[..text.floor_char_boundary(LONGEST)] } });
    }
    let lines: Vec<_> = note
        .lines
        .iter()
        .take(CARD_LINES)
        .map(|(head, line)| json!({ "keyname": head, "value": line }))
        .collect();
    let rest: Vec<_> = note
        .lines
        .iter()
        .skip(CARD_LINES)
        .map(|(head, line)| format!("{head} {line}"))
        .collect();
    json!({
        "msgtype": "template_card",
        "template_card": {
            "card_type": "text_notice",
            "main_title": { "title": note.title },
            "sub_title_text": rest.join("\n"),
            "horizontal_content_list": lines,
            "jump_list": [{ "type": 1, "title": note.link.1, "url": note.link.0 }],
            "card_action": { "type": 1, "url": note.link.0 },
        },
    })
}
