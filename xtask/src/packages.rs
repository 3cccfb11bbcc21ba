//! The system packages the tests need, by Debian's names.

use std::process::Command;

use anyhow::{Result, bail};

use crate::run::{on_path, step};

/// A Debian package and how to see that it is there.
struct Package {
    name: &'static str,
    /// A program it brings, or a file with its full path.
    brings: &'static str,
    why: &'static str,
}

const fn package(name: &'static str, brings: &'static str, why: &'static str) -> Package {
    Package { name, brings, why }
}

const PACKAGES: &[Package] = &[
    package("gcc", "gcc", "compiles SQLite and ring"),
    package("libc6-dev", "/usr/include/stdio.h", "compiles SQLite and ring"),
    package("dbus", "dbus-run-session", "a session bus for the tray"),
    package("xvfb", "Xvfb", "a screen for the notification daemon"),
    package("dunst", "dunst", "a real notification daemon"),
    package("imagemagick", "import", "screenshots"),
    package(
        "fonts-noto-cjk",
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        "Chinese text on screenshots",
    ),
    package(
        "libreoffice-writer",
        "/usr/lib/libreoffice/program/swriter",
        "makes real documents",
    ),
    package(
        "libreoffice-calc",
        "/usr/lib/libreoffice/program/scalc",
        "makes real spreadsheets",
    ),
    package(
        "libreoffice-impress",
        "/usr/lib/libreoffice/program/simpress",
        "makes real presentations",
    ),
    package("faketime", "faketime", "a wrong clock"),
    package("p7zip-full", "7z", "encrypted archives"),
    package("zip", "zip", "encrypted archives"),
    package("qpdf", "qpdf", "encrypted PDF files"),
    package("gocryptfs", "gocryptfs", "a really encrypted store"),
    package("fscrypt", "fscrypt", "a really encrypted store"),
    package("e2fsprogs", "/sbin/mkfs.ext4", "a volume for fscrypt"),
    package("fuse3", "fusermount3", "mounts the really encrypted store"),
    package("systemd", "systemd-analyze", "checks the unit file"),
    package(
        "desktop-file-utils",
        "desktop-file-validate",
        "checks the autostart entry",
    ),
    package("shellcheck", "shellcheck", "checks shell scripts"),
];

fn is_there(package: &Package) -> bool {
    if package.brings.starts_with('/') {
        std::path::Path::new(package.brings).exists()
    } else {
        on_path(package.brings)
    }
}

/// Installs what is missing, as root on Debian or Ubuntu; otherwise says what to install.
pub(crate) fn ensure() -> Result<()> {
    let missing: Vec<&Package> = PACKAGES.iter().filter(|package| !is_there(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    if !rustix::process::geteuid().is_root() || !on_path("apt-get") {
        for package in &missing {
            eprintln!("missing: {} ({})", package.name, package.why);
        }
        bail!(
            "the tests need these packages; install them, on Debian or Ubuntu: apt-get install {}",
            names.join(" ")
        );
    }
    step("apt-get update", Command::new("apt-get").args(["-qq", "update"]))?;
    step(
        "apt-get install",
        Command::new("apt-get")
            .args(["-qq", "-y", "--no-install-recommends", "install"])
            .args(&names)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(std::process::Stdio::null()),
    )?;
    match missing.iter().find(|package| !is_there(package)) {
        Some(package) => bail!("{} is installed, but {} is not there", package.name, package.brings),
        None => Ok(()),
    }
}
