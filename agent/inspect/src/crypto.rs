//! The few primitives needed to try a known password. Nothing here protects anything.

use aes::cipher::{Block, BlockCipherDecrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit, StreamCipher};
use aes::{Aes128, Aes192, Aes256};

/// Decrypts whole blocks of AES-CBC without padding; `None` for a key of no AES, or a broken block.
pub(crate) fn decrypt_cbc(key: &[u8], iv: &[u8; 16], data: &[u8]) -> Option<Vec<u8>> {
    fn run<C: BlockModeDecrypt + KeyIvInit>(key: &[u8], iv: &[u8], data: &mut [u8]) -> Option<()> {
        let mut cipher = C::new_from_slices(key, iv).ok()?;
        let (blocks, rest) = Block::<C>::slice_as_chunks_mut(data);
        cipher.decrypt_blocks(blocks);
        rest.is_empty().then_some(())
    }
    let mut data = data.to_vec();
    match key.len() {
        16 => run::<cbc::Decryptor<Aes128>>(key, iv, &mut data)?,
        24 => run::<cbc::Decryptor<Aes192>>(key, iv, &mut data)?,
        32 => run::<cbc::Decryptor<Aes256>>(key, iv, &mut data)?,
        _ => return None,
    }
    Some(data)
}

/// Decrypts whole blocks of AES-ECB.
pub(crate) fn decrypt_ecb(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    fn run<C: BlockCipherDecrypt + KeyInit>(key: &[u8], data: &mut [u8]) -> Option<()> {
        let cipher = C::new_from_slice(key).ok()?;
        let (blocks, rest) = Block::<C>::slice_as_chunks_mut(data);
        cipher.decrypt_blocks(blocks);
        rest.is_empty().then_some(())
    }
    let mut data = data.to_vec();
    match key.len() {
        16 => run::<Aes128>(key, &mut data)?,
        24 => run::<Aes192>(key, &mut data)?,
        32 => run::<Aes256>(key, &mut data)?,
        _ => return None,
    }
    Some(data)
}

/// Encrypts whole blocks of AES-128-CBC in place.
pub(crate) fn encrypt_cbc_128(key: &[u8; 16], iv: &[u8; 16], data: &mut [u8]) {
    let mut cipher = cbc::Encryptor::<Aes128>::new(key.into(), iv.into());
    let (blocks, _) = Block::<cbc::Encryptor<Aes128>>::slice_as_chunks_mut(data);
    cipher.encrypt_blocks(blocks);
}

/// Encrypts or decrypts with RC4; `None` for an empty or overlong key.
pub(crate) fn rc4(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mut data = data.to_vec();
    rc4::Rc4::new_from_slice(key).ok()?.apply_keystream(&mut data);
    Some(data)
}
