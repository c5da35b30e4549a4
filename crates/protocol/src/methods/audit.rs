//! `audit.*`: what was granted, refused and taken back (protocol 4).
//!
//! The recorded gateway lists agent runs and tool calls by this name. This one lists decisions about
//! devices, nodes and programs in the same form; it keeps no record of runs here, and says so instead of
//! listing none.

use std::collections::BTreeMap;

use crate::{
    field::{Int, Ms, NonEmpty},
    methods, params, results, words,
};

methods! {
    "audit.list": AuditListParams => AuditListResult, v4 READ;
}

words! {
    /// What an entry is about.
    pub enum AuditKind: any_of {
        /// A run of an agent; refused, such entries are not kept.
        AgentRun = "agent_run",
        /// A call of a tool; refused, such entries are not kept.
        ToolAction = "tool_action",
        /// A device, a node, a decision about a program, or somebody who tried to come in.
        Device = "device",
    }

    /// What became of it.
    pub enum AuditStatus: any_of {
        /// It was begun.
        Started = "started",
        /// It was done.
        Succeeded = "succeeded",
        /// It failed.
        Failed = "failed",
        /// It was given up.
        Cancelled = "cancelled",
        /// It took too long.
        TimedOut = "timed_out",
        /// It was refused.
        Blocked = "blocked",
        /// Nobody knows.
        Unknown = "unknown",
    }
}

params! {
    /// Lists what was decided about devices, nodes and programs, and who was refused, the latest first. Who may not
    /// administrate sees what is about its own device.
    #[derive(Default)]
    pub struct AuditListParams {
        /// Only what an agent did; refused, such entries are not kept.
        agent_id?: NonEmpty,
        /// Only what happened in a session; refused, such entries are not kept.
        session_key?: NonEmpty,
        /// Only what happened in a run; refused, such entries are not kept.
        run_id?: NonEmpty,
        /// Only what is about this device.
        device_id?: NonEmpty,
        /// Only entries of this kind.
        kind?: AuditKind,
        /// Only entries with this outcome.
        status?: AuditStatus,
        /// Only what happened then or later, in milliseconds since 1970.
        after?: Ms,
        /// Only what happened before, in milliseconds since 1970.
        before?: Ms,
        /// How many at most; 100 when absent.
        limit?: Int<1, 500>,
        /// Where to go on: `nextCursor` of the answer before.
        cursor?: NonEmpty,
    }
}

results! {
    /// A part of the record.
    #[derive(Default)]
    pub struct AuditListResult {
        /// The latest first.
        events: Vec<AuditRow>,
        /// Where to go on with `cursor`; absent at the end.
        next_cursor?: String,
    }

    /// One thing that happened.
    pub struct AuditRow {
        /// Its id.
        event_id: String,
        /// Its place; gaps are what was too old to be kept.
        sequence: u64,
        /// The same.
        source_sequence: u64,
        /// When, in milliseconds since 1970; the last time when it happened several times.
        occurred_at: u64,
        /// What it is about.
        kind: AuditKind,
        /// What, for example `device.approved` or `connect.refused`.
        action: String,
        /// What became of it.
        status: AuditStatus,
        /// By whom.
        actor: AuditActor,
        /// About which device or node.
        device_id?: String,
        /// More of it, for example `scopes` or `reason`.
        detail: BTreeMap<String, String>,
        /// How often.
        count: u64,
        /// That no secret and no text of a person is in it: `metadata_only`.
        redaction: String,
    }

    /// Who did something.
    #[derive(Eq)]
    pub struct AuditActor {
        /// `device`, `setup` (a setup code), `address`, or `proof` for who came without a device.
        r#type: String,
        /// Which; of a proof `owner` (of the state directory), `shared-secret` and others.
        id: String,
    }
}
