//! Everything kept about a device or a person, for whoever asks to see their data: one JSON object a line, complete and
//! as long as it has to be, and never in memory as a whole.

mod device;
mod discretion;
mod person;

use std::future::Future;

use anyhow::Result;
use serde::Serialize;

use crate::output;

pub(crate) use device::give as give_device;
pub(crate) use person::{Part, Person};

/// Where the lines of a record go.
pub(crate) trait Out: Send {
    /// Takes one line.
    ///
    /// # Errors
    /// If it cannot be written.
    fn line(&mut self, text: String) -> impl Future<Output = Result<()>> + Send;
}

/// Standard output.
pub(crate) struct Printed;

impl Out for Printed {
    async fn line(&mut self, text: String) -> Result<()> {
        output::line(&text)
    }
}

/// A line, with what it is.
#[derive(Serialize)]
struct Line<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    what: T,
}

async fn line(out: &mut impl Out, kind: &'static str, what: impl Serialize) -> Result<()> {
    let text = serde_json::to_string(&Line { kind, what })?;
    out.line(text).await
}
