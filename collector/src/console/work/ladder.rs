//! The ladder as a form.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use fileward_policy::words::InWords as _;
use maud::{Markup, html};

use super::deed::{Fields, field};
use super::words;
use crate::console::access::Right;
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::{Console, layout};
use crate::safe::is_hidden;
use crate::store::ladder::{BadLadder, LONGEST_NAME, MOST_REPEATS, MOST_STEPS, NewLadder, NewStep, StepName};

/// One row of the form, as it was typed.
#[derive(Clone, Default)]
struct Typed {
    zh_cn: String,
    en: String,
    from_repeat: String,
}

pub(in crate::console) async fn page(visitor: Visitor, State(console): State<Arc<Console>>) -> Result<Markup, Oops> {
    visitor.must(Right::Ladder)?;
    let ladder = console.store.ladder().await?;
    let typed = ladder.into_iter().map(|step| Typed {
        zh_cn: step.step.name.zh_cn,
        en: step.step.name.en,
        from_repeat: step.step.from_repeat.to_string(),
    });
    Ok(form(&visitor, typed.collect(), None))
}

fn form(visitor: &Visitor, mut rows: Vec<Typed>, said: Option<BadLadder>) -> Markup {
    rows.resize(MOST_STEPS, Typed::default());
    layout::page(
        visitor,
        visitor.say(words::LADDER),
        &html! {
            p.small { (visitor.say(words::LADDER_NOTE)) }
            @if let Some(said) = said { p.note.warning role="alert" { (said.in_words(visitor.language)) } }
            form method="post" action="/ladder" {
                (layout::token(visitor))
                @for row in &rows {
                    div.actions {
                        (name(visitor.say(words::CHINESE), "zh_cn", &row.zh_cn))
                        (name(visitor.say(words::ENGLISH), "en", &row.en))
                        label {
                            span { (visitor.say(words::FROM_REPEAT)) }
                            input type="number" name="from_repeat" min="1" max=(MOST_REPEATS) value=(row.from_repeat);
                        }
                    }
                }
                button { (visitor.say(words::SAVE)) }
            }
        },
    )
}

fn name(label: &str, field: &str, value: &str) -> Markup {
    html! { label { span { (label) } input name=(field) value=(value) maxlength=(LONGEST_NAME); } }
}

pub(in crate::console) async fn set(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Form(fields): Form<Fields>,
) -> Result<Response, Oops> {
    visitor.must(Right::Ladder)?;
    visitor.must_be_own_form(field(&fields, "token"))?;
    let typed = read(&fields);
    match ladder(&typed) {
        Ok(ladder) => {
            console.store.set_ladder(ladder, visitor.by()).await?;
            Ok(Redirect::to("/ladder").into_response())
        }
        Err(bad) => Ok(form(&visitor, typed, Some(bad)).into_response()),
    }
}

/// The rows in which anything stands. Each comes as three fields, in order.
fn read(fields: &Fields) -> Vec<Typed> {
    let all = |name: &'static str| {
        let of_name = fields.iter().filter(move |(key, _)| key == name);
        // A name stands in a field again when it is changed, as it is: nothing may hide in it.
        of_name.map(|(_, value)| value.trim().chars().filter(|c| !is_hidden(*c)).collect::<String>())
    };
    all("zh_cn")
        .zip(all("en"))
        .zip(all("from_repeat"))
        .map(|((zh_cn, en), from_repeat)| Typed { zh_cn, en, from_repeat })
        .filter(|row| {
            ![&row.zh_cn, &row.en, &row.from_repeat]
                .iter()
                .all(|text| text.is_empty())
        })
        .take(MOST_STEPS + 1)
        .collect()
}

fn ladder(typed: &[Typed]) -> Result<NewLadder, BadLadder> {
    let steps: Result<Vec<_>, _> = typed.iter().map(step).collect();
    NewLadder::new(steps?)
}

fn step(typed: &Typed) -> Result<NewStep, BadLadder> {
    let name = StepName {
        zh_cn: typed.zh_cn.clone(),
        en: typed.en.clone(),
    };
    let from_repeat = typed.from_repeat.parse().map_err(|_| BadLadder::Repeats)?;
    Ok(NewStep { name, from_repeat })
}
