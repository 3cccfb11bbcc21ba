//! What is watched: the places, and the policy that holds for this PC.

use fileward_ipc::PlaceView;
use fileward_policy::Effective;
use fileward_policy::words::{InWords, both};
use jiff::Timestamp;
use serde_json::Value;

use super::html;
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
    body += &rules(policy, words);
    let version = match version {
        0 => say(both("本机策略", "a policy of this PC")).to_owned(),
        version => words.pick(format!("策略第 {version} 版"), format!("policy version {version}")),
    };
    let made = words.time(now, Timestamp::UNIX_EPOCH);
    body += &html::paragraph(&format!("{version} · {made}"));
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

/// The policy in words; as it was received, where this program is too old to put it in words. It is never left out.
fn rules(policy: &Value, words: Words) -> String {
    match serde_json::from_value::<Effective>(policy.clone()) {
        Ok(policy) => html::outline(&policy.in_words(words.language)),
        Err(_) => html::verbatim(&format!("{policy:#}")),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use fileward_policy::{DEFAULT, Policy};
    use fileward_protocol::health::{Degraded, PlaceState};
    use fileward_protocol::vocabulary::{App, Language, PlaceKind};

    use super::*;
    use crate::sample::now;

    const ZH: Words = Words {
        language: Language::ZhCn,
    };

    fn place() -> PlaceView {
        PlaceView {
            kind: PlaceKind::ChatCache,
            app: Some(App::Wechat),
            root: PathBuf::from("/home/u/<b>/xwechat_files"),
            user: None,
            found_by: "wechat-linux-native".to_owned(),
            grade: Some('A'),
            state: PlaceState::Degraded(Degraded::WatchLimit),
            protection: None,
        }
    }

    #[test]
    fn places_and_policy_are_in_words() {
        let policy = Policy::parse(DEFAULT).unwrap();
        let policy = serde_json::to_value(policy.effective(None)).unwrap();
        let page = page(&[place()], &policy, 3, ZH, now());
        for text in [
            "微信",
            "/home/u/&lt;b&gt;/xwechat_files",
            "定时检查",
            "策略第 3 版",
            "<h2>什么算工作文件</h2>",
        ] {
            assert!(page.contains(text), "{text} is missing in {page}");
        }
    }

    #[test]
    fn a_policy_that_is_not_understood_is_shown_all_the_same() {
        let page = page(&[], &serde_json::json!({"new_rule": "<x>"}), 0, ZH, now());
        assert!(page.contains("new_rule") && page.contains("&lt;x&gt;") && page.contains("本机策略"));
    }
}
