//! Mail: messages and mailboxes begin with header fields.

/// Fields that a message begins with, in lower case.
const FIELDS: &[&str] = &[
    "arc-authentication-results",
    "arc-seal",
    "authentication-results",
    "bcc",
    "cc",
    "content-transfer-encoding",
    "content-type",
    "date",
    "delivered-to",
    "dkim-signature",
    "from",
    "in-reply-to",
    "list-id",
    "message-id",
    "mime-version",
    "received",
    "references",
    "reply-to",
    "return-path",
    "sender",
    "subject",
    "thread-index",
    "thread-topic",
    "to",
];

/// Lines of a header that are looked at.
const LINES: usize = 40;

/// What a header has.
#[derive(Debug, Default)]
struct Survey {
    known: u32,
    has_own: bool,
    /// A web page in one file may have no other fields.
    has_parts: bool,
}

/// Whether `head` begins with the header of a message.
pub(super) fn is_message(head: &[u8]) -> bool {
    survey(head).is_some_and(|header| header.has_own && (header.known >= 3 || header.has_parts))
}

/// Whether `head` begins with what can be the header of a message, which is enough for a file that is called one.
pub(super) fn may_be_message(head: &[u8]) -> bool {
    survey(head).is_some_and(|header| header.known > 0)
}

/// What stands before a message in a file of Apple's Mail: how long it is, on a line of its own.
pub(crate) fn count_before(head: &[u8]) -> usize {
    let digits = head.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
    let blanks = head[digits..].iter().take(12).take_while(|byte| **byte == b' ').count();
    let end = digits + blanks;
    if digits > 0 && head.get(end) == Some(&b'\n') {
        end + 1
    } else {
        0
    }
}

/// Looks at the fields that `head` begins with; `None` when it begins with something else.
fn survey(head: &[u8]) -> Option<Survey> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let head = &head[count_before(head)..];
    let mut header = Survey::default();
    for line in head.split(|byte| *byte == b'\n').take(LINES) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line.first() {
            None => break,
            Some(b' ' | b'\t') if header.known > 0 => continue,
            Some(_) => {}
        }
        let name = field_name(line)?;
        if FIELDS.contains(&name.as_str()) {
            header.known += 1;
            header.has_parts |=
                name == "content-type" && line.to_ascii_lowercase().windows(10).any(|part| part == b"multipart/");
            // Dates and subjects stand in notes too; these do not.
            header.has_own |= matches!(
                name.as_str(),
                "received" | "message-id" | "mime-version" | "return-path" | "delivered-to"
            ) || name == "from" && line.contains(&b'@');
        }
    }
    Some(header)
}

/// Whether `head` begins with a mailbox: a `From ` line, then a message.
pub(super) fn is_mailbox(head: &[u8]) -> bool {
    let Some(end) = head.iter().take(512).position(|byte| *byte == b'\n') else {
        return false;
    };
    head.starts_with(b"From ") && is_message(&head[end + 1..])
}

/// The name of the field in `line`, in lower case.
fn field_name(line: &[u8]) -> Option<String> {
    let colon = line.iter().take(77).position(|byte| *byte == b':')?;
    let name = &line[..colon];
    let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    is_name.then(|| String::from_utf8_lossy(name).to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_told_from_notes_with_colons() {
        assert!(is_message(
            b"Received: from a\r\n\tby b\r\nFrom: x@example.com\r\nSubject: hi\r\nX-Own: 1\r\n\r\nbody"
        ));
        assert!(!is_message(
            b"Date: Monday\nSubject: lunch\nTo: everybody\n\nLet us eat."
        ));
        assert!(!is_message(b"From: me\nHello there, this is text\n"));
        assert!(is_message(
            b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\npage\n"
        ));
    }

    #[test]
    fn a_file_that_is_called_a_message_needs_no_more_than_one_field() {
        assert!(may_be_message(
            b"Content-Type: multipart/mixed;\r\n boundary=b\r\n\r\n--b\r\n"
        ));
        assert!(may_be_message(b"Subject: hi\n\nbody"));
        assert!(!may_be_message(b"Dear all,\nthis is the text.\n"));
        assert!(!may_be_message(b"Note: none\n\nSubject: hi\n"));
    }

    #[test]
    fn a_message_may_stand_behind_its_length() {
        let message = b"From: a@example.com\nTo: b@example.com\nMessage-ID: <1@x>\n\nhello\n";
        assert!(is_message(&[b"1234  \n".as_slice(), message].concat()));
        assert!(!is_message(&[b"1234 x\n".as_slice(), message].concat()));
        assert_eq!([count_before(b"1234  \nFrom: a"), count_before(b"From: a")], [7, 0]);
    }

    #[test]
    fn a_mailbox_begins_with_its_separator() {
        let message = "From: a@example.com\nTo: b@example.com\nMessage-ID: <1@x>\n\nhello\n";
        assert!(is_mailbox(
            format!("From a@example.com Sat Nov 21 10:00:00 2026\n{message}").as_bytes()
        ));
        assert!(!is_mailbox(message.as_bytes()));
    }
}
