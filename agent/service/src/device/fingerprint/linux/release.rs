//! Which Linux it is.

use std::path::Path;

use super::{Release, text, value};

pub(super) fn read(root: &Path) -> Release {
    let mut release = text(&root.join("etc/os-release"));
    if release.is_empty() {
        release = text(&root.join("usr/lib/os-release"));
    }
    let get = |key| value(&release, key).unwrap_or_default().to_owned();
    let generic = Release {
        name: get("NAME"),
        version: get("VERSION_ID"),
        build: point_release(&release),
    };
    match get("ID").as_str() {
        "debian" => Release {
            build: debian_point(root).unwrap_or(generic.build),
            ..generic
        },
        "kylin" => Release {
            version: value(&release, "PROJECT_CODENAME").map_or(generic.version, str::to_owned),
            build: value(&release, "KYLIN_RELEASE_ID").map_or(generic.build, str::to_owned),
            ..generic
        },
        // The plain name of these is an abbreviation.
        "uos" | "deepin" => Release {
            name: value(&release, "PRETTY_NAME").map_or(generic.name, str::to_owned),
            build: uniontech_build(root).unwrap_or(generic.build),
            ..generic
        },
        _ => generic,
    }
}

/// The point release in front of `VERSION`, such as `22.04.5` of Ubuntu; else the build's id.
fn point_release(release: &str) -> String {
    let version = value(release, "VERSION").and_then(|version| version.split_whitespace().next());
    let point = version.filter(|version| version.starts_with(|c: char| c.is_ascii_digit()));
    point
        .or_else(|| value(release, "BUILD_ID"))
        .unwrap_or_default()
        .to_owned()
}

/// `12.11`; testing and unstable have a word there.
fn debian_point(root: &Path) -> Option<String> {
    let version = text(&root.join("etc/debian_version")).trim().to_owned();
    version.starts_with(|c: char| c.is_ascii_digit()).then_some(version)
}

fn uniontech_build(root: &Path) -> Option<String> {
    let version = text(&root.join("etc/os-version"));
    let parts: Vec<&str> = ["MinorVersion", "OsBuild"]
        .into_iter()
        .filter_map(|key| value(&version, key))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
