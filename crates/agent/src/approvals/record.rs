//! A request, who made it, and what became of it.

use openclaw_protocol::methods::{
    approvals::{
        ApprovalDecision, ApprovalStatus, ExecApprovalRequest, PluginApprovalRequest,
        TerminalReason,
    },
    questions::{Question, QuestionAnswers, QuestionStatus},
};
use serde::{Deserialize, Serialize};

use super::binding::Digest;

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A command.
    Exec,
    /// Something that a plugin wants to do.
    Plugin,
    /// A question of an agent.
    Question,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Exec, Self::Plugin, Self::Question];

    /// The word in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exec => "exec",
            Self::Plugin => "plugin",
            Self::Question => "question",
        }
    }
}

/// What is asked, as those who decide see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Request {
    /// A command.
    Exec(Box<ExecApprovalRequest>),
    /// Something that a plugin wants to do.
    Plugin(Box<PluginApprovalRequest>),
    /// A question of an agent.
    Question(Box<QuestionRequest>),
}

/// A question of an agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuestionRequest {
    /// What is asked.
    pub questions: Vec<Question>,
    /// The agent that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// The session that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_key: Option<String>,
    /// The run that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
}

impl Request {
    /// What it is about.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Exec(_) => Kind::Exec,
            Self::Plugin(_) => Kind::Plugin,
            Self::Question(_) => Kind::Question,
        }
    }

    /// What may be decided. Denying always may.
    pub fn allowed(&self) -> Vec<ApprovalDecision> {
        let mut allowed = match self {
            Self::Exec(request) => request.allowed_decisions.clone(),
            Self::Plugin(request) => match &request.allowed_decisions {
                Some(allowed) => allowed.clone(),
                None => ApprovalDecision::ALL.to_vec(),
            },
            Self::Question(_) => Vec::new(),
        };
        if !allowed.contains(&ApprovalDecision::Deny) {
            allowed.push(ApprovalDecision::Deny);
        }
        allowed
    }

    /// The agent that asks, as it says.
    pub fn agent(&self) -> Option<&str> {
        match self {
            Self::Exec(request) => request.agent_id.as_deref(),
            Self::Plugin(request) => request.agent_id.as_deref(),
            Self::Question(request) => request.agent_id.as_deref(),
        }
    }

    /// The session that asks, as it says.
    pub fn session(&self) -> Option<&str> {
        match self {
            Self::Exec(request) => request.session_key.as_deref(),
            Self::Plugin(request) => request.session_key.as_deref(),
            Self::Question(request) => request.session_key.as_deref(),
        }
    }
}

/// Who asks, by the server's records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    /// The device, or all who hold the shared secret; empty for the gateway itself.
    pub principal: String,
    /// The connection; none for the gateway itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
}

/// Who decides, by the server's records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Resolver {
    /// A paired device.
    Device {
        /// Its id.
        id: String,
    },
    /// A program that proved the shared secret.
    Runtime {
        /// What let it in.
        id: String,
    },
    /// The gateway itself.
    System,
}

impl Resolver {
    /// Which one, in one word.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Device { id } | Self::Runtime { id } => Some(id),
            Self::System => None,
        }
    }
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Someone decided.
    Decided(ApprovalDecision),
    /// Someone answered.
    #[serde(rename_all = "camelCase")]
    Answered {
        /// The answers, as the questions spell them.
        answers: QuestionAnswers,
        /// A name that the answer was given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resolution_id: Option<String>,
    },
    /// Someone does not want an answer any more.
    Cancelled,
    /// Nobody decided in time.
    Expired,
    /// Nobody was there to decide.
    NoRoute,
    /// What was said about it made no sense.
    Malformed,
    /// The run that asked was stopped.
    Aborted,
}

/// The end of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// When, in milliseconds since the epoch.
    pub at: i64,
    /// How.
    pub outcome: Outcome,
    /// By whom.
    pub by: Resolver,
}

/// A request and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    /// Its id.
    pub id: String,
    /// What it asks.
    pub request: Request,
    /// What may be done with a yes; none where nothing is bound to it.
    pub binding: Option<Digest>,
    /// Who asked.
    pub requester: Requester,
    /// When, in milliseconds since the epoch.
    pub created_at: i64,
    /// Until when it waits.
    pub expires_at: i64,
    /// How it ended, if it has.
    pub ended: Option<Ended>,
    /// When its yes was used, or lost with the right of whoever asked.
    pub used_at: Option<i64>,
}

impl Approval {
    /// What it is about.
    pub const fn kind(&self) -> Kind {
        self.request.kind()
    }

    /// Whether it waits.
    pub const fn is_pending(&self) -> bool {
        self.ended.is_none()
    }

    /// How it ended.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.ended.as_ref().map(|ended| &ended.outcome)
    }

    /// What a person decided; `None` when nobody did.
    pub fn decision(&self) -> Option<ApprovalDecision> {
        match self.outcome()? {
            Outcome::Decided(decision) => Some(*decision),
            _ => None,
        }
    }

    /// What has become of it, in protocol 4's words.
    pub fn status(&self) -> ApprovalStatus {
        match self.outcome() {
            None => ApprovalStatus::Pending,
            Some(
                Outcome::Decided(ApprovalDecision::Deny) | Outcome::NoRoute | Outcome::Malformed,
            ) => ApprovalStatus::Denied,
            Some(Outcome::Decided(_) | Outcome::Answered { .. }) => ApprovalStatus::Allowed,
            Some(Outcome::Expired) => ApprovalStatus::Expired,
            Some(Outcome::Cancelled | Outcome::Aborted) => ApprovalStatus::Cancelled,
        }
    }

    /// What has become of a question.
    pub fn question_status(&self) -> QuestionStatus {
        match self.outcome() {
            None => QuestionStatus::Pending,
            Some(Outcome::Answered { .. }) => QuestionStatus::Answered,
            Some(Outcome::Expired) => QuestionStatus::Expired,
            Some(_) => QuestionStatus::Cancelled,
        }
    }

    /// Why it ended, in protocol 4's words.
    pub fn reason(&self) -> Option<TerminalReason> {
        Some(match self.outcome()? {
            Outcome::Decided(_) | Outcome::Answered { .. } | Outcome::Cancelled => {
                TerminalReason::User
            }
            Outcome::Expired => TerminalReason::Timeout,
            Outcome::NoRoute => TerminalReason::NoRoute,
            Outcome::Malformed => TerminalReason::MalformedVerdict,
            Outcome::Aborted => TerminalReason::RunAborted,
        })
    }
}
