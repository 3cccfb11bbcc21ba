//! BitLocker, by the property that Explorer shows as the lock on a drive. Unlike WMI and `manage-bde` it needs no rights.

use std::path::Path;

use fileward_policy::subject::Protection;
use windows::Win32::Foundation::PROPERTYKEY;
use windows::Win32::System::Com::{COINIT_MULTITHREADED, CoInitializeEx, CoUninitialize};
use windows::Win32::UI::Shell::PropertiesSystem::PSGetPropertyKeyFromName;
use windows::Win32::UI::Shell::{IShellItem2, SHCreateItemFromParsingName};
use windows::core::{HSTRING, Result, w};

/// What BitLocker makes of the volume that is mounted at `volume`.
pub(super) fn protection(volume: &Path) -> Protection {
    state(volume).map_or(Protection::Unknown, |state| match state {
        1 => Protection::Encrypted("bitlocker".into()),
        // Off; while it encrypts or decrypts, a part is plain.
        2..=4 => Protection::Plain,
        // Suspended leaves the key beside the lock; what others mean is not documented.
        _ => Protection::Unknown,
    })
}

/// `System.Volume.BitLockerProtection`; an error where Windows has no BitLocker.
fn state(volume: &Path) -> Result<i32> {
    let _com = Com::enter();
    let mut key = PROPERTYKEY::default();
    // SAFETY: COM is ready on this thread, the name is a text of the program and `key` is written by the call.
    unsafe {
        PSGetPropertyKeyFromName(w!("System.Volume.BitLockerProtection"), &raw mut key)?;
        let drive: IShellItem2 = SHCreateItemFromParsingName(&HSTRING::from(volume), None)?;
        drive.GetInt32(&raw const key)
    }
}

/// COM on this thread, for as long as this lives.
struct Com {
    entered: bool,
}

impl Com {
    fn enter() -> Self {
        // SAFETY: a thread may enter as often as it leaves.
        let entered = unsafe { CoInitializeEx(None, COINIT_MULTITHREADED) }.is_ok();
        Self { entered }
    }
}

impl Drop for Com {
    fn drop(&mut self) {
        if self.entered {
            // SAFETY: this thread entered, and everything that was made since then is gone.
            unsafe { CoUninitialize() };
        }
    }
}
