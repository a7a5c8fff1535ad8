//! The smallest equal server on socketioxide: `join`, `message`, `message-with-ack`, straight on
//! hyper. The two binaries differ in their allocator alone.

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Data, SocketRef};
use tokio::net::TcpListener;

/// Packets that may wait for a slow client; beyond, socketioxide drops. The default of 128 loses
/// messages of a room under load.
const WAITING_MAX: usize = 4096;
/// One client, one file, and some.
const FILES: u64 = 65_536;

#[derive(Debug, Serialize, Deserialize)]
struct Message {
    room: String,
    body: String,
}

/// Serves on the port that the command line names.
///
/// # Errors
/// No port, or one that is taken.
pub async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).ok_or("a port, please")?.parse()?;
    rlimit::increase_nofile_limit(FILES)?;
    let (service, io) = SocketIo::builder().max_buffer_size(WAITING_MAX).build_svc();
    io.ns("/", connected);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = service.clone();
        tokio::spawn(async move {
            let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // A client that goes away is no news.
            drop(serving.with_upgrades().await);
        });
    }
}

async fn connected(socket: SocketRef) {
    socket.on("join", async |socket: SocketRef, Data::<String>(room)| {
        socket.join(room);
        drop(socket.emit("joined", &()));
    });
    socket.on("message", async |socket: SocketRef, Data::<Message>(message)| {
        drop(socket.within(message.room).emit("message", &message.body).await);
    });
    socket.on("message-with-ack", async |Data::<Value>(payload), ack: AckSender| {
        drop(ack.send(&payload));
    });
}
