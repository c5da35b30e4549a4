//! The Channel trait, and the state of each configured channel.
