//! Who may see and do what. A user sees and answers only what concerns their own folders; root sees all, but answers
//! for nobody else.

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The user at the other end, as the OS tells.
    pub(crate) uid: u32,
    /// The user the service runs as.
    pub(crate) service: u32,
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

const ROOT: u32 = 0;

/// Whether `peer` may do this to what belongs to `owner`; `None` is the machine.
pub(crate) fn may(peer: Peer, deed: Deed, owner: Option<u32>) -> bool {
    match deed {
        Deed::See => peer.uid == ROOT || owner == Some(peer.uid),
        Deed::SeePlace => peer.uid == ROOT || owner.is_none_or(|owner| owner == peer.uid),
        Deed::Answer => owner.unwrap_or(ROOT) == peer.uid,
        Deed::SeeCounts | Deed::Scan => peer.uid == ROOT || peer.uid == peer.service,
    }
}

/// Whose findings and questions `peer` may see; `None` is everybody's.
pub(crate) fn sees_of(peer: Peer) -> Option<u32> {
    (peer.uid != ROOT).then_some(peer.uid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_may_exactly_what_the_table_says() {
        const ALICE: u32 = 1000;
        const BOB: u32 = 1001;
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
        for (uid, deed, expected) in table {
            let peer = Peer { uid, service: ROOT };
            let owners = [None, Some(ROOT), Some(ALICE), Some(BOB)];
            assert_eq!(owners.map(|owner| may(peer, deed, owner)), expected, "{uid} {deed:?}");
        }
    }

    #[test]
    fn a_list_holds_what_may_be_seen() {
        for uid in [1000, 1001, ROOT] {
            let peer = Peer { uid, service: ROOT };
            for owner in [None, Some(ROOT), Some(1000), Some(1001)] {
                let listed = sees_of(peer).is_none_or(|of| owner == Some(of));
                assert_eq!(listed, may(peer, Deed::See, owner), "{uid} {owner:?}");
            }
        }
    }

    #[test]
    fn who_runs_the_service_may_let_it_sweep_and_see_its_counts() {
        let peer = Peer {
            uid: 1000,
            service: 1000,
        };
        for deed in [Deed::Scan, Deed::SeeCounts] {
            assert!(may(peer, deed, None));
            assert!(!may(Peer { uid: 1001, ..peer }, deed, None));
        }
    }
}
