//! Decryption of workbooks: the cipher runs over the whole stream, and skips the heads of records.

use md5::Md5;
use rc4::cipher::StreamCipher;
use rc4::{KeyInit, Rc4};
use sha1::{Digest, Sha1};

/// Bytes encrypted with one key.
const BLOCK: usize = 1024;

/// A way to decrypt a workbook, with its key.
pub(in crate::office) enum Cipher {
    Xor([u8; 16]),
    Rc4(BlockKeys, Option<Box<Running>>),
}

/// What the keys of blocks are made of.
pub(in crate::office) enum BlockKeys {
    /// Keys of 40 bits, by MD5.
    Md5([u8; 5]),
    /// Keys of `CryptoAPI`, by SHA-1.
    Sha1 { start: [u8; 20], bits: u32 },
}

/// RC4 in the middle of a block.
pub(in crate::office) struct Running {
    block: u64,
    used: usize,
    state: Rc4,
}

impl BlockKeys {
    /// The key of a block; `None` for a length that there is not.
    pub(in crate::office) fn key(&self, block: u32) -> Option<Vec<u8>> {
        match self {
            Self::Md5(start) => {
                let hasher = Md5::new().chain_update(start).chain_update(block.to_le_bytes());
                Some(hasher.finalize().to_vec())
            }
            Self::Sha1 { start, bits } => {
                let hasher = Sha1::new().chain_update(start).chain_update(block.to_le_bytes());
                let hash = hasher.finalize();
                match bits {
                    // Keys of 40 bits are filled up with zeros.
                    0 | 40 => Some([&hash[..5], &[0; 11]].concat()),
                    bits => hash.get(..usize::try_from(bits / 8).ok()?).map(<[u8]>::to_vec),
                }
            }
        }
    }

    fn start(&self, block: u64) -> Option<Box<Running>> {
        let key = self.key(u32::try_from(block).ok()?)?;
        let state = Rc4::new_from_slice(&key).ok()?;
        Some(Box::new(Running { block, used: 0, state }))
    }
}

impl Cipher {
    pub(in crate::office) fn rc4(keys: BlockKeys) -> Self {
        Self::Rc4(keys, None)
    }

    /// Decrypts `bytes`, which begin at `position` of the stream and end a record's content of `len` bytes.
    pub(in crate::office) fn decrypt(&mut self, position: u64, len: usize, bytes: &mut [u8]) {
        match self {
            Self::Xor(key) => {
                let start = usize::try_from(position % 16).unwrap_or_default() + len;
                for (index, byte) in (start..).zip(bytes) {
                    *byte = (*byte ^ key[index % 16]).rotate_right(5);
                }
            }
            Self::Rc4(keys, running) => {
                let mut position = position;
                let mut rest = bytes;
                while !rest.is_empty() {
                    let left = BLOCK - within(position);
                    let (now, later) = rest.split_at_mut(left.min(rest.len()));
                    apply(keys, running, position, now);
                    position += now.len() as u64;
                    rest = later;
                }
            }
        }
    }
}

/// The place within its block.
fn within(position: u64) -> usize {
    usize::try_from(position % BLOCK as u64).unwrap_or_default()
}

/// Decrypts bytes of one block.
fn apply(keys: &BlockKeys, running: &mut Option<Box<Running>>, position: u64, bytes: &mut [u8]) {
    let (block, within) = (position / BLOCK as u64, within(position));
    let fits = |running: &Running| running.block == block && running.used <= within;
    if !running.as_deref().is_some_and(fits) {
        *running = keys.start(block);
    }
    let Some(running) = running else {
        return;
    };
    let mut skipped = [0; BLOCK];
    running.state.apply_keystream(&mut skipped[..within - running.used]);
    running.state.apply_keystream(bytes);
    running.used = within + bytes.len();
}
