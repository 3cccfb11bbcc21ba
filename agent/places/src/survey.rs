//! Puts a survey together: catalogue, users' folders and the policy's stores, each folder once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fileward_policy::subject::Protection;
use fileward_policy::{Effective, effective};
use fileward_protocol::health::{PlaceState, Unavailable};
use fileward_protocol::vocabulary::{App, PlaceKind};

use crate::catalogue::{self, Row};
use crate::folders::{self, Folder, Known};
use crate::pattern::{Base, Match};
use crate::protection::Volumes;
use crate::registry::Registry;
use crate::session_drives::has_store_on;
use crate::territory::{Location, Territory};
use crate::told::Settings;
use crate::{Found, Options, Place, SessionDrives, Sessions, Store, Survey, System, User, access, names};

/// The most places of one user. No desktop has so many; a hostile tree may.
const MOST_PLACES: usize = 1000;

/// Finds every place of `users` that `policy` names.
pub(crate) fn survey(
    system: &System,
    users: &[User],
    policy: &Effective,
    options: Options,
    sessions: &Sessions,
) -> Survey {
    let mut candidates = Vec::new();
    let mut anchors = BTreeSet::new();
    let registry = system.registry(users);
    for user in users {
        let drives = sessions.get(&user.id).cloned().unwrap_or_default();
        let drives = drives.without(|letter| system.has_letter(letter));
        let mut scout = Scout::new(user, users, policy, options, drives);
        let known = folders::known(system, user, &registry).within(|folder| scout.reach(folder).is_some());
        scout.look_around(&known, &registry);
        candidates.append(&mut scout.candidates);
        anchors.append(&mut scout.anchors);
    }
    machine_stores(system, policy, &mut candidates, &mut anchors);
    candidates = without_blind_stores(candidates);
    let volumes = Volumes::read(system);
    anchors.retain(|anchor| volumes.may_be_held(anchor));
    Survey {
        places: settle(candidates, &volumes, users),
        anchors,
    }
}

/// A place before it is known whether another one has the same folder.
struct Candidate {
    kind: PlaceKind,
    app: Option<App>,
    owner: Option<Arc<User>>,
    account: Option<String>,
    found: Found,
    location: Location,
    /// For a store: whether it must be encrypted.
    require_encryption: Option<bool>,
    /// Whether a link, or a setting of the user's own, led there.
    led: bool,
}

/// Looks for the places of one user.
struct Scout<'a> {
    user: Arc<User>,
    territory: Territory,
    policy: &'a Effective,
    options: Options,
    /// What only the user's session has.
    drives: SessionDrives,
    candidates: Vec<Candidate>,
    anchors: BTreeSet<PathBuf>,
    /// The catalogue's own bases, found out once.
    named: BTreeMap<String, Vec<PathBuf>>,
}

impl<'a> Scout<'a> {
    fn new(user: &User, users: &[User], policy: &'a Effective, options: Options, drives: SessionDrives) -> Self {
        Self {
            user: Arc::new(user.clone()),
            territory: Territory::of(user, users),
            policy,
            options,
            drives,
            candidates: Vec::new(),
            anchors: BTreeSet::new(),
            named: BTreeMap::new(),
        }
    }

    fn look_around(&mut self, known: &Known, registry: &Registry) {
        self.anchor(&self.user.home.clone());
        self.anchor(&known.config);
        if self.policy.places.desktop.is_some() {
            self.desktop_folders(PlaceKind::Desktop, &known.desktop);
        }
        if self.policy.places.downloads.is_some() {
            self.desktop_folders(PlaceKind::Downloads, &known.downloads);
        }
        for (at, path, require_encryption) in store_folders(self.policy) {
            if let Some(below) = below_home(path) {
                let folder = self.user.home.join(below);
                self.store(at, &folder, require_encryption);
            } else if let Some(folder) = self.drives.store(path) {
                self.store(at, Path::new(&folder), require_encryption);
            }
        }
        for row in catalogue::builtin().rows(self.options.unconfirmed) {
            if let Some(wanted) = wanted(self.policy, row) {
                self.row(row, wanted, known, registry);
            }
        }
        if self.candidates.len() > MOST_PLACES {
            tracing::warn!(
                found = self.candidates.len(),
                used = MOST_PLACES,
                "Too many places of one user"
            );
            self.candidates.truncate(MOST_PLACES);
        }
    }

    fn desktop_folders(&mut self, kind: PlaceKind, folders: &[Folder]) {
        for folder in folders {
            let location = match self.reach(&folder.path) {
                Some(folder) => self.locate(&folder),
                None => Location {
                    path: folder.path.clone(),
                    spelled: folder.path.clone(),
                    state: PlaceState::Unavailable(Unavailable::OutsideUser),
                },
            };
            self.candidates.push(Candidate {
                kind,
                app: None,
                owner: Some(self.user.clone()),
                account: None,
                found: Found {
                    by: folder.by.into(),
                    grade: None,
                },
                location,
                require_encryption: None,
                led: false,
            });
        }
    }

    fn row(&mut self, row: &Row, wanted: Wanted, known: &Known, registry: &Registry) {
        for pattern in &row.patterns {
            for base in self.bases(&pattern.base, known, registry) {
                let Some(base) = self.reach(&base) else {
                    continue;
                };
                if pattern.is_bare() {
                    let location = self.locate(&base);
                    self.found(row, wanted, None, location);
                    continue;
                }
                let Some(folder) = self.territory.nearest_folder(&base) else {
                    continue;
                };
                if !base.is_dir() {
                    self.anchors.insert(folder);
                    continue;
                }
                let expansion = pattern.expand(&folder, &self.territory, &catalogue::builtin().not_accounts);
                self.anchors.extend(expansion.visited);
                for found in expansion.matches {
                    // On a drive that all users share, what is another's is no wonder.
                    if found.inside || !known.drives.contains(&base) {
                        self.matched(row, wanted, found);
                    }
                }
            }
        }
    }

    /// The folders that a pattern begins at.
    fn bases(&mut self, base: &Base, known: &Known, registry: &Registry) -> Vec<PathBuf> {
        let Base::Named(name) = base else {
            return known.bases(base).to_vec();
        };
        if let Some(folders) = self.named.get(name) {
            return folders.clone();
        }
        let Some(named) = catalogue::builtin().base(name) else {
            return Vec::new();
        };
        let told = named.told(&Settings {
            user: &self.user,
            known,
            territory: &self.territory,
            registry,
        });
        self.anchors.extend(told.visited);
        let mut folders = told.folders;
        for usual in &named.folders {
            folders.extend(known.bases(&usual.base).iter().filter_map(|base| usual.exact(base)));
        }
        let mut once: Vec<PathBuf> = Vec::new();
        for folder in folders {
            if !once.iter().any(|other| names::same_path(other, &folder)) {
                once.push(folder);
            }
        }
        self.named.insert(name.clone(), once.clone());
        once
    }

    fn matched(&mut self, row: &Row, wanted: Wanted, found: Match) {
        let account = found.account.map(|account| row.account_id(account));
        let location = if found.inside {
            self.territory.locate(&found.path)
        } else {
            Location {
                spelled: found.path.clone(),
                path: found.path,
                state: PlaceState::Unavailable(Unavailable::OutsideUser),
            }
        };
        self.found(row, wanted, account, location);
    }

    fn found(&mut self, row: &Row, wanted: Wanted, account: Option<String>, location: Location) {
        self.candidates.push(Candidate {
            kind: row.kind,
            app: row.app,
            owner: Some(self.user.clone()),
            account,
            found: Found {
                by: row.id.clone(),
                grade: Some(row.grade.letter()),
            },
            location,
            require_encryption: wanted.require_encryption,
            led: row.kind == PlaceKind::Store,
        });
    }

    fn store(&mut self, at: usize, folder: &Path, require_encryption: bool) {
        let location = self.locate(folder);
        self.candidates.push(store_candidate(
            at,
            Some(self.user.clone()),
            location,
            require_encryption,
        ));
    }

    /// Where `folder`, which the user's settings name, is for the service; `None` where the service may not look. It lacks the
    /// letters of the user's session, and no setting makes it sign in at a server the policy does not name.
    fn reach(&self, folder: &Path) -> Option<PathBuf> {
        let stores = &self.policy.stores;
        if let Some(found) = folder.to_str().and_then(|path| self.drives.folder(path, stores)) {
            return Some(found.into());
        }
        let folder = names::plain(folder);
        let is_named = folder.to_str().is_some_and(|path| has_store_on(stores, path));
        (names::is_local(&folder) || is_named).then_some(folder)
    }

    /// Finds out what `folder` leads to, and anchors where it would appear.
    fn locate(&mut self, folder: &Path) -> Location {
        let folder = &names::plain(folder);
        if let Some(parent) = folder.parent() {
            self.anchor(parent);
        }
        self.territory.locate(folder)
    }

    /// Anchors the nearest folder at or above `folder` that exists.
    fn anchor(&mut self, folder: &Path) {
        let within = names::below(folder, &self.user.home).is_some();
        let nearest = self.territory.nearest_folder(folder);
        // Outside the home only the folder itself: what lies above it is not the user's.
        self.anchors
            .extend(nearest.filter(|nearest| within || nearest == folder));
    }
}

/// What the policy wants to know of a row's places.
#[derive(Clone, Copy)]
struct Wanted {
    /// Of a store: whether it must be encrypted.
    require_encryption: Option<bool>,
}

/// Whether the policy names the row's kind and app.
fn wanted(policy: &Effective, row: &Row) -> Option<Wanted> {
    let names = |apps: &[App]| row.app.is_some_and(|app| apps.contains(&app));
    let place = match row.kind {
        PlaceKind::ChatCache => policy.places.chat_cache.as_ref(),
        PlaceKind::PersonalCloud => policy.places.personal_cloud.as_ref(),
        PlaceKind::Downloads => policy.places.downloads.as_ref(),
        PlaceKind::Desktop => None,
        PlaceKind::Store => {
            return policy.stores.iter().find_map(|store| match store {
                effective::Store::CompanyCloud {
                    apps,
                    require_encryption,
                } if names(apps) => Some(Wanted {
                    require_encryption: Some(*require_encryption),
                }),
                _ => None,
            });
        }
    };
    place
        .is_some_and(|place| place.apps.is_empty() || names(&place.apps))
        .then_some(Wanted {
            require_encryption: None,
        })
}

/// The policy's store folders with their number. Company clouds are rows of the catalogue.
fn store_folders(policy: &Effective) -> impl Iterator<Item = (usize, &str, bool)> {
    policy.stores.iter().enumerate().filter_map(|(at, store)| match store {
        effective::Store::Folder {
            path,
            require_encryption,
        } => Some((at, path.as_str(), *require_encryption)),
        effective::Store::CompanyCloud { .. } => None,
    })
}

/// What follows `~/`; `None` for a path that is not below the user's home.
fn below_home(path: &str) -> Option<&str> {
    let below = path.strip_prefix('~')?;
    let is_below = below.is_empty() || below.starts_with(std::path::is_separator);
    is_below.then(|| below.trim_start_matches(std::path::is_separator))
}

fn machine_stores(
    system: &System,
    policy: &Effective,
    candidates: &mut Vec<Candidate>,
    anchors: &mut BTreeSet<PathBuf>,
) {
    for (at, path, require_encryption) in store_folders(policy) {
        // A drive letter belongs to Windows, a path without one to the others.
        if !Path::new(path).is_absolute() {
            continue;
        }
        let folder: PathBuf = names::plain(&system.path(path)).components().collect();
        let parent = folder.parent().unwrap_or(&folder);
        anchors.extend(Territory::Machine.nearest_folder(parent));
        let location = Territory::Machine.locate(&folder);
        candidates.push(store_candidate(at, None, location, require_encryption));
    }
}

/// Leaves out a store of the machine that the service does not see, where the session of a user has it.
fn without_blind_stores(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let is_missing = |candidate: &Candidate| candidate.location.state == PlaceState::Unavailable(Unavailable::Missing);
    let of_users: BTreeSet<String> = candidates
        .iter()
        .filter(|candidate| candidate.kind == PlaceKind::Store && candidate.owner.is_some() && !is_missing(candidate))
        .map(|candidate| candidate.found.by.clone())
        .collect();
    candidates
        .into_iter()
        .filter(|candidate| {
            candidate.owner.is_some() || !is_missing(candidate) || !of_users.contains(&candidate.found.by)
        })
        .collect()
}

fn store_candidate(at: usize, owner: Option<Arc<User>>, location: Location, require_encryption: bool) -> Candidate {
    Candidate {
        led: location.is_linked(),
        kind: PlaceKind::Store,
        app: None,
        owner,
        account: None,
        found: Found {
            by: format!("store[{at}]"),
            grade: None,
        },
        location,
        require_encryption: Some(require_encryption),
    }
}

/// Gives each folder to one candidate: a store before all else, then by how much is known about the folder.
fn settle(candidates: Vec<Candidate>, volumes: &Volumes, users: &[User]) -> Vec<Arc<Place>> {
    let mut settled: BTreeMap<PathBuf, Candidate> = BTreeMap::new();
    let (stores, others): (Vec<_>, Vec<_>) = candidates
        .into_iter()
        .partition(|candidate| candidate.kind == PlaceKind::Store);
    for candidate in others {
        claim(&mut settled, candidate);
    }
    let elsewhere: BTreeSet<_> = settled.keys().cloned().collect();
    for mut store in stores {
        // Otherwise a link at the store's path, or a setting, would turn a desktop or a chat cache into an approved store.
        let inside_other = store.location.path.ancestors().any(|folder| elsewhere.contains(folder));
        if store.led && inside_other {
            store.location.path.clone_from(&store.location.spelled);
            store.location.state = PlaceState::Unavailable(Unavailable::OutsideUser);
        }
        claim(&mut settled, store);
    }
    let clouds: Vec<_> = settled
        .extract_if(.., |_, candidate| candidate.is_usable_company_cloud())
        .collect();
    settled.retain(|_, candidate| !clouds.iter().any(|(_, cloud)| candidate.was_taken_over_by(cloud)));
    settled.extend(clouds);
    settled
        .into_values()
        .map(|candidate| Arc::new(candidate.into_place(volumes, users)))
        .collect()
}

fn claim(settled: &mut BTreeMap<PathBuf, Candidate>, mut candidate: Candidate) {
    // A user may have linked an app's folder for files to the one for messages.
    if catalogue::builtin().holds_messages(&candidate.location.path) {
        candidate.location.state = PlaceState::Unavailable(Unavailable::OutsideUser);
    }
    // What is another's may be somebody's own, if several users' settings name it.
    let strength = |candidate: &Candidate| {
        let outside = candidate.location.state == PlaceState::Unavailable(Unavailable::OutsideUser);
        (rank(candidate.kind), outside)
    };
    let stronger = settled
        .get(&candidate.location.path)
        .is_none_or(|other| strength(&candidate) < strength(other));
    if stronger {
        settled.insert(candidate.location.path.clone(), candidate);
    }
}

const fn rank(kind: PlaceKind) -> u8 {
    match kind {
        PlaceKind::Store => 0,
        PlaceKind::ChatCache => 1,
        PlaceKind::PersonalCloud => 2,
        PlaceKind::Desktop => 3,
        PlaceKind::Downloads => 4,
    }
}

impl Candidate {
    fn is_usable_company_cloud(&self) -> bool {
        self.kind == PlaceKind::Store
            && self.app.is_some()
            && !matches!(self.location.state, PlaceState::Unavailable(_))
    }

    /// Whether it is a desktop, or downloads, that its user's OneDrive moved into itself (known folder move). Where the policy
    /// approves that cloud, what lies there lies in the store. An app's cache stays one wherever it is.
    fn was_taken_over_by(&self, cloud: &Self) -> bool {
        matches!(self.kind, PlaceKind::Desktop | PlaceKind::Downloads)
            && self.owner == cloud.owner
            && names::below(&self.location.path, &cloud.location.path).is_some()
    }

    fn into_place(self, volumes: &Volumes, users: &[User]) -> Place {
        let root = self.location.path;
        // A mount that only its user may enter, as FUSE makes them, is still known by its kind.
        let is_known = matches!(
            self.location.state,
            PlaceState::Ok | PlaceState::Degraded(_) | PlaceState::Unavailable(Unavailable::PermissionDenied)
        );
        let store = self.require_encryption.map(|require_encryption| Store {
            require_encryption,
            protection: if is_known {
                volumes.protection(&root)
            } else {
                Protection::Unknown
            },
            writers: access::writers(&root, self.owner.as_deref().map_or(users, std::slice::from_ref)),
        });
        Place {
            kind: self.kind,
            app: self.app,
            owner: self.owner,
            account: self.account,
            found: self.found,
            state: self.location.state,
            events: volumes.tell_changes(&root) && volumes.may_be_held(&root),
            store,
            root,
        }
    }
}
