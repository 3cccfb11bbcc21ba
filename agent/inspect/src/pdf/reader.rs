//! What reading a page's text needs at hand.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::found::Found;
use crate::pdf::content::{Content, MAX_FORMS};
use crate::pdf::font::Font;
use crate::pdf::geometry::Matrix;
use crate::pdf::layout::Layout;
use crate::pdf::object::{Dictionary, Object, numbers};
use crate::pdf::objects::{MAX_STREAM, Objects};
use crate::source::{Source, Stop};
use crate::text::Part;

/// Bytes of fonts that are kept; of a file with more, some are read again.
const KEPT_FONTS: usize = 8 << 20;
/// Forms run on one page.
const FORMS_OF_PAGE: u32 = 5_000;
/// Bytes of contents held at a time, those of forms within them included.
const CONTENTS: usize = 24 << 20;

/// What the names in a content stream stand for.
#[derive(Debug, Default)]
pub(super) struct Resources {
    fonts: Dictionary,
    forms: Dictionary,
    properties: Dictionary,
    /// Fonts that are no objects of their own, by name.
    own_fonts: RefCell<HashMap<Vec<u8>, Option<Rc<Font>>>>,
}

/// Reads the text of pages.
#[derive(Debug)]
pub(super) struct Reader<'r, 'a> {
    pub(super) source: &'r mut Source<'a>,
    pub(super) objects: &'r mut Objects,
    pub(super) found: &'r mut Found,
    pub(super) layout: Layout,
    fonts: HashMap<u32, Option<Rc<Font>>>,
    fonts_weight: usize,
    /// Forms being run, the outermost first.
    open: Vec<u32>,
    forms_left: u32,
    room: usize,
    /// Attachments examined already, by the number of their stream.
    pub(super) attached: HashSet<u32>,
}

impl<'r, 'a> Reader<'r, 'a> {
    pub(super) fn new(source: &'r mut Source<'a>, objects: &'r mut Objects, found: &'r mut Found) -> Self {
        Self {
            source,
            objects,
            found,
            layout: Layout::default(),
            fonts: HashMap::new(),
            fonts_weight: 0,
            open: Vec::new(),
            forms_left: 0,
            room: CONTENTS,
            attached: HashSet::new(),
        }
    }

    /// Allows as many forms as a page may have.
    pub(super) fn begin_page(&mut self) {
        self.forms_left = FORMS_OF_PAGE;
    }

    /// Runs a page's contents, one stream or several that are read as one.
    pub(super) fn show_page(&mut self, contents: &[Object], resources: &Resources) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        for part in contents {
            if let Object::Reference(number) = part {
                let max = self.room.min(MAX_STREAM).saturating_sub(bytes.len());
                if max == 0 {
                    break;
                }
                if let Some(part) = self.unpack(*number, max)? {
                    bytes.extend(part);
                }
            }
        }
        self.run(&bytes, resources, Part::Body, Matrix::IDENTITY, MAX_FORMS)
    }

    /// Runs the form of this name.
    pub(super) fn show_form(
        &mut self,
        (resources, name): (&Resources, &[u8]),
        part: Part,
        matrix: Matrix,
        depth: u32,
    ) -> Result<(), Stop> {
        match resources.forms.get_bytes(name) {
            Some(Object::Reference(number)) => self.show_form_object(*number, Some(resources), part, matrix, depth),
            _ => Ok(()),
        }
    }

    /// Runs a form by its number, with the resources around it if it has none of its own.
    pub(super) fn show_form_object(
        &mut self,
        number: u32,
        around: Option<&Resources>,
        part: Part,
        matrix: Matrix,
        depth: u32,
    ) -> Result<(), Stop> {
        if self.open.contains(&number) || self.forms_left == 0 {
            return Ok(());
        }
        let form = self.objects.value(self.source, &Object::Reference(number))?;
        let form = form.into_dictionary().unwrap_or_default();
        if !form.has_name("Subtype", b"Form") {
            return Ok(());
        }
        self.forms_left -= 1;
        let own = match form.get("Resources") {
            Some(_) => Some(self.resources(&form)?),
            None => None,
        };
        let empty = Resources::default();
        let resources = own.as_ref().or(around).unwrap_or(&empty);
        let Some(bytes) = self.unpack(number, self.room.min(MAX_STREAM))? else {
            return Ok(());
        };
        let own_matrix = self.objects.entry(self.source, &form, "Matrix")?.into_array();
        let own_matrix = numbers(&own_matrix).map_or(Matrix::IDENTITY, Matrix);
        self.open.push(number);
        let result = self.run(&bytes, resources, part, own_matrix.then(matrix), depth);
        self.open.pop();
        result
    }

    fn run(&mut self, bytes: &[u8], resources: &Resources, part: Part, matrix: Matrix, depth: u32) -> Result<(), Stop> {
        self.room = self.room.saturating_sub(bytes.len());
        let result = Content::new(resources, part, matrix, depth).run(bytes, self);
        self.room += bytes.len();
        result
    }

    /// Unpacks a content stream. One that is damaged is noted, one that is too long is read so far.
    fn unpack(&mut self, number: u32, max: usize) -> Result<Option<Vec<u8>>, Stop> {
        let mut result = self
            .objects
            .stream(self.source, number, max)
            .map(|data| (data.bytes, data.is_cut));
        if matches!(result, Ok((_, true))) {
            result = self.objects.text_of_drawing(self.source, number, max);
        }
        match result {
            Ok((mut bytes, is_cut)) => {
                if is_cut {
                    self.found.stopped(&Stop::TooLarge);
                }
                // The last word ends with the stream; a blank behind it shows that it is whole.
                bytes.push(b' ');
                Ok(Some(bytes))
            }
            Err(Stop::Damaged) => {
                self.objects.is_damaged = true;
                Ok(None)
            }
            Err(stop) => Err(stop),
        }
    }

    /// The resources of a page or form.
    pub(super) fn resources(&mut self, of: &Dictionary) -> Result<Resources, Stop> {
        let own = self.objects.entries(self.source, of, "Resources")?;
        Ok(Resources {
            fonts: self.objects.entries(self.source, &own, "Font")?,
            forms: self.objects.entries(self.source, &own, "XObject")?,
            properties: self.objects.entries(self.source, &own, "Properties")?,
            own_fonts: RefCell::default(),
        })
    }

    /// The properties that marked content names.
    pub(super) fn properties(&mut self, resources: &Resources, name: &[u8]) -> Result<Dictionary, Stop> {
        let Some(own) = resources.properties.get_bytes(name) else {
            return Ok(Dictionary::default());
        };
        Ok(self
            .objects
            .value(self.source, own)?
            .into_dictionary()
            .unwrap_or_default())
    }

    /// The font of this name.
    pub(super) fn font(&mut self, resources: &Resources, name: &[u8]) -> Result<Option<Rc<Font>>, Stop> {
        let Some(object) = resources.fonts.get_bytes(name) else {
            return Ok(None);
        };
        if let Object::Reference(number) = object {
            if let Some(font) = self.fonts.get(number) {
                return Ok(font.clone());
            }
            let font = self.read_font(object)?;
            self.fonts_weight += font.as_ref().map_or(64, |font| font.weight());
            if self.fonts_weight > KEPT_FONTS {
                self.fonts.clear();
                self.fonts_weight = 0;
            }
            self.fonts.insert(*number, font.clone());
            return Ok(font);
        }
        if let Some(font) = resources.own_fonts.borrow().get(name) {
            return Ok(font.clone());
        }
        let font = self.read_font(object)?;
        resources.own_fonts.borrow_mut().insert(name.to_vec(), font.clone());
        Ok(font)
    }

    fn read_font(&mut self, object: &Object) -> Result<Option<Rc<Font>>, Stop> {
        let Object::Dictionary(font) = self.objects.value(self.source, object)? else {
            return Ok(None);
        };
        match Font::read(self.source, self.objects, &font) {
            Ok(font) => Ok(Some(Rc::new(font))),
            Err(Stop::Damaged) => {
                self.objects.is_damaged = true;
                Ok(None)
            }
            Err(stop) => Err(stop),
        }
    }
}
