//! What the platforms of group robots check and answer, by their documents.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::json;

use crate::server::Received;

/// Answers as the platform of this path does, and checks what it would check.
pub(crate) fn answer(request: &Received) -> (u16, String) {
    let message = request.json();
    let now = jiff::Timestamp::now();
    let said = match request.path.split('?').next().unwrap() {
        "/cgi-bin/webhook/send" => {
            let card = &message["template_card"];
            let right = match message["msgtype"].as_str() {
                Some("text") => message["text"]["content"]
                    .as_str()
                    .is_some_and(|text| text.len() <= 2048),
                Some("template_card") => {
                    card["card_type"] == "text_notice"
                        && card["main_title"]["title"].is_string()
                        && card["card_action"]["type"] == 1
                        && card["card_action"]["url"].is_string()
                        && card["horizontal_content_list"]
                            .as_array()
                            .is_some_and(|list| list.len() <= 6)
                }
                _ => false,
            };
            match (query(&request.path, "key").as_deref(), right) {
                (Some("robot-key"), true) => json!({ "errcode": 0, "errmsg": "ok" }),
                (Some("robot-key"), false) => json!({ "errcode": 40008, "errmsg": "invalid message type" }),
                _ => json!({ "errcode": 93000, "errmsg": "invalid webhook url" }),
            }
        }
        "/robot/send" => {
            let time = query(&request.path, "timestamp").unwrap_or_default();
            let sign = hmac_sha256(b"SECding", format!("{time}\nSECding").as_bytes());
            let late = time
                .parse::<i64>()
                .map_or(i64::MAX, |time| (now.as_millisecond() - time).abs());
            let right = match message["msgtype"].as_str() {
                Some("text") => message["text"]["content"].is_string(),
                Some("actionCard") => ["title", "text", "singleTitle", "singleURL"]
                    .iter()
                    .all(|field| message["actionCard"][field].is_string()),
                _ => false,
            };
            if query(&request.path, "sign") != Some(sign) || late > 3_600_000 {
                json!({ "errcode": 310_000, "errmsg": "sign not match" })
            } else if right {
                json!({ "errcode": 0, "errmsg": "ok" })
            } else {
                json!({ "errcode": 400_105, "errmsg": "unsupported msgtype" })
            }
        }
        "/open-apis/bot/v2/hook/token" => {
            let time = message["timestamp"].as_str().unwrap_or_default();
            let sign = hmac_sha256(format!("{time}\nfeishu-secret").as_bytes(), b"");
            let late = time
                .parse::<i64>()
                .map_or(i64::MAX, |time| (now.as_second() - time).abs());
            let right = match message["msg_type"].as_str() {
                Some("text") => message["content"]["text"].is_string(),
                Some("interactive") => {
                    message["card"]["header"]["title"]["content"].is_string()
                        && message["card"]["elements"]
                            .as_array()
                            .is_some_and(|list| !list.is_empty())
                }
                _ => false,
            };
            if message["sign"] != sign || late > 3600 {
                json!({ "code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time" })
            } else if right {
                json!({ "code": 0, "msg": "success", "data": {} })
            } else {
                json!({ "code": 9499, "msg": "Bad Request" })
            }
        }
        other => panic!("nothing is at {other}"),
    };
    (200, said.to_string())
}

/// Each robot with its address and its key.
pub(crate) const ROBOTS: [(&str, &str, Option<&str>); 3] = [
    ("wecom", "/cgi-bin/webhook/send?key=robot-key", None),
    ("dingtalk", "/robot/send?access_token=token", Some("SECding")),
    ("feishu", "/open-apis/bot/v2/hook/token", Some("feishu-secret")),
];

/// A signature as all of them make it.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> String {
    STANDARD.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message))
}

fn query(path: &str, key: &str) -> Option<String> {
    let url = reqwest::Url::parse(&format!("https://localhost{path}")).unwrap();
    let value = url.query_pairs().find(|(name, _)| name == key);
    value.map(|(_, value)| value.into_owned())
}
