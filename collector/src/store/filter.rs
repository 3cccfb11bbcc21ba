//! What lists are made of, whichever database gives them.

use super::Direction;

/// What a list is made of; fixed text, never a value.
pub(crate) struct Select<'a> {
    /// The columns.
    pub columns: &'a str,
    /// The tables.
    pub from: &'a str,
    /// The order.
    pub order: &'a str,
}

/// The order by `column` in a direction, and by `then` where that is alike.
pub(crate) fn ordered(column: &str, direction: Direction, then: &str) -> String {
    let way = match direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    };
    format!("{column} {way}, {then}")
}

/// A LIKE pattern for text that contains `part`; to be used with `ESCAPE '\'` on text in lower case.
pub(crate) fn containing(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in part.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_searched_text_stand_for_themselves() {
        assert_eq!(containing("50%_A"), "%50\\%\\_a%");
    }
}
