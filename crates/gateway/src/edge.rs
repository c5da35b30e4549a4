//! The edge: where what clients say is turned into one model, and the model into what they expect.
//!
//! Protocols 3 and 4 differ in one file per direction. The first frame or the upgrade chooses the
//! door, one small file each; so far there is the door of protocols 3 and 4 itself.

pub(crate) mod downgrade;
