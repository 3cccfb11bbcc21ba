//! What is looked for in text, by text that is always valid.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| fileward_inspect_fuzz::inspect(text.as_bytes(), "txt"));
