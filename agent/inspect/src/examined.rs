//! What readers find, as unit tests see it.

use std::time::Instant;

use crate::found::Found;
use crate::source::{Budget, Source};
use crate::{Hint, Limits, examine};

/// What is found in a file.
pub(crate) fn examined(bytes: &[u8]) -> Found {
    let budget = Budget::new(&Limits::default(), Instant::now());
    let mut found = Found::for_tests();
    if let Err(stop) = examine(&mut Source::of_memory(bytes, &budget), &Hint::default(), &mut found) {
        found.stopped(&stop);
    }
    found
}

/// Expects that pieces of text stand in a file, in this order.
pub(crate) fn assert_in_order(found: &Found, pieces: &[&str]) {
    let text = found.text.captured.as_str();
    let mut at = 0;
    for piece in pieces {
        match text[at..].find(piece) {
            Some(place) => at += place + piece.len(),
            None => panic!("{piece:?} is not where it should be in {text:?}"),
        }
    }
}
