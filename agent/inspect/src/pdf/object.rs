//! The objects a PDF is written in.

/// An object.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Object {
    Null,
    Bool(bool),
    Integer(i64),
    Real(f32),
    Name(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Self>),
    Dictionary(Dictionary),
    /// An object of its own, by its number.
    Reference(u32),
}

impl Object {
    pub(super) fn number(&self) -> Option<f32> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "places on a page need no more")]
            Self::Integer(value) => Some(*value as f32),
            Self::Real(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn into_dictionary(self) -> Option<Dictionary> {
        match self {
            Self::Dictionary(dictionary) => Some(dictionary),
            _ => None,
        }
    }

    pub(super) fn into_array(self) -> Vec<Self> {
        match self {
            Self::Array(items) => items,
            _ => Vec::new(),
        }
    }
}

/// An object with its number, and where its stream begins if it has one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Indirect {
    pub(super) number: u32,
    pub(super) generation: u16,
    pub(super) object: Object,
    pub(super) stream: Option<usize>,
}

/// Numbers of an array, such as a matrix; `None` when one is missing.
pub(super) fn numbers<const N: usize>(objects: &[Object]) -> Option<[f32; N]> {
    let mut numbers = [0.0; N];
    for (index, number) in numbers.iter_mut().enumerate() {
        *number = objects.get(index)?.number()?;
    }
    Some(numbers)
}

/// Names with their objects.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Dictionary(pub(super) Vec<(Vec<u8>, Object)>);

impl Dictionary {
    pub(super) fn get(&self, name: &str) -> Option<&Object> {
        self.get_bytes(name.as_bytes())
    }

    /// As [`Self::get`], by a name that stands in the file.
    pub(super) fn get_bytes(&self, name: &[u8]) -> Option<&Object> {
        let entry = self.0.iter().find(|(own, _)| own == name);
        entry.map(|(_, object)| object)
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Object::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// An integer that counts or places something.
    pub(super) fn number<T: TryFrom<i64>>(&self, name: &str) -> Option<T> {
        T::try_from(self.integer(name)?).ok()
    }

    pub(super) fn name(&self, name: &str) -> Option<&[u8]> {
        match self.get(name)? {
            Object::Name(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&[u8]> {
        match self.get(name)? {
            Object::Text(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn has_name(&self, name: &str, value: &[u8]) -> bool {
        self.name(name) == Some(value)
    }

    pub(super) fn dictionary(&self, name: &str) -> Option<&Self> {
        match self.get(name)? {
            Object::Dictionary(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn array(&self, name: &str) -> Option<&[Object]> {
        match self.get(name)? {
            Object::Array(value) => Some(value),
            _ => None,
        }
    }
}
