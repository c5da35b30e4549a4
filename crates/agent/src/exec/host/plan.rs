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

/// A script that a program is given: whoever approved it saw this content.
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
    mutable_file_operand: Option<Operand>,
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
    let operand = operand(command)?;
    let mut plan = json!({
        "argv": argv,
        "cwd": cwd,
        "commandPreview": (preview != shown).then_some(preview),
        "commandText": shown,
        "agentId": asked.agent_id,
        "sessionKey": asked.session_key,
    });
    // OpenClaw 2026.3.28 does not take a plan in which this is null.
    if let Some(operand) = operand {
        plan["mutableFileOperand"] = json!(operand);
    }
    Ok(plan)
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

/// The first file that a program is given which runs what its arguments say.
fn operand(command: &Command) -> Result<Option<Operand>, Refusal> {
    if command.carrier().is_none() {
        return Ok(None);
    }
    let words = command.argv().iter().enumerate().skip(1);
    let files = words.map(|(index, word)| (index, command.cwd().join(word)));
    let Some((argv_index, path)) = files.into_iter().find(|(_, path)| path.is_file()) else {
        return Ok(None);
    };
    let read = fs::canonicalize(&path).and_then(|path| Ok((sha256(&path)?, path)));
    let unread = |_| Refusal::denied("the script cannot be read");
    let (sha256, path) = read.map_err(unread)?;
    let path = path.to_str().map(str::to_owned);
    let path = path.ok_or_else(|| Refusal::denied("the script's path is no text"))?;
    Ok(Some(Operand { argv_index, path, sha256 }))
}

/// Whether the script that was shown is the one that would run now.
pub(super) fn still_holds(command: &Command, asked: Option<&Asked>) -> Result<(), Refusal> {
    let Some(shown) = asked.and_then(|asked| asked.mutable_file_operand.as_ref()) else {
        return Ok(());
    };
    if operand(command)?.as_ref() == Some(shown) {
        return Ok(());
    }
    Err(Refusal::denied("approval script operand changed before execution"))
}

fn sha256(path: &Path) -> std::io::Result<String> {
    Ok(hex(&Sha256::digest(fs::read(path)?)))
}
