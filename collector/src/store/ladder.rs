//! The company's own ladder of consequences. The collector suggests a step; a person takes it.

pub(crate) use fileward_protocol::disclosure::StepName;

use super::{By, Reply};

/// The most steps of a ladder.
pub(crate) const MOST_STEPS: usize = 8;

/// The most characters of a step's name.
pub(crate) const LONGEST_NAME: usize = 40;

/// The highest repeat that a step can wait for.
pub(crate) const MOST_REPEATS: u64 = 100;

/// A step as a company writes it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewStep {
    /// Its name.
    pub name: StepName,
    /// From which repeat on it is suggested.
    pub from_repeat: u64,
}

/// A step of the ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LadderStep {
    /// Its number; another name has another number.
    pub id: i64,
    /// What it is.
    pub step: NewStep,
}

/// Why something is no ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadLadder {
    /// It has no steps, or too many.
    Length,
    /// A name is missing or too long.
    Name,
    /// Two steps have one name.
    Twice,
    /// The repeats do not rise from step to step, or one of them is out of range.
    Repeats,
}

/// Steps that make a ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewLadder(Vec<NewStep>);

impl NewLadder {
    /// Checks that the steps make a ladder.
    pub(crate) fn new(steps: Vec<NewStep>) -> Result<Self, BadLadder> {
        if !(1..=MOST_STEPS).contains(&steps.len()) {
            return Err(BadLadder::Length);
        }
        let fits = |name: &str| (1..=LONGEST_NAME).contains(&name.chars().count());
        if !steps.iter().all(|step| fits(&step.name.zh_cn) && fits(&step.name.en)) {
            return Err(BadLadder::Name);
        }
        let names = steps.iter().map(|step| &step.name);
        if (1..)
            .zip(names)
            .any(|(after, name)| steps.iter().skip(after).any(|step| step.name == *name))
        {
            return Err(BadLadder::Twice);
        }
        let rise = steps.is_sorted_by(|one, next| one.from_repeat < next.from_repeat);
        if !rise || !steps.iter().all(|step| (1..=MOST_REPEATS).contains(&step.from_repeat)) {
            return Err(BadLadder::Repeats);
        }
        Ok(Self(steps))
    }

    /// The steps, mildest first.
    pub(crate) fn steps(&self) -> &[NewStep] {
        &self.0
    }
}

/// The step to suggest for this repeat: the highest it has come to.
pub(crate) fn suggested(ladder: &[LadderStep], repeat: u64) -> Option<&LadderStep> {
    ladder.iter().rev().find(|step| step.step.from_repeat <= repeat)
}

/// The ladder.
pub(crate) trait Ladder {
    /// Its steps, mildest first.
    fn ladder(&self) -> Reply<Vec<LadderStep>>;

    /// Puts another ladder in its place. Steps that were taken keep the names they had.
    fn set_ladder(&self, ladder: NewLadder, by: By) -> Reply<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str, from_repeat: u64) -> NewStep {
        let name = StepName {
            zh_cn: name.to_owned(),
            en: name.to_owned(),
        };
        NewStep { name, from_repeat }
    }

    #[test]
    fn a_ladder_has_steps_that_rise_and_differ() {
        let ladder = |steps: &[(&str, u64)]| {
            let steps = steps.iter().map(|(name, from)| step(name, *from)).collect();
            NewLadder::new(steps).map(|ladder| ladder.0.len())
        };
        assert_eq!(ladder(&[("a", 1), ("b", 3)]), Ok(2));
        assert_eq!(ladder(&[]), Err(BadLadder::Length));
        assert_eq!(ladder(&[("a", 1); MOST_STEPS + 1]), Err(BadLadder::Length));
        assert_eq!(ladder(&[("", 1)]), Err(BadLadder::Name));
        assert_eq!(ladder(&[(&"长".repeat(LONGEST_NAME), 1)]), Ok(1));
        assert_eq!(ladder(&[(&"长".repeat(LONGEST_NAME + 1), 1)]), Err(BadLadder::Name));
        assert_eq!(ladder(&[("a", 1), ("a", 2)]), Err(BadLadder::Twice));
        for (first, second) in [(0, 1), (2, 2), (3, 2), (1, MOST_REPEATS + 1)] {
            assert_eq!(ladder(&[("a", first), ("b", second)]), Err(BadLadder::Repeats));
        }
    }

    #[test]
    fn the_highest_step_that_a_repeat_has_come_to_is_suggested() {
        let ladder: Vec<_> = [("a", 2), ("b", 3), ("c", 5)]
            .into_iter()
            .zip(1..)
            .map(|((name, from), id)| LadderStep {
                id,
                step: step(name, from),
            })
            .collect();
        let suggested = |repeat| suggested(&ladder, repeat).map(|step| step.id);
        assert_eq!(
            [1, 2, 3, 4, 5, 99].map(suggested),
            [None, Some(1), Some(2), Some(2), Some(3), Some(3)]
        );
    }
}
