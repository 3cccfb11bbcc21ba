//! Which boot the service runs in: two copies of one disk show themselves by different boots.

use std::sync::LazyLock;

use uuid::Uuid;

#[cfg(target_os = "linux")]
#[path = "boot/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "boot/windows.rs"]
mod platform;

/// The id of this boot. Where the OS has none, each start of the service counts as a boot.
pub(crate) fn id() -> Uuid {
    static ID: LazyLock<Uuid> = LazyLock::new(|| platform::id().unwrap_or_else(Uuid::new_v4));
    *ID
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_boot_id_stays_and_is_not_nil() {
        assert_eq!(super::id(), super::id());
        assert!(!super::id().is_nil());
    }
}
