//! What the OS refuses.
