//! SKELETON
use std::path::{Path, PathBuf};

use fileward_protocol::health::{PlaceState, Unavailable};

use super::{Location, Step};
use crate::{User, UserId};

#[derive(Clone, Debug)]
pub(crate) enum Territory {
    User { id: UserId, home: PathBuf },
    Machine,
}

impl Territory {
    pub(crate) fn of(user: &User) -> Self {
        Self::User {
            id: user.id,
            home: user.home.clone(),
        }
    }
    pub(crate) fn step(&self, _child: &Path) -> Step {
        Step::Nothing
    }
    pub(crate) fn locate(&self, spelled: &Path) -> Location {
        Location {
            path: spelled.into(),
            spelled: spelled.into(),
            state: PlaceState::Unavailable(Unavailable::Missing),
        }
    }
    pub(crate) fn nearest_folder(&self, _path: &Path) -> Option<PathBuf> {
        None
    }
}

pub(crate) fn read_of(_user: UserId, _path: &Path, _most_bytes: u64) -> Option<Vec<u8>> {
    None
}
