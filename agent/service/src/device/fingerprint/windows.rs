//! SKELETON
use super::Tables;

pub(super) fn tables() -> Tables {
    Tables::default()
}
