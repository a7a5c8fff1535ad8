//! What hears the messages of an Engine.IO connection: Socket.IO, or a bare function.

use std::sync::Arc;

use super::close::Close;
use super::connection::Connection;
use super::sessions::Sessions;
use crate::hub::voice::Outlet;

/// An Engine.IO message.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    /// Text.
    Text(&'a str),
    /// Bytes.
    Binary(&'a [u8]),
}

/// Hears the messages of bare Engine.IO connections.
pub type Bare = Arc<dyn Fn(Message<'_>, &dyn Outlet) + Send + Sync>;

/// See the module's head.
pub(super) enum Upper {
    SocketIo(Box<Sessions>),
    /// Boxed for the other's sake, which every connection of the server has.
    Bare(Box<(Arc<Connection>, Bare)>),
}

impl Upper {
    pub(super) async fn text(&mut self, text: &str) -> Result<(), Close> {
        match self {
            Upper::SocketIo(sessions) => sessions.text(text).await,
            Upper::Bare(bare) => {
                let (connection, hear) = &**bare;
                hear(Message::Text(text), &**connection);
                Ok(())
            }
        }
    }

    /// Ends the sessions whose token has expired by now.
    pub(super) fn expire(&mut self, wall_ms: u64) {
        if let Upper::SocketIo(sessions) = self {
            sessions.expire(wall_ms);
        }
    }

    pub(super) async fn binary(&mut self, bytes: &[u8]) -> Result<(), Close> {
        match self {
            Upper::SocketIo(sessions) => sessions.binary(bytes).await,
            Upper::Bare(bare) => {
                let (connection, hear) = &**bare;
                hear(Message::Binary(bytes), &**connection);
                Ok(())
            }
        }
    }
}
