//! A TOML document as a tree in which each node knows its line and its full key, so that an error found after
//! group exceptions were merged still names the place where the officer wrote it.

use toml::de::{DeTable, DeValue};

use super::PolicyError;

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) at: At,
    pub(super) raw: Raw,
}

/// A place in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct At {
    /// From 1.
    pub(super) line: usize,
    /// Dotted, such as `store[1].path`; empty for the document itself.
    pub(super) key: String,
}

/// A value, as far as a policy can use it.
#[derive(Clone, Debug)]
pub(super) enum Raw {
    Text(String),
    /// `None` when it does not fit.
    Integer(Option<i64>),
    Fraction,
    Bool(bool),
    Date,
    List(Vec<Node>),
    Table(Vec<(String, Node)>),
}

impl At {
    /// The place of `key` in the table that is here, for want of a better line.
    pub(super) fn child(&self, key: &str) -> Self {
        let key = if self.key.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.key)
        };
        Self { line: self.line, key }
    }

    pub(super) fn error(&self, message: impl Into<String>) -> PolicyError {
        PolicyError {
            line: self.line,
            key: self.key.clone(),
            message: message.into(),
        }
    }
}

impl Node {
    /// Reads a document.
    ///
    /// # Errors
    /// What keeps it from being TOML, the first of each line.
    pub(super) fn parse(source: &str) -> Result<Self, Vec<PolicyError>> {
        let lines = Lines::of(source);
        let (table, faults) = DeTable::parse_recoverable(source);
        if faults.is_empty() {
            let at = At {
                line: 1,
                key: String::new(),
            };
            let raw = lines.table(&at, table.get_ref());
            return Ok(Self { at, raw });
        }
        let mut errors: Vec<_> = faults.iter().map(|fault| lines.fault(source, fault)).collect();
        errors.sort_by_key(|error| error.line);
        errors.dedup_by_key(|error| error.line);
        Err(errors)
    }

    /// The value of `key`, when this is a table that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Raw::Table(entries) = &self.raw else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The entries; none when this is not a table.
    pub(super) fn entries(&self) -> &[(String, Self)] {
        match &self.raw {
            Raw::Table(entries) => entries,
            _ => &[],
        }
    }

    /// Takes `key` out of this table.
    pub(super) fn take(&mut self, key: &str) -> Option<Self> {
        let Raw::Table(entries) = &mut self.raw else {
            return None;
        };
        let at = entries.iter().position(|(name, _)| name == key)?;
        Some(entries.remove(at).1)
    }

    /// Lays `over` on top: tables key by key, everything else replaced.
    pub(super) fn merge(&mut self, over: &Self) {
        let (Raw::Table(entries), Raw::Table(upper)) = (&mut self.raw, &over.raw) else {
            *self = over.clone();
            return;
        };
        for (key, node) in upper {
            match entries.iter_mut().find(|(name, _)| name == key) {
                Some((_, below)) => below.merge(node),
                None => entries.push((key.clone(), node.clone())),
            }
        }
    }

    /// The place of a dotted key, or of the innermost table on the way to it that was written.
    pub(super) fn locate(&self, dotted: &str) -> At {
        let mut node = self;
        let mut rest = dotted.split('.');
        while let Some(key) = rest.next() {
            let Some(next) = node.get(key) else {
                return std::iter::once(key)
                    .chain(rest)
                    .fold(node.at.clone(), |at, key| at.child(key));
            };
            node = next;
        }
        node.at.clone()
    }

    /// What this is, for "must be …, not …".
    pub(super) fn what(&self) -> &'static str {
        match &self.raw {
            Raw::Text(_) => "a text",
            Raw::Integer(_) => "a number",
            Raw::Fraction => "a fraction",
            Raw::Bool(true) => "true",
            Raw::Bool(false) => "false",
            Raw::Date => "a date",
            Raw::List(_) => "a list",
            Raw::Table(_) => "a table",
        }
    }
}

/// Where each line starts.
struct Lines(Vec<usize>);

impl Lines {
    fn of(source: &str) -> Self {
        let breaks = source
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at + 1);
        Self(std::iter::once(0).chain(breaks).collect())
    }

    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }

    fn fault(&self, source: &str, fault: &toml::de::Error) -> PolicyError {
        let span = fault.span().unwrap_or_default();
        let named = source.get(span.clone()).filter(|_| fault.message() == "duplicate key");
        let named = named.map(|key| format!(" `{key}`")).unwrap_or_default();
        PolicyError {
            // An error at the very end is one of the last line that was written.
            line: self.at(span.start.min(source.trim_end().len())),
            key: String::new(),
            message: format!("this cannot be read as TOML: {}{named}", fault.message().trim_end()),
        }
    }

    fn table(&self, at: &At, table: &DeTable<'_>) -> Raw {
        let mut entries: Vec<_> = table
            .iter()
            .map(|(key, value)| {
                let line = self.at(key.span().start);
                let at = At {
                    line,
                    ..at.child(key.get_ref())
                };
                (
                    key.get_ref().to_string(),
                    Node {
                        raw: self.raw(&at, value.get_ref()),
                        at,
                    },
                )
            })
            .collect();
        entries.sort_by_key(|(_, node)| node.at.line);
        Raw::Table(entries)
    }

    fn raw(&self, at: &At, value: &DeValue<'_>) -> Raw {
        match value {
            DeValue::String(text) => Raw::Text(text.to_string()),
            DeValue::Integer(number) => Raw::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok()),
            DeValue::Float(_) => Raw::Fraction,
            DeValue::Boolean(value) => Raw::Bool(*value),
            DeValue::Datetime(_) => Raw::Date,
            DeValue::Table(table) => self.table(at, table),
            DeValue::Array(items) => Raw::List(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| {
                        let at = At {
                            line: self.at(item.span().start),
                            key: format!("{}[{index}]", at.key),
                        };
                        Node {
                            raw: self.raw(&at, item.get_ref()),
                            at,
                        }
                    })
                    .collect(),
            ),
        }
    }
}
