//! `cargo xtask dist`: what is handed out.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};
use fileward_installer::windows::msi::Msi;
use fileward_installer::windows::programs::{self, PACKAGES, PROGRAMS, SETUP};
use fileward_installer::windows::signature::{Signer, VARIABLES};
use fileward_installer::windows::toolchain::Toolchain;
use sha2::{Digest as _, Sha256};

use crate::packages;
use crate::run::{root, target};

/// Builds programs and MSI for Windows into `target/dist`.
pub(crate) fn windows() -> Result<()> {
    // First, so that a half-configured signature does not show after minutes of building.
    let signer = Signer::from_environment()?;
    let built = programs(packages::ensure_for_windows()?)?;
    let folder = target()?.join("dist");
    let inside = folder.join("msi");
    fs::create_dir_all(&inside).with_context(|| format!("Failed to make {}", inside.display()))?;
    for name in PROGRAMS.iter().chain([&SETUP]) {
        let copy = inside.join(name);
        fs::copy(built.join(name), &copy).with_context(|| format!("Failed to write {}", copy.display()))?;
        sign(signer.as_ref(), &copy)?;
    }
    let msi = Msi {
        version: env!("CARGO_PKG_VERSION"),
        programs: &inside,
    };
    let package = folder.join(msi.name());
    msi.build(&package)?;
    sign(signer.as_ref(), &package)?;
    let mut files = vec![package];
    for name in PROGRAMS {
        let file = folder.join(name);
        fs::rename(inside.join(name), &file).with_context(|| format!("Failed to write {}", file.display()))?;
        files.push(file);
    }
    fs::remove_dir_all(&inside).with_context(|| format!("Failed to remove {}", inside.display()))?;
    if signer.is_none() {
        println!("not signed: no certificate is configured ({VARIABLES})");
    }
    files.iter().try_for_each(|file| tell(file))
}

/// Builds the programs for Windows; the folder they are in.
pub(crate) fn programs(toolchain: Toolchain) -> Result<PathBuf> {
    println!("==> programs for Windows");
    let start = Instant::now();
    let folder = programs::build(toolchain, &root()?, &target()?, &PACKAGES)?;
    println!("    programs for Windows: {:.0} s", start.elapsed().as_secs_f64());
    Ok(folder)
}

fn sign(signer: Option<&Signer>, file: &Path) -> Result<()> {
    signer.map_or(Ok(()), |signer| signer.sign(file))
}

fn tell(file: &Path) -> Result<()> {
    let bytes = fs::read(file).with_context(|| format!("Failed to read {}", file.display()))?;
    let hash = Sha256::digest(&bytes);
    let hash = hash
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    println!("{}  {} bytes  sha256 {hash}", file.display(), bytes.len());
    Ok(())
}
