//! The actions as Windows Installer calls them.
#![allow(unsafe_code)]
#![expect(unreachable_pub, reason = "Windows Installer calls them by their exported names")]

use std::io::{self, Write as _};
use std::os::windows::process::CommandExt as _;
use std::process::{Command, Output, Stdio};

use windows_sys::Win32::Foundation::{ERROR_INSTALL_FAILURE, ERROR_MORE_DATA, ERROR_SUCCESS};
use windows_sys::Win32::System::ApplicationInstallationAndServicing::{
    INSTALLMESSAGE, INSTALLMESSAGE_ERROR, INSTALLMESSAGE_INFO, MSIHANDLE, MsiCloseHandle, MsiCreateRecord,
    MsiGetPropertyW, MsiProcessMessage, MsiRecordSetStringW,
};
use windows_sys::Win32::System::Threading::CREATE_NO_WINDOW;

/// What the agent answers when the policy in force does not let it go (`REFUSED` in `uninstall_token.rs`).
const REFUSED: i32 = 3;

/// Lets the agent keep the enrolment token.
#[unsafe(no_mangle)]
pub extern "system" fn KeepToken(install: MSIHANDLE) -> u32 {
    let outcome = hand_over(install, "keep-token").and_then(|output| {
        if output.status.success() {
            return Ok(());
        }
        Err(io::Error::other(said(&output)))
    });
    match outcome {
        Ok(()) => ERROR_SUCCESS,
        Err(why) => {
            let text = format!("The enrolment token cannot be used: {why} 无法使用注册令牌。");
            tell(install, INSTALLMESSAGE_ERROR, &text);
            ERROR_INSTALL_FAILURE
        }
    }
}

/// Asks the agent whether the company's policy is content with the uninstall token. Only its clear no holds up the
/// uninstallation: an agent that cannot be asked any more must still be possible to remove.
#[unsafe(no_mangle)]
pub extern "system" fn CheckUninstallToken(install: MSIHANDLE) -> u32 {
    let why = match hand_over(install, "check-uninstall-token") {
        Ok(output) if output.status.success() => return ERROR_SUCCESS,
        Ok(output) if output.status.code() == Some(REFUSED) => {
            let text = format!(
                "Fileward stays installed: {} Uninstall it with msiexec /x and UNINSTALL_TOKEN=… \
                 公司策略要求卸载令牌：请用 msiexec /x 并加上正确的 UNINSTALL_TOKEN=…",
                said(&output)
            );
            tell(install, INSTALLMESSAGE_ERROR, &text);
            return ERROR_INSTALL_FAILURE;
        }
        Ok(output) => said(&output),
        Err(error) => error.to_string(),
    };
    let text = format!("The agent could not be asked for the policy, and goes without a token: {why}");
    tell(install, INSTALLMESSAGE_INFO, &text);
    ERROR_SUCCESS
}

/// Gives the agent a token by standard input. The action's data is `PROGRAM|TOKEN`; a path cannot hold `|`.
fn hand_over(install: MSIHANDLE, action: &str) -> io::Result<Output> {
    let data = property(install, "CustomActionData")?;
    let (program, token) = data
        .split_once('|')
        .ok_or_else(|| io::Error::other("the installer gave no token"))?;
    let mut agent = Command::new(program)
        .args(["setup", action])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .creation_flags(CREATE_NO_WINDOW)
        .spawn()?;
    // Taken and dropped: the agent reads to the end, or has answered without.
    if let Some(mut input) = agent.stdin.take() {
        let _ = input.write_all(token.as_bytes());
    }
    agent.wait_with_output()
}

/// What the agent said, which never repeats a token.
fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
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

/// Shows an error, or writes it to the log where nobody looks on; an information is for the log alone.
fn tell(install: MSIHANDLE, kind: INSTALLMESSAGE, text: &str) {
    let text = wide(text);
    // SAFETY: the record is made, used and closed here; the text ends with a zero.
    unsafe {
        let record = MsiCreateRecord(0);
        MsiRecordSetStringW(record, 0, text.as_ptr());
        MsiProcessMessage(install, kind, record);
        MsiCloseHandle(record);
    }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}
