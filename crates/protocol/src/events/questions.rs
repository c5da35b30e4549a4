//! `question.*`: what an agent asks a person, and the answer (protocol 4).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    events,
    methods::questions::{Question, QuestionAnswers, QuestionStatus},
    results,
};

events! {
    "question.requested": QuestionRequestedEvent, to QUESTIONS, v4only;
    "question.resolved": QuestionResolvedEvent, to QUESTIONS, v4only;
}

/// An agent asks a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct QuestionRequestedEvent(pub QuestionRecord);

results! {
    /// What an agent asks, and what became of it.
    pub struct QuestionRecord {
        /// The question.
        id: String,
        /// What is asked.
        questions: Vec<Question>,
        /// The agent that asks.
        agent_id?: String,
        /// The session that asks.
        session_key?: String,
        /// The run that asks.
        run_id?: String,
        /// When it was made, in milliseconds since 1970.
        created_at_ms: u64,
        /// Until when it waits.
        expires_at_ms: u64,
        /// What has become of it.
        status: QuestionStatus,
        /// The answers.
        answers?: QuestionAnswers,
        /// Who answered, by the gateway's records.
        resolved_by?: String,
    }

    /// A question was answered, cancelled, or nobody answered in time.
    pub struct QuestionResolvedEvent {
        /// The question.
        id: String,
        /// What has become of it.
        status: QuestionStatus,
        /// The answers.
        answers?: QuestionAnswers,
    }
}
