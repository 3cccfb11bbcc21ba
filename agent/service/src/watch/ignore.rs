//! Names that no finished work file has: partial downloads, lock files, scratch files of editors.
//!
//! Copies that a program makes of whole documents (WPS backups) are not here: they are documents.

use std::ffi::OsStr;

/// Extensions of files on their way, in lower case.
const PARTIAL: &[&str] = &[
    "downloading", // also .baiduyun.p.downloading
    "qkdownloading",
    "xltd",
    "parts",
    "aria2",
    "crdownload",
    "part",
    "partial",
    "download",
    "opdownload",
    "!ut",
    "!bc",
    "wdownload",
    "tmp",
    "swp",
];

/// Whether a file of this name is never a finished work file.
pub(crate) fn file(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase());
    let between = |start: &str, end: &str| name.strip_prefix(start).is_some_and(|rest| rest.ends_with(end));
    extension.is_some_and(|extension| PARTIAL.contains(&extension.as_str()))
        || name.starts_with('~') // Office: ~$name.docx, ~WRL0001
        || name.ends_with('~') // vim
        || name == "4913" // vim, which tries whether it may write
        || name.starts_with(".~") // LibreOffice: .~lock.name#; WPS: .~name
        || name.starts_with(".#") // emacs
        || between("#", "#") // emacs
        || name.starts_with(".goutputstream-")
        || name.ends_with("___jb_tmp___")
        || is_excel_scratch(&name)
}

/// Whether a folder of this name holds only files that are being saved.
pub(crate) fn folder(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with("(A Document Being Saved By ")
}

/// Excel saves into eight hexadecimal digits without an extension. A date has no letters, a word no digits.
fn is_excel_scratch(name: &str) -> bool {
    name.len() == 8
        && name.bytes().all(|byte| byte.is_ascii_hexdigit())
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
        && name.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_on_their_way_are_ignored() {
        for name in [
            "报告.docx.baiduyun.p.downloading",
            "a.qkdownloading",
            "a.zip.xltd",
            "a.parts",
            "a.zip.aria2",
            "Unconfirmed 1.crdownload",
            "a.PART",
            "a.tmp",
            "~$name.docx",
            "~WRL0005.tmp",
            "Cedd4100",
            ".~lock.报告.odt#",
            ".~报告.et",
            ".goutputstream-X1Y2Z3",
            "4913",
            ".notes.txt.swp",
            "notes.txt~",
            "#notes.txt#",
            ".#notes.txt",
            "main.rs___jb_tmp___",
        ] {
            assert!(file(OsStr::new(name)), "{name}");
        }
        assert!(folder(OsStr::new("(A Document Being Saved By TextEdit 2)")));
    }

    #[test]
    fn finished_files_are_not_ignored() {
        for name in [
            "报告.docx",
            "20241121",
            "deadbeef",
            "49130",
            "parts.xlsx",
            "a#b.pdf",
            "tmp",
            "#1 plan.docx",
            "合同.docx.3F2504E04F8911D39A0C0305E82C3301.20241121103000123.wps",
        ] {
            assert!(!file(OsStr::new(name)), "{name}");
        }
        assert!(!folder(OsStr::new("msg")));
    }
}
