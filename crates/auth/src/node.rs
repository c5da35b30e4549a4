//! Nodes: what a device with role node may be asked for, and who decided that.
//!
//! Pairing lets a node's device connect; what it may then be asked for is a second decision. A node
//! declares a [`Surface`]; what policy withholds of it is dropped, the rest waits for an operator, and
//! only what was approved and is still declared counts. A later, wider declaration waits again.
//!
//! Reading order: [`surface`] (what is declared and approved), [`policy`] (what may be declared at all),
//! [`record`] (what is kept), [`book`] (the service the gateway calls), [`work`] (what waits for a node).

pub mod book;
pub mod policy;
pub mod record;
pub mod store;
pub mod surface;
pub mod work;

mod view;

pub use book::{Declaration, NodeBook, NodeError, NodeEvent, Standing};
pub use policy::{CommandPolicy, Platform};
pub use record::{Approved, NodeAbout, NodeRecord, SurfaceRequest};
pub use store::{MemoryNodeStore, NodeStore};
pub use surface::Surface;
pub use work::{Action, Dispatch, DispatchState, GivenUp, WorkItem};
