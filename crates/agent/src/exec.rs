//! Running programs: which may run, and as what.

pub mod env;
pub mod host;
pub mod policy;
pub mod run;
