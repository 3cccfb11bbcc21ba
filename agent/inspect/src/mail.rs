//! Mail: messages in their internet form and Outlook's, mailboxes, and what is attached.

mod body;
mod compressed;
mod entity;
mod header;
mod mailbox;
mod mapi;
pub(crate) mod msg;
pub(crate) mod pst;
mod record;
mod signed;
mod tnef;
mod transfer;

pub(crate) use self::mailbox::examine as examine_mailbox;
pub(crate) use self::tnef::examine as examine_tnef;

use fileward_protocol::report::Encryption;
use fileward_protocol::vocabulary::EncryptionState;

use self::entity::Span;
use crate::found::{Found, Inside, Property};
use crate::recognise;
use crate::source::{Source, Stop};
use crate::text::{Gap, Part};

/// Fills in what a message says.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    let start = recognise::count_before(&source.bytes(0, 24)?) as u64;
    let whole = Span {
        start,
        end: source.len(),
    };
    entity::message(source, whole, found)
}

/// Takes what stands above a message: its subject, and who wrote it to whom.
fn take_head(subject: &str, author: &str, others: &[String], found: &mut Found) -> Result<(), Stop> {
    found.property(Property::Title, subject);
    found.property(Property::Author, author);
    found.text.part(Part::Property);
    for people in std::iter::once(author).chain(others.iter().map(String::as_str)) {
        if !people.is_empty() {
            found.text.push(people)?;
            found.text.gap(Gap::Paragraph);
        }
    }
    found.text.part(Part::Body);
    found.text.push(subject)?;
    found.text.gap(Gap::Paragraph);
    Ok(())
}

/// A message with something locked in it is locked in part.
fn take_lock(inside: &Inside, found: &mut Found) {
    if inside.encryption.protects() && found.encryption == Encryption::NONE {
        found.encryption = Encryption {
            state: EncryptionState::Partly,
            method: inside.encryption.method,
        };
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use fileward_protocol::vocabulary::EncryptionMethod;

    use super::*;
    use crate::examined::{assert_in_order, examined};
    use crate::kind;

    const HEAD: &str = "From: a@example.com\r\nTo: b@example.com\r\nMessage-ID: <1@example.com>\r\nSubject: s\r\n";

    fn message(rest: &str) -> Found {
        examined(format!("{HEAD}{rest}").as_bytes())
    }

    #[test]
    fn a_message_is_read_with_what_is_in_it() {
        let found = examined(include_bytes!("../tests/files/fixtures/mail.eml"));
        assert_eq!((found.kind, found.stopped), (kind::EML, None));
        let subject = "关于示例项目的报价单，请在周五之前确认，这是一个很长的主题";
        assert_eq!(found.properties.title.as_deref(), Some(subject));
        assert_in_order(
            &found,
            &[
                "示例作者 <author@example.com>\n",
                "\"Reader, A\" <reader@example.com>\n",
                subject,
                "纯文本",
                "网页正文 13800138000",
                "附件文字",
                "内层主题",
                "内层正文 = 等号",
            ],
        );
    }

    #[test]
    fn a_mailbox_is_read_message_by_message() {
        let found = examined(include_bytes!("../tests/files/fixtures/mails.mbox"));
        assert_eq!((found.kind, found.stopped), (kind::MBOX, None));
        assert_in_order(
            &found,
            &[
                "邮件 0",
                "第 0 封",
                ">From here on",
                "邮件 1",
                "第 1 封",
                "邮件 2",
                "第 2 封",
            ],
        );
    }

    #[test]
    fn a_web_page_in_one_file_is_read_by_the_encoding_that_its_part_names() {
        let page = "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=\"b\"\r\n\r\nA web page.\r\n--b\r\n\
            Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/html; charset=\"gb2312\"\r\n\r\n\
            <meta charset=3Dutf-8><p>=CA=BE=C0=\r\n=FD</p>\r\n--b--\r\n";
        let found = examined(page.as_bytes());
        assert_eq!((found.kind, found.stopped), (kind::EML, None));
        assert_in_order(&found, &["示例"]);
        assert!(!found.text.captured.contains("A web page"));
    }

    #[test]
    fn a_western_encoding_is_named_for_text_in_any() {
        let head = format!("{HEAD}Content-Type: text/plain; charset=iso-8859-1\r\n\r\n");
        let gbk = encoding_rs::GBK.encode("关于示例项目的合同报价").0;
        let latin = b"Gr\xFC\xDFe aus dem B\xFCro";
        for (body, text) in [(&gbk[..], "合同报价"), (latin, "Grüße aus")] {
            assert_in_order(&examined(&[head.as_bytes(), body].concat()), &[text]);
        }
    }

    #[test]
    fn what_an_attached_file_is_called_is_text() {
        let body = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nbody\r\n--b\r\n\
            Content-Disposition: attachment; filename*=UTF-8''%E7%A4%BA%E4%BE%8B.bin\r\n\r\n\x01\r\n--b--\r\n";
        assert_in_order(&message(body), &["body", "示例.bin"]);
    }

    #[test]
    fn locked_messages_are_known_by_their_form() {
        let pgp = message(
            "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=x\r\n\r\n--x\r\n",
        );
        assert_eq!(pgp.encryption.state, EncryptionState::Encrypted);
        assert_eq!(pgp.encryption.method, Some(EncryptionMethod::OpenPgp));
        let inline = message("\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA0o4xLwm1pJ2AQf/SjEDtw6R1p1hVgkBxGhC\r\n");
        assert_eq!(inline.encryption.state, EncryptionState::Encrypted);
        for (rest, state) in [
            ("smime-type=enveloped-data\r\n\r\nMIIB", EncryptionState::Encrypted),
            ("smime-type=signed-data\r\n\r\nMIIB", EncryptionState::None),
            (
                "name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\nMIAGCSqGSIb3DQEHA6CAMIACAQ==",
                EncryptionState::Encrypted,
            ),
        ] {
            let found = message(&format!("Content-Type: application/pkcs7-mime; {rest}"));
            assert_eq!(
                (found.encryption.state, found.encryption.method),
                (state, None),
                "{rest}"
            );
        }
    }

    #[test]
    fn what_is_signed_as_a_whole_is_read() {
        // Signed data of the entity `Content-Type: text/plain`, with no signer.
        let body = "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n\
            Content-Transfer-Encoding: base64\r\n\r\n\
            MIAGCSqGSIb3DQEHAqCAMIACAQExADCABgkqhkiG9w0BBwGggCSABCRDb250ZW50LVR5cGU6IHRleHQv\r\n\
            cGxhaW4NCg0Kc2lnbmVkIHQEA2V4dAAAAAAAADEAAAAAAAAA\r\n";
        let found = message(body);
        assert_in_order(&found, &["signed text"]);
        assert_eq!(found.encryption.state, EncryptionState::None);
    }

    #[test]
    fn a_locked_attachment_locks_a_message_in_part() {
        let body = "Content-Type: multipart/mixed; boundary=\"=b\"\r\n\r\npreamble\r\n--=b\r\n\r\ntext\r\n--=b\r\n\
            Content-Type: application/octet-stream; name=a\r\n\r\nage-encryption.org/v1\n-> X\r\n--=b--\r\n";
        let found = message(body);
        assert_in_order(&found, &["text"]);
        assert_eq!(found.encryption.state, EncryptionState::Partly);
        assert_eq!(found.encryption.method, Some(EncryptionMethod::Age));
    }

    #[test]
    fn parts_without_end_are_damage_and_what_came_is_kept() {
        let body = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfirst 示例\r\n--bb\r\nsame part\r\n--b \r\n\r\nsecond";
        let found = message(body);
        assert_in_order(&found, &["first 示例\n--bb\nsame part", "second"]);
        assert_eq!(found.stopped, Some(fileward_policy::facts::TextState::Malformed));
    }

    #[test]
    fn nesting_without_end_stops() {
        let mut body = String::new();
        for index in 0..100 {
            write!(
                body,
                "Content-Type: multipart/mixed; boundary=b{index}\r\n\r\n--b{index}\r\n"
            )
            .unwrap();
        }
        assert_eq!(
            message(&body).stopped,
            Some(fileward_policy::facts::TextState::TooLarge)
        );
    }
}
