//! What the groups of RTF are for, by the control word that they begin with.

use crate::found::Property;
use crate::text::Part;

/// What becomes of the text in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Text,
    /// Nothing, as for pictures and style sheets.
    Skip,
    Fonts,
    /// Text for programs that know no Unicode; a group inside has the real one.
    Fallback,
    /// The same, of properties.
    PropertyFallback,
    /// Properties stand in groups of this one.
    Properties,
    Property(Property<'static>),
    CustomName,
    CustomValue,
    /// An embedded object in hexadecimal digits.
    Object,
}

/// A group's purpose, and the part of the document it stands in where that is another.
pub(super) fn of(word: &[u8], around: Purpose) -> Option<(Purpose, Option<Part>)> {
    match (around, word) {
        (Purpose::Properties, _) => property(word).map(|purpose| (purpose, None)),
        (Purpose::Fallback, b"ud") => Some((Purpose::Text, None)),
        (Purpose::PropertyFallback, b"ud") => Some((Purpose::Properties, None)),
        (Purpose::Text, _) => text(word),
        _ => None,
    }
}

fn text(word: &[u8]) -> Option<(Purpose, Option<Part>)> {
    use Purpose::{Fallback, Fonts, Object, Properties, Skip, Text};

    let purpose = match word {
        b"header" | b"headerl" | b"headerr" | b"headerf" | b"footer" | b"footerl" | b"footerr" | b"footerf" => {
            return Some((Text, Some(Part::Margin)));
        }
        b"footnote" | b"annotation" => return Some((Text, Some(Part::Aside))),
        // Shapes and what stands in them.
        b"shpinst" | b"do" | b"shptxt" | b"dptxbxtext" | b"shp" | b"object" | b"result" | b"objemb" | b"fldrslt"
        | b"field" => Text,
        b"fonttbl" => Fonts,
        b"info" | b"userprops" => Properties,
        b"objdata" => Object,
        b"upr" => Fallback,
        b"colortbl"
        | b"stylesheet"
        | b"pict"
        | b"filetbl"
        | b"listtable"
        | b"listoverridetable"
        | b"revtbl"
        | b"rsidtbl"
        | b"sp"
        | b"xe"
        | b"tc"
        | b"txe"
        | b"rxe"
        | b"nonshppict"
        | b"themedata"
        | b"colorschememapping"
        | b"datastore"
        | b"latentstyles"
        | b"pntxta"
        | b"pntxtb"
        | b"fldinst"
        | b"pgptbl"
        | b"objclass"
        | b"objname"
        | b"atnid"
        | b"atnauthor"
        | b"atndate"
        | b"bkmkstart"
        | b"bkmkend" => Skip,
        _ => return None,
    };
    Some((purpose, None))
}

fn property(word: &[u8]) -> Option<Purpose> {
    let property = match word {
        b"title" => Property::Title,
        b"author" => Property::Author,
        b"manager" => Property::Manager,
        b"company" => Property::Company,
        b"subject" => Property::Other("subject"),
        b"keywords" => Property::Other("keywords"),
        b"category" => Property::Other("category"),
        b"doccomm" => Property::Other("comments"),
        b"operator" => Property::Other("lastModifiedBy"),
        b"propname" => return Some(Purpose::CustomName),
        b"staticval" => return Some(Purpose::CustomValue),
        b"upr" => return Some(Purpose::PropertyFallback),
        _ => return None,
    };
    Some(Purpose::Property(property))
}
