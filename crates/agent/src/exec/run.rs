//! Running one program to its end: a deadline, a bound on what it prints, and no survivors when it is stopped.
//!
//! The program gets its words as they are; no shell stands between. It leads a process group of its own, and its
//! environment carries a mark by which children that have left the group are found again when all of it must end.

use std::{
    collections::BTreeMap,
    io,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::{Child, Command},
    time::{Instant, sleep_until, timeout},
};
use uuid::Uuid;

/// Bytes of output, standard and error together, that are kept; later ones are read and dropped.
pub const OUTPUT_BYTES: usize = 200_000;
/// The longest that a program may run when nobody says.
pub const LONGEST: Duration = Duration::from_hours(24);

/// The variable that marks a program and its children.
const MARK: &str = "OPENCLAW_RUN";
/// How long output is waited for once the program has ended: a child that it left behind may hold the pipe.
const LAST_WORDS: Duration = Duration::from_millis(250);
/// How long a killed program may take to go.
const DEATH: Duration = Duration::from_secs(5);
/// Rounds of looking for marked children: each may have made another one in the moment before it was killed.
const ROUNDS: usize = 8;
/// Bytes that are read at a time.
const PART: usize = 8192;

/// A program to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The file.
    pub file: PathBuf,
    /// Its words; the first is what it is told its name is.
    pub argv: Vec<String>,
    /// The folder.
    pub cwd: PathBuf,
    /// Its whole environment.
    pub env: BTreeMap<String, String>,
}

/// How a program ended, and what it printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ran {
    /// The code that it ended with; none when a signal ended it.
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether it was ended because its time was over.
    pub timed_out: bool,
    /// Whether it was ended because nobody wants it any longer.
    pub stopped: bool,
    /// What it printed.
    pub stdout: String,
    /// What it printed as errors.
    pub stderr: String,
    /// Whether it printed more than is kept.
    pub cut: bool,
}

impl Ran {
    /// Whether it ended by itself and well.
    pub fn success(&self) -> bool {
        self.exit_code == Some(0) && !self.timed_out && !self.stopped
    }
}

/// Why a program was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Own,
    Time,
    Stop,
}

/// Runs a program until it ends, its time is over, or `stop` says that nobody wants it any longer.
///
/// # Errors
/// The program could not be started.
pub async fn run(
    program: &Program,
    longest: Option<Duration>,
    stop: impl Future<Output = ()>,
) -> io::Result<Ran> {
    let deadline = Instant::now() + longest.unwrap_or(LONGEST).min(LONGEST);
    let mark = Uuid::new_v4().to_string();
    let mut child = start(program, &mark)?;
    let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
    let mut kept = Kept::default();
    let (end, status) = {
        tokio::pin!(stop);
        let reading = read(&mut out, &mut err, &mut kept);
        tokio::pin!(reading);
        let mut open = true;
        loop {
            tokio::select! {
                status = child.wait() => break (End::Own, Some(status?)),
                () = &mut reading, if open => open = false,
                () = sleep_until(deadline) => break (End::Time, None),
                () = &mut stop => break (End::Stop, None),
            }
        }
    };
    let status = match status {
        Some(status) => Some(status),
        None => finish(&mut child, group, &mark).await,
    };
    // What it printed last is still in the pipes.
    timeout(LAST_WORDS, read(&mut out, &mut err, &mut kept)).await.ok();
    Ok(kept.ran(end, status))
}

fn start(program: &Program, mark: &str) -> io::Result<Child> {
    let mut command = Command::new(&program.file);
    if let Some((name, words)) = program.argv.split_first() {
        std::os::unix::process::CommandExt::arg0(command.as_std_mut(), name);
        command.args(words);
    }
    command
        .current_dir(&program.cwd)
        .env_clear()
        .envs(&program.env)
        .env(MARK, mark)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}

/// Ends a program with everything that it has started.
async fn finish(child: &mut Child, group: Option<Pid>, mark: &str) -> Option<ExitStatus> {
    if let Some(group) = group {
        // It may have gone in this moment.
        kill_process_group(group, Signal::KILL).ok();
    }
    let mark = format!("{MARK}={mark}");
    for _ in 0..ROUNDS {
        let left = marked(&mark);
        if left.is_empty() {
            break;
        }
        for pid in left {
            kill_process(pid, Signal::KILL).ok();
        }
    }
    timeout(DEATH, child.wait()).await.ok()?.ok()
}

/// Living processes whose environment has the mark. Systems without `/proc` have the group alone.
fn marked(mark: &str) -> Vec<Pid> {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let has = |path: &Path| {
        let environment = std::fs::read(path.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
    };
    let pid = |name: &str| Pid::from_raw(name.parse().ok()?);
    let found = processes.flatten().filter_map(|process| {
        let pid = pid(process.file_name().to_str()?)?;
        has(&process.path()).then_some(pid)
    });
    found.collect()
}

/// What a program printed.
#[derive(Debug, Default)]
struct Kept {
    out: Vec<u8>,
    err: Vec<u8>,
    cut: bool,
}

impl Kept {
    fn room(&self) -> usize {
        OUTPUT_BYTES - self.out.len() - self.err.len()
    }

    fn ran(self, end: End, status: Option<ExitStatus>) -> Ran {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ran {
            exit_code: status.and_then(|status| status.code()),
            signal: status.and_then(|status| status.signal()),
            timed_out: end == End::Time,
            stopped: end == End::Stop,
            stdout: text(self.out),
            stderr: text(self.err),
            cut: self.cut,
        }
    }
}

/// Reads both pipes until they end. A pipe that has ended is taken away.
async fn read(
    out: &mut Option<impl AsyncRead + Unpin>,
    err: &mut Option<impl AsyncRead + Unpin>,
    kept: &mut Kept,
) {
    let (mut out_part, mut err_part) = (vec![0; PART], vec![0; PART]);
    while out.is_some() || err.is_some() {
        let (part, from_out) = tokio::select! {
            read = next(out, &mut out_part) => (&out_part[..read], true),
            read = next(err, &mut err_part) => (&err_part[..read], false),
        };
        let room = kept.room().min(part.len());
        kept.cut |= room < part.len();
        if from_out { &mut kept.out } else { &mut kept.err }.extend_from_slice(&part[..room]);
    }
}

async fn next(pipe: &mut Option<impl AsyncRead + Unpin>, part: &mut [u8]) -> usize {
    let Some(open) = pipe else { return std::future::pending().await };
    let read = open.read(part).await.unwrap_or_default();
    if read == 0 {
        *pipe = None;
    }
    read
}

/// The first program of this name in the folders of a search path, as one calls it.
pub fn which(name: &str, path: &str) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;

    let plain = !name.is_empty() && !name.contains(['/', '\0']) && !matches!(name, "." | "..");
    let runs = |path: &PathBuf| {
        std::fs::metadata(path)
            .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    };
    let folders = path.split(':').map(Path::new).filter(|folder| folder.is_absolute());
    folders.filter(|_| plain).map(|folder| folder.join(name)).find(runs)
}

#[cfg(test)]
mod tests;
