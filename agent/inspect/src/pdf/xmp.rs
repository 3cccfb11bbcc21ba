//! XMP: the properties of a document as XML (ISO 16684).

use crate::found::{Found, Property};
use crate::markup::Tag;
use crate::source::Stop;
use crate::xml::{Event, Reader};

/// Bytes kept of one value.
const VALUE: usize = 4 << 10;

/// Takes the properties of a packet that the document does not have already.
pub(super) fn read(packet: &[u8], found: &mut Found) -> Result<(), Stop> {
    let mut reader = Reader::new(packet);
    let mut around: Vec<String> = Vec::new();
    let mut value = String::new();
    while let Some(event) = reader.next()? {
        match event {
            Event::Open(tag) => {
                take_attributes(&tag, found);
                around.push(tag.full_name().to_owned());
                value.clear();
            }
            Event::Close(_) => {
                // A list stands as Alt, Bag or Seq of li within the property.
                let own = around.iter().rev().find(|name| !name.starts_with("rdf:"));
                if let Some(own) = own.filter(|_| !value.trim().is_empty()) {
                    take(own, value.trim(), found);
                }
                value.clear();
                around.pop();
            }
            Event::Text(piece) if value.len() + piece.len() <= VALUE => value.push_str(piece),
            Event::Text(_) => {}
        }
    }
    Ok(())
}

/// Simple properties may stand as attributes.
fn take_attributes(tag: &Tag<'_>, found: &mut Found) {
    for ((name, _), (_, value)) in tag.attributes().zip(tag.unescaped()) {
        take(name, &value, found);
    }
}

fn take(name: &str, value: &str, found: &mut Found) {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let local = unescaped(local);
    let property = match (prefix, local.as_str()) {
        ("xmlns" | "rdf" | "x" | "xml", _) => return,
        ("dc", "title") => Property::Title,
        ("dc", "creator") => Property::Author,
        ("dc", "description") => Property::Other("Subject"),
        ("pdf", "Producer") => Property::Other("Producer"),
        ("pdf", "Keywords") => Property::Other("Keywords"),
        ("xmp" | "xap", "CreatorTool") => Property::Other("Creator"),
        (_, "Company") => Property::Company,
        (_, "Manager") => Property::Manager,
        // What an author or program added to the information dictionary.
        ("pdfx", local) => Property::Custom(local),
        (_, local) if local == "密级" || local.starts_with("MSIP_Label_") => Property::Custom(local),
        _ => return,
    };
    let is_known = match property {
        Property::Other(name) | Property::Custom(name) => found.properties.other.iter().any(|(own, _)| own == name),
        _ => false,
    };
    if !is_known {
        found.property(property, value);
    }
}

/// A name may have characters that XML forbids; Acrobat writes them as `ↂ` and four digits.
fn unescaped(name: &str) -> String {
    let mut parts = name.split('ↂ');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match code.and_then(char::from_u32) {
            Some(c) => {
                out.push(c);
                out.push_str(&part[4..]);
            }
            None => out.push_str(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_stand_as_elements_lists_and_attributes() {
        let packet = r#"<?xpacket begin="" id="x"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>
            <rdf:Description rdf:about="" pdf:Producer="Example &amp; Writer" pdfx:Department="示例部"/>
            <rdf:Description><dc:title><rdf:Alt><rdf:li xml:lang="x-default">示例标题</rdf:li></rdf:Alt></dc:title>
            <dc:creator><rdf:Seq><rdf:li>示例作者</rdf:li><rdf:li>other</rdf:li></rdf:Seq></dc:creator>
            <pdfx:Company>示例科技有限公司</pdfx:Company><pdfx:ↂ5BC6ↂ7EA7>内部</pdfx:ↂ5BC6ↂ7EA7>
            <xmpMM:History><rdf:Seq><rdf:li><stEvt:action>saved</stEvt:action></rdf:li></rdf:Seq></xmpMM:History>
            </rdf:Description></rdf:RDF></x:xmpmeta>"#;
        let mut found = Found::for_tests();
        found.property(Property::Custom("Department"), "示例部");
        read(packet.as_bytes(), &mut found).unwrap();
        let own = &found.properties;
        assert_eq!(own.title.as_deref(), Some("示例标题"));
        assert_eq!(own.author.as_deref(), Some("示例作者"));
        assert_eq!(own.company.as_deref(), Some("示例科技有限公司"));
        assert_eq!(found.label.as_deref(), Some("内部"));
        let others: Vec<_> = own.other.iter().map(|(name, value)| (&**name, &**value)).collect();
        let expected = [
            ("Department", "示例部"),
            ("Producer", "Example & Writer"),
            ("密级", "内部"),
        ];
        assert_eq!(others, expected);
    }

    #[test]
    fn a_packet_may_be_in_wide_characters_and_may_be_cut() {
        let packet = "\u{feff}<r><dc:title>示例</dc:title><dc:creator>甲</dc:creator><pdf:Producer>x";
        for to in [u16::to_le_bytes, u16::to_be_bytes] {
            let wide: Vec<u8> = packet.encode_utf16().flat_map(to).collect();
            let mut found = Found::for_tests();
            assert_eq!(read(&wide, &mut found), Err(Stop::Damaged));
            assert_eq!(found.properties.title.as_deref(), Some("示例"));
            assert_eq!(found.properties.author.as_deref(), Some("甲"));
            assert_eq!(found.properties.other, []);
        }
    }
}
