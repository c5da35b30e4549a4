//! Asking a node for a command, and what it answers.
#![expect(non_snake_case, reason = "payloadJSON is spelt so on the wire")]

use serde_json::Value;

use crate::{
    field::{Int, MAX_SAFE_INTEGER, Ms, NonEmpty, Text},
    handled,
    methods::approvals::ThreadId,
    params, results,
};

params! {
    /// Asks a connected node for a command and waits for what it answers. A repetition with the same key
    /// is not sent to the node again.
    pub struct NodeInvokeParams {
        /// The node.
        node_id: NonEmpty,
        /// The command, for example `system.which`.
        command: NonEmpty,
        /// What the command needs.
        params?: Value,
        /// Longest wait, in milliseconds; 30 seconds when absent.
        timeout_ms?: Ms,
        /// Makes a repetition harmless.
        idempotency_key: NonEmpty,
        /// The session on whose behalf it is asked (protocol 4).
        session_key?: NonEmpty,
        /// Where the turn came from that asks (protocol 4).
        turn_source_channel?: String,
        /// To whom its answer goes (protocol 4).
        turn_source_to?: String,
        /// Over which account (protocol 4).
        turn_source_account_id?: String,
        /// In which thread (protocol 4).
        turn_source_thread_id?: ThreadId,
    }

    /// A node's answer to a command that this very connection was asked for. What comes too late, or was
    /// asked of another connection, is not taken and `ignored` says so.
    pub struct NodeInvokeResultParams {
        /// The id of `node.invoke.request`.
        id: NonEmpty,
        /// The node itself.
        node_id: NonEmpty,
        /// Whether the command was carried out.
        ok: bool,
        /// What it gave.
        payload?: Value,
        /// The same as text.
        payload_JSON?: Value,
        /// Why it was not.
        error?: Option<NodeProblem>,
    }

    /// Why a node did not carry out a command.
    #[derive(Default, Eq)]
    pub struct NodeProblem {
        /// A name for programs.
        code?: NonEmpty,
        /// One line.
        message?: NonEmpty,
    }

    /// A piece of what a running command prints (protocol 4).
    pub struct NodeInvokeProgressParams {
        /// The id of `node.invoke.request`.
        invoke_id: NonEmpty,
        /// The node itself.
        node_id: NonEmpty,
        /// The number of the piece, from 0.
        seq: Int<0, MAX_SAFE_INTEGER>,
        /// The piece.
        chunk: Text<0, 16384>,
    }
}

handled! { NodeInvokeParams {
    used: node_id, command, params, timeout_ms, idempotency_key, session_key;
    refused: ;
    hints:
        turn_source_channel: "a node is told nothing of the turn that asks",
        turn_source_to: "a node is told nothing of the turn that asks",
        turn_source_account_id: "a node is told nothing of the turn that asks",
        turn_source_thread_id: "a node is told nothing of the turn that asks";
} }

handled! { NodeInvokeProgressParams {
    used: invoke_id, node_id, chunk;
    refused: ;
    hints: seq: "who waits gets the whole at the end, and no piece";
} }

results! {
    /// What a node answered.
    pub struct NodeInvokeResult {
        /// Always true; a refusal is an error.
        ok: bool,
        /// The node.
        node_id: String,
        /// The command.
        command: String,
        /// What it gave.
        payload?: Value,
        /// The same as the text that the node sent, if it sent one.
        payload_JSON: Option<String>,
    }

    /// That a node's message has arrived.
    #[derive(Default, Eq)]
    pub struct NodeInvokeReceipt {
        /// Always true.
        ok: bool,
        /// Whether nobody waits for it.
        ignored?: bool,
    }
}
