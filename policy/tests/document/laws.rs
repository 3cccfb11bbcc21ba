//! Whatever is given: no panic, and errors with lines of its own.

use fileward_policy::Policy;
use proptest::prelude::*;

use crate::{EXAMPLE, valid};

fn lines_lie_within(source: &str) -> Result<(), TestCaseError> {
    if let Err(errors) = Policy::parse(source) {
        let last = source.split('\n').count();
        prop_assert!(!errors.is_empty());
        prop_assert!(
            errors
                .iter()
                .all(|e| (1..=last).contains(&e.line) && !e.message.is_empty()),
            "{:?}",
            errors
        );
        prop_assert!(errors.is_sorted_by_key(|e| e.line));
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_answered_with_lines_of_its_own(source in "(\\PC|\n){0,200}") {
        lines_lie_within(&source)?;
    }

    #[test]
    fn a_spoiled_example_is_answered_with_lines_of_its_own(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, "[\\[\\]={}'\",.a-z0-9\n 核]{0,6}"), 1..6)
    ) {
        let mut source: Vec<char> = EXAMPLE.chars().collect();
        for (at, cut, text) in edits {
            let at = at.index(source.len());
            let end = (at + cut).min(source.len());
            source.splice(at..end, text.chars());
        }
        lines_lie_within(&source.into_iter().collect::<String>())?;
    }

    #[test]
    fn lines_in_another_order_are_answered_with_lines_of_their_own(swaps in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 1..8)) {
        let mut lines: Vec<&str> = EXAMPLE.lines().collect();
        for (a, b) in swaps {
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.swap(a, b);
        }
        lines_lie_within(&lines.join("\n"))?;
    }

    #[test]
    fn a_group_without_exceptions_changes_nothing(group in "z[a-z]{0,8}(/[a-z]{1,8})?") {
        let source = format!("{EXAMPLE}\n[[for]]\ngroup = \"{group}x\"\n");
        let policy = valid(&source);
        prop_assert_eq!(policy.effective(Some(&format!("{group}x"))), policy.effective(None));
    }
}
