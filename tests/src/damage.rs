//! Damage as disks, transfers and wicked people do it, the same for the same seed.

/// Damages bytes.
#[derive(Debug)]
pub struct Damager(u64);

impl Damager {
    /// One that does always the same with the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Cuts, flips, pads, overwrites, repeats or removes, once to three times.
    pub fn damage(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(2) {
            self.damage_once(bytes);
        }
    }

    fn damage_once(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len());
        let end = bytes.len().min(at + 1 + self.below(2000));
        match self.below(7) {
            0 => bytes.truncate(at),
            1 => {
                for _ in 0..=self.below(12) {
                    let place = self.below(bytes.len());
                    if let Some(byte) = bytes.get_mut(place) {
                        *byte ^= u8::try_from(1 + self.below(255)).unwrap_or(1);
                    }
                }
            }
            2 => bytes.extend((0..self.below(5000)).map(|_| self.byte())),
            // Numbers at the edges of their range.
            3 => {
                let value = [0xFF, 0x00, 0x7F, 0x80][self.below(4)];
                for byte in bytes.iter_mut().skip(at).take(1 + self.below(16)) {
                    *byte = value;
                }
            }
            4 => {
                let part = bytes[at.min(end)..end].to_vec();
                bytes.splice(at..at, part);
            }
            5 => drop(bytes.drain(at.min(end)..end)),
            _ => {
                let part: Vec<u8> = (0..self.below(64)).map(|_| self.byte()).collect();
                bytes.splice(at..at, part);
            }
        }
    }

    /// A number below `end`, or 0.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or(0) % end.max(1)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or(0)
    }
}
