//! The embedded SQLite store: inbox, runs, journal, sessions index, devices, nodes, approvals.
//!
//! Reading order: [`db`] (threads and transactions), [`turns`] (what turns need), `project` (the
//! journal becomes files), [`import`] (a state directory of another program).

pub mod approvals;
pub mod auth;
pub mod db;
pub mod error;
pub mod layout;
pub mod nodes;
pub mod turns;

pub mod import;

mod dead;
mod files;
mod project;

pub use approvals::SqliteApprovalStore;
pub use auth::SqliteAuthStore;
pub use db::Db;
pub use error::{DbError, advice};
pub use layout::Layout;
pub use nodes::SqliteNodeStore;
pub use turns::{SqliteStore, StoreOptions};
