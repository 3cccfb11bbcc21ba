//! The effective policy in words, whatever it holds: what has no words here is shown under its own name, never left out.

use fileward_policy::words::{Both, InWords, both};
use fileward_protocol::vocabulary::{App, Family, Offer, Sensitivity, Severity};
use serde_json::{Map, Value};

use super::html;
use crate::words::Words;

/// The policy as nested lists.
pub(super) fn in_words(policy: &Value, words: Words) -> String {
    value("", policy, words)
}

fn value(key: &str, value: &Value, words: Words) -> String {
    match value {
        Value::Null => html::text(words.say(both("不启用", "off"))),
        Value::Bool(true) => html::text(words.say(both("是", "yes"))),
        Value::Bool(false) => html::text(words.say(both("否", "no"))),
        Value::Number(number) => match number.as_u64().filter(|_| is_size(key)) {
            Some(bytes) => size(bytes),
            None => number.to_string(),
        },
        Value::String(word) => html::text(&fixed_word(key, word, words)),
        Value::Array(values) if values.is_empty() => "–".to_owned(),
        Value::Array(values) if values.iter().all(|value| value.is_object()) => values
            .iter()
            .map(|entry| self::value(key, entry, words))
            .collect::<Vec<_>>()
            .join("<hr>"),
        Value::Array(values) => {
            let separator = words.pick("、".to_owned(), ", ".to_owned());
            values
                .iter()
                .map(|entry| self::value(key, entry, words))
                .collect::<Vec<_>>()
                .join(&separator)
        }
        Value::Object(fields) => match duration(fields) {
            Some(seconds) => html::text(&in_time_units(seconds, words)),
            None => list(fields, words),
        },
    }
}

fn list(fields: &Map<String, Value>, words: Words) -> String {
    let entry = |(key, value): (&String, &Value)| {
        let label = label(key).map_or_else(
            || fixed_word("sensitivity", key, words),
            |label| words.say(label).to_owned(),
        );
        format!(
            "<dt>{}</dt><dd>{}</dd>\n",
            html::text(&label),
            self::value(key, value, words)
        )
    };
    format!("<dl>\n{}</dl>\n", fields.iter().map(entry).collect::<String>())
}

fn duration(fields: &Map<String, Value>) -> Option<u64> {
    let whole = fields.len() == 2 && fields.contains_key("nanos");
    fields.get("secs").filter(|_| whole)?.as_u64()
}

fn in_time_units(seconds: u64, words: Words) -> String {
    let units = [
        (86_400, both("天", "days")),
        (3_600, both("小时", "hours")),
        (60, both("分钟", "minutes")),
        (1, both("秒", "seconds")),
    ];
    if seconds == 0 {
        return words.say(both("无", "none")).to_owned();
    }
    let fits = |unit: &&(u64, Both)| seconds.is_multiple_of(unit.0);
    let (length, unit) = units.iter().find(fits).unwrap_or(&units[3]);
    format!("{} {}", seconds / length, words.say(*unit))
}

fn is_size(key: &str) -> bool {
    matches!(key, "limit" | "min_size")
}

fn size(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "KB")];
    let fits = units
        .iter()
        .find(|(length, _)| bytes >= *length && bytes.is_multiple_of(*length));
    fits.map_or_else(
        || format!("{bytes} B"),
        |(length, unit)| format!("{} {unit}", bytes / length),
    )
}

/// A word of the vocabulary in the user's language; anything else as it is.
fn fixed_word(key: &str, word: &str, words: Words) -> String {
    let language = words.language;
    let found = match key {
        "apps" => word.parse::<App>().ok().map(|word| word.in_words(language)),
        "families" => word.parse::<Family>().ok().map(|word| word.in_words(language)),
        "offer" => word.parse::<Offer>().ok().map(|word| words.offer(word)),
        "sensitivity" | "from" => word.parse::<Sensitivity>().ok().map(|word| word.in_words(language)),
        "company_apps" | "personal_apps" | "desktop" | "downloads" | "personal_cloud" => {
            unsure(word).map(|word| words.say(word))
        }
        "during_grace" => during_grace(word).map(|word| words.say(word)),
        "general" | "internal" | "core_secret" | "severity" | "store_unprotected" => {
            word.parse::<Severity>().ok().map(|word| word.in_words(language))
        }
        _ => None,
    };
    found.map_or_else(|| word.to_owned(), str::to_owned)
}

fn unsure(word: &str) -> Option<Both> {
    Some(match word {
        "count" => both("按工作文件处理", "it counts as a work file"),
        "ask" => both("先问本人", "the employee is asked"),
        "ignore" => both("不管", "it is left alone"),
        _ => return None,
    })
}

fn during_grace(word: &str) -> Option<Both> {
    Some(match word {
        "count" => both("及时处理好的只报数量", "what is put right in time is only counted"),
        "full" => both("从发现时起上报", "everything is reported from the first moment"),
        _ => return None,
    })
}

fn label(key: &str) -> Option<Both> {
    Some(match key {
        "name" => both("名称", "Name"),
        "stores" => both("工作文件应放在", "Where work files belong"),
        "folder" | "Folder" => both("文件夹", "Folder"),
        "company_cloud" => both("公司云盘", "Company cloud drive"),
        "path" => both("位置", "Path"),
        "require_encryption" => both("必须加密", "Must be encrypted"),
        "places" => both("检查的位置", "Places that are watched"),
        "desktop" => both("桌面", "Desktop"),
        "downloads" => both("下载文件夹", "Downloads"),
        "chat_cache" => both("聊天软件的缓存文件夹", "Chat apps' folders"),
        "personal_cloud" => both("个人云盘", "Personal cloud drives"),
        "exclude" => both("从不检查", "Never looked at"),
        "grace" => both("处理期限", "Time to put it right"),
        "apps" => both("软件（“–”为全部）", "Apps (“–”: every one)"),
        "work_file" => both("什么算工作文件", "What counts as a work file"),
        "families" => both("文件种类", "Kinds of files"),
        "also_when_detected" => both(
            "其他种类含敏感内容时也算",
            "Other kinds too, when something sensitive is in them",
        ),
        "min_size" => both("小于此大小的不管", "Smaller files are left alone"),
        "evidence" => both("依据", "Evidence"),
        "store_copy" => both("内容与存放处的文件相同", "The same content lies in a store"),
        "registered" => both("已登记的文件", "Registered documents"),
        "company_names" => both("公司名称", "The company's names"),
        "properties" => both("文件属性", "Document properties"),
        "labels" => both("密级标签", "Labels"),
        "content" => both("内容（关键词和数据）", "Content (keywords and data)"),
        "when_unsure" => both("没有依据时", "Without evidence"),
        "company_apps" => both("公司的聊天软件", "Company chat apps"),
        "personal_apps" => both("个人的聊天软件", "Personal chat apps"),
        "sensitivity" => both("密级", "Grades"),
        "keywords" => both("关键词", "Keywords"),
        "detectors" => both("数据种类及数量", "Kinds of data, and how many"),
        "rules" => both("规定", "Rules"),
        "outside_store" => both("工作文件不在存放处", "A work file outside the store"),
        "unencrypted_in_chat" => both(
            "敏感文件经聊天软件传送未加密",
            "A sensitive file in chat without encryption",
        ),
        "oversize_in_chat" => both("聊天文件过大", "A file in chat that is too large"),
        "unfiled_account" => both("聊天账号未备案", "A chat account that was not filed"),
        "stale_chat_cache" => both("聊天缓存久未清理", "A chat cache that was not cleaned"),
        "store_unprotected" => both("存放处没有加密", "A store without encryption"),
        "severity" => both("严重程度", "How bad"),
        "from" => both("从此密级起", "From this grade"),
        "limit" => both("上限", "Limit"),
        "after" => both("超过", "After"),
        "notice" => both("如何提醒", "How you are told"),
        "language" => both("语言", "Language"),
        "at_most_every" => both("提醒间隔至少", "At most one notice in"),
        "offer" => both("可以选择", "What you can do"),
        "report" => both("上报什么", "What is reported"),
        "keep_closed" => both("记录保存", "Records are kept"),
        "send_file_name" => both("上报文件名", "File names are sent"),
        "during_grace" => both("期限内", "Until the time is over"),
        "heartbeat" => both("状态上报间隔", "Health is sent every"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use fileward_protocol::vocabulary::Language;
    use serde_json::json;

    use super::*;

    const ZH: Words = Words {
        language: Language::ZhCn,
    };
    const EN: Words = Words { language: Language::En };

    #[test]
    fn what_is_known_is_in_words() {
        let policy = json!({"places": {"desktop": {"grace": {"secs": 1800, "nanos": 0}, "apps": ["wechat"]}},
            "rules": {"oversize_in_chat": {"limit": 50_000_000, "severity": {"general": "low"}}, "personal_cloud": null}});
        let page = in_words(&policy, ZH);
        for text in ["处理期限", "30 分钟", "微信", "50 MB", "一般", "低", "不启用"] {
            assert!(page.contains(text), "{text} is missing in {page}");
        }
        assert!(in_words(&policy, EN).contains("30 minutes"));
    }

    #[test]
    fn what_is_not_known_is_shown_under_its_own_name() {
        let page = in_words(&json!({"new_rule": {"depth": [1, "<x>"]}}), EN);
        assert!(
            page.contains("new_rule") && page.contains("depth") && page.contains("1, &lt;x&gt;"),
            "{page}"
        );
    }
}
