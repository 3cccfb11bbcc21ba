//! The parts of Office Open XML, in a package that is whole.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some((selector, main, other)) = fileward_inspect_fuzz::split(bytes) {
        let (package, extension) = fileward_inspect_fuzz::ooxml(selector, main, other);
        fileward_inspect_fuzz::inspect(&package, extension);
    }
});
