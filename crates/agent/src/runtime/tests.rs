//! The runtime as a whole, over the store in memory and the scripted provider.

mod abort;
mod client;
mod many;
mod queue;
mod recovery;
mod rig;
mod slow;
mod turn;
