//! The place of chat channels. Nothing is here yet: no trait and no adapter, and no channel runs.
//!
//! What will stand here: the `Channel` trait, access policy, routing, chunking, and the adapters. A message that comes
//! in is a row of the inbox (`openclaw-agent`'s `Runtime::submit`) before it is acknowledged, and an answer is a row of
//! the outbox before it is sent; both rows are `openclaw-store`'s. See CONTRIBUTING.md, "a channel".
