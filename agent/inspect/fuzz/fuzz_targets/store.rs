//! Mail stores, databases and notes: files of pages that lead to each other.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fileward_inspect_fuzz::inspect(bytes, "pst"));
