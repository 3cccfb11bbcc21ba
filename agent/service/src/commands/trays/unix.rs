//! By a signal. Its program can be removed at once.

use sysinfo::Process;

pub(super) fn end(process: &Process) {
    process.kill();
}
