//! `places`: every place, how it was found, its state.

use anyhow::{Context as _, Result};
use fileward_ipc::{PlaceView, ToClient, ToService};
use fileward_places::Sessions;
use fileward_policy::Effective;
use fileward_policy::words::InWords as _;
use fileward_protocol::vocabulary::Language;

use super::client::{Client, unexpected};
use super::folders::Folders;
use super::{output, policy};
use crate::notice::view;

pub(super) fn list(folders: &Folders, json: bool) -> Result<()> {
    let places = match Client::connect(folders)? {
        Some(mut client) => ask(&mut client)?,
        None => survey(&policy::in_force(folders)?.policy)?,
    };
    if json {
        return output::json(&places);
    }
    let language = output::language();
    places
        .iter()
        .try_for_each(|place| output::line(in_words(place, language)))
}

pub(super) fn ask(client: &mut Client) -> Result<Vec<PlaceView>> {
    match client.ask(&ToService::Places)? {
        ToClient::Places { places } => Ok(places),
        other => unexpected(&other),
    }
}

/// What a service would watch.
pub(super) fn survey(policy: &Effective) -> Result<Vec<PlaceView>> {
    let users = fileward_places::users().context("Failed to list the users of this PC")?;
    let survey = fileward_places::survey(&users, policy, &Sessions::new());
    Ok(survey
        .places
        .iter()
        .map(|place| view::place_view(place, place.state))
        .collect())
}

pub(super) fn in_words(place: &PlaceView, language: Language) -> String {
    let app = place.app.map_or("", |app| app.in_words(language));
    let protection = place.protection.as_deref().unwrap_or_default();
    format!(
        "{}\t{app}\t{}\t{}\t{protection}",
        place.kind.in_words(language),
        place.state.in_words(language),
        place.root.display()
    )
}
