//! How many clients are served at a time: no user may take the places of the others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most clients at a time.
const CLIENTS: usize = 64;
/// The most clients of one user at a time: trays of some sessions, and a question of each.
const OF_ONE_USER: usize = 8;

/// The clients that are served, by user.
#[derive(Clone, Default)]
pub(super) struct Admission(Arc<Mutex<BTreeMap<u32, usize>>>);

/// A client's place; it is free again when this is dropped.
pub(super) struct Admitted {
    admission: Admission,
    uid: u32,
}

impl Admission {
    /// Takes a place for a client of a user.
    ///
    /// # Errors
    /// Says to the client why there is none.
    pub(super) fn admit(&self, uid: u32) -> Result<Admitted, &'static str> {
        let mut served = self.lock();
        if served.get(&uid).is_some_and(|count| *count >= OF_ONE_USER) {
            return Err("this user has too many connections to the service; close some and try again");
        }
        if served.values().sum::<usize>() >= CLIENTS {
            return Err("the service has too many connections; try again later");
        }
        *served.entry(uid).or_default() += 1;
        let admission = self.clone();
        Ok(Admitted { admission, uid })
    }

    /// A panic while the lock was held leaves nothing half done: every change is one number.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut served = self.admission.lock();
        if let Some(count) = served.get_mut(&self.uid) {
            *count -= 1;
        }
        served.retain(|_, count| *count > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_cannot_take_the_places_of_the_others() {
        let admission = Admission::default();
        let mut alice: Vec<_> = (0..OF_ONE_USER).map(|_| admission.admit(1000).unwrap()).collect();
        assert!(admission.admit(1000).is_err());
        assert!(admission.admit(1001).is_ok());
        alice.pop();
        assert!(admission.admit(1000).is_ok());
        drop(alice);
        assert!(admission.lock().is_empty());
    }

    #[test]
    fn there_are_not_more_clients_than_the_service_can_serve() {
        let admission = Admission::default();
        let mut clients: Vec<_> = (0..).map_while(|uid| admission.admit(uid).ok()).collect();
        assert_eq!(clients.len(), CLIENTS);
        clients.pop();
        assert!(admission.admit(5000).is_ok());
    }
}
