//! Recordings of two real gateways, replayed against ours.
