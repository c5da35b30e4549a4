//! The sums over a transcript, day by day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use openclaw_protocol::methods::usage::{MessageCounts, UsageTotals};

use super::{Fact, Said, Span, line::Line};
use crate::message::Usage;

/// A longer wait is none: nobody waits for an answer that long.
const LONGEST_WAIT_MS: i64 = 12 * 60 * 60 * 1000;

/// Sums day by day. What does not say when it was said has no day.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// The days on which something was said.
    pub days: BTreeMap<Option<Date>, Day>,
    /// When the first message was said, milliseconds since the epoch.
    pub first: Option<i64>,
    /// When the last one was said.
    pub last: Option<i64>,
    /// When a person last spoke, whether in the span or before it.
    asked_at: Option<i64>,
}

/// The sums of a day, or of several.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Day {
    /// Tokens and prices.
    pub totals: UsageTotals,
    /// How often who spoke.
    pub messages: MessageCounts,
    /// How often each tool was called.
    pub tools: BTreeMap<String, u64>,
    /// By provider and model.
    pub models: BTreeMap<(Option<String>, Option<String>), ModelSum>,
    /// How long each answer took, in milliseconds.
    pub waits: Vec<u64>,
}

/// The sums of a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelSum {
    /// How many answers.
    pub count: u64,
    /// Tokens and prices.
    pub totals: UsageTotals,
}

impl Tally {
    /// Counts the records of a line: one, or several where a line feed was lost.
    pub(super) fn read(&mut self, line: &[u8], span: &Span) {
        let records = serde_json::Deserializer::from_slice(line).into_iter::<Line<'_>>();
        for record in records.map_while(Result::ok) {
            if let Some(fact) = record.into_fact() {
                self.push(&fact, span);
            }
        }
    }

    /// Counts a message.
    pub fn push(&mut self, fact: &Fact, span: &Span) {
        if span.holds(fact.at) {
            let day = self.days.entry(fact.at.map(|at| span.day(at))).or_default();
            day.push(fact, self.asked_at);
            self.first = self.first.into_iter().chain(fact.at).min();
            self.last = self.last.max(fact.at);
        }
        if fact.said == Said::User {
            self.asked_at = fact.at.or(self.asked_at);
        }
    }

    /// Adds what another transcript counts.
    pub fn add(&mut self, other: &Self) {
        for (date, day) in &other.days {
            self.days.entry(*date).or_default().add(day);
        }
        self.first = self.first.into_iter().chain(other.first).min();
        self.last = self.last.max(other.last);
    }

    /// All days in one.
    pub fn sum(&self) -> Day {
        let mut sum = Day::default();
        self.days.values().for_each(|day| sum.add(day));
        sum
    }
}

impl Day {
    fn push(&mut self, fact: &Fact, asked_at: Option<i64>) {
        let count = &mut self.messages;
        match &fact.said {
            Said::User => {
                count.total += 1;
                count.user += 1;
            }
            Said::Tool { failed } => {
                count.tool_results += 1;
                count.errors += u64::from(*failed);
            }
            Said::Assistant { model, usage, tools, failed } => {
                count.total += 1;
                count.assistant += 1;
                count.errors += u64::from(*failed);
                count.tool_calls += tools.len() as u64;
                for tool in tools {
                    *self.tools.entry(tool.clone()).or_default() += 1;
                }
                if model.is_some() {
                    self.waits.extend(wait(asked_at, fact.at));
                }
                if let Some(usage) = usage {
                    let totals = answer_totals(usage);
                    self.totals.add(&totals);
                    if let Some(model) = model {
                        let sum = self.models.entry(model.clone()).or_default();
                        sum.count += 1;
                        sum.totals.add(&totals);
                    }
                }
            }
        }
    }

    /// Adds the sums of another day.
    pub fn add(&mut self, other: &Self) {
        self.totals.add(&other.totals);
        self.messages.add(&other.messages);
        for (tool, count) in &other.tools {
            *self.tools.entry(tool.clone()).or_default() += count;
        }
        for (model, more) in &other.models {
            let sum = self.models.entry(model.clone()).or_default();
            sum.count += more.count;
            sum.totals.add(&more.totals);
        }
        self.waits.extend(&other.waits);
    }
}

/// From the person's message to the answer.
fn wait(asked_at: Option<i64>, at: Option<i64>) -> Option<u64> {
    let waited = at?.saturating_sub(asked_at?).max(0);
    u64::try_from(waited).ok().filter(|_| waited <= LONGEST_WAIT_MS)
}

/// The sums of one answer.
pub fn answer_totals(usage: &Usage) -> UsageTotals {
    let parts = Usage::tokens(usage.input, usage.output, usage.cache_read, usage.cache_write);
    let total_tokens = if usage.total_tokens > 0 { usage.total_tokens } else { parts.total_tokens };
    let cost = &usage.cost;
    let known = cost.total.filter(|total| *total >= 0.0);
    let part = |cost: Option<f64>| cost.filter(|_| known.is_some()).unwrap_or(0.0);
    UsageTotals {
        input: usage.input,
        output: usage.output,
        cache_read: usage.cache_read,
        cache_write: usage.cache_write,
        total_tokens,
        total_cost: known.unwrap_or(0.0),
        input_cost: part(cost.input),
        output_cost: part(cost.output),
        cache_read_cost: part(cost.cache_read),
        cache_write_cost: part(cost.cache_write),
        missing_cost_entries: u64::from(known.is_none() && total_tokens > 0),
    }
}
