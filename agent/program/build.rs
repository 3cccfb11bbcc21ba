//! Icon, version and manifest of the Windows program, and no symbols in any.

fn main() -> std::io::Result<()> {
    strip();
    fileward_windows_resource::embed("Fileward Agent")
}

/// Cargo forgets the profile's `strip` for a package with a level of its own.
fn strip() {
    let is = |name, value| std::env::var(name).as_deref() == Ok(value);
    if is("PROFILE", "release") && !is("CARGO_CFG_TARGET_OS", "macos") {
        println!("cargo::rustc-link-arg-bins=-Wl,--strip-all");
    }
}
