//! Containers that look like nothing but noise, such as those of `VeraCrypt`: suspected, never proven.
//!
//! A candidate has no known kind, a size of whole sectors and at least that of the smallest container, and a name that no
//! program gives to scrambled data of its own. Of it, up to 8 MiB in windows over its whole length are tested for being
//! uniform: the bytes, and the pairs of neighbours' upper and of their lower halves, each by Pearson's chi-square over 256
//! cells. Each statistic of a cipher's output leaves its bounds once in 5,000 files (one in 10,000 on each side), a window's
//! its own once in a million, so 0.07 % of containers are missed. Compressed data fails by its headers, its tables or the
//! uneven use of its codes. What is left are range coders (LZMA), whose raw streams can pass, and other ciphertext; of files
//! without a known kind only one in 512 has the size of whole sectors by chance. The figures that were measured are in
//! `docs/inspection.md`.

use crate::Hint;
use crate::source::{Source, Stop};

const SECTOR: u64 = 512;
/// Below the smallest container of `VeraCrypt`, of 292 KiB.
const MIN_SIZE: u64 = 256 << 10;
const WINDOW: usize = 64 << 10;
/// Windows looked at.
const WINDOWS: u64 = 128;
/// Names of data that programs scramble for themselves: images and databases of chat programs.
const SCRAMBLED: &[&str] = &["dat", "db"];

/// Chi-square of 255 degrees of freedom: one in 10,000 is below the first bound, one in 10,000 above the second.
const BOUNDS: std::ops::RangeInclusive<f64> = 179.0..=348.0;
/// One in a million is above this.
const WINDOW_BOUND: f64 = 377.0;

/// Whether the source, of no known kind, looks like a container.
pub(crate) fn is_suspicious(source: &mut Source<'_>, hint: &Hint) -> Result<bool, Stop> {
    let size = source.len();
    let is_scrambled = hint
        .extension
        .as_deref()
        .is_some_and(|extension| SCRAMBLED.contains(&extension));
    if is_scrambled || size < MIN_SIZE || !size.is_multiple_of(SECTOR) {
        return Ok(false);
    }
    let count = (size / WINDOW as u64).min(WINDOWS);
    let mut all = Counts::default();
    for index in 0..count {
        let step = (size - WINDOW as u64) / (count - 1).max(1);
        let bytes = source.bytes(index * step, WINDOW)?;
        let mut own = Counts::default();
        own.add(&bytes);
        if chi_square(&own.bytes) > WINDOW_BOUND {
            return Ok(false);
        }
        all.add(&bytes);
    }
    let statistics = [&all.bytes, &all.upper, &all.lower].map(chi_square);
    Ok(statistics.iter().all(|statistic| BOUNDS.contains(statistic)))
}

/// How often each byte, and each pair of halves of neighbouring bytes, was there.
struct Counts {
    bytes: [u32; 256],
    upper: [u32; 256],
    lower: [u32; 256],
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            bytes: [0; 256],
            upper: [0; 256],
            lower: [0; 256],
        }
    }
}

impl Counts {
    fn add(&mut self, bytes: &[u8]) {
        let (pairs, _) = bytes.as_chunks::<2>();
        for [first, second] in pairs {
            self.bytes[usize::from(*first)] += 1;
            self.bytes[usize::from(*second)] += 1;
            self.upper[usize::from(first & 0xF0 | second >> 4)] += 1;
            self.lower[usize::from(first << 4 | second & 0x0F)] += 1;
        }
    }
}

fn chi_square(counts: &[u32; 256]) -> f64 {
    let total: u32 = counts.iter().sum();
    let expected = f64::from(total) / 256.0;
    let squares = counts.iter().map(|count| (f64::from(*count) - expected).powi(2));
    squares.sum::<f64>() / expected
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::Limits;
    use crate::crypto;
    use crate::source::Budget;

    fn is_suspicious_named(bytes: &[u8], extension: &str) -> bool {
        let budget = Budget::new(&Limits::default(), Instant::now());
        let hint = Hint {
            extension: Some(extension.to_owned()),
        };
        is_suspicious(&mut Source::of_memory(bytes, &budget), &hint).unwrap()
    }

    /// What a cipher makes of zeros.
    fn ciphertext(seed: u8, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        crypto::encrypt_cbc_128(&[seed; 16], &[0; 16], &mut bytes);
        bytes
    }

    #[test]
    fn ciphertext_of_whole_sectors_is_suspected() {
        for seed in 0..20 {
            assert!(is_suspicious_named(&ciphertext(seed, 292 << 10), "hc"), "{seed}");
        }
        assert!(is_suspicious_named(&ciphertext(1, 3 << 20), ""));
    }

    #[test]
    fn what_a_program_scrambles_or_what_is_no_container_is_not() {
        let bytes = ciphertext(1, 512 << 10);
        assert!(!is_suspicious_named(&bytes, "dat"));
        assert!(!is_suspicious_named(&bytes[..bytes.len() - 16], ""));
        assert!(!is_suspicious_named(&bytes[..128 << 10], ""));
    }

    #[test]
    fn packed_or_regular_bytes_are_not_noise() {
        use std::io::Write;

        let text: String = (0..400_000_u32)
            .map(|number| format!("{} ", number.wrapping_mul(2_654_435_761)))
            .collect();
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text.as_bytes()).unwrap();
        let mut packed = encoder.finish().unwrap();
        packed.truncate(packed.len() / 512 * 512);
        assert!(packed.len() > 1 << 20);
        assert!(!is_suspicious_named(&packed, ""));
        let counting: Vec<u8> = (0..=255).cycle().take(512 << 10).collect();
        assert!(!is_suspicious_named(&counting, ""));
        let mut holed = ciphertext(1, 1 << 20);
        holed[700_000..700_512].fill(0);
        assert!(!is_suspicious_named(&holed, ""));
    }
}
