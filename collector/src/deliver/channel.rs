//! A target's channel: whatever it is, letters go in and an outcome comes out.

use anyhow::Result;

use super::robot::Robot;
use super::syslog::Syslog;
use super::webhook::Webhook;
use super::{Outcome, Secrets};
use crate::store::targets::{Letter, Target, TargetKind};

/// A channel to one target.
pub(crate) enum Channel {
    /// A syslog server.
    Syslog(Syslog),
    /// A webhook.
    Webhook(Webhook),
    /// A group robot.
    Robot(Robot),
}

impl Channel {
    /// Sets up the channel to a target. `console` is the address that messages link to.
    pub(crate) fn new(target: &Target, secrets: Secrets, console: &str) -> Result<Self> {
        Ok(match target.kind {
            TargetKind::Syslog => Self::Syslog(Syslog::new(target, &secrets)?),
            TargetKind::Webhook => Self::Webhook(Webhook::new(target, secrets, console)?),
            TargetKind::Wecom | TargetKind::Dingtalk | TargetKind::Feishu => {
                Self::Robot(Robot::new(target, secrets, console)?)
            }
        })
    }

    /// The most letters that are sent together, and taken or refused as one.
    pub(super) const fn together(&self) -> usize {
        match self {
            Self::Syslog(_) => 200,
            Self::Webhook(_) => 1,
            Self::Robot(_) => 500,
        }
    }

    /// Sends letters, all as one.
    pub(crate) async fn send(&self, letters: &[&Letter]) -> Outcome {
        match self {
            Self::Syslog(syslog) => syslog.send(letters).await,
            Self::Webhook(webhook) => webhook.send(letters).await,
            Self::Robot(robot) => robot.send(letters).await,
        }
    }

    /// Sends something by which people see that it arrives. `letter` is the line of the audit trail about it.
    pub(crate) async fn test(&self, letter: &Letter) -> Outcome {
        match self {
            Self::Robot(robot) => robot.test().await,
            Self::Syslog(_) | Self::Webhook(_) => self.send(&[letter]).await,
        }
    }
}
