//! Zip archives as they are.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fileward_inspect_fuzz::inspect(bytes, "zip"));
