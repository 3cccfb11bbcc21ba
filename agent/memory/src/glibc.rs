//! The allocator of glibc; see mallopt(3) and `malloc_trim(3)`.
#![allow(unsafe_code)]

/// Threads here wait for each other, for the disk or for the worker, hardly ever for the allocator.
const ARENAS: libc::c_int = 1;

/// From this size on a block is the OS's own and goes back when it is freed. It is glibc's first value; glibc would
/// raise it, and with it what it keeps, as soon as a larger block is freed.
const OWN_BLOCK: libc::c_int = 128 * 1024;

pub(crate) fn keep_little() {
    for (option, value) in [
        (libc::M_ARENA_MAX, ARENAS),
        (libc::M_MMAP_THRESHOLD, OWN_BLOCK),
        (libc::M_TRIM_THRESHOLD, OWN_BLOCK),
    ] {
        // An option that is not taken costs memory, nothing else.
        // SAFETY: mallopt takes two integers and locks the arenas it changes.
        unsafe { libc::mallopt(option, value) };
    }
}

pub(crate) fn give_back() {
    // SAFETY: malloc_trim takes an integer and locks each arena it looks through; what is in use stays where it is.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    /// Bytes of this process's heap that are free and not given back, as glibc counts them.
    fn free() -> usize {
        // SAFETY: mallinfo2 only reads the allocator's own counts, under its locks.
        unsafe { libc::mallinfo2() }.fordblks
    }

    /// Resident bytes of this process.
    fn resident() -> usize {
        let text = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: usize = text.split_whitespace().nth(1).unwrap().parse().unwrap();
        pages * 4096
    }

    #[test]
    fn what_was_freed_below_something_in_use_is_given_back() {
        const BLOCK: usize = 1_000;
        const BLOCKS: usize = 32_000;
        super::keep_little();
        let mut blocks: Vec<Vec<u8>> = (0..BLOCKS).map(|_| vec![1; BLOCK]).collect();
        let last = blocks.pop();
        let full = resident();
        drop(black_box(blocks));
        assert!(free() > BLOCK * BLOCKS / 2, "the last block holds the heap up");
        super::give_back();
        assert!(resident() < full - BLOCK * BLOCKS / 2);
        drop(black_box(last));
    }
}
