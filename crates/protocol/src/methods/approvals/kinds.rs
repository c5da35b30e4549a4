//! Words and parts that requests of every kind share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    field::{Int, List, NonEmpty, Text},
    params, words,
};

words! {
    /// What a person decides.
    pub enum ApprovalDecision: any_of {
        /// Yes, this time.
        AllowOnce = "allow-once",
        /// Yes, and do not ask again.
        AllowAlways = "allow-always",
        /// No.
        Deny = "deny",
    }

    /// What a request is about.
    pub enum ApprovalKind: any_of {
        /// A command that wants to run.
        Exec = "exec",
        /// Something that a plugin wants to do.
        Plugin = "plugin",
        /// A change that the built-in assistant proposes.
        SystemAgent = "system-agent",
    }

    /// How much is at stake in the eyes of the plugin.
    pub enum ApprovalSeverity: one_of {
        /// Little.
        Info = "info",
        /// Something.
        Warning = "warning",
        /// Much.
        Critical = "critical",
    }

    /// What has become of a request.
    pub enum ApprovalStatus: any_of {
        /// It waits.
        Pending = "pending",
        /// Allowed, once or always.
        Allowed = "allowed",
        /// Denied, or refused by the gateway.
        Denied = "denied",
        /// Nobody decided in time.
        Expired = "expired",
        /// Its reason is gone.
        Cancelled = "cancelled",
    }

    /// Why a request ended.
    pub enum TerminalReason: any_of {
        /// A person decided.
        User = "user",
        /// Its time was up.
        Timeout = "timeout",
        /// What was said about it made no sense.
        MalformedVerdict = "malformed-verdict",
        /// Nobody was there to decide.
        NoRoute = "no-route",
        /// The run that asked was stopped.
        RunAborted = "run-aborted",
        /// The gateway restarted.
        GatewayRestart = "gateway-restart",
        /// What was stored of it could not be read.
        StorageCorrupt = "storage-corrupt",
    }

    /// The kind of a message's consequence.
    pub enum MessageSend: any_of {
        /// Messages are sent.
        MessageSend = "message-send",
    }

    /// Who gets a message.
    pub enum MessageAudience: any_of {
        /// People of the house.
        Internal = "internal",
        /// Others.
        External = "external",
    }

    /// The kind of a payment's consequence.
    pub enum Payment: any_of {
        /// Money is spent.
        Payment = "payment",
    }

    /// The kind of a post's consequence.
    pub enum ExternalPost: any_of {
        /// Something is published.
        ExternalPost = "external-post",
    }

    /// Who sees a post.
    pub enum PostVisibility: any_of {
        /// Everyone.
        Public = "public",
        /// Some.
        Restricted = "restricted",
    }

    /// The kind of a lasting permission.
    pub enum StandingGrant: any_of {
        /// An automation may do it from now on.
        StandingGrant = "standing-grant",
    }
}

params! {
    /// Messages would be sent.
    pub struct MessageSendScope {
        /// `message-send`.
        kind: MessageSend,
        /// Where to.
        target: Text<1, 128>,
        /// To how many.
        recipient_count: Int<1, 1_000_000>,
        /// To whom, the first of them.
        recipients?: List<Text<1, 128>, 0, 5>,
        /// Whether they are people of the house.
        audience?: MessageAudience,
    }

    /// Money would be spent.
    pub struct PaymentScope {
        /// `payment`.
        kind: Payment,
        /// How much.
        amount: Text<1, 40>,
        /// In which currency.
        currency: Text<1, 12>,
        /// To whom.
        target: Text<1, 128>,
    }

    /// Something would be published.
    pub struct ExternalPostScope {
        /// `external-post`.
        kind: ExternalPost,
        /// Where.
        target: Text<1, 128>,
        /// For whom.
        visibility: PostVisibility,
    }

    /// An automation would get a lasting permission.
    pub struct StandingGrantScope {
        /// `standing-grant`.
        kind: StandingGrant,
        /// Which one.
        automation: Text<1, 128>,
        /// To run what.
        command: Text<1, 256>,
        /// For how long.
        expires_in_days?: Int<1, 3650>,
    }

    /// A person on a chat channel.
    pub struct ApprovalReviewer {
        /// The channel.
        channel: NonEmpty,
        /// The account that the person wrote to.
        account_id: NonEmpty,
        /// The person.
        sender_id: NonEmpty,
    }
}

/// What the consequence would be, in the words of whoever asks (protocol 4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ApprovalScope {
    /// Messages.
    MessageSend(MessageSendScope),
    /// Money.
    Payment(PaymentScope),
    /// A publication.
    ExternalPost(ExternalPostScope),
    /// A lasting permission.
    StandingGrant(StandingGrantScope),
}

/// A thread of a chat channel: some channels count, others name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ThreadId {
    /// A name.
    Text(String),
    /// A number.
    Number(serde_json::Number),
}
