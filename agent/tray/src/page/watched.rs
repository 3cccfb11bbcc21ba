//! What is watched: the places, and the policy that holds for this PC.

use fileward_ipc::PlaceView;
use fileward_policy::words::{InWords, both};
use jiff::Timestamp;
use serde_json::Value;

use super::{html, policy};
use crate::words::{self, Words};

/// The page.
pub(super) fn page(places: &[PlaceView], policy: &Value, version: u64, words: Words, now: Timestamp) -> String {
    let say = |text| words.say(text);
    let mut body = html::paragraph(say(both(
        "Fileward 只看下面这些文件夹里的文件。聊天记录从不打开。",
        "Fileward looks at files in these folders only. Messages are never opened.",
    )));
    let heads = [
        say(both("位置", "Place")),
        say(both("文件夹", "Folder")),
        say(both("状态", "State")),
        say(both("加密", "Encryption")),
    ];
    let rows: Vec<_> = places.iter().map(|place| row(place, words)).collect();
    body += &html::table(&heads, &rows);
    let version = match version {
        0 => say(both("本机策略", "a policy of this PC")).to_owned(),
        version => words.pick(format!("第 {version} 版"), format!("version {version}")),
    };
    let rules = say(both("公司的规定", "The company's rules"));
    let printed = words.time(now, Timestamp::UNIX_EPOCH);
    body += &format!("<h2>{} ({})</h2>\n", html::text(rules), html::text(&version));
    body += &policy::in_words(policy, words);
    body += &format!("<p class=\"note\">{}</p>\n", html::text(&printed));
    html::page(say(words::WHAT_IS_WATCHED), &body, words)
}

fn row(place: &PlaceView, words: Words) -> Vec<String> {
    let protection = match place.protection.as_deref() {
        None => "",
        Some("plain") => words.say(both("未加密", "none")),
        Some("unknown") => words.say(both("无法判断", "cannot be told")),
        Some(by) => by,
    };
    vec![
        html::text(&words.place(place.kind, place.app)),
        html::text(&words::visible_path(&place.root)),
        html::text(place.state.in_words(words.language)),
        html::text(protection),
    ]
}
