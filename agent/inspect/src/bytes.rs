//! Looks for bytes of a class, and counts them, sixteen at a time. A class says of each by all of its bits whether it is of it.

use wide::u8x16;

const LANES: usize = 16;

/// Whether each is this byte.
#[inline]
pub(crate) fn is(bytes: u8x16, byte: u8) -> u8x16 {
    bytes.simd_eq(u8x16::splat(byte))
}

/// Whether each is in a range.
#[inline]
pub(crate) fn within(bytes: u8x16, first: u8, last: u8) -> u8x16 {
    (bytes - u8x16::splat(first)).simd_le(u8x16::splat(last - first))
}

/// Where the first byte of a class is.
#[inline]
pub(crate) fn first(bytes: &[u8], class: impl Fn(u8x16) -> u8x16) -> Option<usize> {
    let (chunks, rest) = bytes.as_chunks::<LANES>();
    let place = |chunk: [u8; LANES]| {
        let bits = class(u8x16::new(chunk)).to_bitmask();
        (bits != 0).then(|| bits.trailing_zeros() as usize)
    };
    let mut at = 0;
    for chunk in chunks {
        if let Some(ahead) = place(*chunk) {
            return Some(at + ahead);
        }
        at += LANES;
    }
    let mut last = [0; LANES];
    last[..rest.len()].copy_from_slice(rest);
    let found = place(last).filter(|ahead| *ahead < rest.len());
    found.map(|ahead| at + ahead)
}

/// How many bytes are of a class.
#[inline]
pub(crate) fn count(bytes: &[u8], class: impl Fn(u8x16) -> u8x16) -> usize {
    let (chunks, rest) = bytes.as_chunks::<LANES>();
    let bits = |chunk: [u8; LANES]| class(u8x16::new(chunk)).to_bitmask();
    let whole: usize = chunks.iter().map(|chunk| bits(*chunk).count_ones() as usize).sum();
    let mut last = [0; LANES];
    last[..rest.len()].copy_from_slice(rest);
    whole + (bits(last) & ((1 << rest.len()) - 1)).count_ones() as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_one_is_found_wherever_it_is_and_all_are_counted(bytes in prop::collection::vec(any::<u8>(), 0..80), low in any::<u8>(), more in 0..20_u8) {
            let high = low.saturating_add(more);
            let class = |bytes| within(bytes, low, high) | is(bytes, b'x');
            let is_of_it = |byte: &u8| (low..=high).contains(byte) || *byte == b'x';
            prop_assert_eq!(first(&bytes, class), bytes.iter().position(is_of_it));
            prop_assert_eq!(count(&bytes, class), bytes.iter().filter(|byte| is_of_it(byte)).count());
        }
    }
}
