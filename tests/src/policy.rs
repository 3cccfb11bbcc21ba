//! Policies for the tests: the published example with short times and other places.

/// A policy document, built from the product's own example.
#[derive(Clone, Debug)]
pub struct Policy(String);

impl Policy {
    /// The example policy with graces of seconds and an unencrypted store, so that a test need not wait nor mount.
    pub fn quick() -> Self {
        let text = include_str!("../../policy/example.toml");
        let policy = Self(text.to_owned());
        policy
            .with("grace = \"30m\"", "grace = \"1s\"")
            .with("grace = \"24h\"", "grace = \"1s\"")
            .with("require_encryption = true", "require_encryption = false")
            .with("heartbeat = \"5m\"", "heartbeat = \"5s\"")
            .with("at_most_every = \"1h\"", "at_most_every = \"1s\"")
    }

    /// The published example as it is, for what nobody needs to wait for.
    pub fn example() -> Self {
        Self(include_str!("../../policy/example.toml").to_owned())
    }

    /// The quick one with every file counted as a work file, wherever it lies.
    pub fn counting() -> Self {
        Self::quick().with("= \"ask\"", "= \"count\"")
    }

    /// The policy a new collector publishes, with its own times, an unencrypted store and every file counted.
    pub fn usual() -> Self {
        Self(include_str!("../../policy/default.toml").to_owned())
            .with("require_encryption = true", "require_encryption = false")
            .with("= \"ask\"", "= \"count\"")
    }

    /// The same with another text in one or several places.
    ///
    /// # Panics
    /// When there is no such place: a test must not go on with a policy it did not mean.
    #[must_use]
    pub fn with(self, old: &str, new: &str) -> Self {
        assert!(self.0.contains(old), "the example policy has no {old:?}");
        Self(self.0.replace(old, new))
    }

    /// The same without what stands between two places, and without the first of them.
    ///
    /// # Panics
    /// When they are not there.
    #[must_use]
    pub fn without(self, from: &str, to: &str) -> Self {
        let start = self.0.find(from);
        let end = start.and_then(|start| Some(start + self.0[start..].find(to)?));
        let (Some(start), Some(end)) = (start, end) else {
            panic!("the example policy has no {from:?} before {to:?}");
        };
        Self(format!("{}{}", &self.0[..start], &self.0[end..]))
    }

    /// The document.
    pub fn text(&self) -> &str {
        &self.0
    }
}
