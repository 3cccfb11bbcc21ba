//! Texts in JSON, taken by their keys while it is read.

use std::fmt;
use std::io::{self, Read};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::flow::Flow;
use crate::source::Stop;
use crate::text::Gap;

/// The largest document that is read: one text of it may be as long as the whole.
const MAX_BYTES: u64 = 16 << 20;

/// Reads the strings that stand under one of `keys`, in lists too.
pub(crate) fn read(document: impl Read, keys: &[&str], flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut limited = io::BufReader::new(document.take(MAX_BYTES));
    let mut stop = None;
    let texts = Texts {
        keys,
        is_wanted: false,
        flow,
        stop: &mut stop,
    };
    let mut deserializer = serde_json::Deserializer::from_reader(&mut limited);
    let result = texts.deserialize(&mut deserializer);
    if let Some(stop) = stop {
        return Err(stop);
    }
    match result {
        Ok(()) => Ok(()),
        Err(_) if limited.get_ref().limit() == 0 => Err(Stop::TooLarge),
        Err(error) if error.is_io() => Err(io::Error::from(error).into()),
        Err(_) => Err(Stop::Damaged),
    }
}

/// Passes over a value, taking the texts in it.
struct Texts<'a, 'f, 't> {
    keys: &'a [&'a str],
    is_wanted: bool,
    flow: &'f mut Flow<'t>,
    stop: &'f mut Option<Stop>,
}

impl<'t> Texts<'_, '_, 't> {
    fn within(&mut self, is_wanted: bool) -> Texts<'_, '_, 't> {
        Texts {
            keys: self.keys,
            is_wanted,
            flow: self.flow,
            stop: self.stop,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Texts<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Texts<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        if !self.is_wanted {
            return Ok(());
        }
        self.flow.end(Gap::Paragraph);
        for line in text.lines() {
            if let Err(stop) = self.flow.push(line) {
                *self.stop = Some(stop);
                return Err(E::custom("no more text is taken"));
            }
            self.flow.end(Gap::Line);
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let is_wanted = self.is_wanted;
        while list.next_element_seed(self.within(is_wanted))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let is_wanted = self.keys.contains(&key.as_str());
            map.next_value_seed(self.within(is_wanted))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::found::Found;
    use crate::text::Part;

    fn texts(document: &str) -> (String, Result<(), Stop>) {
        let mut found = Found::for_tests();
        let mut flow = Flow::new(&mut found.text, Part::Body);
        let result = read(document.as_bytes(), &["title", "labels"], &mut flow);
        flow.finish().unwrap();
        (found.text.captured, result)
    }

    #[test]
    fn texts_are_taken_by_their_keys() {
        let document = r#"[{"id":"x","title":"机\u5bc6","children":{"attached":[{"title":"a\nb","labels":["c","d"],"n":[1,-1,1.5,null,true]}]}}]"#;
        assert_eq!(texts(document), ("机密\na\nb\nc\nd\u{C}".into(), Ok(())));
    }

    #[test]
    fn what_came_before_damage_is_kept() {
        assert_eq!(texts(r#"{"title":"a","title":"#), ("a\u{C}".into(), Err(Stop::Damaged)));
        assert_eq!(texts(&"[".repeat(100_000)).1, Err(Stop::Damaged));
    }
}
