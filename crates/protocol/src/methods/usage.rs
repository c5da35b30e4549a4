//! `sessions.usage`, `usage.*`: what sessions used, from their transcripts.

use serde_json::Value;

use crate::{
    field::{Day, Limit, NonEmpty, UtcOffset},
    lenient, methods, params, words,
};

mod session;
mod totals;

pub use session::{
    DayLatency, DayMessages, DayTokens, DayUse, ModelDay, ModelUse, SessionUsage, SessionUsageRow,
    ToolCount, ToolUse,
};
pub use totals::{
    AgentUse, ChannelUse, DailyTotals, Latency, MessageCounts, SessionsUsageLog,
    SessionsUsageLogsResult, SessionsUsagePoint, SessionsUsageResult,
    SessionsUsageTimeseriesResult, UsageAggregates, UsageCostResult, UsageStatusResult,
    UsageTotals,
};

methods! {
    "sessions.usage": SessionsUsageParams => SessionsUsageResult, v3 READ, v4 READ, is hidden;
    "sessions.usage.timeseries": SessionsUsageTimeseriesParams => SessionsUsageTimeseriesResult, v3 READ, v4 READ, is hidden, is lenient;
    "sessions.usage.logs": SessionsUsageLogsParams => SessionsUsageLogsResult, v3 READ, v4 READ, is hidden, is lenient;
    "usage.cost": UsageCostParams => UsageCostResult, v3 READ, v4 READ, is lenient;
    "usage.status": UsageStatusParams => UsageStatusResult, v3 READ, v4 READ, is lenient;
}

words! {
    /// The word for every agent (protocol 4).
    pub enum AgentScope: any_of {
        /// Every agent.
        All = "all",
    }

    /// Where days begin.
    pub enum DayMode: any_of {
        /// At midnight in UTC.
        Utc = "utc",
        /// At midnight where the gateway is.
        Gateway = "gateway",
        /// At midnight in `timeZone`, or at `utcOffset`.
        Specific = "specific",
    }

    /// A span that ends today (protocol 4).
    pub enum UsageRange: any_of {
        /// Seven days.
        Week = "7d",
        /// Thirty days.
        Month = "30d",
        /// Ninety days.
        Quarter = "90d",
        /// 365 days.
        Year = "1y",
        /// Everything that there is.
        All = "all",
    }

    /// What one row stands for (protocol 4).
    pub enum UsageGroup: any_of {
        /// A transcript.
        Instance = "instance",
        /// A session with the transcripts that it left behind when it was reset.
        Family = "family",
    }
}

params! {
    /// Tells what sessions used in a span of days: tokens, prices, messages, tools.
    #[derive(Default)]
    pub struct SessionsUsageParams {
        /// Only this session.
        key?: NonEmpty,
        /// Only sessions of this agent (protocol 4).
        agent_id?: NonEmpty,
        /// Sessions of every agent; not together with `key` or `agentId` (protocol 4).
        agent_scope?: AgentScope,
        /// Only sessions that this person made (protocol 4).
        creator_key?: NonEmpty,
        /// The first day.
        start_date?: Day,
        /// The last day.
        end_date?: Day,
        /// Where days begin; `utc` when absent.
        mode?: DayMode,
        /// A span that ends today, instead of two days (protocol 4).
        range?: UsageRange,
        /// What one row stands for; `instance` when absent (protocol 4).
        group_by?: UsageGroup,
        /// An older word for `groupBy: family` (protocol 4).
        include_historical?: bool,
        /// The distance from UTC, for clients that know no names of time zones.
        utc_offset?: UtcOffset,
        /// The time zone, for example `Europe/Berlin` (protocol 4).
        time_zone?: NonEmpty,
        /// The most rows; 50 when absent. Sums count all sessions, shown or not.
        limit?: Limit,
        /// Whether to add what the system prompt weighs, where that is known.
        include_context_weight?: bool,
    }
}

lenient! {
    /// Tells what agents used on each day: tokens and prices.
    #[derive(Default)]
    pub struct UsageCostParams {
        /// The first day.
        start_date?: String,
        /// The last day.
        end_date?: String,
        /// How many days, today included, instead of two days; 30 when absent.
        days?: Value,
        /// A span that ends today, instead of two days (protocol 4).
        range?: UsageRange,
        /// Where days begin; `utc` when absent.
        mode?: DayMode,
        /// The distance from UTC, for clients that know no names of time zones.
        utc_offset?: String,
        /// The time zone, for example `Europe/Berlin` (protocol 4).
        time_zone?: String,
        /// The agent; the default agent when absent (protocol 4).
        agent_id?: String,
        /// Every agent; not together with `agentId` (protocol 4).
        agent_scope?: AgentScope,
    }

    /// Tells how much of a provider's quota is left, where an account has one that the gateway knows of.
    #[derive(Default)]
    pub struct UsageStatusParams {
    }

    /// Tells how the use of a session grew from answer to answer.
    #[derive(Default)]
    pub struct SessionsUsageTimeseriesParams {
        /// The session.
        key?: String,
        /// The agent, for a key without one (protocol 4).
        agent_id?: String,
    }

    /// Tells what was said in a session, with the use of each answer.
    #[derive(Default)]
    pub struct SessionsUsageLogsParams {
        /// The session.
        key?: String,
        /// The agent, for a key without one (protocol 4).
        agent_id?: String,
        /// The most messages, the latest; 200 when absent, 1000 at most.
        limit?: u64,
    }
}
