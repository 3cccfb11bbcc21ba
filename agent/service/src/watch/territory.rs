//! The places as both threads see them: those surveyed, and those that vanished while files in them were known.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
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
        self.leads_to_places(path) || path.parent().is_some_and(|parent| self.survey.anchors.contains(parent))
    }

    /// Whether what happens directly in `folder` may concern the places or what is in them.
    pub(crate) fn is_near(&self, folder: &Path) -> bool {
        self.leads_to_places(folder) || self.place_of(folder).is_some()
    }

    /// Whether a place or an anchor is, or was, at `path` or below it.
    fn leads_to_places(&self, path: &Path) -> bool {
        // Whatever lies below a folder comes directly after it in the order of paths.
        let from = (Bound::Included(path), Bound::Unbounded);
        let places = &self.survey.places;
        let place = places.get(places.partition_point(|place| place.root.as_path() < path));
        let place = place.map(|place| &place.root);
        let retired = self.retired.range::<Path, _>(from).next().map(|(root, _)| root);
        let anchor = self.survey.anchors.range::<Path, _>(from).next();
        let mut first = [place, retired, anchor].into_iter().flatten();
        first.any(|below| below.starts_with(path))
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

#[cfg(test)]
mod tests {
    use super::super::tests::site::place;
    use super::*;

    fn survey(roots: &[&str], anchors: &[&str]) -> Arc<Survey> {
        Arc::new(Survey {
            places: roots.iter().map(|root| Arc::new(place(root.into()))).collect(),
            anchors: anchors.iter().map(PathBuf::from).collect(),
        })
    }

    #[test]
    fn what_happens_to_a_folder_above_a_place_or_an_anchor_concerns_the_places() {
        let before = Territory::default().renewed(survey(&["/data/old/chat"], &[]));
        let territory = before.renewed(survey(&["/data/a-b", "/data/work/chat/file"], &["/home/li/app"]));
        let concerning = [
            "/data",
            "/data/a-b",
            "/data/old",
            "/data/old/chat",
            "/data/work",
            "/data/work/chat",
            "/data/work/chat/file",
            "/home/li",
            "/home/li/app",
            "/home/li/app/new",
        ];
        for path in concerning {
            assert!(territory.concerns(Path::new(path)), "{path}");
        }
        let others = [
            "/data/a",
            "/data/works",
            "/data/work/chat/file/a",
            "/home/li/app/new/a",
            "/home/li/b",
        ];
        for path in others {
            assert!(!territory.concerns(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn only_folders_of_places_and_above_them_are_near() {
        let territory = Territory::default().renewed(survey(&["/data/work/file"], &["/home/li"]));
        for near in [
            "/",
            "/data",
            "/data/work",
            "/data/work/file",
            "/data/work/file/a/b",
            "/home",
            "/home/li",
        ] {
            assert!(territory.is_near(Path::new(near)), "{near}");
        }
        for far in ["/data/other", "/data/work/files", "/home/li/app", "/home/wang"] {
            assert!(!territory.is_near(Path::new(far)), "{far}");
        }
    }
}
