//! What the device behind a drive letter leads to, where that is a share or a VeraCrypt volume.

use fileward_ipc::SessionDrive;

/// The share or the VeraCrypt device; `None` for disks, letters of folders and all else.
pub(super) fn of(device: &str) -> Option<String> {
    if device.starts_with(r"\Device\VeraCryptVolume") || device.starts_with(r"\Device\TrueCryptVolume") {
        return Some(device.to_owned());
    }
    // The redirector writes the letter and the session's number between its own name and the share.
    let (_, letter_and_share) = device.strip_prefix(r"\Device\")?.rsplit_once(r"\;")?;
    let (letter, share) = letter_and_share.split_once('\\')?;
    letter.contains(':').then(|| format!(r"\\{share}"))
}

/// A path of the service, which knows a volume without a letter by its device, with the letter that this session has for it.
pub(super) fn spelled(path: &str, drives: &[SessionDrive]) -> Option<String> {
    let path = path.strip_prefix(r"\\?\GLOBALROOT")?;
    drives.iter().find_map(|drive| {
        let below = path.strip_prefix(&drive.target)?;
        below.starts_with('\\').then(|| format!("{}:{below}", drive.letter))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_by_its_device_is_spelled_by_the_letter_of_the_session() {
        let drives = [SessionDrive {
            letter: 'V',
            target: r"\Device\VeraCryptVolumeV".to_owned(),
        }];
        let spelled = |path| spelled(path, &drives);
        let store = r"\\?\GLOBALROOT\Device\VeraCryptVolumeV\工作";
        assert_eq!(spelled(store).as_deref(), Some(r"V:\工作"));
        for other in [r"\\?\GLOBALROOT\Device\VeraCryptVolumeVV\工作", r"D:\工作", ""] {
            assert_eq!(spelled(other), None, "{other}");
        }
    }

    #[test]
    fn shares_and_veracrypt_volumes_are_told_and_nothing_else() {
        let told = |device| of(device);
        for (device, share) in [
            (r"\Device\LanmanRedirector\;Z:000000000004f3a1\nas\work", r"\\nas\work"),
            (
                r"\Device\Mup\;LanmanRedirector\;Z:000000000004f3a1\nas\work\部门",
                r"\\nas\work\部门",
            ),
            (r"\Device\VeraCryptVolumeV", r"\Device\VeraCryptVolumeV"),
        ] {
            assert_eq!(told(device).as_deref(), Some(share), "{device}");
        }
        for other in [
            r"\Device\HarddiskVolume3",
            r"\??\C:\Users\zhang\Documents",
            r"\Device\CdRom0",
            "",
        ] {
            assert_eq!(told(other), None, "{other}");
        }
    }
}
