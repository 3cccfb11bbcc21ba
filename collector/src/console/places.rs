//! Coverage: which places are watched, and where watching is less than it should be.

use std::sync::Arc;

use axum::extract::{Query, State};
use fileward_policy::words::InWords;
use fileward_protocol::health::{PlaceHealth, PlaceState};
use fileward_protocol::vocabulary::Language;
use maud::{Markup, html};
use serde::Deserialize;

use super::oops::Oops;
use super::order::{Head, Heads};
use super::visitor::Visitor;
use super::{Console, layout, order, words};
use crate::safe::visible;
use crate::store::devices::{PlaceCount, PlaceFilter, PlaceRow, PlaceSort};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    offset: u64,
    #[serde(flatten)]
    order: order::Asked,
}

pub(super) async fn page(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Oops> {
    let counts = console.store.place_counts(visitor.scope()).await?;
    let paging = layout::rows_from(asked.offset);
    let faulty = console
        .store
        .places(
            PlaceFilter {
                only_faulty: true,
                order: asked.order.order(),
                ..PlaceFilter::within(visitor.scope())
            },
            paging,
        )
        .await?;
    let query = asked.order.pairs();
    let heads = Heads {
        language: visitor.language,
        path: "/places",
        query: &query,
        order: asked.order.order(),
    };
    Ok(layout::page(
        &visitor,
        visitor.say(words::PLACES),
        &html! {
            (summary(&visitor, &counts))
            h2 { (visitor.say(words::FAULTY_PLACES)) }
            (table(&visitor, &faulty.rows, Some(&heads)))
            (layout::pager(visitor.language, "/places", &query, paging, faulty.total))
        },
    ))
}

fn summary(visitor: &Visitor, counts: &[PlaceCount]) -> Markup {
    let language = visitor.language;
    html! {
        @if counts.is_empty() { p.note { (visitor.say(words::NOTHING)) } } @else {
            table {
                thead { tr {
                    @for head in [words::PLACE, words::STATE] { th scope="col" { (visitor.say(head)) } }
                    th.number scope="col" { (visitor.say(words::COUNT)) }
                } }
                tbody { @for row in counts {
                    @let place = PlaceHealth { kind: row.kind, app: row.app, state: row.state };
                    tr {
                        td data-label=(visitor.say(words::PLACE)) { (name(&place, language)) }
                        td data-label=(visitor.say(words::STATE)) { (state(row.state, language)) }
                        td.number data-label=(visitor.say(words::COUNT)) { (row.count) }
                    }
                } }
            }
        }
    }
}

const HEADS: [Head<PlaceSort>; 4] = [
    Head::by(PlaceSort::Device, words::DEVICE),
    Head::by(PlaceSort::Place, words::PLACE),
    Head::by(PlaceSort::State, words::STATE),
    Head::by(PlaceSort::Since, words::SINCE),
];

/// A table of places; with heads to order it by, of many devices, without, of one.
pub(super) fn table(visitor: &Visitor, rows: &[PlaceRow], heads: Option<&Heads<'_, PlaceSort>>) -> Markup {
    let language = visitor.language;
    html! {
        @if rows.is_empty() { p.note { (visitor.say(words::NOTHING)) } } @else {
            table {
                thead { tr {
                    @if let Some(heads) = heads { (heads.cells(&HEADS)) } @else {
                        @for head in [words::PLACE, words::STATE, words::SINCE] { th scope="col" { (visitor.say(head)) } }
                    }
                } }
                tbody { @for row in rows { tr {
                    @if heads.is_some() {
                        td data-label=(visitor.say(words::DEVICE)) {
                            a href={ "/devices/" (row.device) } { (visible(&row.device_name)) }
                        }
                    }
                    td data-label=(visitor.say(words::PLACE)) { (name(&row.place, language)) }
                    td data-label=(visitor.say(words::STATE)) { (state(row.place.state, language)) }
                    td data-label=(visitor.say(words::SINCE)) { (layout::time(row.since)) }
                } } }
            }
        }
    }
}

fn name(place: &PlaceHealth, language: Language) -> String {
    let kind = place.kind.in_words(language);
    match place.app {
        Some(app) => format!("{kind} · {}", app.in_words(language)),
        None => kind.to_owned(),
    }
}

fn state(state: PlaceState, language: Language) -> Markup {
    let class = match state {
        PlaceState::Ok => "place-ok",
        PlaceState::Degraded(_) => "place-degraded",
        PlaceState::Unavailable(_) => "place-unavailable",
    };
    html! { span.(class) { (state.in_words(language)) } }
}
