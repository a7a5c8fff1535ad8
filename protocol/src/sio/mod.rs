//! Socket.IO v5: what an Engine.IO message carries.
//!
//! Follows the Socket.IO protocol, revision 5. Packets borrow from the text they were read from and
//! keep their payload as text; nothing is built that nobody asked for. Speaks to sessions, which
//! read events, and to whoever puts answers into words.

pub mod assembler;
mod decode;
pub mod encode;
pub mod event;
pub mod packet;
pub mod placeholder;

pub use assembler::{Assembled, Assembler, BinaryPacket};
pub use event::{Event, parse_args};
pub use packet::{Kind, Packet};
