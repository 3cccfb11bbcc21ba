//! RTF: text with control words, in groups that each have a purpose. Outlook's messages carry it too.

mod destinations;
mod tokens;

use std::collections::HashMap;
use std::io::Read;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use self::destinations::Purpose;
use self::tokens::{Token, Tokens, Word, nibble};
use crate::codepage;
use crate::found::{Found, Property};
use crate::office::objects;
use crate::pen::Pen;
use crate::source::{Budget, Held, Source, Stop, u32_at};
use crate::text::{Gap, Part};

/// Groups within each other whose state is kept.
const MAX_GROUPS: usize = 1024;
/// Fonts whose character set is kept.
const MAX_FONTS: usize = 4096;
/// Bytes of running text that are decoded together.
const RUN: usize = 4 << 10;
/// Bytes kept of a property.
const MAX_PROPERTY: usize = 4 << 10;
/// Bytes first taken for an embedded object.
const FIRST_OBJECT: usize = 64 << 10;
/// Bytes of an embedded object that are examined.
const MAX_OBJECT: usize = 16 << 20;

/// Fills in what a file says.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    let (len, budget) = (source.len(), source.budget());
    read(source.section(0, len), budget, found)
}

/// Takes the text and the properties of a document.
pub(crate) fn read(document: impl Read, budget: &Budget, found: &mut Found) -> Result<(), Stop> {
    found.text.part(Part::Body);
    let mut tokens = Tokens::new(document, budget);
    let mut reader = Reader::new(budget, found);
    let result = reader.read(&mut tokens);
    let flushed = reader.flush();
    reader.pen.flush(&mut found.text)?;
    result.and(flushed)
}

/// The state of a group. Those inside begin with it.
#[derive(Clone, Copy)]
struct Group {
    purpose: Purpose,
    part: Part,
    encoding: Option<&'static Encoding>,
    /// Bytes that stand after a Unicode character for programs that do not know it.
    fallback: usize,
    /// In a message made of HTML: text that only RTF has.
    is_hidden: bool,
    /// Nothing came yet: a control word can give the group its purpose.
    is_fresh: bool,
    /// Programs that do not know the purpose skip the group.
    is_optional: bool,
}

struct Reader<'f, 'b> {
    found: &'f mut Found,
    budget: &'b Budget,
    pen: Pen,
    part: Part,
    group: Group,
    outer: Vec<Group>,
    /// Groups within the deepest one whose state is kept.
    deeper: u64,
    ansi: &'static Encoding,
    fonts: HashMap<i32, Option<&'static Encoding>>,
    font: i32,
    default_font: i32,
    bytes: Vec<u8>,
    high: Option<u16>,
    skip: usize,
    value: String,
    custom: String,
    object: Vec<u8>,
    held: Option<Held<'b>>,
    half: Option<u8>,
}

impl<'f, 'b> Reader<'f, 'b> {
    fn new(budget: &'b Budget, found: &'f mut Found) -> Self {
        Self {
            found,
            budget,
            pen: Pen::default(),
            part: Part::Body,
            group: Group {
                purpose: Purpose::Text,
                part: Part::Body,
                encoding: None,
                fallback: 1,
                is_hidden: false,
                is_fresh: false,
                is_optional: false,
            },
            outer: Vec::new(),
            deeper: 0,
            ansi: WINDOWS_1252,
            fonts: HashMap::new(),
            font: 0,
            default_font: 0,
            bytes: Vec::new(),
            high: None,
            skip: 0,
            value: String::new(),
            custom: String::new(),
            object: Vec::new(),
            held: None,
            half: None,
        }
    }

    fn read<R: Read>(&mut self, tokens: &mut Tokens<'_, R>) -> Result<(), Stop> {
        while let Some(token) = tokens.advance()? {
            match token {
                Token::Byte(byte) => self.byte(byte)?,
                Token::Hex(byte) => self.text_byte(byte)?,
                Token::Open => self.open()?,
                Token::Close => {
                    if self.close()? {
                        return Ok(());
                    }
                }
                Token::Symbol(symbol) => self.symbol(symbol)?,
                Token::Word(word) if word.name() == b"bin" => {
                    tokens.skip(usize::try_from(word.number.unwrap_or(0)).unwrap_or(0))?;
                }
                Token::Word(word) => self.word(&word)?,
            }
        }
        // The outermost group was not closed.
        Err(Stop::Damaged)
    }

    fn open(&mut self) -> Result<(), Stop> {
        self.flush()?;
        self.skip = 0;
        if self.outer.len() == MAX_GROUPS {
            self.deeper += 1;
            return Ok(());
        }
        self.outer.push(self.group);
        self.group.is_fresh = true;
        self.group.is_optional = false;
        Ok(())
    }

    /// Ends a group; true when it was the outermost.
    fn close(&mut self) -> Result<bool, Stop> {
        self.flush()?;
        self.skip = 0;
        if self.deeper > 0 {
            self.deeper -= 1;
            return Ok(false);
        }
        let Some(outer) = self.outer.pop() else {
            return Ok(true);
        };
        let inner = std::mem::replace(&mut self.group, outer);
        self.group.is_fresh = false;
        if inner.purpose != self.group.purpose {
            self.end(inner.purpose)?;
        }
        Ok(self.outer.is_empty())
    }

    /// Uses what a group gathered.
    fn end(&mut self, purpose: Purpose) -> Result<(), Stop> {
        match purpose {
            Purpose::Property(property) => {
                let value = std::mem::take(&mut self.value);
                self.found.property(property, &value);
            }
            Purpose::CustomName => self.custom = std::mem::take(&mut self.value),
            Purpose::CustomValue => {
                let value = std::mem::take(&mut self.value);
                self.found.property(Property::Custom(&self.custom), &value);
            }
            Purpose::Object => {
                let object = std::mem::take(&mut self.object);
                self.half = None;
                self.pen.gap(Gap::Paragraph, &mut self.found.text)?;
                self.examine_object(&object)?;
                self.held = None;
                self.found.text.part(self.part);
            }
            _ => {}
        }
        Ok(())
    }

    /// An object of OLE 1 ([MS-OLEDS]): its class, two names, then what it holds.
    fn examine_object(&mut self, object: &[u8]) -> Result<(), Stop> {
        const EMBEDDED: u32 = 2;
        let native = || {
            let mut rest = object.get(8..)?;
            for _ in 0..3 {
                let len = usize::try_from(u32_at(rest, 0).ok()?).ok()?;
                rest = rest.get(len.checked_add(4)?..)?;
            }
            rest.get(4..)
        };
        match native() {
            Some(native) if u32_at(object, 4) == Ok(EMBEDDED) => {
                objects::examine_native(native, self.budget, self.found)
            }
            _ => Ok(()),
        }
    }

    fn symbol(&mut self, symbol: u8) -> Result<(), Stop> {
        if symbol == b'*' {
            self.group.is_optional = self.group.is_fresh;
            return Ok(());
        }
        self.group.is_fresh = false;
        if self.skipped() {
            return Ok(());
        }
        match symbol {
            b'~' => self.character(' '),
            b'_' => self.character('-'),
            b'\\' | b'{' | b'}' => self.text_byte(symbol),
            b'\r' | b'\n' => self.gap(Gap::Paragraph),
            b'\t' => self.character('\t'),
            _ => Ok(()),
        }
    }

    /// Whether this stands for a Unicode character that was read.
    fn skipped(&mut self) -> bool {
        let is_skipped = self.skip > 0;
        self.skip = self.skip.saturating_sub(1);
        is_skipped
    }

    fn word(&mut self, word: &Word) -> Result<(), Stop> {
        self.flush()?;
        if self.group.is_fresh {
            self.group.is_fresh = false;
            match destinations::of(word.name(), self.group.purpose) {
                Some((purpose, part)) => {
                    self.group.purpose = purpose;
                    self.group.part = part.unwrap_or(self.group.part);
                    return Ok(());
                }
                None if self.group.is_optional && self.group.purpose == Purpose::Text => {
                    self.group.purpose = Purpose::Skip;
                    return Ok(());
                }
                None => {}
            }
        }
        let number = word.number.unwrap_or(0);
        match word.name() {
            b"u" => return self.unicode(number),
            b"uc" => self.group.fallback = usize::try_from(number).unwrap_or(0).min(16),
            _ if self.skipped() => {}
            b"ansicpg" => self.ansi = codepage::by_number(u32::try_from(number).unwrap_or(0)),
            b"mac" => self.ansi = encoding_rs::MACINTOSH,
            b"deff" => self.default_font = number,
            b"f" => self.set_font(number),
            b"plain" => self.set_font(self.default_font),
            b"fcharset" => self.set_charset(codepage::by_charset(number).filter(|_| number != 0)),
            b"cpg" => self.set_charset(Some(codepage::by_number(u32::try_from(number).unwrap_or(0)))),
            b"htmlrtf" => self.group.is_hidden = word.number != Some(0),
            name => return self.mark(name),
        }
        Ok(())
    }

    /// Control words that are text, or end it.
    fn mark(&mut self, name: &[u8]) -> Result<(), Stop> {
        match name {
            b"par" | b"row" | b"nestrow" => self.gap(Gap::Paragraph),
            b"cell" | b"nestcell" => self.gap(Gap::Cell),
            b"line" | b"softline" | b"lbr" => self.gap(Gap::Line),
            b"page" | b"sect" | b"softpage" | b"column" => self.gap(Gap::Page),
            b"tab" => self.character('\t'),
            b"emdash" => self.character('—'),
            b"endash" => self.character('–'),
            b"bullet" => self.character('•'),
            b"lquote" => self.character('‘'),
            b"rquote" => self.character('’'),
            b"ldblquote" => self.character('“'),
            b"rdblquote" => self.character('”'),
            b"emspace" | b"enspace" | b"qmspace" => self.character(' '),
            _ => Ok(()),
        }
    }

    fn set_font(&mut self, font: i32) {
        self.font = font;
        self.group.encoding = self.fonts.get(&font).copied().flatten();
    }

    /// The character set of the font that is being described.
    fn set_charset(&mut self, encoding: Option<&'static Encoding>) {
        if self.group.purpose == Purpose::Fonts && self.fonts.len() < MAX_FONTS {
            self.fonts.insert(self.font, encoding);
        }
    }

    /// A UTF-16 unit as a signed number; characters above the first plane come in two.
    fn unicode(&mut self, number: i32) -> Result<(), Stop> {
        self.skip = self.group.fallback;
        let unit = u16::try_from(number & 0xFFFF).unwrap_or(0);
        if matches!(unit, 0xD800..=0xDBFF) {
            self.high = Some(unit);
            return Ok(());
        }
        let units = self.high.take().into_iter().chain([unit]);
        for c in char::decode_utf16(units).flatten() {
            self.character(c)?;
        }
        Ok(())
    }

    fn byte(&mut self, byte: u8) -> Result<(), Stop> {
        self.group.is_fresh = false;
        if self.group.purpose != Purpose::Object {
            return self.text_byte(byte);
        }
        if let Some(digit) = nibble(byte) {
            match self.half.take() {
                Some(half) => self.object_byte(half << 4 | digit),
                None => self.half = Some(digit),
            }
        }
        Ok(())
    }

    /// Takes a byte of an object; of one that is too large, none that is above.
    fn object_byte(&mut self, byte: u8) {
        let len = self.object.len();
        if len == MAX_OBJECT {
            self.found.stopped(&Stop::TooLarge);
            return;
        }
        if len == self.object.capacity() {
            let more = len.max(FIRST_OBJECT).min(MAX_OBJECT - len);
            let held = match &mut self.held {
                Some(held) => held.grow(more as u64),
                held => self.budget.hold(more as u64).map(|more| *held = Some(more)),
            };
            if let Err(stop) = held {
                self.found.stopped(&stop);
                return;
            }
            self.object.reserve_exact(more);
        }
        self.object.push(byte);
    }

    fn text_byte(&mut self, byte: u8) -> Result<(), Stop> {
        if self.skipped() || !self.is_text() {
            return Ok(());
        }
        self.bytes.push(byte);
        // No character of several bytes ends with a blank.
        if self.bytes.len() >= RUN && byte == b' ' || self.bytes.len() >= 16 * RUN {
            return self.flush();
        }
        Ok(())
    }

    /// Whether somebody wants the text of the group.
    fn is_text(&self) -> bool {
        match self.group.purpose {
            Purpose::Text => !self.group.is_hidden,
            Purpose::Property(_) | Purpose::CustomName | Purpose::CustomValue => self.value.len() < MAX_PROPERTY,
            _ => false,
        }
    }

    /// Decodes the bytes of text that came.
    fn flush(&mut self) -> Result<(), Stop> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.bytes);
        let own = self.group.encoding.unwrap_or(self.ansi);
        let encoding = if bytes.is_ascii() { UTF_8 } else { own };
        let text = encoding.decode_without_bom_handling(&bytes).0;
        text.chars().try_for_each(|c| self.character(c))?;
        self.bytes = bytes;
        self.bytes.clear();
        Ok(())
    }

    fn character(&mut self, c: char) -> Result<(), Stop> {
        if !self.is_text() {
            return Ok(());
        }
        if self.group.purpose != Purpose::Text {
            self.value.push(c);
            return Ok(());
        }
        self.enter()?;
        self.pen.put(c, &mut self.found.text)
    }

    fn gap(&mut self, gap: Gap) -> Result<(), Stop> {
        if self.group.purpose != Purpose::Text {
            return Ok(());
        }
        self.enter()?;
        self.pen.gap(gap, &mut self.found.text)
    }

    /// Goes to the part that the group stands in.
    fn enter(&mut self) -> Result<(), Stop> {
        if self.part == self.group.part {
            return Ok(());
        }
        self.part = self.group.part;
        self.pen.part(self.part, &mut self.found.text)
    }
}

#[cfg(test)]
mod tests {
    use crate::examined::{assert_in_order, examined};

    fn text(document: &[u8]) -> String {
        examined(document).text.captured
    }

    #[test]
    fn every_part_of_a_document_is_read() {
        let found = examined(include_bytes!("../tests/files/fixtures/rich.rtf"));
        assert_eq!(found.stopped, None);
        assert_in_order(
            &found,
            &[
                "页眉绝密★一年\n",
                "页脚示例科技有限公司\n",
                "正文第一段 13800138000 end被删除的文字。",
                "脚注内容",
                "尾注内容",
                "批注内容",
                "Link 显示的链接 after\nnext line\ttabbed",
                "甲\t13900139000\t无\t\n",
                "文本框内容",
                "Emoji 😀 and “quotes” – dash é\n最后一段",
            ],
        );
        assert!(!found.text.captured.contains("hidden.example.com"));
    }

    #[test]
    fn bytes_are_decoded_by_font_and_codepage() {
        let fonts =
            b"{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fcharset134 B;}{\\f2\\fcharset136 C;}}\
            \\f1 \\'ca\\'be\\'c0\\'fd {\\f2\\'b1z} \\f0 caf\\'e9}";
        assert_eq!(text(fonts), "示例 您 café");
        assert_eq!(text(b"{\\rtf1\\ansicpg936 \xCA\xBE\\'c0\\'fd}"), "示例");
    }

    #[test]
    fn unicode_takes_the_place_of_its_fallback() {
        assert_eq!(
            text(b"{\\rtf1\\uc2\\u31034 ab\\uc1\\u20363?{\\uc0\\u-10179\\u-8704}x\\u233\\'e9!}"),
            "示例😀xé!"
        );
    }

    #[test]
    fn what_is_no_text_is_left_out() {
        let document = b"{\\rtf1{\\stylesheet{\\s1 Heading;}}{\\*\\unknown{\\b deep}}a{\\pict\\bin5 }}{{}x}\
            {\\field{\\*\\fldinst HYPERLINK secret}{\\fldrslt shown}}{\\upr{old}{\\*\\ud{new}}}\\htmlrtf gone\\htmlrtf0 .}";
        assert_eq!(text(document), "ashownnew.");
    }

    #[test]
    fn properties_and_label_are_taken() {
        let found = examined(
            b"{\\rtf1{\\info{\\title T}{\\*\\company \\u31034?}{\\upr{\\author ?}{\\*\\ud{\\author \\u20363?}}}}\
            {\\*\\userprops{\\propname \\u23494?\\u32423?}\\proptype30{\\staticval \\u20869?\\u37096?}}}",
        );
        assert_eq!(found.properties.title.as_deref(), Some("T"));
        assert_eq!(found.properties.company.as_deref(), Some("示"));
        assert_eq!(found.label.as_deref(), Some("内部"));
    }

    #[test]
    fn an_embedded_file_is_examined() {
        let inner = b"{\\rtf1 inner}";
        let native = [&[2, 0][..], b"a.rtf\0a\0\0\0\x03\0\x02\0\0\0a\0\x0D\0\0\0", inner].concat();
        let length = u32::try_from(native.len()).unwrap().to_le_bytes();
        let start = b"\x01\x05\0\0\x02\0\0\0\x08\0\0\0Package\0\0\0\0\0\0\0\0\0";
        let object = [&start[..], &length, &native].concat();
        let digits = object
            .iter()
            .fold(String::new(), |digits, byte| format!("{digits}{byte:02x}\n"));
        let document = format!("{{\\rtf1 before{{\\object{{\\*\\objdata {digits}}}}}after}}");
        assert_in_order(&examined(document.as_bytes()), &["before", "inner", "after"]);
    }

    #[test]
    fn groups_without_end_are_damage_and_nothing_worse() {
        let found = examined(&[&b"{\\rtf1 x"[..], &b"{".repeat(100_000)].concat());
        assert_eq!(found.text.captured, "x");
        assert_eq!(found.stopped, Some(fileward_policy::facts::TextState::Malformed));
    }
}
