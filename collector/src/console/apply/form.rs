//! The form itself: what it shows and what it takes.

use fileward_policy::words::{Both, InWords as _};
use fileward_protocol::ids::CompanyKey;
use fileward_protocol::vocabulary::{App, Language};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::{label, words};
use crate::console::layout;
use crate::filing::draft::{NAME_LIMIT, tidy};
use crate::filing::{Draft, Field};
use crate::safe::visible;
use crate::store::filings::{Kind, NewFiling};
use crate::store::work::TEXT_LIMIT;

/// The form as somebody filled it in.
#[derive(Deserialize)]
pub(in crate::console) struct Filled {
    kind: Kind,
    person: String,
    #[serde(default)]
    app: String,
    name: String,
    #[serde(default)]
    size: String,
    reason: String,
    until: String,
}

/// What is wrong with it.
pub(super) struct Trouble {
    field: Option<Field>,
    why: Both,
}

impl Filled {
    /// Nothing yet.
    pub(super) const fn empty(kind: Kind) -> Self {
        Self {
            kind,
            person: String::new(),
            app: String::new(),
            name: String::new(),
            size: String::new(),
            reason: String::new(),
            until: String::new(),
        }
    }

    /// What is to be filed, for whom and what for.
    pub(super) fn check(&self, key: &CompanyKey, now: Timestamp) -> Result<NewFiling, Trouble> {
        let draft = Draft {
            kind: self.kind,
            app: self.app.clone(),
            name: self.name.clone(),
            size: self.size.clone(),
            owner: self.person.clone(),
            note: self.reason.clone(),
            until: self.until.clone(),
        };
        let person = tidy(&self.person);
        if person.is_empty() || person.chars().count() > NAME_LIMIT {
            return Err(Trouble {
                field: None,
                why: words::NAME_MISSING,
            });
        }
        if tidy(&self.reason).is_empty() {
            return Err(Trouble {
                field: Some(Field::Note),
                why: words::REASON_MISSING,
            });
        }
        draft.check(key, now).map_err(|wrong| Trouble {
            field: Some(wrong.field),
            why: wrong.why,
        })
    }
}

/// The page.
pub(super) fn show(language: Language, group: &str, filled: &Filled, trouble: Option<Trouble>) -> Markup {
    let kind = filled.kind;
    layout::front(
        language,
        words::TITLE.to(language),
        &html! {
            p { b { (visible(group)) } }
            nav.periods aria-label=(words::ANOTHER.to(language)) { @for one in Kind::ALL {
                a href={ "?kind=" (one) } aria-current=[(*one == kind).then_some("page")] { (one.in_words(language)) }
            } }
            p { (words::about(kind).to(language)) }
            @if let Some(trouble) = trouble { (complaint(language, kind, &trouble)) }
            form method="post" {
                input type="hidden" name="kind" value=(kind);
                (line(words::YOUR_NAME.to(language), "person", &filled.person, NAME_LIMIT, true))
                (fields(language, filled))
                button { (words::SEND.to(language)) }
            }
            @for text in words::PRIVACY { p.small { (text.to(language)) } }
        },
    )
}

fn complaint(language: Language, kind: Kind, trouble: &Trouble) -> Markup {
    html! {
        p.note.warning role="alert" {
            @if let Some(field) = trouble.field { (label(kind, field).to(language)) ": " }
            (trouble.why.to(language))
        }
    }
}

fn fields(language: Language, filled: &Filled) -> Markup {
    let kind = filled.kind;
    let say = |field| label(kind, field).to(language);
    html! {
        @for field in Field::of(kind) { @match field {
            Field::App => label {
                span { (say(*field)) }
                select name="app" required { @for app in App::CHAT {
                    option value=(app) selected[app.as_str() == filled.app] { (app.in_words(language)) }
                } }
            },
            Field::Name => {
                (line(say(*field), "name", &filled.name, NAME_LIMIT, true))
                @if matches!(kind, Kind::Account | Kind::Limit) { p.small { (words::ACCOUNT_HINT.to(language)) } }
            },
            Field::Size => (line(say(*field), "size", &filled.size, 20, true)),
            Field::Owner => {},
            Field::Note => (line(say(*field), "reason", &filled.reason, TEXT_LIMIT, true)),
            Field::Until => label {
                span { (say(*field)) }
                input type="date" name="until" value=(filled.until) required[field.is_needed(kind)];
            },
        } }
    }
}

fn line(label: &str, name: &str, value: &str, limit: usize, required: bool) -> Markup {
    html! { label { span { (label) } input name=(name) value=(visible(value)) maxlength=(limit) required[required]; } }
}
