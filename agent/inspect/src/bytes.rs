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
    let mut at = 0;
    for chunk in chunks {
        let bits = class(u8x16::new(*chunk)).to_bitmask();
        if bits != 0 {
            return Some(at + bits.trailing_zeros() as usize);
        }
        at += LANES;
    }
    let bits = last(bytes, rest, class);
    (bits != 0).then(|| at + bits.trailing_zeros() as usize)
}

/// Where the bytes of a class are, in their order.
#[inline]
pub(crate) fn places(bytes: &[u8], class: impl Fn(u8x16) -> u8x16) -> impl Iterator<Item = usize> {
    let (mut base, mut next, mut bits) = (0, 0, 0);
    std::iter::from_fn(move || {
        while bits == 0 {
            let rest = bytes.get(next..).filter(|rest| !rest.is_empty())?;
            bits = match rest.first_chunk() {
                Some(chunk) => class(u8x16::new(*chunk)).to_bitmask(),
                None => last(bytes, rest, &class),
            };
            (base, next) = (next, next + LANES);
        }
        let at = base + bits.trailing_zeros() as usize;
        bits &= bits - 1;
        Some(at)
    })
}

/// How many bytes are of a class.
#[inline]
pub(crate) fn count(bytes: &[u8], class: impl Fn(u8x16) -> u8x16) -> usize {
    // So many chunks a lane can count.
    const COUNTED: usize = u8::MAX as usize;
    let (chunks, rest) = bytes.as_chunks::<LANES>();
    let whole = chunks.chunks(COUNTED).map(|chunks| {
        let lanes = chunks
            .iter()
            .fold(u8x16::ZERO, |lanes, chunk| lanes - class(u8x16::new(*chunk)));
        lanes.to_array().into_iter().map(usize::from).sum::<usize>()
    });
    whole.sum::<usize>() + last(bytes, rest, class).count_ones() as usize
}

/// How many characters a text has.
#[inline]
pub(crate) fn chars(text: &str) -> usize {
    // Those that follow in a character begin with the bits 10.
    count(text.as_bytes(), |bytes| !within(bytes, 0x80, 0xBF))
}

/// Which of the last bytes, too few for a chunk, are of a class.
#[inline]
fn last(bytes: &[u8], rest: &[u8], class: impl Fn(u8x16) -> u8x16) -> u32 {
    let bits = |chunk: [u8; LANES]| class(u8x16::new(chunk)).to_bitmask();
    if let Some(chunk) = bytes.last_chunk() {
        return bits(*chunk) >> (LANES - rest.len());
    }
    let mut chunk = [0; LANES];
    chunk[..rest.len()].copy_from_slice(rest);
    bits(chunk) & ((1 << rest.len()) - 1)
}

/// The six bits that a character of base64 stands for (RFC 4648, 4).
pub(crate) fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bytes_of_a_class_are_found_wherever_they_are(bytes in prop::collection::vec(any::<u8>(), 0..80), low in any::<u8>(), more in 0..20_u8) {
            let high = low.saturating_add(more);
            let class = |bytes| within(bytes, low, high) | is(bytes, b'x');
            let is_of_it = |byte: &u8| (low..=high).contains(byte) || *byte == b'x';
            prop_assert_eq!(first(&bytes, class), bytes.iter().position(is_of_it));
            let all: Vec<_> = (0..bytes.len()).filter(|at| is_of_it(&bytes[*at])).collect();
            prop_assert_eq!(places(&bytes, class).collect::<Vec<_>>(), all);
            prop_assert_eq!(count(&bytes, class), bytes.iter().filter(|byte| is_of_it(byte)).count());
        }
    }
}
