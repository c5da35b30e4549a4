//! Sums of what was used.

use serde_json::Value;

use super::session::{DayUse, ModelDay, ModelUse, SessionUsageRow, ToolUse};
use crate::results;

results! {
    /// The quotas of accounts.
    #[derive(Default)]
    pub struct UsageStatusResult {
        /// When this was so, in milliseconds since 1970.
        updated_at: u64,
        /// The accounts whose quota is known. Quotas belong to subscriptions, and the gateway asks
        /// with keys alone, so there are none.
        providers: Vec<Value>,
    }

    /// Tokens and prices in US dollars.
    #[derive(Default)]
    pub struct UsageTotals {
        /// Tokens read by the model.
        input: u64,
        /// Tokens written by the model.
        output: u64,
        /// Tokens read from the provider's cache.
        cache_read: u64,
        /// Tokens written to the provider's cache.
        cache_write: u64,
        /// All of them.
        total_tokens: u64,
        /// What they cost.
        total_cost: f64,
        /// What the tokens read cost.
        input_cost: f64,
        /// What the tokens written cost.
        output_cost: f64,
        /// What the tokens from the cache cost.
        cache_read_cost: f64,
        /// What the tokens to the cache cost.
        cache_write_cost: f64,
        /// Answers of which no price is known.
        missing_cost_entries: u64,
    }

    /// The sums of one day.
    #[derive(Default)]
    pub struct DailyTotals {
        /// The day.
        date: String,
        /// Tokens read by the model.
        input: u64,
        /// Tokens written by the model.
        output: u64,
        /// Tokens read from the provider's cache.
        cache_read: u64,
        /// Tokens written to the provider's cache.
        cache_write: u64,
        /// All of them.
        total_tokens: u64,
        /// What they cost.
        total_cost: f64,
        /// What the tokens read cost.
        input_cost: f64,
        /// What the tokens written cost.
        output_cost: f64,
        /// What the tokens from the cache cost.
        cache_read_cost: f64,
        /// What the tokens to the cache cost.
        cache_write_cost: f64,
        /// Answers of which no price is known.
        missing_cost_entries: u64,
    }

    /// How often who spoke.
    #[derive(Default, Eq)]
    pub struct MessageCounts {
        /// Messages of people and of models.
        total: u64,
        /// Messages of people.
        user: u64,
        /// Answers of models.
        assistant: u64,
        /// Calls of tools.
        tool_calls: u64,
        /// Results of tools.
        tool_results: u64,
        /// Answers that failed or were stopped, and tools that failed.
        errors: u64,
    }

    /// How long answers took, in milliseconds.
    #[derive(Default)]
    pub struct Latency {
        /// How many answers.
        count: u64,
        /// On average.
        avg_ms: f64,
        /// What 95 of 100 answers stayed under.
        p95_ms: u64,
        /// The shortest.
        min_ms: u64,
        /// The longest.
        max_ms: u64,
    }

    /// What was used in a span of days.
    #[derive(Default)]
    pub struct SessionsUsageResult {
        /// When this was counted, in milliseconds since 1970.
        updated_at: u64,
        /// The first day.
        start_date: String,
        /// The last day.
        end_date: String,
        /// The sessions, the latest first, as many as were asked for.
        sessions: Vec<SessionUsageRow>,
        /// The sums over all sessions.
        totals: UsageTotals,
        /// The same by model, agent, channel, day.
        aggregates: UsageAggregates,
    }

    /// Sums over several sessions.
    #[derive(Default)]
    pub struct UsageAggregates {
        /// In how many of them something happened (protocol 4).
        session_count: u64,
        /// The longest time between the first and the last message of one (protocol 4).
        longest_session_duration_ms?: u64,
        /// How often who spoke.
        messages: MessageCounts,
        /// Which tools were called.
        tools: ToolUse,
        /// By model, the dearest first.
        by_model: Vec<ModelUse>,
        /// By provider, the dearest first.
        by_provider: Vec<ModelUse>,
        /// By agent, the dearest first.
        by_agent: Vec<AgentUse>,
        /// By channel, the dearest first.
        by_channel: Vec<ChannelUse>,
        /// By day, in full (protocol 4).
        cost_daily: Vec<DailyTotals>,
        /// How long answers took.
        latency?: Latency,
        /// The same by day.
        daily_latency: Vec<super::DayLatency>,
        /// By model and day.
        model_daily: Vec<ModelDay>,
        /// By day.
        daily: Vec<DayUse>,
    }

    /// What an agent used.
    pub struct AgentUse {
        /// The agent.
        agent_id: String,
        /// The sums.
        totals: UsageTotals,
    }

    /// What came through a channel.
    pub struct ChannelUse {
        /// The channel.
        channel: String,
        /// The sums.
        totals: UsageTotals,
    }

    /// What was used on each day.
    #[derive(Default)]
    pub struct UsageCostResult {
        /// When this was counted, in milliseconds since 1970.
        updated_at: u64,
        /// How many days were asked for.
        days: u64,
        /// The days on which something was used.
        daily: Vec<DailyTotals>,
        /// The sums.
        totals: UsageTotals,
    }

    /// How the use of a session grew.
    #[derive(Default)]
    pub struct SessionsUsageTimeseriesResult {
        /// The transcript.
        session_id: String,
        /// One point an answer, or an equal number of answers where there are many.
        points: Vec<SessionsUsagePoint>,
    }

    /// An answer, or several in a row.
    #[derive(Default)]
    pub struct SessionsUsagePoint {
        /// When the last of them came, in milliseconds since 1970.
        timestamp: u64,
        /// Tokens read by the model.
        input: u64,
        /// Tokens written by the model.
        output: u64,
        /// Tokens read from the provider's cache.
        cache_read: u64,
        /// Tokens written to the provider's cache.
        cache_write: u64,
        /// All of them.
        total_tokens: u64,
        /// What they cost.
        cost: f64,
        /// Tokens of the session up to here.
        cumulative_tokens: u64,
        /// What the session cost up to here.
        cumulative_cost: f64,
    }

    /// What was said.
    #[derive(Default)]
    pub struct SessionsUsageLogsResult {
        /// The messages, the earliest first.
        logs: Vec<SessionsUsageLog>,
    }

    /// A message.
    #[derive(Default)]
    pub struct SessionsUsageLog {
        /// When it was said, in milliseconds since 1970.
        timestamp: u64,
        /// `user`, `assistant` or `toolResult`.
        role: String,
        /// Its text, cut where it is long.
        content: String,
        /// Tokens of the answer.
        tokens?: u64,
        /// What the answer cost.
        cost?: f64,
    }
}

impl UsageTotals {
    /// Adds other sums.
    pub fn add(&mut self, other: &Self) {
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
        self.cache_read = self.cache_read.saturating_add(other.cache_read);
        self.cache_write = self.cache_write.saturating_add(other.cache_write);
        self.total_tokens = self.total_tokens.saturating_add(other.total_tokens);
        self.total_cost += other.total_cost;
        self.input_cost += other.input_cost;
        self.output_cost += other.output_cost;
        self.cache_read_cost += other.cache_read_cost;
        self.cache_write_cost += other.cache_write_cost;
        self.missing_cost_entries += other.missing_cost_entries;
    }

    /// These sums with their day.
    pub fn on(self, date: String) -> DailyTotals {
        let Self { input, output, cache_read, cache_write, total_tokens, .. } = self;
        DailyTotals {
            date,
            input,
            output,
            cache_read,
            cache_write,
            total_tokens,
            total_cost: self.total_cost,
            input_cost: self.input_cost,
            output_cost: self.output_cost,
            cache_read_cost: self.cache_read_cost,
            cache_write_cost: self.cache_write_cost,
            missing_cost_entries: self.missing_cost_entries,
        }
    }
}

impl MessageCounts {
    /// Adds other counts.
    pub fn add(&mut self, other: &Self) {
        self.total += other.total;
        self.user += other.user;
        self.assistant += other.assistant;
        self.tool_calls += other.tool_calls;
        self.tool_results += other.tool_results;
        self.errors += other.errors;
    }
}
