//! Sketches of texts, by which near copies know each other. A sketch is a sample of keyed hashes of a text's shingles: nobody
//! reads a word of the text from it, and without the key nobody can try texts against it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};

/// The most hashes in one sketch.
pub const HASHES: usize = 512;

/// The highest level: one shingle in 2^20 is kept.
pub const LEVELS: u8 = 20;

/// Bits of a hash that sample it; the rest are not needed to compare.
const SAMPLING: u32 = 64 - LEVELS as u32;

/// A sample of a text's shingles: of all their hashes, those that begin with as many zero bits as its level. Two sketches are
/// compared at the higher of their levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    level: u8,
    /// Sorted, without repetition.
    hashes: Vec<u64>,
}

impl Sketch {
    /// Makes one of hashes; those that are not of the level are left out, as is what is above [`HASHES`].
    pub fn new(level: u8, mut hashes: Vec<u64>) -> Self {
        let level = level.min(LEVELS);
        hashes.retain(|hash| is_of(level, *hash));
        hashes.sort_unstable();
        hashes.dedup();
        let mut sketch = Self { level, hashes };
        while sketch.hashes.len() > HASHES && sketch.level < LEVELS {
            sketch.level += 1;
            let level = sketch.level;
            sketch.hashes.retain(|hash| is_of(level, *hash));
        }
        sketch.hashes.truncate(HASHES);
        sketch
    }

    /// One shingle in 2^level was kept.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// The hashes, sorted.
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// How much of this text is in the other: 0 to 1. `None` when the sample of it is smaller than `least`.
    pub fn containment(&self, other: &Self, least: usize) -> Option<f64> {
        let shared = self.shared(other);
        ratio(shared.both, shared.own, least)
    }

    /// How much of both texts is in both: 0 to 1. `None` when the sample of all is smaller than `least`.
    pub fn resemblance(&self, other: &Self, least: usize) -> Option<f64> {
        let shared = self.shared(other);
        ratio(shared.both, shared.own + shared.others - shared.both, least)
    }

    fn shared(&self, other: &Self) -> Shared {
        let level = self.level.max(other.level);
        let of = |hashes: &[u64]| hashes.partition_point(|hash| is_of(level, *hash));
        let (own, others) = (&self.hashes[..of(&self.hashes)], &other.hashes[..of(&other.hashes)]);
        let both = own.iter().filter(|hash| others.binary_search(hash).is_ok()).count();
        Shared {
            own: own.len(),
            others: others.len(),
            both,
        }
    }
}

/// Hashes of two sketches at one level.
struct Shared {
    own: usize,
    others: usize,
    both: usize,
}

fn ratio(part: usize, of: usize, least: usize) -> Option<f64> {
    let exact = |count: usize| u32::try_from(count).ok().map(f64::from);
    (of >= least.max(1)).then_some(())?;
    Some(exact(part)? / exact(of)?)
}

/// Whether a hash is in the sample of a level.
pub fn is_of(level: u8, hash: u64) -> bool {
    u32::from(level) <= hash.leading_zeros()
}

/// A hash of which the sampling bits stay and the others are `bits`.
pub fn with_bits(hash: u64, bits: u64) -> u64 {
    hash >> SAMPLING << SAMPLING | bits >> LEVELS
}

/// A sketch as it is sent: one line of base64, the level first, then eight bytes for each hash.
impl Serialize for Sketch {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = vec![self.level];
        bytes.extend(self.hashes.iter().flat_map(|hash| hash.to_le_bytes()));
        serializer.serialize_str(&STANDARD_NO_PAD.encode(bytes))
    }
}

impl<'de> Deserialize<'de> for Sketch {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(serde::de::Error::custom)?;
        let wrong = || serde::de::Error::custom("a sketch must be a level and at most 512 sorted hashes of it");
        let (level, rest) = bytes.split_first().ok_or_else(wrong)?;
        let (hashes, rest) = rest.as_chunks::<8>();
        let hashes: Vec<_> = hashes.iter().map(|hash| u64::from_le_bytes(*hash)).collect();
        let sketch = Self::new(*level, hashes.clone());
        (rest.is_empty() && sketch.level == *level && sketch.hashes == hashes)
            .then_some(sketch)
            .ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hashes of the numbers in a range.
    fn of(range: std::ops::Range<u64>) -> Sketch {
        let hash = |n: u64| {
            let hash = blake3::hash(&n.to_le_bytes());
            u64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap())
        };
        Sketch::new(0, range.map(hash).collect())
    }

    #[test]
    fn sketches_of_any_size_are_compared() {
        let (small, large) = (of(0..1_000), of(0..100_000));
        assert!(small.hashes().len() <= HASHES && large.hashes().len() <= HASHES);
        assert!(small.level() < large.level());
        assert_eq!(small.containment(&small, 1), Some(1.0));
        assert_eq!(of(0..300).containment(&small, 1), Some(1.0));
        let half = of(0..2_000).containment(&of(1_000..3_000), 100).unwrap();
        let third = of(0..2_000).resemblance(&of(1_000..3_000), 100).unwrap();
        assert!(
            (0.4..0.6).contains(&half) && (0.25..0.42).contains(&third),
            "{half} {third}"
        );
        assert_eq!(of(0..2_000).containment(&of(5_000..6_000), 1), Some(0.0));
        assert_eq!(of(0..5).containment(&large, 10), None);
    }

    #[test]
    fn a_sketch_survives_json_and_a_wrong_one_does_not() {
        let sketch = of(0..5_000);
        let json = serde_json::to_string(&sketch).unwrap();
        assert!(json.len() < 6_000);
        assert_eq!(serde_json::from_str::<Sketch>(&json).unwrap(), sketch);
        let encode = |bytes: &[u8]| format!("\"{}\"", STANDARD_NO_PAD.encode(bytes));
        for wrong in [&[][..], &[0, 1], &[21], &[1, 0, 0, 0, 0, 0, 0, 0, 0x80], &[0; 9 + 8]] {
            assert!(serde_json::from_str::<Sketch>(&encode(wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_sampling_bits_stay() {
        let hash = with_bits(0x0001_2345_6789_abcd, u64::MAX);
        assert_eq!(hash.leading_zeros(), 0x0001_2345_6789_abcd_u64.leading_zeros());
        assert_eq!(hash, 0x0001_2fff_ffff_ffff);
    }
}
