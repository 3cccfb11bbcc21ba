//! The worker's end: in the cage, one file after the other, until the service is gone.

use std::fs::File;
use std::process::ExitCode;

use fileward_inspect::{Examiner, InspectError};

use super::cage;
use super::channel::Inherited;
use super::inspector::Inspected;
use super::wire::{self, Answer, Incoming, Request};

/// The worker's whole life. Nothing is printed: the service hears of failures over the channel or by the exit.
pub fn worker_main() -> ExitCode {
    let Ok(channel) = Inherited::from_stdin() else {
        return ExitCode::FAILURE;
    };
    cage::close_inherited_files();
    match serve(&channel) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve(channel: &Inherited) -> Result<(), String> {
    match cage::enter() {
        Ok(cage) => answer(channel, &Answer::Ready(cage))?,
        Err(why) => {
            answer(channel, &Answer::Refused(why.clone()))?;
            return Err(why);
        }
    }
    let mut examiner = None;
    let mut incoming = Incoming::new(wire::MAX_REQUEST);
    while let Some((frame, files)) = channel.receive_with_files().map_err(|error| error.to_string())? {
        let Some(request) = incoming.take(&frame)? else {
            continue;
        };
        match request {
            Request::Rules(rules) => examiner = Some(Examiner::new(rules)),
            Request::Inspect(inspections) => {
                let examiner = examiner.as_ref().ok_or("a file came before the rules")?;
                if files.len() != inspections.len() {
                    return Err("a file is missing".into());
                }
                let results = files
                    .into_iter()
                    .zip(&inspections)
                    .map(|(file, inspection)| look_at(file, inspection, examiner));
                answer(channel, &Answer::Inspected(results.collect()))?;
            }
        }
    }
    Ok(())
}

/// Takes the file, so that it is closed before the answer: its owner may want to move it at once.
#[expect(clippy::needless_pass_by_value, reason = "the file is closed here")]
fn look_at(file: File, inspection: &wire::Inspection, examiner: &Examiner) -> Result<Inspected, InspectError> {
    let (facts, sketch) = examiner.inspect_with_sketch(&file, &inspection.hint, &inspection.limits)?;
    Ok(Inspected { facts, sketch })
}

fn answer(channel: &Inherited, answer: &Answer) -> Result<(), String> {
    let frames = wire::encode(answer, wire::MAX_ANSWER).or_else(|why| match answer {
        Answer::Inspected(results) => {
            let unreadable = vec![Err(InspectError::Unreadable(why)); results.len()];
            wire::encode(&Answer::Inspected(unreadable), wire::MAX_ANSWER)
        }
        _ => Err(why),
    })?;
    let sent = frames.iter().try_for_each(|frame| channel.send(frame, &[]));
    sent.map_err(|error| error.to_string())
}
