//! HTML: the text between the tags.

use crate::encoding;
use crate::found::Found;
use crate::source::Stop;
use crate::text::{Gap, Part};

/// Takes the text of a document.
pub(crate) fn read(bytes: &[u8], found: &mut Found) -> Result<(), Stop> {
    let text = encoding::decode_unlabelled(bytes);
    found.text.part(Part::Body);
    let mut rest = &*text;
    while let Some((before, tag)) = rest.split_once('<') {
        found.text.push(&unescaped(before))?;
        let lower = tag.get(..8).unwrap_or(tag).to_ascii_lowercase();
        let end = match () {
            () if lower.starts_with("script") => "</script",
            () if lower.starts_with("style") => "</style",
            () => "",
        };
        let tag = if end.is_empty() {
            tag
        } else {
            tag.split_once(end).map_or("", |(_, rest)| rest)
        };
        rest = tag.split_once('>').map_or("", |(_, rest)| rest);
        if ["p", "/p", "br", "div", "/div", "tr", "td", "li", "h"]
            .iter()
            .any(|name| lower.starts_with(name))
        {
            found.text.gap(Gap::Line);
        }
    }
    found.text.push(&unescaped(rest))
}

fn unescaped(text: &str) -> String {
    text.replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
