//! The uninstall token, of which a policy holds a hash alone.

use std::fmt;

use argon2::password_hash::PasswordVerifier as _;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params};
use serde::{Deserialize, Serialize, Serializer};

/// The most memory that a hash may take to check, in KiB.
const MOST_MEMORY: u32 = 64 * 1024;
/// The most work, in rounds and in lanes.
const MOST_ROUNDS: u32 = 10;
const MOST_LANES: u32 = 4;

/// The hash of an uninstall token: Argon2id as a PHC string
/// (<https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md>).
///
/// Who is shown the policy is shown that there is one, and not which.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct TokenHash(String);

impl TokenHash {
    /// Reads a PHC string.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let hash = PasswordHash::new(text).ok().filter(|hash| hash.hash.is_some());
        let hash = hash
            .filter(|hash| Algorithm::try_from(hash.algorithm.as_str()) == Ok(Algorithm::Argon2id))
            .ok_or("must be what \"fileward-collector policy uninstall-token\" prints, $argon2id$…")?;
        let params = Params::try_from(&hash).map_err(|_| "has parameters that Argon2id does not have")?;
        if params.m_cost() > MOST_MEMORY || params.t_cost() > MOST_ROUNDS || params.p_cost() > MOST_LANES {
            return Err("would take too long to check; at most m=65536, t=10, p=4");
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether `token` is the one. Takes tens of milliseconds and as much memory as the hash says.
    pub fn fits(&self, token: &str) -> bool {
        PasswordHash::new(&self.0).is_ok_and(|hash| Argon2::default().verify_password(token.as_bytes(), &hash).is_ok())
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

impl Serialize for TokenHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of "7KQF-2MWX", with less work than usual.
    const HASH: &str = "$argon2id$v=19$m=64,t=1,p=1$HXLUlepy/N/clKESbczpxw$Pmfxi2Y0bSHh/l/VTPyAMjldeSS4PJ9Qgy3qJoWibTE";

    #[test]
    fn the_token_fits_its_hash_and_no_other_does() {
        let hash = TokenHash::parse(HASH).unwrap();
        assert!(hash.fits("7KQF-2MWX"));
        for wrong in ["", "7KQF-2MWY", HASH] {
            assert!(!hash.fits(wrong), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_hash_or_costs_too_much_is_refused() {
        let (start, salted) = HASH.split_at(HASH.find("m=").unwrap());
        let (_, salt_and_hash) = salted.split_at(salted.find('$').unwrap());
        for wrong in [
            "7KQF-2MWX",
            "",
            HASH.replace("argon2id", "argon2i").as_str(),
            HASH.rsplit_once('$').unwrap().0,
            &format!("{start}m=1048576,t=2,p=1{salt_and_hash}"),
            &format!("{start}m=64,t=11,p=1{salt_and_hash}"),
            &format!("{start}m=64,t=1,p=5{salt_and_hash}"),
        ] {
            assert!(TokenHash::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn whoever_is_shown_the_policy_does_not_learn_the_hash() {
        let hash = TokenHash::parse(HASH).unwrap();
        assert!(!format!("{hash:?}").contains("argon2id"));
        let shown: TokenHash = serde_json::from_str(&serde_json::to_string(&hash).unwrap()).unwrap();
        assert!(!shown.fits("7KQF-2MWX") && !shown.fits("…"));
    }
}
