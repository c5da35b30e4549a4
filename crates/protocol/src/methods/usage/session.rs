//! What one session used.

use serde_json::Value;

use super::totals::{Latency, MessageCounts, UsageTotals};
use crate::{methods::sessions::SessionOrigin, results};

results! {
    /// A session and what it used.
    #[derive(Default)]
    pub struct SessionUsageRow {
        /// Its key.
        key: String,
        /// How it is called.
        label?: String,
        /// Its transcript.
        session_id?: String,
        /// `instance` or `family`: whether transcripts that it left behind are counted too (protocol 4).
        scope?: String,
        /// The session that these transcripts belong to (protocol 4).
        session_family_key?: String,
        /// Its present transcript (protocol 4).
        current_session_id?: String,
        /// All that are counted (protocol 4).
        included_session_ids?: Vec<String>,
        /// How many that are (protocol 4).
        historical_instance_count?: u64,
        /// The last change, in milliseconds since 1970.
        updated_at?: u64,
        /// Its agent.
        agent_id?: String,
        /// Its channel.
        channel?: String,
        /// `direct`, `group` or `channel`.
        chat_type?: String,
        /// Where it came from.
        origin?: SessionOrigin,
        /// The model that a person chose.
        model_override?: String,
        /// Its provider.
        provider_override?: String,
        /// The provider of the last run.
        model_provider?: String,
        /// The model of the last run.
        model?: String,
        /// What it used in the span; null when there is no transcript.
        usage: Option<SessionUsage>,
        /// What its system prompt weighs, where that was asked for; null when it is not known.
        context_weight?: Value,
        /// Whether that is known (protocol 4).
        has_context_weight?: bool,
    }

    /// What a session used.
    #[derive(Default)]
    pub struct SessionUsage {
        /// The transcript.
        session_id?: String,
        /// Its file.
        session_file?: String,
        /// The first message of the span, in milliseconds since 1970.
        first_activity?: u64,
        /// The last one.
        last_activity?: u64,
        /// The time between them.
        duration_ms?: u64,
        /// The days on which something was said.
        activity_dates: Vec<String>,
        /// Tokens by day.
        daily_breakdown: Vec<DayTokens>,
        /// Messages by day.
        daily_message_counts: Vec<DayMessages>,
        /// How long answers took, by day.
        daily_latency?: Vec<DayLatency>,
        /// Tokens by day and model.
        daily_model_usage?: Vec<ModelDay>,
        /// How often who spoke.
        message_counts: MessageCounts,
        /// Which tools were called.
        tool_usage?: ToolUse,
        /// By model, the dearest first.
        model_usage?: Vec<ModelUse>,
        /// How long answers took.
        latency?: Latency,
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

    /// Tokens of a day.
    #[derive(Default)]
    pub struct DayTokens {
        /// The day.
        date: String,
        /// Tokens.
        tokens: u64,
        /// What they cost.
        cost: f64,
    }

    /// Messages of a day.
    #[derive(Default, Eq)]
    pub struct DayMessages {
        /// The day.
        date: String,
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

    /// How long answers took on a day, in milliseconds.
    #[derive(Default)]
    pub struct DayLatency {
        /// The day.
        date: String,
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

    /// What a model used on a day.
    #[derive(Default)]
    pub struct ModelDay {
        /// The day.
        date: String,
        /// The provider.
        provider?: String,
        /// The model.
        model?: String,
        /// Tokens.
        tokens: u64,
        /// What they cost.
        cost: f64,
        /// How many answers.
        count: u64,
    }

    /// A day.
    #[derive(Default)]
    pub struct DayUse {
        /// The day.
        date: String,
        /// Tokens.
        tokens: u64,
        /// What they cost.
        cost: f64,
        /// Messages of people and of models.
        messages: u64,
        /// Calls of tools.
        tool_calls: u64,
        /// Answers that failed or were stopped, and tools that failed.
        errors: u64,
    }

    /// What a model, or all models of a provider, used.
    #[derive(Default)]
    pub struct ModelUse {
        /// The provider.
        provider?: String,
        /// The model.
        model?: String,
        /// How many answers.
        count: u64,
        /// The sums.
        totals: UsageTotals,
    }

    /// Which tools were called.
    #[derive(Default, Eq)]
    pub struct ToolUse {
        /// How many calls.
        total_calls: u64,
        /// How many tools.
        unique_tools: u64,
        /// Each tool, the busiest first.
        tools: Vec<ToolCount>,
    }

    /// How often a tool was called.
    #[derive(Default, Eq)]
    pub struct ToolCount {
        /// The tool.
        name: String,
        /// How many calls.
        count: u64,
    }
}
