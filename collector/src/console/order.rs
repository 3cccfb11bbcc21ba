//! The order of a table: as it stands in an address, and as the heads of its columns show it and change it.

use std::fmt::Display;
use std::str::FromStr;

use fileward_policy::words::Both;
use fileward_protocol::vocabulary::Language;
use maud::{Markup, html};
use serde::Deserialize;

use super::layout;
use crate::safe::visible;
use crate::store::{Column, Order};

/// The order as it stands in an address; empty for the usual one.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    sort: String,
    direction: String,
}

impl Asked {
    /// The order. What is no column of this list asks for nothing.
    pub(super) fn order<C: Column + FromStr>(&self) -> Order<C> {
        let Ok(by) = self.sort.parse::<C>() else {
            return Order::default();
        };
        Order {
            by,
            direction: self.direction.parse().unwrap_or_else(|_| by.usual()),
        }
    }

    /// The order as fields of an address.
    pub(super) fn pairs(&self) -> [(&'static str, String); 2] {
        [("sort", self.sort.clone()), ("direction", self.direction.clone())]
    }

    /// What a filter's form carries, so that another filter leaves the order as it is.
    pub(super) fn fields(&self) -> Markup {
        html! {
            @for (name, value) in self.pairs() {
                @if !value.is_empty() { input type="hidden" name=(name) value=(visible(&value)); }
            }
        }
    }
}

/// The heads of a table at an address, under a filter, in an order.
pub(super) struct Heads<'a, C> {
    pub(super) language: Language,
    pub(super) path: &'a str,
    pub(super) query: &'a [(&'static str, String)],
    pub(super) order: Order<C>,
}

/// The head of one column.
#[derive(Clone, Copy)]
pub(super) struct Head<C> {
    text: Both,
    by: Option<C>,
    class: Option<&'static str>,
}

impl<C> Head<C> {
    /// One by which the table can be ordered.
    pub(super) const fn by(by: C, text: Both) -> Self {
        Self {
            text,
            by: Some(by),
            class: None,
        }
    }

    /// The same over numbers.
    pub(super) const fn number(by: C, text: Both) -> Self {
        Self {
            text,
            by: Some(by),
            class: Some("number"),
        }
    }

    /// One that only says what stands below.
    pub(super) const fn only(text: Both) -> Self {
        Self {
            text,
            by: None,
            class: None,
        }
    }
}

impl<C: Column + Display + PartialEq> Heads<'_, C> {
    /// Links that order by their column, and turn the order round where it is by that already.
    pub(super) fn cells(&self, heads: &[Head<C>]) -> Markup {
        html! { @for head in heads { (self.cell(head)) } }
    }

    fn cell(&self, head: &Head<C>) -> Markup {
        let text = head.text.to(self.language);
        let Some(by) = head.by else {
            return html! { th scope="col" { (text) } };
        };
        let here = self.order.by == by;
        let next = if here { self.order.turned() } else { Order::usual(by) };
        html! {
            th class=[head.class] scope="col" aria-sort=[here.then_some(self.order.direction)] {
                a href=(self.address(next)) { (text) }
            }
        }
    }

    fn address(&self, order: Order<C>) -> String {
        let mut query: Vec<_> = self.query.to_vec();
        query.retain(|(name, _)| !matches!(*name, "sort" | "direction"));
        query.push(("sort", order.by.to_string()));
        query.push(("direction", order.direction.to_string()));
        layout::address(self.path, &query)
    }
}

#[cfg(test)]
mod tests {
    use fileward_policy::words::both;

    use super::*;
    use crate::store::Direction;
    use crate::store::findings::FindingSort;

    fn asked(sort: &str, direction: &str) -> Asked {
        Asked {
            sort: sort.to_owned(),
            direction: direction.to_owned(),
        }
    }

    #[test]
    fn what_is_no_column_or_no_direction_is_the_usual_order() {
        let order = |sort, direction| asked(sort, direction).order::<FindingSort>();
        assert_eq!(order("f.key; DROP TABLE finding", "up"), Order::default());
        assert_eq!(order("severity", "sideways"), Order::usual(FindingSort::Severity));
        assert_eq!(order("file", "descending").direction, Direction::Descending);
    }

    #[test]
    fn a_head_orders_by_its_column_keeps_the_filter_and_turns_round_what_is_ordered_so() {
        let heads = Heads {
            language: Language::En,
            path: "/findings",
            query: &[("state", "open".to_owned()), ("sort", "file".to_owned())],
            order: Order::usual(FindingSort::File),
        };
        let texts = [
            Head::by(FindingSort::File, both("文件", "File")),
            Head::number(FindingSort::Changed, both("变化", "Change")),
            Head::only(both("备注", "Note")),
        ];
        assert_eq!(
            heads.cells(&texts).into_string(),
            "<th scope=\"col\" aria-sort=\"ascending\">\
             <a href=\"/findings?state=open&amp;sort=file&amp;direction=descending\">File</a></th>\
             <th class=\"number\" scope=\"col\"><a href=\"/findings?state=open&amp;sort=changed&amp;direction=descending\">Change</a></th>\
             <th scope=\"col\">Note</th>"
        );
    }
}
