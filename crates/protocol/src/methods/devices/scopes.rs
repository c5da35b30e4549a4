//! More scopes for a live connection, by an operator's word (protocol 4).

use crate::{
    field::{List, NonEmpty},
    params, results, words,
};

words! {
    /// What became of a request for more scopes.
    pub enum ScopeUpgradeStatus: one_of {
        /// The device has them.
        Approved = "approved",
        /// It does not get them.
        Rejected = "rejected",
        /// Nobody decided in time.
        Expired = "expired",
    }
}

params! {
    /// Asks for more scopes for the device of this connection; an operator who holds them decides.
    pub struct ScopeUpgradeRequestParams {
        /// The scopes that the connection has and those that it wants beside them.
        scopes: List<NonEmpty, 1, 8, true>,
    }

    /// Waits for what becomes of a request of this connection's device.
    pub struct ScopeUpgradeWaitParams {
        /// The request.
        request_id: NonEmpty,
    }
}

results! {
    /// The request, to be waited for and to be approved like any other.
    pub struct ScopeUpgradeRequestResult {
        /// The request.
        request_id: String,
    }

    /// What became of the request. The device connects again with the token to have its scopes.
    pub struct ScopeUpgradeWaitResult {
        /// Whether it was approved.
        status: ScopeUpgradeStatus,
        /// The request.
        request_id: String,
        /// The device's token, once it was approved.
        device_token?: String,
        /// What the token allows.
        scopes?: Vec<String>,
    }
}
