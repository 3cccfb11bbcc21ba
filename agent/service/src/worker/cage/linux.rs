//! The cage on Linux: limits, Landlock, and a list of the only system calls that are left.
//!
//! The unprivileged user and the empty list of groups come before this, when the process is started.

#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::{fs, io};

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus, Scope};
use rustix::process::{DumpableBehavior, Resource, Rlimit, nice, set_dumpable_behavior, setrlimit};
use rustix::thread::set_no_new_privs;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

use super::Cage;

/// Address space on top of what the program itself has when it enters the cage, so that a worker never has 128 MB in
/// memory. Inspection stays far below; what does not is a bomb.
const MEMORY: u64 = 120 << 20;
/// CPU seconds of one worker. The service retires a worker long before; this ends one whose service is gone.
const CPU_SECONDS: u64 = 3600;
/// The socket, the three standard streams, one file, and a few in passing.
const FILES: u64 = 16;

/// What the log says of a worker that has no second lock.
pub(in crate::worker) const WITHOUT_SECOND_LOCK: &str =
    "This kernel has no Landlock: the inspect worker is held by its other limits alone";

/// Closes what the service's own parent may have left open in it and so in the worker. Nothing but the standard
/// streams may be in use yet.
pub(in crate::worker) fn close_inherited_files() {
    // SAFETY: the call takes three integers. At the start of a process nothing owns these descriptors.
    // A kernel without it (before 5.9) leaves them open; the cage makes them useless.
    let _ = unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) };
}

/// Enters the cage for good.
///
/// # Errors
/// When a part that there must be cannot be had.
pub(in crate::worker) fn enter() -> Result<Cage, String> {
    yield_to_others();
    set_no_new_privs(true).map_err(|error| format!("no_new_privs: {error}"))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|error| format!("dumpable: {error}"))?;
    limit_resources().map_err(|error| format!("limits: {error}"))?;
    let has_second_lock = close_file_system().map_err(|error| format!("landlock: {error}"))?;
    forbid_system_calls().map_err(|error| format!("seccomp: {error}"))?;
    Ok(Cage { has_second_lock })
}

/// Takes the lowest priority that still gets on. Failing to is a matter of manners, not of safety.
fn yield_to_others() {
    const WHO_PROCESS: libc::c_int = 1;
    const CLASS_IDLE: libc::c_int = 3 << 13;
    let _ = nice(10);
    // SAFETY: the call takes three integers and touches no memory; 0 means this process.
    let _ = unsafe { libc::syscall(libc::SYS_ioprio_set, WHO_PROCESS, 0, CLASS_IDLE) };
}

fn limit_resources() -> io::Result<()> {
    for (resource, limit) in [
        (Resource::As, address_space()? + MEMORY),
        (Resource::Cpu, CPU_SECONDS),
        (Resource::Nofile, FILES),
        (Resource::Fsize, 0),
        (Resource::Nproc, 0),
        (Resource::Core, 0),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
    ] {
        let limit = Rlimit {
            current: Some(limit),
            maximum: Some(limit),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

/// The address space of this process in bytes. Most of it is the program, which is in memory only as far as it runs.
fn address_space() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let kibibytes: u64 = size
        .and_then(|size| size.trim().strip_suffix(" kB")?.parse().ok())
        .ok_or(io::ErrorKind::InvalidData)?;
    Ok(kibibytes << 10)
}

/// Closes every path, every port and every other process; `false` when this kernel has no Landlock.
pub(in crate::worker) fn close_file_system() -> Result<bool, landlock::RulesetError> {
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(ABI::V6))?
        .handle_access(AccessNet::from_all(ABI::V6))?
        .scope(Scope::from_all(ABI::V6))?
        .create()?
        .restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

/// Leaves only the system calls that reading, hashing and answering need; any other ends the process.
pub(in crate::worker) fn forbid_system_calls() -> Result<(), Box<dyn std::error::Error>> {
    let mut rules = BTreeMap::new();
    for call in [
        // Files and frames.
        libc::SYS_read,
        libc::SYS_lseek,
        libc::SYS_close,
        libc::SYS_recvmsg,
        libc::SYS_sendmsg,
        // Memory.
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        // Time, locks and chance.
        libc::SYS_clock_gettime,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_getrandom,
        // The end, be it good or bad.
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_gettid,
        libc::SYS_restart_syscall,
    ] {
        rules.insert(call, Vec::new());
    }
    // Memory can be had, but never to run.
    let executable = u64::from(libc::PROT_EXEC.unsigned_abs());
    let not_executable = argument(2, SeccompCmpOp::MaskedEq(executable), 0)?;
    rules.insert(libc::SYS_mmap, vec![not_executable.clone()]);
    rules.insert(libc::SYS_mprotect, vec![not_executable]);
    // Debug builds of the standard library ask whether a descriptor is open before they close it.
    let get_flags = u64::from(libc::F_GETFD.unsigned_abs());
    rules.insert(libc::SYS_fcntl, vec![argument(1, SeccompCmpOp::Eq, get_flags)?]);
    // The standard streams lead nowhere; the file in hand stays as it is even if it could be written.
    rules.insert(
        libc::SYS_write,
        vec![argument(0, SeccompCmpOp::Eq, 1)?, argument(0, SeccompCmpOp::Eq, 2)?],
    );

    let filter = SeccompFilter::new(
        rules,
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        std::env::consts::ARCH.try_into()?,
    )?;
    let program: BpfProgram = filter.try_into()?;
    seccompiler::apply_filter_all_threads(&program)?;
    Ok(())
}

fn argument(index: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompRule, seccompiler::BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(
        index,
        SeccompCmpArgLen::Dword,
        operator,
        value,
    )?])
}
