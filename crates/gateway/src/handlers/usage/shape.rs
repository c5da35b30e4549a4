//! From sums to what clients are told.

use std::{cmp::Ordering, collections::BTreeMap};

use openclaw_agent::usage::{Day, ModelSum, Tally};
use openclaw_protocol::methods::usage::{
    AgentUse, ChannelUse, DailyTotals, DayLatency, DayMessages, DayTokens, DayUse, Latency,
    ModelDay, ModelUse, SessionUsage, SessionUsageRow, ToolCount, ToolUse, UsageAggregates,
    UsageTotals,
};

use crate::handlers::millis;

type Models = BTreeMap<(Option<String>, Option<String>), ModelSum>;

/// What one session used.
pub(super) fn session(tally: &Tally, session_id: &str, file: &str) -> SessionUsage {
    let sum = tally.sum();
    let first = tally.first.map(millis);
    let last = tally.last.map(millis);
    let UsageTotals { input, output, cache_read, cache_write, total_tokens, .. } = sum.totals;
    SessionUsage {
        session_id: Some(session_id.to_owned()),
        session_file: Some(file.to_owned()),
        first_activity: first,
        last_activity: last,
        duration_ms: first.zip(last).map(|(first, last)| last - first),
        activity_dates: dated(tally).map(|(date, _)| date).collect(),
        daily_breakdown: dated(tally).map(|(date, day)| day_tokens(date, &day.totals)).collect(),
        daily_message_counts: dated(tally).map(|(date, day)| day_messages(date, day)).collect(),
        daily_latency: some(daily_latency(tally)),
        daily_model_usage: some(model_daily(tally)),
        message_counts: sum.messages.clone(),
        tool_usage: Some(tools(&sum)).filter(|tools| tools.total_calls > 0),
        model_usage: some(by_model(&sum.models)),
        latency: latency(&sum.waits),
        input,
        output,
        cache_read,
        cache_write,
        total_tokens,
        total_cost: sum.totals.total_cost,
        input_cost: sum.totals.input_cost,
        output_cost: sum.totals.output_cost,
        cache_read_cost: sum.totals.cache_read_cost,
        cache_write_cost: sum.totals.cache_write_cost,
        missing_cost_entries: sum.totals.missing_cost_entries,
    }
}

/// Sums over several sessions, each row with what it counts.
pub(super) fn aggregates(rows: &[(SessionUsageRow, Tally)]) -> (UsageTotals, UsageAggregates) {
    let mut all = Tally::default();
    let (mut agents, mut channels) = (BTreeMap::new(), BTreeMap::new());
    for (row, tally) in rows {
        all.add(tally);
        let totals = tally.sum().totals;
        for (sums, name) in [(&mut agents, &row.agent_id), (&mut channels, &row.channel)] {
            if let Some(name) = name {
                let own: &mut UsageTotals = sums.entry(name.clone()).or_default();
                own.add(&totals);
            }
        }
    }
    let busy = rows.iter().filter(|(_, tally)| !tally.days.is_empty());
    let lengths = rows.iter().filter_map(|(row, _)| row.usage.as_ref()?.duration_ms);
    let mut sum = all.sum();
    let by_agent = agents.into_iter().map(|(agent_id, totals)| AgentUse { agent_id, totals });
    let by_channel = channels.into_iter().map(|(channel, totals)| ChannelUse { channel, totals });
    let aggregates = UsageAggregates {
        session_count: busy.count() as u64,
        longest_session_duration_ms: lengths.max().filter(|length| *length > 0),
        messages: sum.messages.clone(),
        tools: tools(&sum),
        by_model: by_model(&sum.models),
        by_provider: by_provider(&sum.models),
        by_agent: dearest_first(by_agent, |row| &row.totals),
        by_channel: dearest_first(by_channel, |row| &row.totals),
        cost_daily: daily(&all),
        latency: latency(&sum.waits),
        daily_latency: daily_latency(&all),
        model_daily: model_daily(&all),
        daily: dated(&all).map(|(date, day)| day_use(date, day)).collect(),
    };
    (std::mem::take(&mut sum.totals), aggregates)
}

/// The sums of each day.
pub(super) fn daily(tally: &Tally) -> Vec<DailyTotals> {
    dated(tally).map(|(date, day)| day.totals.clone().on(date)).collect()
}

/// The days that have a date.
fn dated(tally: &Tally) -> impl Iterator<Item = (String, &Day)> {
    tally.days.iter().filter_map(|(date, day)| Some((date.as_ref()?.to_string(), day)))
}

fn day_tokens(date: String, totals: &UsageTotals) -> DayTokens {
    DayTokens { date, tokens: totals.total_tokens, cost: totals.total_cost }
}

fn day_messages(date: String, day: &Day) -> DayMessages {
    let count = day.messages.clone();
    DayMessages {
        date,
        total: count.total,
        user: count.user,
        assistant: count.assistant,
        tool_calls: count.tool_calls,
        tool_results: count.tool_results,
        errors: count.errors,
    }
}

fn day_use(date: String, day: &Day) -> DayUse {
    DayUse {
        date,
        tokens: day.totals.total_tokens,
        cost: day.totals.total_cost,
        messages: day.messages.total,
        tool_calls: day.messages.tool_calls,
        errors: day.messages.errors,
    }
}

fn model_daily(tally: &Tally) -> Vec<ModelDay> {
    let day = |(date, day): (String, &Day)| {
        let models = day.models.iter().map(move |((provider, model), sum)| ModelDay {
            date: date.clone(),
            provider: provider.clone(),
            model: model.clone(),
            tokens: sum.totals.total_tokens,
            cost: sum.totals.total_cost,
            count: sum.count,
        });
        models.collect::<Vec<_>>()
    };
    dated(tally).flat_map(day).collect()
}

fn by_model(models: &Models) -> Vec<ModelUse> {
    let rows = models.iter().map(|((provider, model), sum)| ModelUse {
        provider: provider.clone(),
        model: model.clone(),
        count: sum.count,
        totals: sum.totals.clone(),
    });
    dearest_first(rows, |row| &row.totals)
}

fn by_provider(models: &Models) -> Vec<ModelUse> {
    let mut providers: BTreeMap<Option<String>, ModelSum> = BTreeMap::new();
    for ((provider, _), sum) in models {
        let own = providers.entry(provider.clone()).or_default();
        own.count += sum.count;
        own.totals.add(&sum.totals);
    }
    let rows = providers.into_iter().map(|(provider, sum)| ModelUse {
        provider,
        model: None,
        count: sum.count,
        totals: sum.totals,
    });
    dearest_first(rows, |row| &row.totals)
}

fn dearest_first<T>(rows: impl Iterator<Item = T>, totals: fn(&T) -> &UsageTotals) -> Vec<T> {
    let mut rows: Vec<T> = rows.collect();
    rows.sort_by(|one, other| {
        let (one, other) = (totals(one), totals(other));
        let by_cost = other.total_cost.partial_cmp(&one.total_cost).unwrap_or(Ordering::Equal);
        by_cost.then(other.total_tokens.cmp(&one.total_tokens))
    });
    rows
}

fn tools(sum: &Day) -> ToolUse {
    let mut tools: Vec<_> = sum
        .tools
        .iter()
        .map(|(name, count)| ToolCount { name: name.clone(), count: *count })
        .collect();
    tools.sort_by_key(|tool| std::cmp::Reverse(tool.count));
    ToolUse { total_calls: sum.messages.tool_calls, unique_tools: tools.len() as u64, tools }
}

fn daily_latency(tally: &Tally) -> Vec<DayLatency> {
    let day = |(date, day): (String, &Day)| {
        let Latency { count, avg_ms, p95_ms, min_ms, max_ms } = latency(&day.waits)?;
        Some(DayLatency { date, count, avg_ms, p95_ms, min_ms, max_ms })
    };
    dated(tally).filter_map(day).collect()
}

#[expect(clippy::cast_precision_loss, reason = "an average of milliseconds needs no more")]
fn latency(waits: &[u64]) -> Option<Latency> {
    let mut sorted = waits.to_vec();
    sorted.sort_unstable();
    let count = sorted.len();
    let p95 = (count * 95).div_ceil(100).saturating_sub(1);
    Some(Latency {
        count: count as u64,
        avg_ms: sorted.iter().sum::<u64>() as f64 / count as f64,
        p95_ms: *sorted.get(p95)?,
        min_ms: *sorted.first()?,
        max_ms: *sorted.last()?,
    })
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_hundred_waits_the_95th_is_told() {
        let waits: Vec<u64> = (1..=100).rev().collect();
        let told = latency(&waits).unwrap();
        assert_eq!((told.p95_ms, told.min_ms, told.max_ms, told.count), (95, 1, 100, 100));
        assert!((told.avg_ms - 50.5).abs() < f64::EPSILON);
        assert_eq!(latency(&[7]).unwrap().p95_ms, 7);
        assert_eq!(latency(&[]), None);
    }
}
