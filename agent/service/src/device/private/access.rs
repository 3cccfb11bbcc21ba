//! What the access list of a Windows folder lets others do, read from its text in the security descriptor definition
//! language (SDDL, as Microsoft documents it), such as `O:BAD:P(A;OICI;FA;;;SY)`.

/// Why a folder that is there already is not private.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It belongs to somebody else, who can change its rights at any time.
    Foreign,
    /// This account has rights on it; an id (SID) or one of SDDL's short names.
    Wide(String),
}

/// SYSTEM, Administrators, and the two that stand for whoever makes or owns a file.
const TRUSTED: &[&str] = &["SY", "S-1-5-18", "BA", "S-1-5-32-544", "CO", "S-1-3-0", "OW", "S-1-3-4"];
/// No list at all lets everyone do everything.
const EVERYONE: &str = "S-1-1-0";

/// What is wrong with a folder of this descriptor, for a process of the user `own`.
pub(super) fn flaw(sddl: &str, own: &str) -> Option<Flaw> {
    let is_trusted = |account: &str| TRUSTED.contains(&account) || account == own;
    if !owner(sddl).is_some_and(is_trusted) {
        return Some(Flaw::Foreign);
    }
    let Some(mut entries) = entries(sddl) else {
        return Some(Flaw::Wide(EVERYONE.to_owned()));
    };
    let stranger = entries.find(|entry| entry.allows() && !is_trusted(entry.account));
    stranger.map(|entry| Flaw::Wide(entry.account.to_owned()))
}

/// One entry of an access list.
struct Entry<'a> {
    kind: &'a str,
    account: &'a str,
}

impl Entry<'_> {
    /// Only entries of denial give nobody anything.
    fn allows(&self) -> bool {
        !matches!(self.kind, "D" | "OD" | "XD")
    }
}

/// The account behind `O:`.
fn owner(sddl: &str) -> Option<&str> {
    let owner = sddl.strip_prefix("O:")?;
    let end = ["G:", "D:", "S:"].iter().filter_map(|part| owner.find(part)).min();
    Some(&owner[..end.unwrap_or(owner.len())])
}

/// The entries behind `D:`; `None` where no list is set. An entry that cannot be read counts as one for everyone.
fn entries(sddl: &str) -> Option<impl Iterator<Item = Entry<'_>>> {
    let (_, list) = sddl.split_once("D:")?;
    if list.starts_with("NO_ACCESS_CONTROL") {
        return None;
    }
    let list = list.split_once("S:(").map_or(list, |(list, _)| list);
    Some(list.split('(').skip(1).map(|entry| {
        let entry = entry.split(')').next().unwrap_or_default();
        let mut fields = entry.split(';');
        let kind = fields.next().unwrap_or_default();
        // type; flags; rights; object; inherited object; account
        let account = fields.nth(4).unwrap_or(EVERYONE);
        Entry { kind, account }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "S-1-5-21-1-2-3-1001";

    #[expect(clippy::unnecessary_wraps, reason = "it stands beside what may be none")]
    fn wide(account: &str) -> Option<Flaw> {
        Some(Flaw::Wide(account.to_owned()))
    }

    #[test]
    fn a_folder_for_system_and_administrators_is_private() {
        for text in [
            "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)",
            "O:SYG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)S:(ML;;NW;;;HI)",
            "O:BAG:S-1-5-21-1-2-3-513D:P(D;;FA;;;WD)(A;OICIIO;FA;;;CO)",
            "O:S-1-5-21-1-2-3-1001D:P(A;;FA;;;SY)(A;;FA;;;S-1-5-21-1-2-3-1001)",
            "O:BAD:P",
        ] {
            assert_eq!(flaw(text, OWN), None, "{text}");
        }
    }

    #[test]
    fn a_folder_that_a_user_made_first_is_foreign() {
        let text = "O:S-1-5-21-1-2-3-1002G:DUD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";
        assert_eq!(flaw(text, OWN), Some(Flaw::Foreign));
        assert_eq!(flaw("D:P(A;OICI;FA;;;SY)", OWN), Some(Flaw::Foreign));
    }

    #[test]
    fn rights_of_others_are_told_with_whose_they_are() {
        // As %ProgramData% hands them down.
        let inherited = "O:BAG:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)(A;OICIID;0x1200a9;;;BU)(A;CIID;DCLCRPCR;;;BU)";
        assert_eq!(flaw(inherited, OWN), wide("BU"));
        assert_eq!(
            flaw("O:BAD:P(A;;FR;;;S-1-5-21-1-2-3-1002)", OWN),
            wide("S-1-5-21-1-2-3-1002")
        );
        assert_eq!(flaw("O:BAD:P(XA;;FR;;;WD;(@User.x == 1))", OWN), wide("WD"));
    }

    #[test]
    fn no_list_and_a_list_that_cannot_be_read_are_for_everyone() {
        for text in ["O:BAG:SY", "O:BAD:NO_ACCESS_CONTROL", "O:BAD:P(A;;FA)", "O:BAD:P("] {
            assert_eq!(flaw(text, OWN), wide(EVERYONE), "{text}");
        }
    }
}
