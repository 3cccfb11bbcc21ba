//! The places as both threads see them: those surveyed, and those that vanished while files in them were known.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fileward_places::{Place, Survey};

/// The places at one time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Territory {
    /// The last survey.
    pub(crate) survey: Arc<Survey>,
    /// Places of earlier surveys that this one has not, by root.
    retired: BTreeMap<PathBuf, Arc<Place>>,
}

impl Territory {
    /// The place that `path` lies in, or lay in.
    pub(crate) fn place_of(&self, path: &Path) -> Option<&Arc<Place>> {
        self.survey
            .place_of(path)
            .or_else(|| path.ancestors().find_map(|folder| self.retired.get(folder)))
    }

    /// `path` as it is spelled here, if it lies in a place, or lay in one.
    pub(crate) fn spelled(&self, path: PathBuf) -> Option<PathBuf> {
        match self.survey.locate(&path) {
            Some((_, path)) => Some(path),
            None => self.place_of(&path).is_some().then_some(path),
        }
    }

    /// The places after a new survey.
    pub(crate) fn renewed(&self, survey: Arc<Survey>) -> Self {
        let mut retired = self.retired.clone();
        for place in &self.survey.places {
            retired.insert(place.root.clone(), Arc::clone(place));
        }
        for place in &survey.places {
            retired.remove(&place.root);
        }
        Self { survey, retired }
    }

    /// Whether there is a place with this root.
    pub(crate) fn has(&self, root: &Path) -> bool {
        let places = &self.survey.places;
        places.binary_search_by(|place| place.root.as_path().cmp(root)).is_ok()
    }

    /// The roots of the places that vanished.
    pub(crate) fn retired(&self) -> impl Iterator<Item = &Path> {
        self.retired.keys().map(PathBuf::as_path)
    }

    /// Folders whose direct children decide about places: the anchors, and every root's own parent, so that a root that is
    /// renamed and made again is noticed.
    pub(crate) fn anchors(&self) -> BTreeSet<PathBuf> {
        let parents = self.survey.places.iter().filter(|place| place.events);
        let parents = parents.filter_map(|place| place.root.parent()).map(Path::to_path_buf);
        self.survey.anchors.iter().cloned().chain(parents).collect()
    }

    /// Whether something that happened at `path` may have changed the places.
    pub(crate) fn concerns(&self, path: &Path) -> bool {
        self.survey.anchors.contains(path)
            || path.parent().is_some_and(|parent| self.survey.anchors.contains(parent))
            || self.has(path)
            || self.retired.contains_key(path)
    }
}

/// The places, shared: read often, replaced rarely.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Arc<Territory>>>);

impl Shared {
    /// The places now.
    pub(crate) fn get(&self) -> Arc<Territory> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces them.
    pub(crate) fn set(&self, territory: Territory) -> Arc<Territory> {
        let territory = Arc::new(territory);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&territory);
        territory
    }
}
