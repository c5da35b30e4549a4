//! A transcript's index is made from its file: for files of other programs, and for files that are
//! not what the journal left.

use std::{
    fs::{self, File},
    io::{self, BufReader, Write as _},
    os::unix::fs::FileExt as _,
    path::Path,
};

use openclaw_agent::{
    clock::iso_with_dashes,
    transcript::{
        LineInfo, LineKind,
        scan::{Scanned, Scanner},
    },
};
use rusqlite::Connection;

use super::Worker;
use crate::{
    error::{DbError, Result},
    files,
    turns::{
        NewIndex,
        tables::{Line, Transcript, by_id, fork_of, insert_line, swap},
    },
};

/// Lines in one transaction: other writers get their turn in between.
const CHUNK: usize = 1_000;
/// The buffer through which a file is read.
const BUFFER: usize = 64 * 1024;

/// A line in the file.
#[derive(Debug)]
struct Found {
    offset: u64,
    length: u64,
    info: LineInfo,
}

/// What has been read of a file.
struct Read {
    transcript: Transcript,
    /// The last entry with a parent, or the first one: some lines of OpenClaw 2026.3.28 have none, and
    /// what follows them there has the entry before them as its parent.
    tip: Option<String>,
}

impl Worker {
    /// Makes a new index of a transcript and puts it in the place of the old one.
    pub(super) fn rebuild(&self, transcript: i64) -> Result<()> {
        let Some(old) = self.db.read_blocking(move |conn| by_id(conn, transcript))? else {
            return Ok(());
        };
        let path = self.layout.transcript(&old.agent_id, &old.file);
        if !old.indexed && !old.own_copy() {
            self.keep_original(&path)?;
        }
        if old.indexed {
            tracing::warn!(path = %path.display(), "a transcript was changed by another program or a crash; reading it anew");
        }
        let agent = old.agent_id.clone();
        let mut new = self
            .db
            .write_blocking(move |conn| Transcript::insert(conn, None, &agent, &old.file, false))?;
        if let Some(file) = open(&path)? {
            new = self.scan(new, &file, &path)?;
        }
        self.db.write_blocking(move |conn| swap(conn, NewIndex { old: transcript, new }))?;
        crate::turns::sweep(&self.db, self.options.clock.now_ms())
    }

    /// The first look at a file of another program may mend its end, and later lines are appended.
    fn keep_original(&self, path: &Path) -> Result<()> {
        let layout = &self.layout;
        let kept = files::keep_original(layout.state_dir(), &layout.originals(), path);
        if let Some(copy) = kept.map_err(DbError::file(path))? {
            tracing::info!(path = %path.display(), copy = %copy.display(),
                "a transcript of another program was copied before it is written to");
        }
        Ok(())
    }

    /// Reads the file into the index, and mends its end.
    fn scan(&self, new: Transcript, file: &File, path: &Path) -> Result<Transcript> {
        let fail = |e| DbError::file(path)(e);
        let mut scanner = Scanner::new(BufReader::with_capacity(BUFFER, file), 0);
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut torn = None;
        let mut read = Read { transcript: new, tip: None };
        while let Some(piece) = scanner.next_piece().map_err(fail)? {
            match piece {
                Scanned::Line { offset, length, info } => {
                    chunk.push(Found { offset, length, info });
                }
                Scanned::Damaged { offset, length } => tracing::warn!(
                    path = %path.display(), offset, length, "a damaged line of a transcript is skipped"
                ),
                Scanned::Torn { offset, length } => torn = Some((offset, length)),
            }
            if chunk.len() == CHUNK {
                read = self.insert(read, std::mem::take(&mut chunk))?;
            }
        }
        let mut end = scanner.offset();
        if let Some((offset, length)) = torn {
            self.cut_torn_tail(file, path, offset, length).map_err(fail)?;
            end = offset;
        } else if !scanner.ended_with_line_feed() {
            let mut file = file;
            file.write_all(b"\n").map_err(fail)?;
            end += 1;
        }
        file.sync_all().map_err(fail)?;
        let mut new = self.insert(read, chunk)?.transcript;
        new.bytes = i64::try_from(end).unwrap_or(i64::MAX);
        Ok(new)
    }

    fn insert(&self, mut read: Read, lines: Vec<Found>) -> Result<Read> {
        self.db.write_blocking(move |conn: &Connection| -> Result<Read> {
            for Found { offset, length, info } in lines {
                let Read { transcript, tip } = &mut read;
                let line = Line {
                    parent: fork_of(conn, transcript, info.parent_id.as_deref(), tip.as_deref())?,
                    id: &info.id,
                    kind: info.kind,
                    offset: i64::try_from(offset).unwrap_or(i64::MAX),
                    length: i64::try_from(length).unwrap_or(i64::MAX),
                    run: None,
                };
                insert_line(conn, transcript, &line)?;
                if info.parent_id.is_some() || tip.is_none() && info.kind != LineKind::Session {
                    *tip = Some(info.id);
                }
            }
            Ok(read)
        })
    }

    /// Moves a line that was cut off into a file of its own, beside the transcript.
    fn cut_torn_tail(&self, file: &File, path: &Path, offset: u64, length: u64) -> io::Result<()> {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".torn-{}", iso_with_dashes(self.options.clock.now_ms())));
        let aside = path.with_file_name(name);
        tracing::warn!(path = %path.display(), offset, length, aside = %aside.display(),
            "a transcript ended in a torn line, which was set aside");
        let mut tail = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
        file.read_exact_at(&mut tail, offset)?;
        let mut copy = files::open_append(&aside)?;
        copy.write_all(&tail)?;
        copy.sync_all()?;
        file.set_len(offset)
    }
}

/// The file, to read and to append; `None` when there is none.
fn open(path: &Path) -> Result<Option<File>> {
    match fs::OpenOptions::new().read(true).append(true).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(DbError::file(path)(e).into()),
    }
}
