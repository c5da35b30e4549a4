//! `deadLetters.*`: what was accepted and then dropped or given up. The names are this gateway's own.

use crate::{
    field::{Int, List, NonEmpty},
    methods, params, results, words,
};

methods! {
    "deadLetters.list": DeadLettersListParams => DeadLettersListResult, v4 READ;
    "deadLetters.discard": DeadLettersDiscardParams => DeadLettersDiscardResult, v4 ADMIN;
}

words! {
    /// How something ended without having been done.
    pub enum DeadLetterKind: one_of {
        /// A run that a stop of the gateway cut off and that was not repeated.
        Interrupted = "interrupted",
        /// A message that was accepted and never reached a model.
        NeverBegan = "never-began",
        /// A row that cannot be read any more.
        Unreadable = "unreadable",
        /// A run whose end could not be written.
        NotEnded = "not-ended",
        /// Work that waited for a node until its time was over.
        Expired = "expired",
        /// Work for a node that gave way, to newer work or because it may not be done any more.
        Displaced = "displaced",
    }
}

params! {
    /// Lists what was dropped or given up, the latest first.
    #[derive(Default)]
    pub struct DeadLettersListParams {
        /// How many at most; 100 when absent.
        limit?: Int<1, 500>,
        /// Where to go on: `nextCursor` of the answer before.
        cursor?: NonEmpty,
    }

    /// Takes entries off the list: those named by `ids`, or `all` of them.
    #[derive(Default)]
    pub struct DeadLettersDiscardParams {
        /// Which ones.
        ids?: List<NonEmpty, 1, 500>,
        /// Every one.
        all?: bool,
    }
}

results! {
    /// A part of the list.
    #[derive(Default)]
    pub struct DeadLettersListResult {
        /// The latest first.
        letters: Vec<DeadLetter>,
        /// How many there are in all.
        total: u64,
        /// Where to go on with `cursor`; absent at the end.
        next_cursor?: String,
    }

    /// One thing that was dropped or given up.
    #[derive(Eq)]
    pub struct DeadLetter {
        /// Its id in the list.
        id: String,
        /// When, in milliseconds since 1970.
        at: i64,
        /// How it ended.
        kind: DeadLetterKind,
        /// What it was: the id of a run, or of work for a node.
        subject: String,
        /// Why, for people.
        reason: String,
        /// The session that it belonged to.
        session_key?: String,
        /// The node that it was for.
        node_id?: String,
        /// What was asked: the beginning of the message, or the node's command.
        text?: String,
    }

    /// What was taken off.
    #[derive(Default, Eq)]
    pub struct DeadLettersDiscardResult {
        /// How many entries.
        discarded: u64,
        /// How many are left.
        total: u64,
    }
}
