//! What a Windows program carries beside its code: icon, version and manifest. For build scripts.

use std::io;
use std::path::Path;

use winresource::WindowsResource;

/// `en-US`: the language the version's texts are in.
const LANGUAGE: u16 = 0x0409;

/// Gives the program of the package that is being built its icon, version and manifest; does nothing but for Windows.
///
/// # Errors
/// When windres is missing (on Debian in binutils-mingw-w64-x86-64) or refuses.
#[expect(clippy::print_stdout, reason = "cargo reads what a build script prints")]
pub fn embed(description: &str) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (icon, manifest) = (folder.join("fileward.ico"), folder.join("fileward.manifest"));
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", icon.display());
    println!("cargo::rerun-if-changed={}", manifest.display());
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("windows") {
        return Ok(());
    }
    let [Some(icon), Some(manifest)] = [icon.to_str(), manifest.to_str()] else {
        return Err(io::Error::other("windres needs a folder whose name is plain text"));
    };
    let mut resource = WindowsResource::new();
    resource
        .set_language(LANGUAGE)
        .set_icon(icon)
        .set_manifest_file(manifest)
        .set("ProductName", "Fileward")
        .set("CompanyName", "Fileward")
        .set("FileDescription", description)
        .set("LegalCopyright", "Apache License 2.0");
    resource.compile()
}
