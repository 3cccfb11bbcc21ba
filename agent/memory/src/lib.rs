//! How little memory an idle process keeps: service and tray run all day, and mostly wait.
//!
//! What is freed goes back to the allocator, not to the OS. glibc's keeps it at two places: in an arena for each of the
//! first threads, and below whatever small thing was allocated last. Other allocators look after this by themselves.

#[cfg_attr(all(target_os = "linux", target_env = "gnu"), path = "glibc.rs")]
#[cfg_attr(not(all(target_os = "linux", target_env = "gnu")), path = "others.rs")]
mod platform;

/// Has the allocator keep little. To be called once, before the first thread is started.
pub fn keep_little() {
    platform::keep_little();
}

/// Gives back to the OS what is free. It walks the whole heap: for when a lot was done and nothing waits.
pub fn give_back() {
    platform::give_back();
}
