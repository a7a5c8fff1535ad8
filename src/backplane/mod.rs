//! The backplane: what this node tells the others about who is in its rooms.
//!
//! Rooms put comings and goings into a queue and never wait. [`alone`] is for the one node that
//! has nobody to tell; [`redis`] keeps a membership set for each room there.

pub mod alone;
pub mod redis;
mod roll;
