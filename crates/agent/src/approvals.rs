//! What a person decides about commands: what a yes is good for ([`binding`]).

pub mod binding;
