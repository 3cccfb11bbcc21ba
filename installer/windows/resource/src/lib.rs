//! What a Windows program carries beside its code: icon, version and manifest. For build scripts.

use std::{fs, io};

use winresource::WindowsResource;

/// `en-US`: the language the version's texts are in.
const LANGUAGE: u16 = 0x0409;

/// They come with this crate: a cache of what is built may outlive the folder it was built in.
const ICON: &[u8] = include_bytes!("../fileward.ico");
const MANIFEST: &[u8] = include_bytes!("../fileward.manifest");

/// Gives the program of the package that is being built its icon, version and manifest; does nothing but for Windows.
///
/// # Errors
/// When windres is missing (on Debian in binutils-mingw-w64-x86-64) or refuses, or the folder for what is built cannot be written.
#[expect(clippy::print_stdout, reason = "cargo reads what a build script prints")]
pub fn embed(description: &str) -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("windows") {
        return Ok(());
    }
    let folder = std::env::var("OUT_DIR").map_err(io::Error::other)?;
    let (icon, manifest) = (format!("{folder}/fileward.ico"), format!("{folder}/fileward.manifest"));
    fs::write(&icon, ICON)?;
    fs::write(&manifest, MANIFEST)?;
    let mut resource = WindowsResource::new();
    resource
        .set_language(LANGUAGE)
        .set_icon(&icon)
        .set_manifest_file(&manifest)
        .set("ProductName", "Fileward")
        .set("CompanyName", "Fileward")
        .set("FileDescription", description)
        .set("LegalCopyright", "Apache License 2.0");
    resource.compile()
}
