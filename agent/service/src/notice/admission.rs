//! How many clients are served at a time: no user may take the places of the others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fileward_places::UserId;

/// The most clients at a time.
const CLIENTS: usize = 64;
/// The most clients of one user at a time: trays of some sessions, and a question of each.
const OF_ONE_USER: usize = 8;

/// The clients that are served, by user.
#[derive(Clone, Default)]
pub(super) struct Admission(Arc<Mutex<BTreeMap<UserId, usize>>>);

/// A client's place; it is free again when this is dropped.
pub(super) struct Admitted {
    admission: Admission,
    user: UserId,
}

impl Admission {
    /// Takes a place for a client of a user.
    ///
    /// # Errors
    /// Says to the client why there is none.
    pub(super) fn admit(&self, user: UserId) -> Result<Admitted, &'static str> {
        let mut served = self.lock();
        if served.get(&user).is_some_and(|count| *count >= OF_ONE_USER) {
            return Err("this user has too many connections to the service; close some and try again");
        }
        if served.values().sum::<usize>() >= CLIENTS {
            return Err("the service has too many connections; try again later");
        }
        *served.entry(user).or_default() += 1;
        let admission = self.clone();
        Ok(Admitted { admission, user })
    }

    /// A panic while the lock was held leaves nothing half done: every change is one number.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<UserId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut served = self.admission.lock();
        if let Some(count) = served.get_mut(&self.user) {
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
        let mut alice: Vec<_> = (0..OF_ONE_USER)
            .map(|_| admission.admit(1000.into()).unwrap())
            .collect();
        assert!(admission.admit(1000.into()).is_err());
        assert!(admission.admit(1001.into()).is_ok());
        alice.pop();
        assert!(admission.admit(1000.into()).is_ok());
        drop(alice);
        assert!(admission.lock().is_empty());
    }

    #[test]
    fn there_are_not_more_clients_than_the_service_can_serve() {
        let admission = Admission::default();
        let mut clients: Vec<_> = (0_u32..).map_while(|user| admission.admit(user.into()).ok()).collect();
        assert_eq!(clients.len(), CLIENTS);
        clients.pop();
        assert!(admission.admit(5000.into()).is_ok());
    }
}
