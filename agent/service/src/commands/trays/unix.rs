//! By a signal.

use sysinfo::Process;

pub(super) fn end(process: &Process) {
    // It fails when the tray ended by itself meanwhile.
    let _ = process.kill_and_wait();
}
