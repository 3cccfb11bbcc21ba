//! Who may see and do what. A user sees and answers only what concerns their own folders; root sees all, but answers
//! for nobody else.

use fileward_places::UserId;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The user at the other end, as the OS tells.
    pub(crate) user: UserId,
    /// Whether it is root, or an administrator with an administrator's rights.
    pub(crate) is_administrator: bool,
    /// The user the service runs as.
    pub(crate) service: UserId,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// To see a finding, a question or a report about one.
    See,
    /// To see that a place is watched.
    SeePlace,
    /// To answer a finding or a question.
    Answer,
    /// To see what was sent that is about no finding: counts and gaps of all users together.
    SeeCounts,
    /// To let the whole PC be swept.
    Scan,
}

/// Whether `peer` may do this to what belongs to `owner`; `None` is the machine.
pub(crate) fn may(peer: Peer, deed: Deed, owner: Option<UserId>) -> bool {
    match deed {
        Deed::See => peer.is_administrator || owner == Some(peer.user),
        Deed::SeePlace => peer.is_administrator || owner.is_none_or(|owner| owner == peer.user),
        Deed::Answer => owner.map_or(peer.is_administrator, |owner| owner == peer.user),
        Deed::SeeCounts | Deed::Scan => peer.is_administrator || peer.user == peer.service,
    }
}

/// Whose findings and questions `peer` may see; `None` is everybody's.
pub(crate) fn sees_of(peer: Peer) -> Option<UserId> {
    (!peer.is_administrator).then_some(peer.user)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: u32 = 0;
    const ALICE: u32 = 1000;
    const BOB: u32 = 1001;

    #[test]
    fn everybody_may_exactly_what_the_table_says() {
        let table = [
            // who, deed, the machine's, root's, Alice's, Bob's
            (ALICE, Deed::See, [false, false, true, false]),
            (BOB, Deed::See, [false, false, false, true]),
            (ROOT, Deed::See, [true, true, true, true]),
            (ALICE, Deed::SeePlace, [true, false, true, false]),
            (ROOT, Deed::SeePlace, [true, true, true, true]),
            (ALICE, Deed::Answer, [false, false, true, false]),
            (BOB, Deed::Answer, [false, false, false, true]),
            (ROOT, Deed::Answer, [true, true, false, false]),
            (ALICE, Deed::SeeCounts, [false, false, false, false]),
            (ROOT, Deed::SeeCounts, [true, true, true, true]),
            (ALICE, Deed::Scan, [false, false, false, false]),
            (ROOT, Deed::Scan, [true, true, true, true]),
        ];
        for (user, deed, expected) in table {
            let peer = Peer {
                user: user.into(),
                is_administrator: user == ROOT,
                service: ROOT.into(),
            };
            let owners = [None, Some(ROOT.into()), Some(ALICE.into()), Some(BOB.into())];
            assert_eq!(owners.map(|owner| may(peer, deed, owner)), expected, "{user} {deed:?}");
        }
    }

    #[test]
    fn a_list_holds_what_may_be_seen() {
        for user in [ALICE, BOB, ROOT] {
            let peer = Peer {
                user: user.into(),
                is_administrator: user == ROOT,
                service: ROOT.into(),
            };
            for owner in [None, Some(ROOT.into()), Some(ALICE.into()), Some(BOB.into())] {
                let listed = sees_of(peer).is_none_or(|of| owner == Some(of));
                assert_eq!(listed, may(peer, Deed::See, owner), "{user} {owner:?}");
            }
        }
    }

    #[test]
    fn who_runs_the_service_may_let_it_sweep_and_see_its_counts() {
        let peer = Peer {
            user: 1000.into(),
            is_administrator: false,
            service: 1000.into(),
        };
        for deed in [Deed::Scan, Deed::SeeCounts] {
            assert!(may(peer, deed, None));
            assert!(!may(
                Peer {
                    user: 1001.into(),
                    ..peer
                },
                deed,
                None
            ));
        }
    }
}
