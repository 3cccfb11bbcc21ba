//! PDF as it is.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fileward_inspect_fuzz::inspect(bytes, "pdf"));
