//! Icon, version and manifest of the Windows program.

fn main() -> std::io::Result<()> {
    fileward_windows_resource::embed("Fileward Tray")
}
