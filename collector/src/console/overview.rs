//! The overview: what waits for somebody, whether it gets better, and where. Counts alone, nobody's records.

use std::sync::Arc;

use axum::extract::{Query, State};
use fileward_policy::words::{Both, InWords};
use fileward_protocol::health::PlaceState;
use fileward_protocol::vocabulary::{Binding, FindingState, Language};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use maud::{Markup, html};
use serde::Deserialize;

use super::charts::{self, Bar};
use super::layout;
use super::oops::Oops;
use super::visitor::Visitor;
use super::{Console, words};
use crate::safe::visible;
use crate::store::Scope;
use crate::store::devices::{DeviceCounts, PlaceCount};
use crate::store::findings::FindingCount;
use crate::store::trends::{Fleet, Flow, Standing, Steps};

/// The periods to choose from: days, days in a step, and the words.
const PERIODS: [(u16, u16, Both); 3] = [(30, 1, words::DAYS_30), (90, 1, words::DAYS_90), (364, 7, words::YEAR)];

/// The most lines of a table of bars; the rest is told as one.
const LINES: usize = 8;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    days: u16,
}

/// All that is counted for the page.
struct Counts {
    findings: Vec<FindingCount>,
    devices: DeviceCounts,
    places: Vec<PlaceCount>,
    flow: Vec<Flow>,
    standing: Standing,
    times: Vec<u64>,
    fleet: Fleet,
}

pub(super) async fn page(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Oops> {
    let (days, per_step, _) = PERIODS
        .into_iter()
        .find(|(days, ..)| *days == asked.days)
        .unwrap_or(PERIODS[0]);
    let steps = steps(Timestamp::now(), days, per_step);
    let counts = count(&console, visitor.scope(), steps).await?;
    Ok(layout::page(
        &visitor,
        visitor.say(words::OVERVIEW),
        &html! {
            (cards(&visitor, &counts))
            nav.periods aria-label=(visitor.say(words::PERIOD)) { @for (each, _, text) in PERIODS {
                a href={ "/?days=" (each) } aria-current=[(each == days).then_some("true")] { (visitor.say(text)) }
            } }
            (charts::flow(&visitor, steps, &counts.flow))
            div.panels {
                (apps(&visitor, &counts.standing))
                (groups(&visitor, &counts.standing))
                (sensitivities(&visitor, &counts.standing))
                (times(&visitor, &counts.times))
                (coverage(&visitor, &counts.places))
                (bindings(&visitor, counts.devices))
                (seen(&visitor, &counts.fleet))
                (versions(&visitor, &counts.fleet))
            }
        },
    ))
}

async fn count(console: &Console, scope: Scope, steps: Steps) -> Result<Counts, Oops> {
    let store = &console.store;
    let (findings, devices, places, flow, standing, times, fleet) = tokio::try_join!(
        store.finding_counts(scope.clone()),
        store.device_counts(scope.clone()),
        store.place_counts(scope.clone()),
        store.flow(scope.clone(), steps),
        store.standing(scope.clone()),
        store.times_to_resolve(scope.clone(), steps.since),
        store.fleet(scope, Timestamp::now()),
    )?;
    Ok(Counts {
        findings,
        devices,
        places,
        flow,
        standing,
        times: times.to_vec(),
        fleet,
    })
}

/// Whole days of the collector's time zone that end with today, in steps of so many.
fn steps(now: Timestamp, days: u16, per_step: u16) -> Steps {
    let now = now.to_zoned(TimeZone::system());
    let tomorrow = now.tomorrow().and_then(|day| day.start_of_day()).unwrap_or(now);
    Steps {
        since: (&tomorrow - i64::from(days).days()).timestamp(),
        step: SignedDuration::from_hours(24 * i64::from(per_step)),
        count: usize::from(days / per_step),
    }
}

fn cards(visitor: &Visitor, counts: &Counts) -> Markup {
    let of = |state| {
        counts
            .findings
            .iter()
            .filter(|row| row.state == state)
            .map(|row| row.count)
            .sum::<u64>()
    };
    let faulty = counts
        .places
        .iter()
        .filter(|row| row.state != PlaceState::Ok)
        .map(|row| row.count)
        .sum();
    let cards = [
        ("/findings?state=open", of(FindingState::Open), words::OPEN_FINDINGS),
        ("/devices?binding=pending", counts.devices.pending, words::WAITING),
        ("/devices?binding=bound", counts.devices.bound, words::BOUND_DEVICES),
        ("/places", faulty, words::FAULTY_PLACES),
        ("/findings?state=resolved", of(FindingState::Resolved), words::PUT_RIGHT),
    ];
    html! {
        div.cards { @for (at, number, text) in cards {
            a.card href=(at) { b { (number) } span { (visitor.say(text)) } }
        } }
    }
}

fn apps(visitor: &Visitor, standing: &Standing) -> Markup {
    let name = |app: &Option<_>| {
        app.map_or(visitor.say(words::NO_APP), |app: fileward_protocol::vocabulary::App| {
            app.in_words(visitor.language)
        })
    };
    let lines = standing.apps.iter().map(|(app, count)| Bar {
        label: name(app).to_owned(),
        link: app.map(|app| format!("/findings?state=open&app={app}")),
        count: *count,
        colour: "",
    });
    charts::bars(visitor, words::OPEN_BY_APP, &most(visitor.language, lines.collect()))
}

fn groups(visitor: &Visitor, standing: &Standing) -> Markup {
    let lines = standing.groups.iter().map(|(group, count)| Bar {
        label: group
            .as_deref()
            .map_or_else(|| visitor.say(words::NO_GROUP).to_owned(), visible),
        link: group.as_deref().map(|group| {
            layout::address(
                "/findings",
                &[("state", "open".to_owned()), ("group", group.to_owned())],
            )
        }),
        count: *count,
        colour: "",
    });
    charts::bars(visitor, words::OPEN_BY_GROUP, &most(visitor.language, lines.collect()))
}

fn sensitivities(visitor: &Visitor, standing: &Standing) -> Markup {
    let lines = standing.sensitivities.iter().map(|(grade, count)| Bar {
        label: grade
            .map_or(visitor.say(words::STORE_ITSELF), |grade| {
                grade.in_words(visitor.language)
            })
            .to_owned(),
        link: grade.map(|grade| format!("/findings?state=open&sensitivity={grade}")),
        count: *count,
        colour: "",
    });
    charts::bars(visitor, words::OPEN_BY_SENSITIVITY, &lines.collect::<Vec<_>>())
}

fn times(visitor: &Visitor, times: &[u64]) -> Markup {
    let lines = times.iter().zip(words::RESOLVED_WITHIN).map(|(count, text)| Bar {
        label: visitor.say(text).to_owned(),
        link: None,
        count: *count,
        colour: "good",
    });
    charts::bars(visitor, words::TIME_TO_RESOLVE, &lines.collect::<Vec<_>>())
}

fn coverage(visitor: &Visitor, places: &[PlaceCount]) -> Markup {
    let count =
        |wanted: fn(PlaceState) -> bool| places.iter().filter(|row| wanted(row.state)).map(|row| row.count).sum();
    let lines = [
        (words::WATCHED, count(|state| matches!(state, PlaceState::Ok)), "good"),
        (
            words::DEGRADED,
            count(|state| matches!(state, PlaceState::Degraded(_))),
            "poor",
        ),
        (
            words::UNAVAILABLE,
            count(|state| matches!(state, PlaceState::Unavailable(_))),
            "off",
        ),
    ];
    let lines = lines.map(|(text, count, colour)| Bar {
        label: visitor.say(text).to_owned(),
        link: Some("/places".to_owned()),
        count,
        colour,
    });
    charts::bars(visitor, words::PLACES, &lines)
}

fn bindings(visitor: &Visitor, devices: DeviceCounts) -> Markup {
    let lines = Binding::ALL.iter().map(|binding| Bar {
        label: binding.in_words(visitor.language).to_owned(),
        link: Some(format!("/devices?binding={binding}")),
        count: devices.of(*binding),
        colour: "",
    });
    charts::bars(visitor, words::DEVICES_BY_BINDING, &lines.collect::<Vec<_>>())
}

fn seen(visitor: &Visitor, fleet: &Fleet) -> Markup {
    let lines = fleet
        .seen
        .iter()
        .zip(words::SEEN_WITHIN)
        .map(|(count, (text, colour))| Bar {
            label: visitor.say(text).to_owned(),
            link: None,
            count: *count,
            colour,
        });
    charts::bars(visitor, words::LAST_SEEN, &lines.collect::<Vec<_>>())
}

fn versions(visitor: &Visitor, fleet: &Fleet) -> Markup {
    let lines = fleet.versions.iter().map(|(version, count)| Bar {
        label: if version.is_empty() {
            "–".to_owned()
        } else {
            visible(version)
        },
        link: Some(layout::address(
            "/devices",
            &[("binding", "bound".to_owned()), ("version", version.clone())],
        )),
        count: *count,
        colour: "",
    });
    charts::bars(visitor, words::VERSION, &most(visitor.language, lines.collect()))
}

/// The first lines, and one for all the others.
fn most(language: Language, mut lines: Vec<Bar>) -> Vec<Bar> {
    if lines.len() > LINES {
        let others = lines.split_off(LINES - 1);
        lines.push(Bar {
            label: format!("{} ({})", words::OTHERS.to(language), others.len()),
            link: None,
            count: others.iter().map(|line| line.count).sum(),
            colour: "",
        });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_whole_and_hold_this_moment() {
        let now = Timestamp::now();
        for (days, per_step, _) in PERIODS {
            let steps = steps(now, days, per_step);
            assert_eq!(steps.count * usize::from(per_step), usize::from(days));
            let last = steps.start(steps.count - 1);
            // Within an hour, for where a clock was turned meanwhile.
            let hour = SignedDuration::from_hours(1);
            assert!(last - hour <= now && now < steps.start(steps.count) + hour);
        }
    }
}
