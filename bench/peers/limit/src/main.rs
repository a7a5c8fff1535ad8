//! The limit: a server that does nothing but what no server can leave out. One thread, epoll, and
//! one frame, encoded once, written to every member of a room. `limit PORT each|batch|uring`.
//!
//! It speaks just enough Engine.IO and Socket.IO over WebSocket to be driven: no long-polling, no
//! heartbeat, no accept key, no error anybody could read. So it is no server, but a ruler.

mod frame;
mod member;
mod ring;
mod server;
mod write;

use server::{Mode, Server};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let usage = "limit PORT each|batch|uring";
    let mut args = std::env::args().skip(1);
    let port = args.next().ok_or(usage)?.parse()?;
    let mode = match args.next().as_deref() {
        Some("each") => Mode::Each,
        Some("batch") => Mode::Batch,
        Some("uring") => Mode::Uring(Box::new(ring::Ring::new()?)),
        _ => return Err(usage.into()),
    };
    Server::new(port, mode)?.run()?;
    Ok(())
}
