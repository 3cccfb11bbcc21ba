//! The system packages that builds and tests need, by Debian's names.

use std::process::Command;

use anyhow::{Result, bail};
use fileward_installer::windows::toolchain::Toolchain;

use crate::run::{on_path, step};

/// A Debian package and how to see that it is there.
#[derive(Clone, Copy)]
struct Package {
    name: &'static str,
    /// A program it brings, or a file with its full path.
    brings: &'static str,
    why: &'static str,
}

const fn package(name: &'static str, brings: &'static str, why: &'static str) -> Package {
    Package { name, brings, why }
}

/// What the Windows programs and their installer are built with.
const WINDOWS: &[Package] = &[
    package("gcc", "gcc", "compiles SQLite and ring"),
    package("libc6-dev", "/usr/include/stdio.h", "compiles SQLite and ring"),
    package(
        "gcc-mingw-w64-x86-64-win32",
        "x86_64-w64-mingw32-gcc",
        "compiles SQLite and ring for Windows, and links",
    ),
    package("wixl", "wixl", "builds the MSI"),
    package("osslsigncode", "osslsigncode", "signs programs and MSI"),
];

/// The compiler where rustup has none for Windows.
const WINDOWS_COMPILER: &[Package] = &[
    package("rustc-web", "/usr/bin/rustc", "compiles for Windows"),
    package("cargo-web", "/usr/bin/cargo", "compiles for Windows"),
    package(
        "rust-web-src",
        "/usr/lib/rustlib/src/rust/library/std/Cargo.toml",
        "the standard library for Windows",
    ),
];

/// What the tests run and measure with.
const TESTS: &[Package] = &[
    package("gcc", "gcc", "compiles SQLite and ring"),
    package("libc6-dev", "/usr/include/stdio.h", "compiles SQLite and ring"),
    package("g++", "g++", "compiles libFuzzer"),
    package("python3", "python3", "makes the corpora"),
    package(
        "python3-venv",
        "/usr/share/doc/python3-venv",
        "holds exports against the published schema",
    ),
    package(
        "python3-uno",
        "/usr/lib/python3/dist-packages/uno.py",
        "drives LibreOffice for the corpora",
    ),
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
    package("chromium", "chromium", "looks at the console"),
    package("nodejs", "node", "drives the browser"),
    package("npm", "npm", "brings what drives the browser"),
    package("faketime", "faketime", "a wrong clock"),
    package("rsyslog", "rsyslogd", "takes syslog"),
    package(
        "rsyslog-gnutls",
        "/usr/share/doc/rsyslog-gnutls",
        "takes syslog over TLS",
    ),
    package("postgresql", "/usr/lib/postgresql", "keeps what a collector keeps"),
    package("p7zip-full", "7z", "encrypted archives"),
    package("zip", "zip", "encrypted archives"),
    package("gcab", "gcab", "cabinets"),
    package("genisoimage", "genisoimage", "images of discs"),
    package("bzip2", "bzip2", "packed archives"),
    package("xz-utils", "xz", "packed archives"),
    package("zstd", "zstd", "packed archives"),
    package("gnupg", "gpg", "encrypted files"),
    package("age", "age", "encrypted files"),
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

/// What the Windows programs are tested with.
const WINE: &[Package] = &[
    package("wine64", "/usr/lib/wine/wine64", "runs the Windows programs"),
    package("openssl", "openssl", "a certificate to sign with"),
    package("xdotool", "xdotool", "clicks in the tray's menu"),
    package("x11-utils", "xwininfo", "finds the tray's menu on the screen"),
];

fn is_there(package: &Package) -> bool {
    if package.brings.starts_with('/') {
        std::path::Path::new(package.brings).exists()
    } else {
        on_path(package.brings)
    }
}

/// Installs what the tests need.
pub(crate) fn ensure_for_tests() -> Result<()> {
    ensure(TESTS)
}

/// Installs what the tests of the Windows programs need besides.
pub(crate) fn ensure_for_windows_tests() -> Result<()> {
    ensure(&[TESTS, WINE].concat())
}

/// Installs what the Windows programs and their installer are built with; the compiler they are built with.
pub(crate) fn ensure_for_windows() -> Result<Toolchain> {
    ensure(WINDOWS)?;
    Toolchain::find().or_else(|_| {
        ensure(WINDOWS_COMPILER)?;
        Toolchain::find()
    })
}

/// Installs what is missing, as root on Debian or Ubuntu; otherwise says what to install.
fn ensure(packages: &[Package]) -> Result<()> {
    let missing: Vec<&Package> = packages.iter().filter(|package| !is_there(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    if !rustix::process::geteuid().is_root() || !on_path("apt-get") {
        for package in &missing {
            eprintln!("missing: {} ({})", package.name, package.why);
        }
        bail!(
            "these packages are needed; install them, on Debian or Ubuntu: apt-get install {}",
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
