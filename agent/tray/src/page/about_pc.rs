//! What was sent about the PC itself: its fingerprints, and how Fileward runs on it.

use fileward_ipc::Told;
use fileward_policy::words::{InWords, both, system_drive};
use fileward_protocol::fingerprint::Fingerprint;
use fileward_protocol::health::{Health, PlaceState};
use fileward_protocol::ids::KeyedHash;
use jiff::Timestamp;

use super::html;
use crate::words::Words;

/// The section, newest first.
pub(super) fn section(told: &[Told], words: Words, now: Timestamp) -> String {
    let say = |text| words.say(text);
    let mut body = html::heading(say(both("这台电脑", "This PC")));
    if told.is_empty() {
        return body + &html::paragraph(say(both("目前什么都没有上报。", "Nothing has been sent so far.")));
    }
    body += &html::paragraph(say(both(
        "运行状况每隔几分钟发送一次，这里只留最近一次。",
        "How Fileward runs is sent every few minutes; only the last time is kept here.",
    )));
    let rows: Vec<_> = told.iter().rev().map(|told| row(told, words, now)).collect();
    let heads = [say(both("发送时间", "Sent")), say(both("内容", "What it says"))];
    body + &html::table(&heads, &rows)
}

fn row(told: &Told, words: Words, now: Timestamp) -> Vec<String> {
    let sentence = match told.about.as_str() {
        "fingerprint" => serde_json::from_str(&told.json)
            .map(|told| fingerprint(told, words))
            .ok(),
        "health" => serde_json::from_str(&told.json).map(|told| health(&told, words)).ok(),
        _ => None,
    };
    let sentence = sentence.unwrap_or_else(|| words.say(both("其他内容", "Something else")).to_owned());
    vec![
        html::text(&words.time(told.sent_at, now)),
        html::sentence_and_source(&sentence, &told.json, words),
    ]
}

fn fingerprint(told: Fingerprint, words: Words) -> String {
    let unknown = || words.say(both("未知", "unknown")).to_owned();
    let joined = |list: Vec<String>| if list.is_empty() { unknown() } else { list.join(", ") };
    let model = joined([told.vendor, told.model].into_iter().flatten().collect());
    let name = told.host_name.unwrap_or_else(unknown);
    let system = [told.os.name, told.os.version].join(" ");
    let addresses = joined(told.adapters.into_iter().map(|adapter| adapter.mac).collect());
    let users = joined(told.users);
    let hashed = |hash: Option<KeyedHash>| match hash {
        Some(_) => words.say(both("只发送带密钥的摘要", " sent only as a keyed hash")),
        None => words.say(both("未发送", " not sent")),
    };
    let (serial, uuid) = (hashed(told.serial), hashed(told.system_uuid));
    let tpm = told.security.tpm.in_words(words.language);
    let secure_boot = told.security.secure_boot.in_words(words.language);
    let drive = system_drive(&told.security.system_drive, words.language);
    words.pick(
        format!(
            "电脑信息：名称 {name}；型号 {model}；序列号{serial}；主板 UUID {uuid}；系统 {system}；网卡地址 {addresses}；登录的用户 {users}；\
             可信平台模块（TPM）{tpm}；安全启动{secure_boot}；系统盘{drive}。"
        ),
        format!(
            "The PC: named {name}; model {model}; serial number{serial}; system UUID{uuid}; system {system}; network addresses {addresses}; signed in: {users}; \
             TPM: {tpm}; Secure Boot: {secure_boot}; system drive: {drive}."
        ),
    )
}

fn health(told: &Health, words: Words) -> String {
    let (places, waiting, noticed) = (told.places.len(), told.queue_waiting, told.noticed);
    let well = told.places.iter().filter(|place| place.state == PlaceState::Ok).count();
    words.pick(
        format!("运行状况：{places} 类位置中 {well} 类检查正常；等待发送的报告 {waiting} 个；宽限期内的文件 {noticed} 个。"),
        format!(
            "How Fileward runs: {well} of {places} kinds of place are watched as they should be; reports waiting: {waiting}; files in grace: {noticed}."
        ),
    )
}

#[cfg(test)]
mod tests {
    use fileward_protocol::vocabulary::Language;

    use super::*;
    use crate::sample::now;

    fn told(about: &str, json: &str) -> Told {
        Told {
            id: 1,
            about: about.to_owned(),
            sent_at: now(),
            json: json.to_owned(),
        }
    }

    #[test]
    fn a_fingerprint_and_health_are_sentences_and_their_very_bytes() {
        let fingerprint = r#"{"host_name":"pc-7","adapters":[{"mac":"02:00:00:00:00:01","built_in":true}],"users":["wang","li"],"security":{"tpm":"2.0","secure_boot":"on","system_drive":{"state":"encrypted","by":"bitlocker"}}}"#;
        let health = r#"{"policy_version":3,"queue_waiting":2,"queue_bytes":9,"noticed":4,"uninspectable":0,"clock_offset_ms":0,"started_at":"2026-11-21T08:00:00Z","swept":true,"places":[{"kind":"desktop","state":"ok"}]}"#;
        let words = Words {
            language: Language::ZhCn,
        };
        let page = section(
            &[told("fingerprint", fingerprint), told("health", health)],
            words,
            now(),
        );
        assert!(
            page.contains("名称 pc-7；") && page.contains("02:00:00:00:00:01；登录的用户 wang, li"),
            "{page}"
        );
        assert!(page.contains("安全启动开启；系统盘已加密（bitlocker）。"), "{page}");
        assert!(
            page.contains("1 类位置中 1 类检查正常；等待发送的报告 2 个；宽限期内的文件 4 个"),
            "{page}"
        );
        assert!(page.contains(&html::text(fingerprint)) && page.contains(&html::text(health)));
    }

    #[test]
    fn what_is_not_understood_is_shown_all_the_same_and_cannot_inject_markup() {
        let words = Words { language: Language::En };
        let page = section(&[told("fingerprint", "<script>"), told("other", "{}")], words, now());
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"));
        assert_eq!(page.matches("Something else").count(), 2);
    }
}
