//! `question.*`: what an agent asks a person (protocol 4).
#![expect(clippy::struct_field_names, reason = "names on the wire")]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    events::questions::QuestionRecord,
    field::{Int, List, MAX_SAFE_INTEGER, NonEmpty, Text, True},
    handled, methods, params, results, words,
};

methods! {
    "question.request": QuestionRequestParams => QuestionRequestResult, v4 QUESTIONS;
    "question.waitAnswer": QuestionWaitAnswerParams => QuestionWaitAnswerResult, v4 QUESTIONS;
    "question.resolve": QuestionResolveParams => QuestionResolveResult, v4 QUESTIONS;
    "question.get": QuestionGetParams => QuestionGetResult, v4 QUESTIONS;
    "question.list": QuestionListParams => QuestionListResult, v4 QUESTIONS;
}

words! {
    /// What has become of a question.
    pub enum QuestionStatus: any_of {
        /// It waits.
        Pending = "pending",
        /// It was answered.
        Answered = "answered",
        /// It is not asked any more.
        Cancelled = "cancelled",
        /// Nobody answered in time.
        Expired = "expired",
    }

    /// What a stored answer would be.
    pub enum SecretKind: any_of {
        /// A secret.
        Secret = "secret",
        /// A variable.
        Env = "env",
    }
}

params! {
    /// Asks a person up to three questions. An id that exists already is refused, also after a restart.
    pub struct QuestionRequestParams {
        /// A name of the asker's own, so that it finds the answer again.
        id?: NonEmpty,
        /// The questions.
        questions: List<Question, 1, 3>,
        /// The agent that asks.
        agent_id?: NonEmpty,
        /// The session that asks.
        session_key?: NonEmpty,
        /// The run that asks.
        run_id?: NonEmpty,
        /// How long it waits, in milliseconds; 15 minutes when absent, at most a day.
        timeout_ms?: Int<1, MAX_SAFE_INTEGER>,
    }

    /// One question.
    pub struct Question {
        /// Its name among the others: small letters, digits and `_`.
        question_id: QuestionId,
        /// A heading.
        header: Text<0, 12>,
        /// The question.
        question: NonEmpty,
        /// A page to look at.
        url?: Text<1, 2048>,
        /// Answers to choose from: none, or two to four.
        options: List<QuestionOption, 0, 4>,
        /// Whether more than one may be chosen.
        multi_select?: bool,
        /// Whether another answer may be given.
        is_other?: bool,
        /// Whether the answer is a secret; not in this build.
        is_secret?: bool,
        /// Where a secret answer would be kept; not in this build.
        secret_store?: SecretStore,
    }

    /// An answer to choose.
    pub struct QuestionOption {
        /// The answer.
        label: NonEmpty,
        /// What it means.
        description?: String,
    }

    /// Where a secret answer would be kept.
    pub struct SecretStore {
        /// Its name.
        name: Text<1, 128>,
        /// What it is.
        kind: SecretKind,
        /// Hosts that may be sent it.
        allowed_hosts?: List<Text<1, 253>, 0, 128, true>,
        /// What for.
        reason?: Text<0, 200>,
    }

    /// Waits for an answer; finds it also when it was given before, or before a restart.
    pub struct QuestionWaitAnswerParams {
        /// The question.
        id: NonEmpty,
        /// How long, in milliseconds; until it is over when absent.
        timeout_ms?: Int<1, MAX_SAFE_INTEGER>,
        /// Whether to return the name that the answer was given.
        include_resolution_id?: bool,
    }

    /// An answer.
    pub struct QuestionAnswerParams {
        /// The question.
        id: NonEmpty,
        /// The answers.
        answers: QuestionAnswers,
        /// Hosts for a secret; not in this build.
        secret_store_allowed_hosts?: List<Text<1, 253>, 0, 128, true>,
        /// Who the caller says it is; the gateway's records decide.
        resolved_by?: NonEmpty,
        /// A name for this answer.
        resolution_id?: Text<1, 128>,
    }

    /// The end of a question without an answer.
    pub struct QuestionCancelParams {
        /// The question.
        id: NonEmpty,
        /// Always true.
        cancel: True,
        /// Who the caller says it is; the gateway's records decide.
        resolved_by?: NonEmpty,
    }

    /// Returns one question.
    pub struct QuestionGetParams {
        /// The question.
        id: NonEmpty,
    }

    /// Lists the questions that wait, oldest first.
    #[derive(Default)]
    pub struct QuestionListParams {
    }

    /// Answers, by the name of the question.
    #[derive(Default, Eq)]
    pub struct QuestionAnswers {
        /// One text for each choice.
        answers: BTreeMap<String, Vec<String>>,
    }
}

/// Answers a question, or cancels it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum QuestionResolveParams {
    /// An answer.
    Answer(QuestionAnswerParams),
    /// The end without an answer.
    Cancel(QuestionCancelParams),
}

handled! { QuestionRequestParams {
    used: id, questions, timeout_ms;
    refused: ;
    hints:
        agent_id: "whoever may answer is shown the question",
        run_id: "whoever may answer is shown the question",
        session_key: "whoever may answer is shown the question";
} }

results! {
    /// The question waits.
    #[derive(Eq)]
    pub struct QuestionRequestResult {
        /// The question.
        id: String,
        /// Until when, in milliseconds since 1970.
        expires_at_ms: u64,
    }

    /// What has become of the question.
    pub struct QuestionWaitAnswerResult {
        /// What has become of it.
        status: QuestionStatus,
        /// The answers.
        answers?: QuestionAnswers,
        /// The name that the answer was given.
        resolution_id?: String,
    }

    /// What has become of the question.
    pub struct QuestionResolveResult {
        /// What has become of it.
        status: QuestionStatus,
        /// The answers, as the question spells them.
        answers?: QuestionAnswers,
    }

    /// The question.
    pub struct QuestionGetResult {
        /// What it asks, and what became of it.
        question: QuestionRecord,
    }

    /// The questions that wait.
    #[derive(Default)]
    pub struct QuestionListResult {
        /// Oldest first.
        questions: Vec<QuestionRecord>,
    }
}

crate::field::pattern! {
    /// The name of a question: `^[a-z][a-z0-9_]*$`.
    QuestionId, "^[a-z][a-z0-9_]*$", is_question_id
}

fn is_question_id(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}
