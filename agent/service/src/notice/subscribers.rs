//! The trays that listen. One that does not read is dropped: it asks for everything when it comes back.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use fileward_ipc::ToClient;
use tokio::sync::mpsc::{self, Receiver, Sender};

/// The most messages that wait for one tray.
const WAITING: usize = 16;

#[derive(Default)]
pub(super) struct Subscribers(Mutex<Vec<(u32, Sender<ToClient>)>>);

impl Subscribers {
    /// Adds a tray of a user.
    pub(super) fn add(&self, uid: u32) -> Receiver<ToClient> {
        let (sender, receiver) = mpsc::channel(WAITING);
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((uid, sender));
        receiver
    }

    /// The users whose trays listen.
    pub(super) fn users(&self) -> BTreeSet<u32> {
        let mut subscribers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        subscribers.retain(|(_, sender)| !sender.is_closed());
        subscribers.iter().map(|(uid, _)| *uid).collect()
    }

    /// Sends to every tray of a user; says whether one took it.
    pub(super) fn send(&self, uid: u32, message: &ToClient) -> bool {
        let mut subscribers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = false;
        subscribers.retain(|(user, sender)| {
            let kept = *user != uid || sender.try_send(message.clone()).is_ok();
            taken |= kept && *user == uid;
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
        let subscribers = Subscribers::default();
        let mut slow = subscribers.add(1000);
        let mut other = subscribers.add(1001);
        for _ in 0..WAITING {
            assert!(subscribers.send(1000, &ToClient::Changed));
        }
        assert!(!subscribers.send(1000, &ToClient::Changed));
        assert!(subscribers.send(1001, &ToClient::Changed));
        assert_eq!(subscribers.users(), BTreeSet::from([1001]));
        assert!(other.try_recv().is_ok());
        while slow.try_recv().is_ok() {}
        assert!(slow.is_closed());
    }
}
