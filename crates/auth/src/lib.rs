//! Who may connect: credentials, device keys, pairing, tokens, rate limits and the policy that turns them into role and scopes.
//!
//! Reading order: [`attempt`] (what is known of a connection that wants in), [`policy`] (what it is
//! granted), [`authority`] (the service the gateway calls), [`node`] (what nodes may be asked for), then the parts these are made of.
//! No sockets, no files, no clock: callers pass what they saw and the time in milliseconds since 1970.

pub mod attempt;
pub mod authority;
pub mod policy;

pub mod node;

pub mod audit;
pub mod challenge;
pub mod credential;
pub mod device;
pub mod origin;
pub mod pairing;
pub mod proxy;
pub mod rate_limit;
pub mod refusal;
pub mod setup;
pub mod token;

pub mod config;
pub mod error;
pub mod store;

pub use attempt::{Attempt, AuthFields, ClientInfo, DeviceClaim, PeerFacts, VerifiedUser};
pub use authority::{
    Approver, AuthEvent, Authority, Issued, Lost, SecretCheck, SetupStatus, TokenKey, Upgrade,
};
pub use config::{AuthConfig, Credentials, Mode, Rules};
pub use credential::Secret;
pub use error::AuthError;
pub use node::{MemoryNodeStore, NodeBook, NodeStore};
pub use origin::{Host, HostRefusal, HostRules, OriginVerdict};
pub use pairing::{Device, PairingReason, PendingRequest};
pub use policy::{AuthMethod, Decision, Grant};
pub use rate_limit::{Bucket, RateLimiter, SecretKind};
pub use refusal::{AuthReason, Refusal};
pub use setup::{Setup, SetupAccess};
pub use store::{AuthStore, MemoryAuthStore, StoreError};
