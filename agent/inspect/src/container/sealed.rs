//! Files that are one envelope: OpenPGP, age, encrypted volumes and files of encryption programs.

use fileward_protocol::vocabulary::EncryptionMethod;

use crate::bytes::sextet;
use crate::kind;
use crate::recognise::Format;

const OPENPGP: Format = Format::Sealed(kind::OPENPGP, Some(EncryptionMethod::OpenPgp));
const AGE: Format = Format::Sealed(kind::AGE, Some(EncryptionMethod::Age));
const VOLUME: Format = Format::Sealed(kind::ENCRYPTED_VOLUME, Some(EncryptionMethod::Container));
const FILE: Format = Format::Sealed(kind::ENCRYPTED_FILE, None);

/// Bytes at an offset that only ciphertext begins with.
const SIGNATURES: &[(usize, &[u8], Format)] = &[
    (0, b"age-encryption.org/v1\n", AGE),
    // LUKS, versions 1 and 2.
    (0, b"LUKS\xBA\xBE\0", VOLUME),
    // BitLocker, in place of the file system's name in the boot sector.
    (3, b"-FVE-FS-", VOLUME),
    // An encrypted disk image of macOS.
    (0, b"encrcdsa", VOLUME),
    // `openssl enc`.
    (0, b"Salted__", FILE),
    // AES Crypt, by version.
    (0, b"AES\x01\0", FILE),
    (0, b"AES\x02\0", FILE),
    // AxCrypt.
    (
        0,
        b"\xC0\xB9\x07\x2E\x4F\x93\xF1\x46\xA0\x15\x79\x2C\xA1\xD9\xE8\x21",
        FILE,
    ),
    // KeePass, versions 1 and 2.
    (0, b"\x03\xD9\xA2\x9A\x65\xFB\x4B\xB5", FILE),
    (0, b"\x03\xD9\xA2\x9A\x67\xFB\x4B\xB5", FILE),
    // Protected by rights management (`.pfile`).
    (0, b".pfile\x03\0", FILE),
    (0, b".pfile\x02\0", FILE),
    // Ansible Vault, rclone, scrypt and ccrypt.
    (0, b"$ANSIBLE_VAULT;1.", FILE),
    (0, b"RCLONE\0\0", FILE),
    (0, b"scrypt\0", FILE),
    // What the company's own document encryption leaves on a device without its client: Tipray.
    (0, b"%TSD-Header-###%", FILE),
];

/// Recognises an envelope by its first bytes.
pub(crate) fn recognise(head: &[u8]) -> Option<Format> {
    let signature = SIGNATURES
        .iter()
        .find(|(offset, magic, _)| head.get(*offset..).is_some_and(|rest| rest.starts_with(magic)));
    if let Some((_, _, format)) = signature {
        return Some(*format);
    }
    if is_locked_disk(head) {
        return Some(Format::Sealed(kind::QCOW, Some(EncryptionMethod::Container)));
    }
    if is_locked_backup(head) {
        return Some(Format::Sealed(kind::ANDROID_BACKUP, None));
    }
    if is_company_ciphertext(head) || is_enveloped(head) {
        return Some(FILE);
    }
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    if text.starts_with(b"-----BEGIN PGP MESSAGE-----") {
        // Signed text is armoured in the same words; its first packet is not an encrypted one.
        return is_armoured_ciphertext(text).then_some(OPENPGP);
    }
    if text.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----") {
        return Some(AGE);
    }
    if is_salted_in_base64(text) {
        return Some(FILE);
    }
    is_openpgp(head).then_some(OPENPGP)
}

/// `Salted__` in base64, as `openssl enc -a` and scripts in browsers write it, with nothing but base64 behind it.
fn is_salted_in_base64(text: &[u8]) -> bool {
    let start = &text[..text.len().min(256)];
    start.starts_with(b"U2FsdGVkX1")
        && start
            .trim_ascii_end()
            .iter()
            .all(|byte| sextet(*byte).is_some() || matches!(byte, b'=' | b'\r' | b'\n'))
}

/// A message of the Cryptographic Message Syntax that only its receivers read (RFC 5652, RFC 5083): a sequence whose first
/// element is the identifier of such a content.
pub(crate) fn is_enveloped(head: &[u8]) -> bool {
    const CONTENTS: [&[u8]; 3] = [
        b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03",
        b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x06",
        b"\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x17",
    ];
    let Some(&[0x30, length]) = head.first_chunk() else {
        return false;
    };
    // A long form has so many bytes more; 0x80 is one without end.
    let more = usize::from(length.saturating_sub(0x80).min(8));
    let content = head.get(2 + more..).unwrap_or_default();
    CONTENTS.iter().any(|known| content.starts_with(known))
}

/// A disk of QEMU whose header names a cipher, AES or LUKS.
fn is_locked_disk(head: &[u8]) -> bool {
    head.starts_with(b"QFI\xFB\0\0\0") && matches!(head.get(32..36), Some([0, 0, 0, 1 | 2]))
}

/// A backup of Android whose fourth line names a cipher.
fn is_locked_backup(head: &[u8]) -> bool {
    let lines = head.strip_prefix(b"ANDROID BACKUP\n");
    lines.is_some_and(|rest| rest.split(|byte| *byte == b'\n').nth(2) == Some(b"AES-256"))
}

/// What the document encryption of E-SafeNet leaves: its mark, and its name in the header.
fn is_company_ciphertext(head: &[u8]) -> bool {
    let header = &head[..head.len().min(512)];
    header.starts_with(b"b\x14#e") && memchr::memmem::find(header, b"E-SafeNet").is_some()
}

/// Packets of OpenPGP that begin an encrypted message, and those that hold its ciphertext.
const PUBLIC_KEY_SESSION: u8 = 1;
const PASSWORD_SESSION: u8 = 3;
const CIPHERTEXT: &[u8] = &[9, 18, 20];

/// Whether a chain of session keys ends in ciphertext. Each of them is checked, since its first byte alone says little.
fn is_openpgp(head: &[u8]) -> bool {
    let mut rest = head;
    let mut keys = 0;
    while let Some((tag, length, body)) = packet(rest) {
        let fits = match tag {
            PUBLIC_KEY_SESSION => is_public_key_session(body),
            PASSWORD_SESSION => is_password_session(body),
            tag if CIPHERTEXT.contains(&tag) => return keys > 0,
            _ => false,
        };
        let Some(length) = length.filter(|_| fits) else {
            return false;
        };
        keys += 1;
        rest = body.get(length..).unwrap_or_default();
    }
    false
}

/// The tag, the length (`None`: to the end, or in parts) and what follows the header.
fn packet(bytes: &[u8]) -> Option<(u8, Option<usize>, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if first & 0xC0 == 0xC0 {
        let (length, rest) = match rest {
            [length @ 0..=191, rest @ ..] => (Some(usize::from(*length)), rest),
            [high @ 192..=223, low, rest @ ..] => {
                (Some((usize::from(*high) - 192) * 256 + usize::from(*low) + 192), rest)
            }
            [255, a, b, c, d, rest @ ..] => (usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).ok(), rest),
            [224..=254, rest @ ..] => (None, rest),
            _ => return None,
        };
        return Some((first & 0x3F, length, rest));
    }
    if first & 0x80 == 0 {
        return None;
    }
    let (length, rest) = match (first & 3, rest) {
        (0, [a, rest @ ..]) => (Some(usize::from(*a)), rest),
        (1, [a, b, rest @ ..]) => (Some(usize::from(u16::from_be_bytes([*a, *b]))), rest),
        (2, [a, b, c, d, rest @ ..]) => (usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).ok(), rest),
        (3, rest) => (None, rest),
        _ => return None,
    };
    Some((first >> 2 & 0xF, length, rest))
}

fn is_public_key_session(body: &[u8]) -> bool {
    match body {
        [3, rest @ ..] => matches!(rest.get(8), Some(1 | 2 | 16 | 18 | 25 | 26)),
        [6, length, ..] => matches!(length, 0 | 21 | 33),
        _ => false,
    }
}

fn is_password_session(body: &[u8]) -> bool {
    match body {
        [4, cipher, s2k, ..] => (1..=13).contains(cipher) && matches!(s2k, 0 | 1 | 3 | 4),
        [5, cipher, aead, s2k, ..] => {
            (1..=13).contains(cipher) && (1..=3).contains(aead) && matches!(s2k, 0 | 1 | 3 | 4)
        }
        [6, _, cipher, aead, ..] => (1..=13).contains(cipher) && (1..=3).contains(aead),
        _ => false,
    }
}

/// Decodes the first base64 characters after the armour's header and looks at the packet they begin.
fn is_armoured_ciphertext(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).skip(1);
    let Some(line) = lines.by_ref().skip_while(|line| !line.is_empty()).nth(1) else {
        return false;
    };
    let &[one, two, ..] = line else {
        return false;
    };
    let Some(first) = sextet(one).zip(sextet(two)).map(|(high, low)| high << 2 | low >> 4) else {
        return false;
    };
    let tag = if first & 0x40 == 0 {
        first >> 2 & 0xF
    } else {
        first & 0x3F
    };
    first & 0x80 != 0 && (matches!(tag, PUBLIC_KEY_SESSION | PASSWORD_SESSION) || CIPHERTEXT.contains(&tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_to_a_key_and_one_to_a_password_are_envelopes() {
        let to_key = [
            &[0x85, 0x00, 0x0C, 3][..],
            &[7; 8],
            &[1, 0, 0],
            &[0xD2, 0xFF, 0, 0, 0, 9, 1],
        ]
        .concat();
        let to_password = [&[0x8C, 0x0D, 4, 9, 3, 10][..], &[7; 8], &[96], &[0xD2, 0x40, 1]].concat();
        assert_eq!(recognise(&to_key), Some(OPENPGP));
        assert_eq!(recognise(&to_password), Some(OPENPGP));
    }

    #[test]
    fn volumes_and_files_of_encryption_programs_are_told() {
        let mut boot_sector = [0; 512];
        boot_sector[..11].copy_from_slice(b"\xEB\x58\x90-FVE-FS-");
        assert_eq!(recognise(&boot_sector), Some(VOLUME));
        assert_eq!(recognise(b"LUKS\xBA\xBE\0\x02 and more"), Some(VOLUME));
        assert_eq!(recognise(b"Salted__12345678"), Some(FILE));
        assert_eq!(recognise(b"AES\x02\0\0"), Some(FILE));
        assert_eq!(recognise(b"AES is a cipher"), None);
        assert_eq!(
            recognise(b"ANDROID BACKUP\n5\n1\nAES-256\n0123").unwrap(),
            Format::Sealed(kind::ANDROID_BACKUP, None)
        );
        let mut disk = b"QFI\xFB\0\0\0\x02".to_vec();
        disk.resize(72, 0);
        assert_eq!(recognise(&disk), None);
        disk[35] = 2;
        assert_eq!(
            recognise(&disk),
            Some(Format::Sealed(kind::QCOW, Some(EncryptionMethod::Container)))
        );
        assert_eq!(recognise(b"U2FsdGVkX1+Uo4Vb5pLrmQ==\r\n"), Some(FILE));
        assert_eq!(recognise(b"U2FsdGVkX1 is how it begins"), None);
        let enveloped = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03\xA0";
        assert_eq!(recognise(&[b"\x30\x82\x01\xE0", &enveloped[..]].concat()), Some(FILE));
        assert_eq!(recognise(&[b"\x30\x80", &enveloped[..]].concat()), Some(FILE));
        assert_eq!(recognise(b"\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02"), None);
        assert_eq!(recognise(b"%TSD-Header-###%\x01"), Some(FILE));
        assert_eq!(recognise(b"b\x14#e\x01\0\0\0E-SafeNet\0LOCK"), Some(FILE));
    }

    #[test]
    fn what_only_begins_like_an_envelope_is_none() {
        assert_eq!(
            recognise(b"\x85\x00\x0C\x03 no session key here, and no ciphertext"),
            None
        );
        assert_eq!(recognise(b"\x8C\x0D\x04\x09\x03"), None);
        assert_eq!(recognise(b"-----BEGIN PGP SIGNED MESSAGE-----\n"), None);
        assert_eq!(recognise(b"-----BEGIN PGP MESSAGE-----\n\nowGbwMvMwMX4\n"), None);
    }

    #[test]
    fn armour_is_an_envelope_too() {
        let armoured = b"-----BEGIN PGP MESSAGE-----\nVersion: x\n\nhQEMA1234567\n";
        assert_eq!(recognise(armoured), Some(OPENPGP));
        assert_eq!(recognise(b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n"), Some(AGE));
        assert_eq!(recognise(b"age-encryption.org/v1\n-> X25519 abc\n"), Some(AGE));
    }
}
