//! What matters here of a PC's registry: a copy of a few keys, so that a survey sees one moment and a test can bring
//! its own. Windows alone has one; on other systems it is empty.

#[cfg(windows)]
#[path = "registry/windows.rs"]
mod platform;

use std::collections::BTreeMap;

use crate::UserId;

#[cfg(windows)]
pub(crate) use platform::read;

/// Every cloud drive whose files Windows shows before they are there: `<provider>!<SID>!<account>`.
pub(crate) const SYNC_ROOTS: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\SyncRootManager";

/// A copy of what is read of a registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    /// Below `HKEY_LOCAL_MACHINE`.
    pub machine: Keys,
    /// Below each user's own key in `HKEY_USERS`.
    pub users: BTreeMap<UserId, Keys>,
}

/// Keys with their values. Neither names of keys nor names of values differ by case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys(BTreeMap<String, Vec<Value>>);

/// A named value. Numbers are written in decimal; what is neither text nor a number is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) name: String,
    pub(crate) data: String,
}

impl Keys {
    /// Adds a value of the key `key`, such as `Software\Tencent\WeChat`.
    pub fn set(&mut self, key: &str, name: &str, data: &str) {
        self.0.entry(key.into()).or_default().push(Value {
            name: name.into(),
            data: data.into(),
        });
    }

    /// One value of one key.
    pub(crate) fn value(&self, key: &str, name: &str) -> Option<&str> {
        let (_, values) = self.0.iter().find(|(other, _)| other.eq_ignore_ascii_case(key))?;
        values
            .iter()
            .find(|value| value.name.eq_ignore_ascii_case(name))
            .map(|value| value.data.as_str())
    }

    /// The keys directly below `parent`: their own names and their values.
    pub(crate) fn below(&self, parent: &str) -> impl Iterator<Item = (&str, &[Value])> {
        self.0.iter().filter_map(move |(key, values)| {
            let (above, rest) = key.split_at_checked(parent.len())?;
            let name = rest.strip_prefix('\\')?;
            (above.eq_ignore_ascii_case(parent)).then_some((name, values.as_slice()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_tell_keys_apart() {
        let mut keys = Keys::default();
        keys.set(r"Software\Tencent\WeChat", "FileSavePath", "MyDocument:");
        keys.set(r"Software\Tencent\WeChatter", "FileSavePath", r"D:\");
        assert_eq!(
            keys.value(r"SOFTWARE\tencent\wechat", "filesavepath"),
            Some("MyDocument:")
        );
        assert_eq!(keys.value(r"SOFTWARE\tencent", "filesavepath"), None);
        let names: Vec<_> = keys.below(r"software\Tencent").map(|(name, _)| name).collect();
        assert_eq!(names, ["WeChat", "WeChatter"]);
        assert_eq!(keys.below(r"Software\Tencent\WeChat").count(), 0);
    }
}
