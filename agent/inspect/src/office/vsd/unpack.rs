//! How streams of a drawing are packed: bytes and references to the last 4096 of them, eight at a time behind a byte of flags.

use crate::source::{Budget, Stop};

const WINDOW: usize = 4096;
/// Where references count from.
const START: usize = 18;
const SHORTEST: usize = 3;
/// The largest stream that comes out.
const MAX: usize = 16 << 20;

pub(super) fn unpack(packed: &[u8], budget: &Budget) -> Result<Vec<u8>, Stop> {
    let mut window = [0; WINDOW];
    let mut out: Vec<u8> = Vec::new();
    let mut rest = packed.iter().copied();
    while let Some(flags) = rest.next() {
        for bit in 0..8 {
            let Some(first) = rest.next() else {
                break;
            };
            if flags >> bit & 1 != 0 {
                window[out.len() % WINDOW] = first;
                out.push(first);
                continue;
            }
            let Some(second) = rest.next() else {
                break;
            };
            let from = usize::from(first) + (usize::from(second & 0xF0) << 4) + START;
            for step in 0..usize::from(second & 0xF) + SHORTEST {
                let byte = window[(from + step) % WINDOW];
                window[out.len() % WINDOW] = byte;
                out.push(byte);
            }
        }
        if out.len() > MAX {
            return Err(Stop::TooLarge);
        }
    }
    budget.spend_unpacked(out.len())?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::Limits;

    #[test]
    fn references_lead_back_into_what_was_unpacked() {
        let budget = Budget::new(&Limits::default(), Instant::now());
        // Three bytes, then a reference to the first of them: positions are counted from 18 on before the window's start.
        let from = WINDOW - START;
        let [low, high] = u16::try_from(from).unwrap().to_le_bytes();
        let packed = [0b0000_0111, b'a', b'b', b'c', low, high << 4 | 3];
        assert_eq!(unpack(&packed, &budget).unwrap(), b"abcabcabc");
    }
}
