//! One session, answer by answer.

use openclaw_agent::{
    store::{HistoryQuery, StoreError, TurnStore},
    usage::{Fact, Said, answer_totals},
};
use openclaw_protocol::methods::usage::{SessionsUsagePoint, SessionsUsageTimeseriesResult};

use crate::handlers::millis;

/// Entries that are read at once.
const PAGE: usize = 1000;
/// Points of one answer; with more answers several make one point.
const MAX_POINTS: usize = 200;

/// How the use of a transcript grew.
pub(super) async fn timeseries(
    store: &dyn TurnStore,
    session_id: &str,
) -> Result<SessionsUsageTimeseriesResult, StoreError> {
    let mut points = points(store, session_id).await?;
    let share = points.len().div_ceil(MAX_POINTS).max(1);
    let (mut tokens, mut cost) = (0, 0.0);
    for point in &mut points {
        tokens += point.total_tokens;
        cost += point.cost;
        (point.cumulative_tokens, point.cumulative_cost) = (tokens, cost);
    }
    let points = points.chunks(share).filter_map(merged).collect();
    Ok(SessionsUsageTimeseriesResult { session_id: session_id.to_owned(), points })
}

/// A point for each answer, the earliest first.
async fn points(
    store: &dyn TurnStore,
    session_id: &str,
) -> Result<Vec<SessionsUsagePoint>, StoreError> {
    let mut points = Vec::new();
    let mut before = None;
    loop {
        let query =
            HistoryQuery { before_seq: before, ..HistoryQuery::last_messages(session_id, PAGE) };
        let entries = store.history(query).await?;
        let Some(first) = entries.first() else { break };
        before = Some(first.seq);
        points.extend(entries.iter().rev().filter_map(|entry| point(&entry.line)));
    }
    points.reverse();
    Ok(points)
}

fn point(line: &str) -> Option<SessionsUsagePoint> {
    let Fact { at: Some(at), said: Said::Assistant { usage: Some(usage), model: Some(_), .. } } =
        Fact::of_line(line.as_bytes())?
    else {
        return None;
    };
    let totals = answer_totals(&usage);
    Some(SessionsUsagePoint {
        timestamp: millis(at),
        input: totals.input,
        output: totals.output,
        cache_read: totals.cache_read,
        cache_write: totals.cache_write,
        total_tokens: totals.total_tokens,
        cost: totals.total_cost,
        ..SessionsUsagePoint::default()
    })
}

/// Several answers in a row as one point; what was reached is that of the last.
fn merged(points: &[SessionsUsagePoint]) -> Option<SessionsUsagePoint> {
    let (last, before) = points.split_last()?;
    let mut sum = last.clone();
    for point in before {
        sum.input += point.input;
        sum.output += point.output;
        sum.cache_read += point.cache_read;
        sum.cache_write += point.cache_write;
        sum.total_tokens += point.total_tokens;
        sum.cost += point.cost;
    }
    Some(sum)
}
