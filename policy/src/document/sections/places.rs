//! `[[store]]` and `[places]`.

use std::time::Duration;

use fileward_protocol::vocabulary::App;

use super::super::reader::Reader;
use super::super::value::{ChatApp, CompanyCloud, Glob, PersonalCloud, Text, Value};
use super::days;
use crate::effective::{Place, Places, Store};

pub(super) fn stores(document: &mut Reader<'_>) -> Vec<Store> {
    let lacking = "at least one store is needed, or no work file could ever lie right: [[store]] with path = '…'";
    let mut known: Vec<String> = Vec::new();
    let stores = document.list(
        "store",
        "An approved store, where work files belong.",
        lacking,
        |table| {
            let store = store(table);
            for name in store.iter().flat_map(same_store) {
                if known.contains(&name) {
                    table.error_here(format!("the store {name} is named twice"));
                } else {
                    known.push(name);
                }
            }
            store
        },
    );
    stores.into_iter().flatten().collect()
}

fn store(store: &mut Reader<'_>) -> Option<Store> {
    let path = store.optional("path", "The folder: C:\\…, \\\\server\\…, /… or ~/… (the user's home).");
    let apps: Option<Vec<CompanyCloud>> =
        store.optional("company_cloud", "Company cloud drives whose folders are stores.");
    let about = "Whether its disk must be encrypted; when left out, a folder must, a company cloud need not.";
    // The company's cloud is where those files lie; what is on disk is a copy of them.
    let require_encryption = store
        .optional("require_encryption", about)
        .unwrap_or(!store.has("company_cloud"));
    match (store.has("path"), store.has("company_cloud")) {
        (true, true) => store.error_here("a store has either path or company_cloud; write two [[store]]"),
        (false, false) => store.error_here("a store needs path = '…' or company_cloud = [\"…\"]"),
        _ => {}
    }
    if apps.as_ref().is_some_and(Vec::is_empty) {
        store.error("company_cloud", "must name a drive, such as \"wedrive\"");
    }
    if let Some(Text(path)) = path {
        if let Err(wrong) = check_store_path(&path) {
            store.error("path", wrong);
        }
        return Some(Store::Folder {
            path,
            require_encryption,
        });
    }
    let apps = apps?.into_iter().map(|CompanyCloud(app)| app).collect();
    Some(Store::CompanyCloud {
        apps,
        require_encryption,
    })
}

/// A store's names in a form in which equal stores are equal.
fn same_store(store: &Store) -> Vec<String> {
    match store {
        Store::CompanyCloud { apps, .. } => apps.iter().map(ToString::to_string).collect(),
        Store::Folder { path, .. } if is_windows(path) => {
            vec![path.replace('/', "\\").trim_end_matches('\\').to_lowercase()]
        }
        Store::Folder { path, .. } => vec![path.trim_end_matches(['/', '\\']).replace("~\\", "~/")],
    }
}

fn is_windows(path: &str) -> bool {
    let bytes = path.as_bytes();
    path.starts_with("\\\\") || (bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':')
}

fn check_store_path(path: &str) -> Result<(), &'static str> {
    if has_dots(path) {
        return Err("must not have . or .. between its folders");
    }
    if let Some(share) = path.strip_prefix("\\\\") {
        let named = share.split('\\').filter(|part| !part.is_empty()).count();
        return if named >= 2 {
            Ok(())
        } else {
            Err("must name a server and a share, such as '\\\\server\\工作文件'")
        };
    }
    let folders = if is_windows(path) {
        &path[2..]
    } else {
        path.strip_prefix('~').unwrap_or(path)
    };
    let below_drive_or_home = folders.len() < path.len();
    if !(folders.starts_with('/') || (below_drive_or_home && folders.starts_with('\\'))) {
        Err("must be a full path such as 'D:\\工作文件', '/srv/work' or '~/工作文件'")
    } else if !is_windows(path) && folders.trim_matches(['/', '\\']).is_empty() {
        Err("would make everything a store; name a folder in it")
    } else {
        Ok(())
    }
}

fn has_dots(path: &str) -> bool {
    path.split(['/', '\\']).any(|part| part == "." || part == "..")
}

pub(super) fn places(places: &mut Reader<'_>) -> Places {
    let grace = |place: &mut Reader<'_>, default| {
        place.value(
            "grace",
            "The time to put a file right before anybody else knows.",
            default,
        )
    };
    Places {
        desktop: places.switch("desktop", "Users' desktops.", |place| Place {
            grace: grace(place, Duration::from_mins(30)),
            apps: Vec::new(),
        }),
        downloads: places.switch("downloads", "Users' downloads folders.", |place| Place {
            grace: grace(place, days(1)),
            apps: Vec::new(),
        }),
        chat_cache: places.switch("chat_cache", "Where chat apps put received files.", |place| Place {
            grace: grace(place, Duration::from_mins(30)),
            apps: apps(place, |ChatApp(app)| app),
        }),
        personal_cloud: places.switch("personal_cloud", "Folders of personal cloud drives.", |place| Place {
            grace: grace(place, Duration::ZERO),
            apps: apps(place, |PersonalCloud(app)| app),
        }),
        exclude: excluded(places),
    }
}

fn apps<W: Value>(place: &mut Reader<'_>, app: impl Fn(W) -> App) -> Vec<App> {
    let apps: Option<Vec<W>> = place.optional("apps", "Only these apps; every known app when left out.");
    if apps.as_ref().is_some_and(Vec::is_empty) {
        place.error(
            "apps",
            "names no app; leave it out for every app, or turn the place off with false",
        );
    }
    apps.unwrap_or_default().into_iter().map(app).collect()
}

fn excluded(places: &mut Reader<'_>) -> Vec<String> {
    let default = ["**/*.lnk", "**/desktop.ini", "**/Thumbs.db"]
        .map(|glob| Glob(glob.to_owned()))
        .to_vec();
    let globs = places.value(
        "exclude",
        "Files that are never looked at: globs relative to the place.",
        default,
    );
    globs.into_iter().map(|Glob(glob)| glob).collect()
}
