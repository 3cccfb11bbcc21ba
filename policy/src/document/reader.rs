//! Reading a table key by key. The reading code is the only list of keys there is: what it does not ask for is
//! unknown, and what it asks for is what the JSON Schema says.

use std::cell::RefCell;

use serde_json::{Map, Value as Json, json};

use super::PolicyError;
use super::tree::{At, Node, Raw};
use super::value::{Value, cut, did_you_mean};

/// A table that is being read; a table that was left out is read too, and has nothing in it.
pub(super) struct Reader<'a> {
    at: At,
    table: Option<&'a Node>,
    errors: &'a RefCell<Vec<PolicyError>>,
    keys: Vec<(&'static str, Json)>,
    /// The schema of any other key, in a table that may have one of any name.
    others: Option<Json>,
}

impl<'a> Reader<'a> {
    /// Reads the document `root`, or an empty one; gives what `read` gives and the JSON Schema of it.
    pub(super) fn read<T>(
        root: Option<&'a Node>,
        errors: &'a RefCell<Vec<PolicyError>>,
        read: impl FnOnce(&mut Self) -> T,
    ) -> (T, Json) {
        let at = root.map_or(
            At {
                line: 1,
                key: String::new(),
            },
            |root| root.at.clone(),
        );
        Self::table(at, root, errors, read)
    }

    fn table<T>(
        at: At,
        table: Option<&'a Node>,
        errors: &'a RefCell<Vec<PolicyError>>,
        read: impl FnOnce(&mut Self) -> T,
    ) -> (T, Json) {
        let mut reader = Self {
            at,
            table,
            errors,
            keys: Vec::new(),
            others: None,
        };
        let value = read(&mut reader);
        reader.refuse_unknown_keys();
        (value, reader.schema())
    }

    /// The value of `key`, or its default.
    pub(super) fn value<V: Value>(&mut self, key: &'static str, about: &str, default: V) -> V {
        let mut schema = V::schema();
        schema["default"] = default.written();
        self.leaf(key, about, schema).unwrap_or(default)
    }

    /// The value of a key that has no default.
    pub(super) fn optional<V: Value>(&mut self, key: &'static str, about: &str) -> Option<V> {
        self.leaf(key, about, V::schema())
    }

    /// The values of all keys that were not asked for until here: in this table a key may have any name.
    pub(super) fn others<V: Value>(&mut self) -> Vec<(&'a str, V)> {
        self.others = Some(V::schema());
        let entries = self.table.map(Node::entries).unwrap_or_default();
        let others = entries.iter().filter(|(key, _)| !self.knows(key));
        let mut errors = self.errors.borrow_mut();
        others
            .filter_map(|(key, node)| Some((key.as_str(), V::read(node, &mut errors)?)))
            .collect()
    }

    /// What stands under keys that were not asked for until here, where it can be read. The keys stay unknown.
    pub(super) fn unknown<V: Value>(&self) -> Vec<(&'a str, V)> {
        let entries = self.table.map(Node::entries).unwrap_or_default();
        let unknown = entries.iter().filter(|(key, _)| !self.knows(key));
        unknown
            .filter_map(|(key, node)| Some((key.as_str(), V::read(node, &mut Vec::new())?)))
            .collect()
    }

    /// A table of its own.
    pub(super) fn section<T>(&mut self, key: &'static str, about: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let node = self.child(key);
        let table = node.filter(|node| matches!(node.raw, Raw::Table(_)));
        if let (Some(node), None) = (node, table) {
            self.push(node.at.error(format!("must be a table, not {}", node.what())));
        }
        self.nested(key, about, table, read, |schema| schema)
    }

    /// A table that `false` turns off.
    pub(super) fn switch<T>(&mut self, key: &'static str, about: &str, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let node = self.child(key);
        let off = node.is_some_and(|node| matches!(node.raw, Raw::Bool(false)));
        let table = node.filter(|node| matches!(node.raw, Raw::Table(_)));
        if let (Some(node), None, false) = (node, table, off) {
            let wrong = format!("must be a table, or false to turn it off, not {}", node.what());
            self.push(node.at.error(wrong));
        }
        let value = self.nested(
            key,
            about,
            table,
            read,
            |schema| json!({ "anyOf": [{ "const": false }, schema] }),
        );
        (!off).then_some(value)
    }

    /// Tables that can stand any number of times, `[[key]]`; `lacking` says why there must be one at least.
    pub(super) fn list<T>(
        &mut self,
        key: &'static str,
        about: &str,
        lacking: &str,
        mut read: impl FnMut(&mut Self) -> T,
    ) -> Vec<T> {
        let items = match self.child(key).map(|node| &node.raw) {
            Some(Raw::List(items)) if !items.is_empty() => items.as_slice(),
            Some(Raw::List(_)) | None => {
                self.error(key, lacking);
                &[]
            }
            Some(_) => {
                self.error(key, format!("must be written as [[{key}]], once for each"));
                &[]
            }
        };
        // An item that nobody wrote is read for its schema; what it lacks is no error.
        let before = self.errors.borrow().len();
        let (_, schema) = Self::table(self.at.child(key), None, self.errors, &mut read);
        self.errors.borrow_mut().truncate(before);
        self.know(key, about, json!({ "type": "array", "items": schema }));
        let mut values = Vec::new();
        for item in items {
            if matches!(item.raw, Raw::Table(_)) {
                values.push(Self::table(item.at.clone(), Some(item), self.errors, &mut read).0);
            } else {
                self.push(item.at.error(format!("must be a table, not {}", item.what())));
            }
        }
        values
    }

    /// Says that the value of `key` is wrong, or that it is missing.
    pub(super) fn error(&self, key: &str, message: impl Into<String>) {
        let at = self
            .child(key)
            .map_or_else(|| self.at.child(key), |node| node.at.clone());
        self.push(at.error(message));
    }

    /// Says that the table as a whole is wrong.
    pub(super) fn error_here(&self, message: impl Into<String>) {
        self.push(self.at.error(message));
    }

    /// Says that what stands under a dotted key is wrong.
    pub(super) fn error_at(&self, dotted: &str, message: impl Into<String>) {
        let at = self
            .table
            .map_or_else(|| self.at.child(dotted), |table| table.locate(dotted));
        self.push(at.error(message));
    }

    /// Whether `key` was written, rightly or not.
    pub(super) fn has(&self, key: &str) -> bool {
        self.child(key).is_some()
    }

    fn child(&self, key: &str) -> Option<&'a Node> {
        self.table?.get(key)
    }

    fn push(&self, error: PolicyError) {
        self.errors.borrow_mut().push(error);
    }

    fn leaf<V: Value>(&mut self, key: &'static str, about: &str, schema: Json) -> Option<V> {
        self.know(key, about, schema);
        V::read(self.child(key)?, &mut self.errors.borrow_mut())
    }

    fn nested<T>(
        &mut self,
        key: &'static str,
        about: &str,
        table: Option<&'a Node>,
        read: impl FnOnce(&mut Self) -> T,
        schema: impl FnOnce(Json) -> Json,
    ) -> T {
        let at = table.map_or_else(|| self.at.child(key), |node| node.at.clone());
        let (value, table_schema) = Self::table(at, table, self.errors, read);
        self.know(key, about, schema(table_schema));
        value
    }

    fn know(&mut self, key: &'static str, about: &str, mut schema: Json) {
        schema["description"] = about.into();
        self.keys.push((key, schema));
    }

    fn knows(&self, key: &str) -> bool {
        self.keys.iter().any(|(known, _)| *known == key)
    }

    fn refuse_unknown_keys(&self) {
        if self.others.is_some() {
            return;
        }
        let known: Vec<_> = self.keys.iter().map(|(key, _)| *key).collect();
        for (key, node) in self.table.map(Node::entries).unwrap_or_default() {
            if !self.knows(key) {
                let near = did_you_mean(key, &known);
                let listed = known.join(", ");
                self.push(
                    node.at
                        .error(format!("\"{}\" is not a key here; known are {listed}{near}", cut(key))),
                );
            }
        }
    }

    fn schema(self) -> Json {
        let properties: Map<_, _> = self
            .keys
            .into_iter()
            .map(|(key, schema)| (key.to_owned(), schema))
            .collect();
        let others = self.others.unwrap_or(Json::Bool(false));
        json!({ "type": "object", "additionalProperties": others, "properties": properties })
    }
}
