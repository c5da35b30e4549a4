//! Windows of transcripts: the index says where the lines are, one read of the file brings them.

use std::{fs::File, io, os::unix::fs::FileExt as _};

use openclaw_agent::{
    store::{EntryKind, HistoryQuery, StoredEntry, TranscriptInfo},
    transcript::LineKind,
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::journal::{self, Transcript};
use crate::{
    error::{DbError, Result},
    layout::Layout,
};

/// Lines with no more bytes than this between them are read at once.
const GAP: u64 = 16 * 1024;

/// What came of a question about a transcript.
pub(super) enum Answer<T> {
    Is(T),
    /// No session has such a transcript.
    NoTranscript,
    /// Index and file do not fit: the index must be made anew.
    Stale,
}

impl<T> Answer<T> {
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        match self {
            Self::Is(answer) => Answer::Is(change(answer)),
            Self::NoTranscript => Answer::NoTranscript,
            Self::Stale => Answer::Stale,
        }
    }
}

/// Which single entry.
pub(super) enum Which {
    Id(String),
    LastOf(EntryKind),
}

/// An entry's place.
pub(super) struct Place {
    seq: i64,
    message_seq: Option<i64>,
    entry_id: String,
    kind: LineKind,
    offset: u64,
    length: u64,
}

const PLACE: &str =
    "SELECT seq, message_seq, entry_id, kind, offset, length FROM entries WHERE transcript = ?1";

/// No header, and nothing that is on another branch.
const ACTIVE: &str = "AND seq > 0 AND aside = 0";

/// The place of an entry that is there, on whatever branch.
pub(super) fn at(conn: &Connection, transcript: i64, seq: i64) -> Result<Place> {
    let sql = format!("{PLACE} AND seq = ?2");
    Ok(conn.prepare_cached(&sql)?.query_row([transcript, seq], place)?)
}

fn place(row: &Row<'_>) -> rusqlite::Result<Place> {
    Ok(Place {
        seq: row.get(0)?,
        message_seq: row.get(1)?,
        entry_id: row.get(2)?,
        kind: LineKind::from_number(row.get(3)?),
        offset: row.get::<_, i64>(4)?.unsigned_abs(),
        length: row.get::<_, i64>(5)?.unsigned_abs(),
    })
}

pub(super) fn window(
    conn: &Connection,
    layout: &Layout,
    query: &HistoryQuery,
) -> Result<Answer<Vec<StoredEntry>>> {
    about(conn, layout, &query.session_id, |transcript| places(conn, transcript.id, query))
}

pub(super) fn one(
    conn: &Connection,
    layout: &Layout,
    session_id: &str,
    which: &Which,
) -> Result<Answer<Option<StoredEntry>>> {
    let find = |transcript: &Transcript| -> Result<Vec<Place>> {
        let place = match which {
            Which::Id(id) => {
                let sql = format!("{PLACE} AND entry_id = ?2 {ACTIVE} ORDER BY seq DESC LIMIT 1");
                let values = params![transcript.id, id];
                conn.prepare_cached(&sql)?.query_row(values, place).optional()?
            }
            Which::LastOf(kind) => {
                let rare = if *kind == LineKind::Message { "" } else { "AND kind <> 1" };
                let sql =
                    format!("{PLACE} AND kind = ?2 {rare} {ACTIVE} ORDER BY seq DESC LIMIT 1");
                let values = params![transcript.id, kind.number()];
                conn.prepare_cached(&sql)?.query_row(values, place).optional()?
            }
        };
        Ok(place.into_iter().collect())
    };
    Ok(about(conn, layout, session_id, find)?.map(|entries| entries.into_iter().next()))
}

pub(super) fn info(
    conn: &Connection,
    layout: &Layout,
    session_id: &str,
) -> Result<Answer<TranscriptInfo>> {
    Ok(match journal::by_session(conn, session_id)? {
        None => Answer::NoTranscript,
        Some(transcript) if !transcript.indexed => Answer::Stale,
        Some(transcript) => Answer::Is(TranscriptInfo {
            path: layout
                .transcript(&transcript.agent_id, &transcript.file)
                .to_string_lossy()
                .into(),
            bytes: transcript.bytes.unsigned_abs(),
            last_seq: transcript.last_seq.unsigned_abs(),
            messages: transcript.messages.unsigned_abs(),
            leaf: transcript.leaf,
        }),
    })
}

/// Finds places, in the order of the file, and reads their lines, in one snapshot of the database.
pub(super) fn about(
    conn: &Connection,
    layout: &Layout,
    session_id: &str,
    places: impl FnOnce(&Transcript) -> Result<Vec<Place>>,
) -> Result<Answer<Vec<StoredEntry>>> {
    let snapshot = conn.unchecked_transaction()?;
    let Some(transcript) = journal::by_session(conn, session_id)? else {
        return Ok(Answer::NoTranscript);
    };
    if !transcript.indexed {
        return Ok(Answer::Stale);
    }
    let mut places = places(&transcript)?;
    let unsynced = unsynced(conn, &transcript, &mut places)?;
    let synced_to = first_pending(conn, &transcript)?;
    drop(snapshot);
    let Some((mut entries, length)) = from_file(layout, &transcript, places, synced_to)? else {
        return Ok(Answer::Stale);
    };
    // The file may have been replaced, or have grown, since the snapshot.
    let fits = journal::by_id(conn, transcript.id)?.is_some_and(|now| {
        now.generation == transcript.generation
            && now.session_id.is_some()
            && length <= now.bytes.unsigned_abs()
    });
    if !fits {
        return Ok(Answer::Stale);
    }
    entries.extend(unsynced);
    Ok(Answer::Is(entries))
}

/// The newest places that fit the query, oldest first.
fn places(conn: &Connection, transcript: i64, query: &HistoryQuery) -> Result<Vec<Place>> {
    let bound = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
    let before = query.before_seq.map_or(i64::MAX, bound);
    let after = query.after_seq.map_or(0, bound);
    let shown = if query.messages_only { "AND message_seq IS NOT NULL" } else { "" };
    let sql = format!(
        "{PLACE} AND seq > ?2 AND seq < ?3 AND aside = 0 {shown} ORDER BY seq DESC LIMIT ?4"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let mut found = Vec::new();
    let mut bytes = 0_u64;
    for place in statement.query_map(params![transcript, after, before, limit], place)? {
        let place = place?;
        bytes += place.length;
        if bytes > query.max_bytes as u64 && !found.is_empty() {
            break;
        }
        found.push(place);
    }
    found.reverse();
    Ok(found)
}

/// Takes the places whose lines are still in the database off the end of the list, and gives their entries.
fn unsynced(
    conn: &Connection,
    transcript: &Transcript,
    places: &mut Vec<Place>,
) -> Result<Vec<StoredEntry>> {
    let mut statement =
        conn.prepare_cached("SELECT line FROM pending WHERE transcript = ?1 AND seq = ?2")?;
    let mut entries = Vec::new();
    while let Some(last) = places.last() {
        let line =
            statement.query_row(params![transcript.id, last.seq], |row| row.get(0)).optional()?;
        let Some(line) = line else { break };
        entries.extend(places.pop().map(|place| place.with(line)));
    }
    entries.reverse();
    Ok(entries)
}

/// How much of the file must be there: everything before the first pending line.
fn first_pending(conn: &Connection, transcript: &Transcript) -> Result<i64> {
    let sql = "SELECT e.offset FROM pending p JOIN entries e ON e.transcript = p.transcript AND e.seq = p.seq \
               WHERE p.transcript = ?1 ORDER BY p.seq LIMIT 1";
    let first =
        conn.prepare_cached(sql)?.query_row([transcript.id], |row| row.get(0)).optional()?;
    Ok(first.unwrap_or(transcript.bytes))
}

/// Reads the lines at these places, and the file's length; `None` when the file is not the one that was indexed.
fn from_file(
    layout: &Layout,
    transcript: &Transcript,
    places: Vec<Place>,
    synced_to: i64,
) -> Result<Option<(Vec<StoredEntry>, u64)>> {
    if places.is_empty() {
        return Ok(Some((Vec::new(), 0)));
    }
    let path = layout.transcript(&transcript.agent_id, &transcript.file);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(DbError::file(path)(e).into()),
    };
    let length = file.metadata().map_err(DbError::file(&path))?.len();
    if length < synced_to.unsigned_abs() {
        return Ok(None);
    }
    let mut entries = Vec::with_capacity(places.len());
    let mut places = places.into_iter().peekable();
    while let Some(first) = places.next() {
        let mut end = first.offset + first.length;
        let mut group = vec![first];
        while let Some(place) = places.next_if(|p| p.offset >= end && p.offset - end <= GAP) {
            end = place.offset + place.length;
            group.push(place);
        }
        read_group(&file, group, end, &mut entries).map_err(DbError::file(&path))?;
    }
    Ok(Some((entries, length)))
}

/// Reads lines that lie close together with one call.
fn read_group(
    file: &File,
    group: Vec<Place>,
    end: u64,
    entries: &mut Vec<StoredEntry>,
) -> io::Result<()> {
    let start = group.first().map_or(end, |place| place.offset);
    let mut bytes = vec![0; usize::try_from(end - start).unwrap_or(usize::MAX)];
    file.read_exact_at(&mut bytes, start)?;
    for place in group {
        let from = usize::try_from(place.offset - start).unwrap_or(usize::MAX);
        let to = from + usize::try_from(place.length).unwrap_or(0);
        match bytes.get(from..to).map(std::str::from_utf8) {
            Some(Ok(line)) if line.starts_with('{') && line.ends_with('}') => {
                entries.push(place.with(line.to_owned()));
            }
            _ => tracing::warn!(
                offset = place.offset,
                entry = place.entry_id,
                "a damaged line of a transcript is left out"
            ),
        }
    }
    Ok(())
}

impl Place {
    fn with(self, line: String) -> StoredEntry {
        StoredEntry {
            seq: self.seq.unsigned_abs(),
            message_seq: self.message_seq.map(i64::unsigned_abs),
            entry_id: self.entry_id,
            kind: self.kind,
            line,
        }
    }
}
