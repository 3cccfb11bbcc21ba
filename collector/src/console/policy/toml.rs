//! Changing single values of a document, so that everything else in it stays as it was written: order, blanks, comments.

use toml_edit::{Array, DocumentMut, InlineTable, Item, TableLike, Value};

/// Something else stands where a table must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoTable;

/// Sets the value at a path of keys. What stood there gives its place and its comment.
pub(super) fn set(document: &mut DocumentMut, path: &[&str], value: Value) -> Result<(), NoTable> {
    let Some((key, tables)) = path.split_last() else {
        return Err(NoTable);
    };
    put(table(document.as_table_mut(), tables)?, key, value);
    Ok(())
}

/// Makes a list hold these texts: what stays keeps its place, what comes is put at the end.
pub(super) fn set_list(document: &mut DocumentMut, path: &[&str], texts: &[String]) -> Result<(), NoTable> {
    let Some((key, tables)) = path.split_last() else {
        return Err(NoTable);
    };
    let table = table(document.as_table_mut(), tables)?;
    let Some(array) = table.get_mut(key).and_then(Item::as_array_mut) else {
        put(table, key, Value::Array(texts.iter().collect()));
        return Ok(());
    };
    rewrite(array, texts);
    Ok(())
}

/// Makes a list hold these texts. What stands behind a value up to the end of its line, such as a comment, comes before
/// the next one in TOML's grammar, and stays behind its value here.
fn rewrite(array: &mut Array, texts: &[String]) {
    let prefixes: Vec<String> = array.iter().map(prefix).collect();
    let mut kept = Array::new();
    let mut behind: Option<String> = None;
    for (value, prefix) in array.iter().zip(&prefixes) {
        let (head, own) = split(prefix);
        if value
            .as_str()
            .is_some_and(|text| texts.iter().any(|wanted| wanted == text))
        {
            let head = behind.take().unwrap_or_else(|| head.to_owned());
            kept.push_formatted(with_prefix(value.clone(), &format!("{head}{own}")));
        } else {
            behind.get_or_insert_with(|| head.to_owned());
        }
    }
    let trailing = array.trailing().as_str().unwrap_or_default().to_owned();
    let (head, rest) = split(&trailing);
    let mut head = behind.unwrap_or_else(|| head.to_owned());
    // A list over several lines goes on over several lines.
    let lead = prefixes.last().map_or("", |prefix| split(prefix).1);
    for text in texts {
        if !holds(&kept, text) {
            let lead = match lead {
                "" if !kept.is_empty() => " ",
                lead => lead,
            };
            kept.push_formatted(with_prefix(text.as_str().into(), &format!("{head}{lead}")));
            head.clear();
        }
    }
    kept.set_trailing(format!("{head}{rest}"));
    kept.set_trailing_comma(array.trailing_comma() && !kept.is_empty());
    *kept.decor_mut() = array.decor().clone();
    *array = kept;
}

/// What stands before a value.
fn prefix(value: &Value) -> String {
    let prefix = value.decor().prefix().and_then(|prefix| prefix.as_str());
    prefix.unwrap_or_default().to_owned()
}

/// The rest of the line of the value before, and what is on lines of its own.
fn split(prefix: &str) -> (&str, &str) {
    match prefix.find('\n') {
        Some(end) => prefix.split_at(end),
        None => ("", prefix),
    }
}

fn with_prefix(mut value: Value, prefix: &str) -> Value {
    value.decor_mut().set_prefix(prefix);
    value
}

fn holds(array: &Array, text: &str) -> bool {
    array.iter().any(|value| value.as_str() == Some(text))
}

/// The table at a path of keys. One that is missing, or that was turned off by `false`, is made.
fn table<'a>(root: &'a mut dyn TableLike, path: &[&str]) -> Result<&'a mut dyn TableLike, NoTable> {
    let mut table = root;
    for key in path {
        let off = table.get(key).and_then(Item::as_bool) == Some(false);
        if off || table.get(key).is_none() {
            put(table, key, Value::InlineTable(InlineTable::new()));
        }
        table = table.get_mut(key).and_then(Item::as_table_like_mut).ok_or(NoTable)?;
    }
    Ok(table)
}

fn put(table: &mut dyn TableLike, key: &str, mut value: Value) {
    match table.get_mut(key) {
        Some(Item::Value(former)) => {
            *value.decor_mut() = former.decor().clone();
            *former = value;
        }
        Some(item) => *item = Item::Value(value),
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "\
# ours
[places] # where not
desktop = { grace = \"30m\" }   # short
downloads = false
[work_file.evidence]
company_names = [ # as written
    \"甲\", # first
    \"乙\",
]
";

    fn changed(change: impl Fn(&mut DocumentMut) -> Result<(), NoTable>) -> String {
        let mut document: DocumentMut = DOCUMENT.parse().unwrap();
        change(&mut document).unwrap();
        document.to_string()
    }

    #[test]
    fn a_value_changes_and_its_comment_stays() {
        let text = changed(|document| set(document, &["places", "desktop", "grace"], "1h".into()));
        assert_eq!(text, DOCUMENT.replace("30m", "1h"));
        let text = changed(|document| set(document, &["places", "desktop"], false.into()));
        assert_eq!(text, DOCUMENT.replace("{ grace = \"30m\" }", "false"));
    }

    #[test]
    fn what_was_off_or_missing_is_made() {
        let text = changed(|document| set(document, &["places", "downloads", "grace"], "1h".into()));
        assert_eq!(
            text,
            DOCUMENT.replace("downloads = false", "downloads = { grace = \"1h\" }")
        );
        let text = changed(|document| set(document, &["rules", "oversize_in_chat", "limit"], "5MB".into()));
        let read: toml_edit::DocumentMut = text.parse().unwrap();
        assert_eq!(read["rules"]["oversize_in_chat"]["limit"].as_str(), Some("5MB"));
        assert_eq!(text.matches('#').count(), DOCUMENT.matches('#').count());
    }

    #[test]
    fn a_list_keeps_what_stays_with_its_comments() {
        let path = ["work_file", "evidence", "company_names"];
        let texts = ["甲".to_owned(), "丙".to_owned()];
        let text = changed(|document| set_list(document, &path, &texts));
        assert_eq!(text, DOCUMENT.replace("乙", "丙"));
        let none = changed(|document| set_list(document, &path, &[]));
        assert!(none.contains("# as written"), "{none}");
        let read: DocumentMut = text.parse().unwrap();
        assert_eq!(
            read["work_file"]["evidence"]["company_names"].as_array().unwrap().len(),
            2
        );
    }

    #[test]
    fn what_is_no_table_is_left_alone() {
        let mut document: DocumentMut = "places = 3\n".parse().unwrap();
        let set = set(&mut document, &["places", "desktop", "grace"], "1h".into());
        assert_eq!(set, Err(NoTable));
        assert_eq!(document.to_string(), "places = 3\n");
    }
}
