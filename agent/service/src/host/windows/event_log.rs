//! The Windows event log, for what an administrator should see.
#![allow(unsafe_code)]

use std::ptr;

use windows_registry::LOCAL_MACHINE;
use windows_sys::Win32::System::EventLog::{
    DeregisterEventSource, EVENTLOG_ERROR_TYPE, EVENTLOG_INFORMATION_TYPE, EVENTLOG_WARNING_TYPE, RegisterEventSourceW,
    ReportEventW,
};

use super::super::Importance;

/// The source's name in the log.
const SOURCE: &str = "Fileward";
/// Where the source is registered, under `HKEY_LOCAL_MACHINE`.
const KEY: &str = r"SYSTEM\CurrentControlSet\Services\EventLog\Application\Fileward";
/// A program of every Windows whose messages 1 to 1000 are nothing but the text they are given.
const MESSAGES: &str = r"%SystemRoot%\System32\EventCreate.exe";
/// Errors, warnings and information.
const KINDS: u32 = 7;
/// The longest text that the log takes is 31,839 characters.
const LONGEST: usize = 31_000;

/// Registers the source, so that its entries can be read.
pub(super) fn register() -> windows_registry::Result<()> {
    let key = LOCAL_MACHINE.create(KEY)?;
    key.set_expand_string("EventMessageFile", MESSAGES)?;
    key.set_u32("TypesSupported", KINDS)
}

/// Takes the registration away; entries stay in the log.
pub(super) fn unregister() {
    // It may never have been there; what is left of it does nothing.
    let _ = LOCAL_MACHINE.remove_tree(KEY);
}

/// Writes an entry. Should it fail, there is nobody else to tell.
pub(in super::super) fn record(importance: Importance, text: &str) {
    // Messages of their own let an administrator filter by number.
    let (kind, number) = match importance {
        Importance::Normal => (EVENTLOG_INFORMATION_TYPE, 1),
        Importance::Warning => (EVENTLOG_WARNING_TYPE, 2),
        Importance::Error => (EVENTLOG_ERROR_TYPE, 3),
    };
    let source = wide(SOURCE);
    let text = wide(&text.chars().take(LONGEST / 2).collect::<String>());
    let texts = [text.as_ptr()];
    // SAFETY: all texts end with a zero and outlive the calls; a null handle is not used.
    unsafe {
        let log = RegisterEventSourceW(ptr::null(), source.as_ptr());
        if log.is_null() {
            return;
        }
        ReportEventW(log, kind, 0, number, ptr::null_mut(), 1, 0, texts.as_ptr(), ptr::null());
        DeregisterEventSource(log);
    }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().filter(|unit| *unit != 0).chain([0]).collect()
}
