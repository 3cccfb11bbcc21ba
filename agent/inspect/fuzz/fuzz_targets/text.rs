//! Plain text in any encoding; the first byte chooses the extension.
#![no_main]

const EXTENSIONS: [&str; 6] = ["txt", "csv", "json", "xml", "sql", ""];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some((selector, rest)) = bytes.split_first() {
        fileward_inspect_fuzz::inspect(rest, EXTENSIONS[usize::from(*selector) % EXTENSIONS.len()]);
    }
});
