//! The action as Windows Installer calls it.
#![allow(unsafe_code)]
#![expect(unreachable_pub, reason = "Windows Installer calls it by its exported name")]

use std::io::{self, Write as _};
use std::os::windows::process::CommandExt as _;
use std::process::{Command, Stdio};

use windows_sys::Win32::Foundation::{ERROR_INSTALL_FAILURE, ERROR_MORE_DATA, ERROR_SUCCESS};
use windows_sys::Win32::System::ApplicationInstallationAndServicing::{
    INSTALLMESSAGE_ERROR, MSIHANDLE, MsiCloseHandle, MsiCreateRecord, MsiGetPropertyW, MsiProcessMessage,
    MsiRecordSetStringW,
};
use windows_sys::Win32::System::Threading::CREATE_NO_WINDOW;

/// Lets the agent keep the enrolment token. The action's data is `PROGRAM|TOKEN`; a path cannot hold `|`.
#[unsafe(no_mangle)]
pub extern "system" fn KeepToken(install: MSIHANDLE) -> u32 {
    match keep(install) {
        Ok(()) => ERROR_SUCCESS,
        Err(why) => {
            tell(install, &format!("The enrolment token cannot be used: {why}"));
            ERROR_INSTALL_FAILURE
        }
    }
}

fn keep(install: MSIHANDLE) -> io::Result<()> {
    let data = property(install, "CustomActionData")?;
    let (program, token) = data
        .split_once('|')
        .ok_or_else(|| io::Error::other("the installer gave no token"))?;
    let mut agent = Command::new(program)
        .args(["setup", "keep-token"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .creation_flags(CREATE_NO_WINDOW)
        .spawn()?;
    // Taken and dropped: the agent reads to the end.
    if let Some(mut input) = agent.stdin.take() {
        input.write_all(token.as_bytes())?;
    }
    let output = agent.wait_with_output()?;
    if output.status.success() {
        return Ok(());
    }
    // The agent never repeats a token in what it says.
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim()))
}

fn property(install: MSIHANDLE, name: &str) -> io::Result<String> {
    let name = wide(name);
    let mut buffer = vec![0_u16; 2048];
    loop {
        let mut length = u32::try_from(buffer.len()).map_err(io::Error::other)?;
        // SAFETY: the name ends with a zero, and the buffer has the length that is told.
        let status = unsafe { MsiGetPropertyW(install, name.as_ptr(), buffer.as_mut_ptr(), &raw mut length) };
        // Without the zero at its end.
        let length = usize::try_from(length).map_err(io::Error::other)?;
        match status {
            ERROR_SUCCESS => return String::from_utf16(&buffer[..length]).map_err(io::Error::other),
            ERROR_MORE_DATA => buffer.resize(length + 1, 0),
            status => return Err(io::Error::from_raw_os_error(status.cast_signed())),
        }
    }
}

/// Shows a message, or writes it to the log where nobody looks on.
fn tell(install: MSIHANDLE, text: &str) {
    let text = wide(text);
    // SAFETY: the record is made, used and closed here; the text ends with a zero.
    unsafe {
        let record = MsiCreateRecord(0);
        MsiRecordSetStringW(record, 0, text.as_ptr());
        MsiProcessMessage(install, INSTALLMESSAGE_ERROR, record);
        MsiCloseHandle(record);
    }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}
