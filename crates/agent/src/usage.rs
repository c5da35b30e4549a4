//! What sessions used: tokens, prices, messages, tools and waiting times, counted from the lines of
//! their transcripts. The transcripts are the only record; nothing is counted beside them.

mod line;
mod tally;

use std::{
    collections::BTreeSet,
    io::{self, BufRead},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use openclaw_protocol::ids::AgentId;

pub use line::{Fact, Said};
pub use tally::{Day, ModelSum, Tally, answer_totals};

use crate::transcript::scan::{MAX_LINE, read_until_line_feed};

/// Which messages count, and on which day each of them was.
#[derive(Debug, Clone)]
pub struct Span {
    /// The first moment, milliseconds since the epoch.
    pub from: i64,
    /// The first moment that is past it.
    pub until: i64,
    /// Whether messages that do not say when they were said count too.
    pub undated: bool,
    /// Where days begin.
    pub zone: TimeZone,
}

impl Span {
    /// All time, in days of UTC.
    pub fn everything() -> Self {
        Self { from: i64::MIN, until: i64::MAX, undated: true, zone: TimeZone::UTC }
    }

    /// The day of a moment.
    pub fn day(&self, at: i64) -> Date {
        let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        at.to_zoned(self.zone.clone()).date()
    }

    fn holds(&self, at: Option<i64>) -> bool {
        at.map_or(self.undated, |at| (self.from..self.until).contains(&at))
    }
}

/// Which transcripts are counted.
#[derive(Debug, Clone)]
pub struct UsageQuery {
    /// Those of these agents, archived ones too.
    pub agents: Vec<AgentId>,
    /// Only those with these ids.
    pub session_ids: Option<BTreeSet<String>>,
    /// What counts in them.
    pub span: Span,
}

impl UsageQuery {
    /// Whether a transcript is asked for by its id.
    pub fn wants(&self, session_id: &str) -> bool {
        self.session_ids.as_ref().is_none_or(|ids| ids.contains(session_id))
    }
}

/// A transcript and what it counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Used {
    /// Whose it is.
    pub agent_id: AgentId,
    /// Its id.
    pub session_id: String,
    /// Where it is.
    pub path: String,
    /// Whether its session left it behind.
    pub archived: bool,
    /// When it was last written, milliseconds since the epoch.
    pub changed_at: i64,
    /// What it counts.
    pub tally: Tally,
}

/// Counts a transcript from front to back, in bounded memory. What is no message is passed over.
pub fn count(mut reader: impl BufRead, span: &Span) -> io::Result<Tally> {
    let mut tally = Tally::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        let (length, _) = read_until_line_feed(&mut reader, &mut line)?;
        if length == 0 {
            return Ok(tally);
        }
        if length <= MAX_LINE as u64 {
            tally.read(&line, span);
        }
    }
}

#[cfg(test)]
mod tests;
