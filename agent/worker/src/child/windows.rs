//! Starting the worker on Windows: a process whose token opens next to nothing, in a job that limits it.
#![allow(unsafe_code)]

use std::ffi::{OsStr, OsString, c_void};
use std::io;
use std::os::windows::ffi::OsStrExt as _;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::os::windows::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::Threading::{
    BELOW_NORMAL_PRIORITY_CLASS, CREATE_SUSPENDED, CREATE_UNICODE_ENVIRONMENT, CreateProcessAsUserW, DETACHED_PROCESS,
    DeleteProcThreadAttributeList, EXTENDED_STARTUPINFO_PRESENT, GetExitCodeProcess, INFINITE,
    InitializeProcThreadAttributeList, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, PROC_THREAD_ATTRIBUTE_JOB_LIST,
    PROCESS_INFORMATION, ResumeThread, STARTF_USESTDHANDLES, STARTUPINFOEXW, SetThreadToken, TerminateProcess,
    UpdateProcThreadAttribute, WaitForSingleObject,
};

use crate::channel::{Channel, Peer};
use job::Job;
use token::Tokens;

#[path = "windows/job.rs"]
mod job;
#[path = "windows/token.rs"]
mod token;

/// The exit code of a worker that the service ended.
const ENDED: u32 = 0xF11E_0000;

/// This very program.
pub(crate) fn own_program() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}

/// The two holds differ in the token of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// It opens nothing at all. While it starts, the first thread has another one, which the cage throws away.
    Locked,
    /// It opens what everybody may open. For a PC on which a process with the other token does not start.
    Limited,
}

impl Hold {
    /// All there are, the strictest first.
    pub(crate) const ALL: [Self; 2] = [Self::Locked, Self::Limited];
}

#[derive(Debug)]
pub(crate) struct Child {
    process: OwnedHandle,
    #[cfg(test)]
    id: u32,
    /// The process ends with its job's last handle, which is this one.
    _job: Job,
}

pub(crate) fn start(program: &Path, arguments: &[OsString], hold: Hold) -> io::Result<(Child, Channel)> {
    let (channel, peer): (Channel, Peer) = Channel::pair()?;
    let tokens = Tokens::new(hold)?;
    let job = Job::new()?;
    let created = create(program, arguments, &tokens, &peer, &job)?;
    // SAFETY: the process was just created, and nobody else has these handles.
    let process = unsafe { OwnedHandle::from_raw_handle(created.hProcess) };
    // SAFETY: as above.
    let thread = unsafe { OwnedHandle::from_raw_handle(created.hThread) };
    let released = release(&thread, tokens.first_thread.as_ref());
    let child = Child {
        process,
        #[cfg(test)]
        id: created.dwProcessId,
        _job: job,
    };
    match released.and_then(|()| child.process.try_clone()) {
        Ok(process) => {
            channel.set_worker(process);
            Ok((child, channel))
        }
        Err(error) => {
            child.end();
            Err(error)
        }
    }
}

impl Child {
    #[cfg(test)]
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    pub(crate) fn end(&self) -> String {
        let process = self.process.as_raw_handle();
        // It has nothing to lose or to save, so there is no need to ask it first.
        // SAFETY: the handle is open for the whole call, as in the next two.
        unsafe { TerminateProcess(process, ENDED) };
        // SAFETY: see above.
        unsafe { WaitForSingleObject(process, INFINITE) };
        let mut code = 0;
        // SAFETY: see above; what is written to lives as long.
        match done(unsafe { GetExitCodeProcess(process, &raw mut code) }) {
            Ok(()) => ExitStatus::from_raw(code).to_string(),
            Err(error) => error.to_string(),
        }
    }
}

/// Creates the process, which waits to be released, in its job and with one end of the channel as its only handle.
fn create(
    program: &Path,
    arguments: &[OsString],
    tokens: &Tokens,
    peer: &Peer,
    job: &Job,
) -> io::Result<PROCESS_INFORMATION> {
    let mut command_line = command_line(program, arguments)?;
    let folder = std::env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
    // Without this one variable, parts of the system do not find each other.
    let variable = OsStr::new("SystemRoot=").encode_wide();
    let environment: Vec<u16> = variable.chain(folder.encode_wide()).chain([0, 0]).collect();
    let (program, folder) = (wide(program.as_os_str()), wide(&folder));
    let input = peer.0.as_raw_handle();
    let job = job.handle();
    let mut attributes = Attributes::new(&input, &job)?;
    let mut startup = STARTUPINFOEXW::default();
    startup.StartupInfo.cb = 112;
    const { assert!(size_of::<STARTUPINFOEXW>() == 112) };
    startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    // Output and errors have no handle and lead nowhere.
    startup.StartupInfo.hStdInput = input;
    startup.lpAttributeList = attributes.0.as_mut_ptr().cast();
    let mut created = PROCESS_INFORMATION::default();
    // SAFETY: every pointer is to a value that lives for the whole call, strings and environment end with 0, and the
    // command line may be written to.
    done(unsafe {
        CreateProcessAsUserW(
            tokens.process.as_raw_handle(),
            program.as_ptr(),
            command_line.as_mut_ptr(),
            null(),
            null(),
            1,
            CREATE_SUSPENDED
                | CREATE_UNICODE_ENVIRONMENT
                | DETACHED_PROCESS
                | EXTENDED_STARTUPINFO_PRESENT
                | BELOW_NORMAL_PRIORITY_CLASS,
            environment.as_ptr().cast(),
            folder.as_ptr(),
            (&raw const startup).cast(),
            &raw mut created,
        )
    })?;
    Ok(created)
}

/// Lets the process run, its first thread with a token of its own if there is one.
fn release(thread: &OwnedHandle, token: Option<&OwnedHandle>) -> io::Result<()> {
    let thread: HANDLE = thread.as_raw_handle();
    if let Some(token) = token {
        // SAFETY: both handles are open for the whole call.
        done(unsafe { SetThreadToken(&raw const thread, token.as_raw_handle()) })?;
    }
    // SAFETY: the handle is open for the whole call.
    if unsafe { ResumeThread(thread) } == u32::MAX {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// The list of attributes of a process to be created.
struct Attributes(Vec<usize>);

impl Attributes {
    /// The process inherits one handle and is created in the job: put there afterwards, it would be left behind, asleep, by
    /// a service that is killed in between.
    fn new(handle: &HANDLE, job: &HANDLE) -> io::Result<Self> {
        const ATTRIBUTES: u32 = 2;
        let mut size = 0;
        // SAFETY: without a list, the call only says how large one is.
        unsafe { InitializeProcThreadAttributeList(null_mut(), ATTRIBUTES, 0, &raw mut size) };
        let mut list = vec![0_usize; size.div_ceil(size_of::<usize>())];
        // SAFETY: the list is as large as the call has asked for, and aligned as pointers are.
        done(unsafe { InitializeProcThreadAttributeList(list.as_mut_ptr().cast(), ATTRIBUTES, 0, &raw mut size) })?;
        let mut list = Self(list);
        list.put(PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handle)?;
        list.put(PROC_THREAD_ATTRIBUTE_JOB_LIST, job)?;
        Ok(list)
    }

    /// Puts an attribute in that is a list of one handle, which must stay where it is until the process is created.
    fn put(&mut self, attribute: u32, handle: &HANDLE) -> io::Result<()> {
        // SAFETY: the list was initialised for as many attributes as are put in, and the handle is as large as is said.
        done(unsafe {
            UpdateProcThreadAttribute(
                self.0.as_mut_ptr().cast(),
                0,
                attribute as usize,
                (&raw const *handle).cast::<c_void>(),
                size_of::<HANDLE>(),
                null_mut(),
                null(),
            )
        })
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: the list was initialised, and nothing uses it any more.
        unsafe { DeleteProcThreadAttributeList(self.0.as_mut_ptr().cast()) };
    }
}

/// A command line of quoted words. None of ours has a quote in it or ends with a backslash, which would take more.
fn command_line(program: &Path, arguments: &[OsString]) -> io::Result<Vec<u16>> {
    let mut line = Vec::new();
    for word in std::iter::once(program.as_os_str()).chain(arguments.iter().map(AsRef::as_ref)) {
        let word: Vec<u16> = word.encode_wide().collect();
        if word.last() == Some(&b'\\'.into()) || word.iter().any(|unit| [0, b'"'.into()].contains(unit)) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        line.push(b'"'.into());
        line.extend(word);
        line.extend([b'"', b' '].map(u16::from));
    }
    line.push(0);
    Ok(line)
}

fn wide(text: &OsStr) -> Vec<u16> {
    text.encode_wide().chain([0]).collect()
}

fn done(result: i32) -> io::Result<()> {
    if result == 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
