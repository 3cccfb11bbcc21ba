//! The trays that listen. One that does not read is dropped: it asks for everything when it comes back.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use fileward_ipc::ToClient;
use fileward_places::UserId;
use tokio::sync::mpsc::{self, Receiver, Sender};

/// The most messages that wait for one tray.
const WAITING: usize = 16;

#[derive(Default)]
pub(super) struct Subscribers(Mutex<Vec<(UserId, Sender<ToClient>)>>);

impl Subscribers {
    /// Adds a tray of a user.
    pub(super) fn add(&self, user: UserId) -> Receiver<ToClient> {
        let (sender, receiver) = mpsc::channel(WAITING);
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((user, sender));
        receiver
    }

    /// The users whose trays listen.
    pub(super) fn users(&self) -> BTreeSet<UserId> {
        let mut subscribers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        subscribers.retain(|(_, sender)| !sender.is_closed());
        subscribers.iter().map(|(user, _)| *user).collect()
    }

    /// Sends to every tray of a user; says whether one took it.
    pub(super) fn send(&self, user: UserId, message: &ToClient) -> bool {
        let mut subscribers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = false;
        subscribers.retain(|(theirs, sender)| {
            let kept = *theirs != user || sender.try_send(message.clone()).is_ok();
            taken |= kept && *theirs == user;
            kept
        });
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tray_that_does_not_read_is_dropped_and_others_are_served() {
        let (alice, bob) = (UserId::from(1000), UserId::from(1001));
        let subscribers = Subscribers::default();
        let mut slow = subscribers.add(alice);
        let mut other = subscribers.add(bob);
        for _ in 0..WAITING {
            assert!(subscribers.send(alice, &ToClient::Changed));
        }
        assert!(!subscribers.send(alice, &ToClient::Changed));
        assert!(subscribers.send(bob, &ToClient::Changed));
        assert_eq!(subscribers.users(), BTreeSet::from([bob]));
        assert!(other.try_recv().is_ok());
        while slow.try_recv().is_ok() {}
        assert!(slow.is_closed());
    }
}
