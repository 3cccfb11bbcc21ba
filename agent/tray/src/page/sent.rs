//! What was sent about the employee: each report in a sentence, with the very bytes below.

use fileward_ipc::{JournalLine, Told};
use fileward_policy::words::{InWords, both};
use fileward_protocol::report::{Body, Finding, Report};
use jiff::Timestamp;

use super::{about_pc, html};
use crate::words::{self, Words};

/// The page, newest first.
pub(super) fn page(told: &[Told], lines: &[JournalLine], left_out: usize, words: Words, now: Timestamp) -> String {
    let say = |text| words.say(text);
    let mut body = html::paragraph(say(both(
        "这里是本机就你的文件和这台电脑上报给公司的全部内容，一字不差。文件内容、完整路径和聊天账号从不上报。",
        "This is everything this PC has sent to the company about your files and about itself, as sent. The content of \
         files, whole paths and chat accounts are never sent.",
    )));
    body += &html::heading(say(both("你的文件", "Your files")));
    if lines.is_empty() {
        body += &html::paragraph(say(both("目前什么都没有上报。", "Nothing has been sent so far.")));
    } else {
        let heads = [
            say(both("编号", "Number")),
            say(both("发送时间", "Sent")),
            say(both("公司收到", "Received")),
            say(both("内容", "What it says")),
        ];
        let rows: Vec<_> = lines.iter().rev().map(|line| row(line, words, now)).collect();
        body += &html::table(&heads, &rows);
    }
    body += &about_pc::section(told, words, now);
    if left_out > 0 {
        let more = words.and_more(left_out);
        body += &html::paragraph(&format!("{more}: fileward-agent journal"));
    }
    html::page(say(words::WHAT_WAS_SENT), &body, words)
}

fn row(line: &JournalLine, words: Words, now: Timestamp) -> Vec<String> {
    let time = |time| html::text(&words.time(time, now));
    let sentence = match serde_json::from_str::<Report>(&line.report) {
        Ok(report) => sentence(&report.body, words, now),
        Err(_) => words.say(both("其他内容", "Something else")).to_owned(),
    };
    vec![
        line.seq.to_string(),
        time(line.sent_at),
        line.acked_at.map_or_else(|| "–".to_owned(), time),
        html::sentence_and_source(&sentence, &line.report, words),
    ]
}

fn sentence(body: &Body, words: Words, now: Timestamp) -> String {
    let (language, place) = (words.language, |place: &fileward_protocol::report::Place| {
        words.place(place.kind, place.app)
    });
    match body {
        Body::Finding(found) => finding(found, words),
        Body::PutRight(right) => {
            let (rule, place, count) = (right.rule.in_words(language), place(&right.place), right.count);
            words.pick(
                format!("及时处理好的文件数：{count}（{place}，{rule}）。没有文件名。"),
                format!("Files put right in time: {count} ({place}, {rule}). No names."),
            )
        }
        Body::Coverage(gap) => {
            let (place, was) = (place(&gap.place), gap.was.in_words(language));
            let (from, until) = (words.time(gap.from, now), words.time(gap.until, now));
            words.pick(
                format!("{place}：{from} 至 {until} 检查不完整（{was}）"),
                format!("{place}: not watched as it should be from {from} to {until} ({was})"),
            )
        }
        Body::GivenUp(_) => words
            .say(both(
                "待发送的内容过多，放弃了一部分（只报数量）",
                "Too much waited to be sent: some was given up (counts only)",
            ))
            .to_owned(),
        Body::LedgerRebuilt { .. } => words
            .say(both(
                "本机记录曾经损坏，已重建",
                "This PC's records were damaged and rebuilt",
            ))
            .to_owned(),
    }
}

fn finding(found: &Finding, words: Words) -> String {
    let language = words.language;
    let name = found
        .file
        .as_ref()
        .and_then(|file| file.name.as_ref())
        .map(ToString::to_string);
    let name = name.unwrap_or_else(|| words.say(both("（不含文件名）", "(without a name)")).to_owned());
    let state = found
        .resolution
        .map_or(found.state.in_words(language), |how| how.in_words(language));
    let (place, rule) = (
        words.place(found.place.kind, found.place.app),
        found.rule.in_words(language),
    );
    let reason = found
        .justification
        .as_ref()
        .map(fileward_protocol::report::Justification::as_str)
        .unwrap_or_default();
    let reason = if reason.is_empty() {
        String::new()
    } else {
        words.pick(format!("理由：{reason}"), format!(" Reason: {reason}"))
    };
    words.pick(
        format!("{name}：{place}，{rule}。{state}。{reason}"),
        format!("{name}: {place}, {rule}. {state}.{reason}"),
    )
}

#[cfg(test)]
mod tests {
    use fileward_protocol::vocabulary::Language;

    use super::*;
    use crate::sample::now;

    const ZH: Words = Words {
        language: Language::ZhCn,
    };

    fn line(seq: u64, report: &str) -> JournalLine {
        JournalLine {
            seq,
            sent_at: now(),
            acked_at: None,
            report: report.to_owned(),
        }
    }

    #[test]
    fn a_report_is_a_sentence_and_its_very_bytes() {
        let sent = r#"{"seq":4,"at":"2026-11-21T08:00:00Z","type":"put_right","rule":"outside_store","place":{"kind":"desktop"},"count":2}"#;
        let page = page(&[], &[line(4, sent)], 0, ZH, now());
        assert!(page.contains("及时处理好的文件数：2（桌面，工作文件不在规定的存放处）"));
        assert!(page.contains(&html::text(sent)));
    }

    #[test]
    fn what_is_not_understood_is_shown_all_the_same_and_cannot_inject_markup() {
        let page = page(&[], &[line(1, "{\"type\":\"new\",\"x\":\"<script>\"}")], 12, ZH, now());
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"));
        assert!(page.contains("还有 12 个"));
    }

    #[test]
    fn an_empty_journal_says_so() {
        assert!(page(&[], &[], 0, ZH, now()).contains("目前什么都没有上报"));
    }
}
