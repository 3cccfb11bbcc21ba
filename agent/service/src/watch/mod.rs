//! Turns OS events, which are only hints, into settled [`Sighting`]s; baseline and reconcile are the truth.

pub(crate) mod baseline;
pub(crate) mod open;
pub(crate) mod sighting;

pub(crate) use sighting::{Change, FileId, Sighting, Stat};

use std::path::PathBuf;
use std::sync::Arc;

use fileward_places::{Place, Survey};
use fileward_protocol::health::PlaceState;

#[derive(Debug)]
pub(crate) enum Event {
    Sighting(Sighting),
    Swept { root: PathBuf },
    FirstSweepDone,
    Places(Arc<Survey>, Vec<PlaceStatus>),
    Failed(String),
}

#[derive(Clone, Debug)]
pub(crate) struct PlaceStatus {
    pub(crate) place: Arc<Place>,
    pub(crate) state: PlaceState,
    pub(crate) since: jiff::Timestamp,
}

pub(crate) const EVENTS: usize = 16;

pub(crate) struct WatchConfig {
    pub(crate) settle: std::time::Duration,
}

impl WatchConfig {
    pub(crate) fn new(_database: PathBuf, _epoch: Arc<std::sync::atomic::AtomicU64>) -> Self {
        Self {
            settle: std::time::Duration::from_millis(400),
        }
    }
}

pub(crate) struct Watch;

impl Watch {
    pub(crate) fn start(
        _config: WatchConfig,
        survey: impl Fn() -> Survey + Send + 'static,
        events: std::sync::mpsc::SyncSender<Event>,
    ) -> anyhow::Result<Self> {
        let survey = Arc::new(survey());
        let statuses = survey
            .places
            .iter()
            .map(|place| PlaceStatus {
                place: place.clone(),
                state: place.state,
                since: jiff::Timestamp::now(),
            })
            .collect();
        events.send(Event::Places(survey, statuses))?;
        events.send(Event::FirstSweepDone)?;
        Ok(Self)
    }

    pub(crate) fn resurvey(&self) {}

    pub(crate) fn reconcile_all(&self) {}
}
