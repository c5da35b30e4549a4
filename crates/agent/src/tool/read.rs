//! `read`: a text file of the agent's workspace, whole or a window of its lines.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _},
    path::Path,
    sync::Arc,
};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    StepClass, Tool, ToolContext, ToolOutput,
    beneath::{OpenError, open_beneath},
    typed,
};

const DESCRIPTION: &str = "Reads a text file of the workspace. Gives at most 2000 lines or 50 KB at once; \
                           use offset (first line, from 1) and limit (number of lines) for the rest.";

/// At most so many lines are given at once.
const MAX_LINES: usize = 2_000;
/// At most so many bytes are given at once.
const MAX_BYTES: usize = 50 * 1024;
/// At most so many bytes are looked at to find the first line wanted; a file may be sparse and huge.
const MAX_SCAN_BYTES: u64 = 64 * 1024 * 1024;

/// Which lines of which file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Params {
    /// The file, relative to the workspace.
    #[serde(alias = "file_path")]
    path: String,
    /// The first line to give, from 1.
    #[serde(default)]
    offset: Option<usize>,
    /// How many lines to give at most.
    #[serde(default)]
    limit: Option<usize>,
}

/// The tool.
pub fn tool() -> Arc<dyn Tool> {
    typed("read", DESCRIPTION, StepClass::Pure, run)
}

async fn run(cx: ToolContext, params: Params) -> ToolOutput {
    let meta = format!("from {}", params.path);
    let work = move || read(&cx.workspace, &params).map_err(|error| describe(&params.path, &error));
    let output = match tokio::task::spawn_blocking(work).await {
        Ok(Ok(text)) => ToolOutput::text(text),
        Ok(Err(error)) => ToolOutput::error("read", &error),
        Err(_) => ToolOutput::error("read", "reading was cut off"),
    };
    output.with_meta(meta)
}

fn describe(path: &str, error: &OpenError) -> String {
    match error {
        OpenError::Io(error) if error.kind() == io::ErrorKind::NotFound => {
            format!("ENOENT: no such file or directory, access '{path}'")
        }
        OpenError::Outside => {
            format!("cannot read '{path}': the path must be inside the workspace, without `..`")
        }
        other => format!("cannot read '{path}': {other}"),
    }
}

fn read(workspace: &Path, params: &Params) -> Result<String, OpenError> {
    let file = open_beneath(workspace, &params.path)?;
    let first = params.offset.unwrap_or(1).max(1);
    let limit = params.limit.unwrap_or(MAX_LINES).min(MAX_LINES);
    Ok(window(file, first, limit)?)
}

/// `limit` lines from line `first` on, with a note when there is more.
fn window(file: File, first: usize, limit: usize) -> io::Result<String> {
    let mut lines = BufReader::new(file.take(MAX_SCAN_BYTES));
    for line in 1..first {
        if lines.skip_until(b'\n')? == 0 {
            return Err(invalid(format!(
                "offset {first} is beyond the end: the file has {} lines",
                line - 1
            )));
        }
    }
    let mut bytes = Vec::new();
    let mut given = 0;
    while given < limit && bytes.len() < MAX_BYTES {
        let room = u64::try_from(MAX_BYTES - bytes.len()).unwrap_or(0);
        if lines.by_ref().take(room).read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        given += 1;
    }
    let more = !lines.fill_buf()?.is_empty();
    let mut text = utf8(bytes, more)?;
    if more {
        let next = first + given - usize::from(!text.ends_with('\n'));
        let next = if next == first { first + 1 } else { next };
        let note = format!("\n\n[There is more. Use offset={next} to continue.]");
        text.push_str(&note);
    }
    Ok(text)
}

/// The bytes as text. Where the window was cut inside a character the rest of it is left out.
fn utf8(bytes: Vec<u8>, cut: bool) -> io::Result<String> {
    String::from_utf8(bytes).or_else(|error| {
        let utf8 = error.utf8_error();
        let valid = utf8.valid_up_to();
        if !cut || utf8.error_len().is_some() {
            return Err(invalid(format!(
                "it is not UTF-8 text (byte {valid} of the part that was read)"
            )));
        }
        let mut bytes = error.into_bytes();
        bytes.truncate(valid);
        String::from_utf8(bytes).map_err(|error| invalid(error.to_string()))
    })
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use serde_json::json;

    use super::*;
    use crate::tool::tests::context;

    async fn call(dir: &Path, args: serde_json::Value) -> ToolOutput {
        tool().call(&context(dir), args).await
    }

    #[tokio::test]
    async fn it_reads_a_window_of_lines() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.txt"), "one\ntwo\nthree\n").unwrap();
        let all = call(dir.path(), json!({"path": "a.txt"})).await;
        assert_eq!(all.text, "one\ntwo\nthree\n");
        assert_eq!(all.meta.as_deref(), Some("from a.txt"));
        let part = call(dir.path(), json!({"path": "a.txt", "offset": 2, "limit": 1})).await;
        assert_eq!(part.text, "two\n\n\n[There is more. Use offset=3 to continue.]");
        let past = call(dir.path(), json!({"path": "a.txt", "offset": 9})).await;
        assert!(past.is_error && past.text.contains("has 3 lines"), "{}", past.text);
    }

    #[tokio::test]
    async fn what_it_cannot_read_it_says() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("bin"), b"ab\xff\xfe").unwrap();
        let bin = call(dir.path(), json!({"path": "bin"})).await;
        assert!(bin.is_error && bin.text.contains("not UTF-8"), "{}", bin.text);
        let missing = call(dir.path(), json!({"path": "nope"})).await;
        assert!(missing.is_error && missing.text.contains("ENOENT"), "{}", missing.text);
        let outside = call(dir.path(), json!({"path": "/etc/passwd"})).await;
        assert!(outside.is_error && outside.text.contains("inside the workspace"));
        let unknown = call(dir.path(), json!({"path": "bin", "follow": true})).await;
        assert!(unknown.is_error && unknown.text.contains("unknown field"));
    }

    #[tokio::test]
    async fn long_files_and_lines_are_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let mut many = String::new();
        for n in 1..=3_000 {
            writeln!(many, "{n}").unwrap();
        }
        std::fs::write(dir.path().join("many"), many).unwrap();
        let out = call(dir.path(), json!({"path": "many"})).await;
        assert!(out.text.ends_with("2000\n\n\n[There is more. Use offset=2001 to continue.]"));
        std::fs::write(dir.path().join("wide"), "ü".repeat(60_000)).unwrap();
        let out = call(dir.path(), json!({"path": "wide"})).await;
        assert!(!out.is_error && out.text.len() < MAX_BYTES + 100);
        assert!(out.text.ends_with("offset=2 to continue.]"));
        let sparse = File::create(dir.path().join("sparse")).unwrap();
        sparse.set_len(1 << 40).unwrap();
        let out = call(dir.path(), json!({"path": "sparse", "offset": 5})).await;
        assert!(out.is_error, "{}", out.text.len());
    }

    #[tokio::test]
    async fn nobody_gets_more_lines_at_once_by_asking() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.txt"), "x\n".repeat(MAX_LINES + 500)).unwrap();
        let read = call(dir.path(), json!({"path": "a.txt", "limit": MAX_LINES + 400})).await;
        assert!(read.text.ends_with("[There is more. Use offset=2001 to continue.]"));
    }
}
