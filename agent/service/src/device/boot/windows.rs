//! When the kernel was started.
//!
//! The counter that Windows keeps in the registry (`PrefetchParameters\BootId`) goes on alike in two copies of a disk and
//! so does not tell them apart. The moment of the start, in units of 100 ns, does. Setting the clock moves it; the kernel
//! keeps by how much beside it, and the difference stays. After a shutdown with fast startup the same kernel goes on.
#![allow(
    unsafe_code,
    clippy::cast_possible_truncation,
    reason = "calls of the OS, which take sizes in 32 bits"
)]

use uuid::Uuid;
use windows_sys::Wdk::System::SystemInformation::{NtQuerySystemInformation, SystemTimeOfDayInformation};

/// `SYSTEM_TIMEOFDAY_INFORMATION`, whose fields Microsoft's headers leave without names; as in the headers of System
/// Informer (phnt). Times in units of 100 ns.
#[repr(C)]
#[derive(Default)]
struct TimeOfDay {
    boot: i64,
    now: i64,
    zone_bias: i64,
    zone: u32,
    reserved: u32,
    boot_bias: u64,
    sleep_bias: u64,
}

pub(super) fn id() -> Option<Uuid> {
    let mut times = TimeOfDay::default();
    let mut length = 0;
    // SAFETY: the memory is as long as is said and may hold any bits.
    let status = unsafe {
        NtQuerySystemInformation(
            SystemTimeOfDayInformation,
            (&raw mut times).cast(),
            size_of::<TimeOfDay>() as u32,
            &raw mut length,
        )
    };
    if status < 0 || times.boot == 0 {
        return None;
    }
    let started = times.boot.wrapping_sub(times.boot_bias.cast_signed());
    let hash = blake3::derive_key("fileward 2026-11 boot id", &started.to_le_bytes());
    let (half, _) = hash.split_first_chunk()?;
    Some(Uuid::new_v8(*half))
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_questions_in_one_boot_have_one_answer() {
        assert_eq!(super::id().unwrap(), super::id().unwrap());
    }
}
