//! `openclaw gateway`: run one, ask one, stop one.

pub(crate) mod call;
pub(super) mod probe;
pub(super) mod run;
pub(super) mod status;
pub(super) mod stop;
pub(super) mod usage_cost;
