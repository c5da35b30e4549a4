//! What would run, pinned: what a person is shown before deciding, and what must still hold afterwards.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    Command,
    asked::{Prepare, Refusal},
    run,
};
use crate::approvals::binding::hex;

/// The file that a yes is bound to: a script that a program is given, by its content; else the program
/// itself (the word 0), by its content and the folder that it runs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operand {
    argv_index: usize,
    path: String,
    sha256: String,
}

/// What of a plan comes back when its command is to run.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Asked {
    cwd: Option<String>,
    mutable_file_operand: Option<Operand>,
}

impl Asked {
    /// Whether it says which file was shown: without that nobody knows what was approved.
    pub(super) fn is_bound(&self) -> bool {
        self.mutable_file_operand.is_some()
    }
}

/// The words of a command as one text that a person can read.
pub(super) fn text(argv: &[String]) -> String {
    let word = |word: &String| {
        let word = word.trim();
        if !word.is_empty() && !word.contains(|c: char| c.is_whitespace() || c == '"') {
            return word.to_owned();
        }
        format!("\"{}\"", word.replace('"', "\\\""))
    };
    argv.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// The plan for a command: its program by the real path, its folder if one was given.
pub(super) fn of(command: &Command, asked: &Prepare, search: &str) -> Result<Value, Refusal> {
    let path = |path: &Path| match path.to_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(Refusal::denied("a path that is no text cannot be shown to a person")),
    };
    let mut argv = command.argv().to_vec();
    if let Some(first) = argv.first_mut() {
        *first = path(&pinned(command, first, search))?;
    }
    let preview = text(command.argv());
    let shown = text(&argv);
    let cwd = asked.cwd.is_some().then(|| path(command.cwd())).transpose()?;
    Ok(json!({
        "argv": argv,
        "cwd": cwd,
        "commandPreview": (preview != shown).then_some(preview),
        "commandText": shown,
        "agentId": asked.agent_id,
        "sessionKey": asked.session_key,
        "mutableFileOperand": operand(command)?,
    }))
}

/// Where a program is: its real path. One that is many programs by the name of a link to it keeps
/// that name, or it would be another one.
fn pinned(command: &Command, word: &str, search: &str) -> PathBuf {
    let real = command.program();
    if Path::new(word).file_name() == real.file_name() {
        return real.to_owned();
    }
    if word.contains('/') {
        return command.cwd().join(word);
    }
    run::which(word, search).unwrap_or_else(|| real.to_owned())
}

/// The first file that a program is given which runs what its arguments say; else the program.
fn operand(command: &Command) -> Result<Operand, Refusal> {
    let words = command.argv().iter().enumerate().skip(1).filter(|_| command.carrier().is_some());
    let mut files = words.map(|(index, word)| (index, command.cwd().join(word)));
    let (argv_index, read) = match files.find(|(_, path)| path.is_file()) {
        Some((index, path)) => {
            (index, fs::canonicalize(&path).and_then(|path| Ok((sha256(&path)?, path))))
        }
        None => (0, command.fingerprint().map(|print| (print, command.program().to_owned()))),
    };
    let what = if argv_index == 0 { "program" } else { "script" };
    let unread =
        |error: std::io::Error| Refusal::denied(&format!("the {what} cannot be read: {error}"));
    let (sha256, path) = read.map_err(unread)?;
    let path = path.to_str().map(str::to_owned);
    let path = path.ok_or_else(|| Refusal::denied(&format!("the {what}'s path is no text")))?;
    Ok(Operand { argv_index, path, sha256 })
}

/// Whether what was shown is what would run now, and where.
pub(super) fn still_holds(command: &Command, asked: Option<&Asked>) -> Result<(), Refusal> {
    let Some(asked) = asked else { return Ok(()) };
    // A plan has the real path of its folder: a link in it has come since.
    if asked.cwd.as_deref().is_some_and(|cwd| Path::new(cwd) != command.cwd()) {
        return Err(Refusal::denied("approval folder changed before execution"));
    }
    match &asked.mutable_file_operand {
        None => Ok(()),
        Some(shown) if operand(command)? == *shown => Ok(()),
        Some(shown) if shown.argv_index == 0 => {
            Err(Refusal::denied("approval program or folder changed before execution"))
        }
        Some(_) => Err(Refusal::denied("approval script operand changed before execution")),
    }
}

fn sha256(path: &Path) -> std::io::Result<String> {
    Ok(hex(&Sha256::digest(fs::read(path)?)))
}
