//! The frame around every page, and the pieces pages are made of.

use std::fmt::Write as _;

use fileward_policy::words::{Both, InWords};
use fileward_protocol::vocabulary::{Language, Severity};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;

use super::access::Right;
use super::visitor::Visitor;
use super::{registers, requests, words, work};
use crate::safe::visible;
use crate::store::erasures;
use crate::store::work::TEXT_LIMIT;
use crate::store::{Actor, Paging};

/// The rows of a table's page that begins with the one after `offset` others.
pub(super) const fn rows_from(offset: u64) -> Paging {
    Paging { offset, limit: 50 }
}

/// Which part of a table is asked for, where nothing else is.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Part {
    /// How many rows come before it.
    pub(super) offset: u64,
}

/// A whole page for somebody who has logged in.
pub(super) fn page(visitor: &Visitor, title: &str, content: &Markup) -> Markup {
    let tabs = [
        (Right::Overview, "/", words::OVERVIEW),
        (Right::Findings, "/findings", words::FINDINGS),
        (Right::Work, "/answers", work::words::ANSWERS),
        (Right::Decide, "/rules", work::words::RULES),
        (Right::Devices, "/devices", words::DEVICES),
        (Right::Devices, "/places", words::PLACES),
        (Right::Applications, "/applications", registers::words::APPLICATIONS),
        (Right::Register, "/registers", registers::words::REGISTERS),
        (Right::Policy, "/policy", words::POLICY),
        (Right::Requests, "/requests", requests::words::REQUESTS),
        (Right::Trail, "/audit", words::TRAIL),
        (Right::People, "/people", words::PEOPLE),
        (Right::Integrations, "/integrations", words::INTEGRATIONS),
    ];
    frame(
        visitor.language,
        title,
        &html! {
            a.skip href="#content" { (visitor.say(words::TO_CONTENT)) }
            header {
                a.mark href="/" { img src="/assets/mark.svg" alt="" width="22" height="22"; "Fileward" }
                nav aria-label=(visitor.say(words::PAGES)) { @for (right, at, text) in tabs { @if visitor.may(right) { a href=(at) { (visitor.say(text)) } } } }
                div.who {
                    (other_language(visitor.language))
                    form method="post" action="/logout" {
                        (token(visitor))
                        a.quiet href="/account" { (visible(&visitor.user.name)) }
                        button.quiet { (visitor.say(words::LOG_OUT)) }
                    }
                }
            }
            main id="content" { h1 { (title) } (content) }
        },
    )
}

/// A page for somebody who has not logged in.
pub(super) fn front(language: Language, title: &str, content: &Markup) -> Markup {
    frame(
        language,
        title,
        &html! {
            main.front {
                p.mark { img src="/assets/mark.svg" alt="" width="28" height="28"; "Fileward" }
                h1 { (title) }
                (content)
                p.small { (other_language(language)) }
            }
        },
    )
}

/// A page that only says something.
pub(super) fn message(language: Language, text: &str) -> Markup {
    front(
        language,
        text,
        &html! { p { a href="/" { (words::OVERVIEW.to(language)) } } },
    )
}

fn frame(language: Language, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Fileward" }
                link rel="stylesheet" href="/assets/console.css";
                link rel="icon" href="/assets/mark.svg" type="image/svg+xml";
            }
            body { (body) }
        }
    }
}

fn other_language(language: Language) -> Markup {
    let (other, name) = match language {
        Language::ZhCn => (Language::En, "English"),
        Language::En => (Language::ZhCn, "中文"),
    };
    html! { a.quiet href={ "/language/" (other) } lang=(other) { (name) } }
}

/// What every form must carry.
pub(super) fn token(visitor: &Visitor) -> Markup {
    html! { input type="hidden" name="token" value=(visitor.form_token); }
}

/// A form that deletes something for good, for those who may.
pub(super) fn erasure(visitor: &Visitor, action: &str, note: Both) -> Markup {
    html! {
        @if visitor.may(Right::Erase) {
            h2 { (visitor.say(words::ERASE)) }
            form.actions method="post" action=(action) {
                (token(visitor))
                label {
                    span { (visitor.say(words::ERASE_REASON)) }
                    input name="reason" maxlength=(TEXT_LIMIT) size="36" required;
                }
                button.second { (visitor.say(words::ERASE)) }
            }
            p.small { (visitor.say(note)) }
        }
    }
}

/// A time, to the minute, in the collector's time zone; exact in its attribute.
pub(super) fn time(at: Timestamp) -> Markup {
    let local = at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string();
    html! { time datetime=(at) title=(at) { (local) } }
}

/// A day in the collector's time zone.
pub(super) fn day(at: Timestamp) -> Markup {
    html! { time datetime=(day_text(at)) { (day_text(at)) } }
}

/// The same, as text alone.
pub(super) fn day_text(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d").to_string()
}

/// Who did something, as it is recorded in words.
pub(super) fn actor(recorded: &str, language: Language) -> String {
    if language == Language::En {
        return visible(recorded);
    }
    match recorded.parse() {
        Ok(Actor::CommandLine) => "命令行".to_owned(),
        Ok(Actor::Collector) => "系统".to_owned(),
        Ok(Actor::Applicant) => "申请人".to_owned(),
        Ok(Actor::Device(id)) => format!("设备 {id}"),
        Ok(Actor::User(name)) => format!("用户 {}", visible(&name)),
        Ok(Actor::ApiToken(name)) => format!("令牌 {}", visible(&name)),
        Err(_) => match erasures::number_of_former(recorded) {
            Some(number) => format!("已删除的用户 {}", visible(number)),
            None => visible(recorded),
        },
    }
}

/// A size in bytes, to three digits.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KB", "MB", "GB", "TB"];
    let mut value = bytes;
    let mut unit = 0;
    let mut rest = 0;
    while value >= 1024 && unit < UNITS.len() - 1 {
        rest = value % 1024 * 10 / 1024;
        value /= 1024;
        unit += 1;
    }
    if unit > 0 && value < 10 {
        format!("{value}.{rest} {}", UNITS[unit])
    } else {
        format!("{value} {}", UNITS[unit])
    }
}

/// A severity with its colour; the word says the same.
pub(super) fn severity(severity: Severity, language: Language) -> Markup {
    html! { span.tag.{ "severity-" (severity) } { (severity.in_words(language)) } }
}

/// A choice in a filter: every variant, and "any".
pub(super) fn choose<T: InWords + std::fmt::Display + PartialEq + 'static>(
    language: Language,
    name: &str,
    label: Both,
    all: &[T],
    chosen: Option<T>,
) -> Markup {
    html! {
        label {
            span { (label.to(language)) }
            select name=(name) {
                option value="" { (words::ANY.to(language)) }
                @for one in all {
                    option value=(one) selected[chosen == Some(*one)] { (one.in_words(language)) }
                }
            }
        }
    }
}

/// A choice of one of all variants.
pub(super) fn choose_one<T: InWords + std::fmt::Display + PartialEq + 'static>(
    language: Language,
    name: &str,
    label: Both,
    all: &[T],
    chosen: T,
) -> Markup {
    html! {
        label {
            span { (label.to(language)) }
            select name=(name) { @for one in all {
                option value=(one) selected[*one == chosen] { (one.in_words(language)) }
            } }
        }
    }
}

/// Links to the parts before and after, keeping the filter.
pub(super) fn pager(language: Language, path: &str, query: &[(&str, String)], paging: Paging, total: u64) -> Markup {
    let limit = u64::from(paging.limit);
    let at = |offset: u64| {
        let offset = ("offset", offset.to_string());
        address(path, &[query, &[offset]].concat())
    };
    let last = (paging.offset + limit).min(total);
    html! {
        @if total > 0 {
            nav.pager aria-label=(words::PARTS.to(language)) {
                @if paging.offset > 0 {
                    a href=(at(paging.offset.saturating_sub(limit))) rel="prev" { (words::PREVIOUS.to(language)) }
                }
                span { (paging.offset + 1) "–" (last) (words::OF.to(language)) (total) }
                @if last < total { a href=(at(last)) rel="next" { (words::NEXT.to(language)) } }
            }
        }
    }
}

/// A link to all of a list as a table.
pub(super) fn download(language: Language, path: &str, query: &[(&str, String)], total: u64) -> Markup {
    html! {
        @if total > 0 { p.small { a href=(address(path, query)) download { (words::DOWNLOAD.to(language)) } } }
    }
}

/// An address with these fields, but for empty ones.
pub(super) fn address(path: &str, query: &[(&str, String)]) -> String {
    format!("{path}?{}", self::query(query))
}

/// The fields of an address, but for empty ones.
pub(super) fn query(query: &[(&str, String)]) -> String {
    let pairs: Vec<String> = query.iter().filter(|(_, value)| !value.is_empty()).map(pair).collect();
    pairs.join("&")
}

fn pair((key, value): &(&str, String)) -> String {
    let mut text = format!("{key}=");
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_user_is_called_so_in_both_languages() {
        let former = erasures::former(crate::store::people::UserId(7));
        assert_eq!(actor(&former, Language::ZhCn), "已删除的用户 7");
        assert_eq!(actor(&former, Language::En), "former user 7");
    }

    #[test]
    fn sizes_are_short_and_right() {
        assert_eq!(size(999), "999 B");
        assert_eq!(size(1536), "1.5 KB");
        assert_eq!(size(50 << 20), "50 MB");
    }

    #[test]
    fn a_filter_survives_paging_whatever_was_typed() {
        let pager = pager(
            Language::En,
            "/findings",
            &[("text", "报价 & <b>".to_owned()), ("state", String::new())],
            Paging { offset: 50, limit: 50 },
            120,
        );
        let text = pager.into_string();
        assert!(text.contains("text=%E6%8A%A5%E4%BB%B7%20%26%20%3Cb%3E"), "{text}");
        assert!(text.contains("offset=0") && text.contains("offset=100") && !text.contains("state="));
    }
}
