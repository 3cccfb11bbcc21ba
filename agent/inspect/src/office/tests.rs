//! Whole documents in, text out: what a reader sees, in its order, with its gaps.

mod apple;
mod binary;
mod hostile;
mod libreoffice;
mod others;
mod packages;

use std::io::{Cursor, Write};
use std::time::Instant;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::found::Found;
use crate::source::{Budget, Source, Stop};
use crate::{Hint, Limits, examine};

/// A zip of these parts.
fn package<B: AsRef<[u8]>>(parts: &[(&str, B)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_ref()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn examined_within(bytes: &[u8], limits: &Limits) -> Found {
    let budget = Budget::new(limits, Instant::now());
    let mut found = Found::for_tests();
    match examine(&mut Source::of_memory(bytes, &budget), &Hint::default(), &mut found) {
        Ok(()) => {}
        Err(stop @ Stop::Unreadable(_)) => panic!("{stop}"),
        Err(stop) => found.stopped(&stop),
    }
    found
}

fn examined(bytes: &[u8]) -> Found {
    examined_within(bytes, &Limits::default())
}

/// The text of a file, without the gaps that only say where parts begin.
fn text_of(bytes: &[u8]) -> String {
    let found = examined(bytes);
    assert_eq!(found.stopped, None);
    tidy(&found.text.captured)
}

/// Each run of gaps before a new part as one, and none at the ends.
fn tidy(text: &str) -> String {
    let pages = text.split('\u{C}').map(|page| page.trim_matches('\n'));
    pages.filter(|page| !page.is_empty()).collect::<Vec<_>>().join("\u{C}")
}
