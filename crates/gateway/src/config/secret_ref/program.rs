//! Secrets that a program tells: a provider of source `exec`.
//!
//! The program is told `{"protocolVersion":1,"provider":P,"ids":[..]}` on its standard input and answers
//! `{"protocolVersion":1,"values":{ID:SECRET}}`. What it prints is never part of a message.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    io::{Read as _, Write as _},
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _},
        process::{CommandExt as _, ExitStatusExt as _},
    },
    path::{Component, Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, geteuid, kill_process_group};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

/// How long a program may take when the config does not say, in milliseconds.
const TIME_MS: u64 = 5_000;
/// The longest that the config may allow, in milliseconds.
const LONGEST_MS: u64 = 120_000;
/// Bytes that a program may print when the config does not say.
const OUTPUT: usize = 1024 * 1024;
/// The most that the config may allow.
const MOST_OUTPUT: usize = 20 * 1024 * 1024;
/// How long output is waited for once the program has ended: a child that it left behind may hold the pipe.
const LAST_WORDS: Duration = Duration::from_millis(250);
/// Bytes that are read at a time.
const PART: usize = 8192;
/// Longest name of a secret.
const LONGEST_ID: usize = 256;

/// `secrets.providers.P` of source `exec`. `allowInsecurePath` is not among it: a program that others may
/// change is never run.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Settings {
    source: String,
    command: String,
    args: Vec<String>,
    timeout_ms: Option<u64>,
    no_output_timeout_ms: Option<u64>,
    max_output_bytes: Option<usize>,
    json_only: Option<bool>,
    env: BTreeMap<String, String>,
    pass_env: Vec<String>,
    trusted_dirs: Vec<PathBuf>,
    allow_symlink_command: bool,
}

/// What a program answers; what it says of errors is not looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    protocol_version: u64,
    #[serde(default)]
    values: BTreeMap<String, Value>,
}

/// Runs the program of a provider; the secrets that it gave. `own` are the variables of this process.
pub(super) fn ask(
    (name, settings): (&str, &Value),
    ids: &BTreeSet<String>,
    own: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, String> {
    if settings.is_null() {
        return Err("there is no such provider".to_owned());
    }
    let settings = Settings::deserialize(settings).ok().filter(|read| read.source == "exec");
    let settings = settings.ok_or("it is no provider of source exec; look at command and args")?;
    if let Some(id) = ids.iter().find(|id| !is_id(id)) {
        return Err(format!("{id:?} cannot be the name of a secret"));
    }
    let file = trusted(&settings)?;
    let request = json!({ "protocolVersion": 1, "provider": name, "ids": ids }).to_string();
    let printed = run(&file, &settings, request, own)?;
    read(&printed, &settings, ids)
}

fn is_id(id: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._:/-".contains(c);
    id.len() <= LONGEST_ID
        && id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && id.chars().all(fits)
        && id.split('/').all(|part| !matches!(part, "." | ".."))
}

/// The file to run, when nobody but us and root can change it or put another one in its place.
fn trusted(settings: &Settings) -> Result<PathBuf, String> {
    let path = Path::new(&settings.command);
    if !path.is_absolute() || path.components().any(|part| part == Component::ParentDir) {
        return Err("command must be an absolute path".to_owned());
    }
    let fail = |reason: &str| format!("{}: {reason}", path.display());
    let unreadable = |error: io::Error| fail(&error.to_string());
    let link = fs::symlink_metadata(path).map_err(unreadable)?.is_symlink();
    if link && !settings.allow_symlink_command {
        return Err(fail("it is a link; name the file itself, or set allowSymlinkCommand"));
    }
    let file = fs::canonicalize(path).map_err(unreadable)?;
    let within = |dir: &PathBuf| file.starts_with(fs::canonicalize(dir).as_ref().unwrap_or(dir));
    if !settings.trusted_dirs.is_empty() && !settings.trusted_dirs.iter().any(within) {
        return Err(fail("it is in none of trustedDirs"));
    }
    let found = fs::metadata(&file).map_err(unreadable)?;
    let mode = found.permissions().mode();
    if !found.is_file() || mode & 0o111 == 0 {
        return Err(fail("it is no file that can be run"));
    }
    if !is_ours(&found) {
        return Err(fail("it belongs to another user; it must be yours or root's"));
    }
    if mode & 0o022 != 0 {
        return Err(fail("others may write it; run chmod go-w on it"));
    }
    for dir in file.ancestors().skip(1) {
        let found = fs::metadata(dir).map_err(unreadable)?;
        let mode = found.permissions().mode();
        // In a folder with the sticky bit only the owner of a file may replace it.
        if !is_ours(&found) || (mode & 0o002 != 0 && mode & 0o1000 == 0) {
            let reason = format!("others may replace it, because {} is theirs", dir.display());
            return Err(fail(&reason));
        }
    }
    Ok(file)
}

fn is_ours(found: &fs::Metadata) -> bool {
    found.uid() == 0 || found.uid() == geteuid().as_raw()
}

/// What comes from the threads that wait for a program.
enum Said {
    Printed(Vec<u8>),
    Closed,
    Ended(io::Result<ExitStatus>),
}

/// Runs the program to its end; what it printed.
fn run(
    file: &Path,
    settings: &Settings,
    request: String,
    own: &BTreeMap<String, String>,
) -> Result<Vec<u8>, String> {
    let fail = |error: io::Error| format!("{} cannot be started: {error}", file.display());
    let passed = settings.pass_env.iter().filter_map(|name| own.get_key_value(name));
    let child = Command::new(file)
        .args(&settings.args)
        .env_clear()
        .envs(passed)
        .envs(&settings.env)
        .current_dir(file.parent().unwrap_or(Path::new("/")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(fail)?;
    let group = Pid::from_child(&child);
    let said = listen(child, request).map_err(fail)?;
    let answer = collect(&said, settings);
    if answer.as_ref().map_or(true, |(_, closed)| !closed) {
        // What still runs, or holds the pipe, ends here.
        kill_process_group(group, Signal::KILL).ok();
    }
    answer.map(|(printed, _)| printed)
}

/// Writes the request and waits for output and end, each on a thread of its own: the one who waits for them
/// has a deadline.
fn listen(mut child: Child, request: String) -> io::Result<mpsc::Receiver<Said>> {
    let (tell, said) = mpsc::channel();
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let named = |name: &str| thread::Builder::new().name(format!("secret {name}"));
    let ended = tell.clone();
    named("end").spawn(move || drop(ended.send(Said::Ended(child.wait()))))?;
    named("output").spawn(move || {
        let Some(mut output) = output else { return };
        let mut part = vec![0; PART];
        while let Ok(size @ 1..) = output.read(&mut part) {
            let piece = part.get(..size).unwrap_or_default().to_vec();
            if tell.send(Said::Printed(piece)).is_err() {
                return;
            }
        }
        drop(tell.send(Said::Closed));
    })?;
    named("input").spawn(move || {
        // A program that asks for one thing alone need not read what is asked.
        let written = input.map(|mut input| input.write_all(request.as_bytes()));
        drop(written);
    })?;
    Ok(said)
}

/// What was printed, and whether the output has been closed.
fn collect(said: &mpsc::Receiver<Said>, settings: &Settings) -> Result<(Vec<u8>, bool), String> {
    let time = settings.timeout_ms.unwrap_or(TIME_MS).clamp(1, LONGEST_MS);
    let quiet = settings.no_output_timeout_ms.unwrap_or(time).clamp(1, LONGEST_MS);
    let most = settings.max_output_bytes.unwrap_or(OUTPUT).min(MOST_OUTPUT);
    let mut deadline = Instant::now() + Duration::from_millis(time);
    let mut silence = Instant::now() + Duration::from_millis(quiet);
    let (mut printed, mut closed, mut status) = (Vec::new(), false, None);
    while !closed || status.is_none() {
        let until = if status.is_some() { deadline } else { deadline.min(silence) };
        match said.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Said::Printed(piece)) => {
                printed.extend(piece);
                silence = Instant::now() + Duration::from_millis(quiet);
            }
            Ok(Said::Closed) => closed = true,
            Ok(Said::Ended(ended)) => {
                status = Some(ended.map_err(|error| error.to_string())?);
                deadline = deadline.min(Instant::now() + LAST_WORDS);
            }
            Err(RecvTimeoutError::Timeout) if status.is_some() => break,
            Err(RecvTimeoutError::Timeout) if until == deadline => {
                return Err(format!("the program took longer than {time} ms"));
            }
            Err(RecvTimeoutError::Timeout) => {
                return Err(format!("the program printed nothing for {quiet} ms"));
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if printed.len() > most {
            return Err(format!("the program printed more than {most} bytes"));
        }
    }
    match status {
        Some(status) if status.success() => Ok((printed, closed)),
        Some(status) => Err(match (status.code(), status.signal()) {
            (Some(code), _) => format!("the program ended with code {code}"),
            (None, signal) => format!("signal {} ended the program", signal.unwrap_or_default()),
        }),
        None => Err("the program was lost".to_owned()),
    }
}

/// The secrets among what was printed.
fn read(
    printed: &[u8],
    settings: &Settings,
    ids: &BTreeSet<String>,
) -> Result<BTreeMap<String, String>, String> {
    if let Ok(Reply { protocol_version: 1, values }) = serde_json::from_slice(printed) {
        let text = |(id, value): (String, Value)| Some((id, value.as_str()?.to_owned()));
        let secrets = values.into_iter().filter_map(text);
        return Ok(secrets.filter(|(id, secret)| ids.contains(id) && !secret.is_empty()).collect());
    }
    match (settings.json_only, ids.first(), str::from_utf8(printed)) {
        (Some(false), Some(id), Ok(text)) if ids.len() == 1 => {
            let secret = text.trim_end_matches(['\r', '\n']);
            let secret = (!secret.is_empty()).then(|| (id.clone(), secret.to_owned()));
            Ok(secret.into_iter().collect())
        }
        _ => Err("the program printed something else than JSON with protocolVersion 1 and values"
            .to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use tokio::{runtime::Handle, time::advance};

    use super::*;

    /// Fails a test that waits for an answer that does not come.
    const PATIENCE: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn no_config_gives_a_program_more_than_two_minutes() {
        let settings = Settings { timeout_ms: Some(u64::MAX), ..Settings::default() };
        let ((tell, said), (done, answer)) = (mpsc::sync_channel(0), mpsc::channel());
        let clock = Handle::current();
        thread::spawn(move || {
            let _clock = clock.enter();
            done.send(collect(&said, &settings)).ok();
        });
        // Its time runs once the first piece was taken, and the next one makes it look at the clock.
        tell.send(Said::Printed(Vec::new())).unwrap();
        advance(Duration::from_millis(LONGEST_MS + 1)).await;
        tell.send(Said::Printed(Vec::new())).ok();
        let answer = answer.recv_timeout(PATIENCE).expect("its time is over");
        assert_eq!(answer.unwrap_err(), "the program took longer than 120000 ms");
    }

    #[test]
    fn no_config_lets_a_program_print_more_than_20_mib() {
        let settings = Settings { max_output_bytes: Some(usize::MAX), ..Settings::default() };
        let one = |size: usize| {
            let (tell, said) = mpsc::channel();
            tell.send(Said::Printed(vec![b' '; size])).unwrap();
            tell.send(Said::Closed).unwrap();
            tell.send(Said::Ended(Ok(ExitStatus::default()))).unwrap();
            collect(&said, &settings).map(|(printed, _)| printed.len())
        };
        assert_eq!(one(MOST_OUTPUT), Ok(MOST_OUTPUT));
        let much = "the program printed more than 20971520 bytes".to_owned();
        assert_eq!(one(MOST_OUTPUT + 1), Err(much));
    }

    #[test]
    fn what_was_not_asked_for_is_not_taken() {
        let printed = json!({ "protocolVersion": 1, "values": { "a": "x", "b": "y", "c": "" } });
        let ids = BTreeSet::from(["a".to_owned(), "c".to_owned()]);
        let taken = read(printed.to_string().as_bytes(), &Settings::default(), &ids).unwrap();
        assert_eq!(taken, BTreeMap::from([("a".to_owned(), "x".to_owned())]));
    }
}
