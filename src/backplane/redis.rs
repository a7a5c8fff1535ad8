//! Membership sets in Redis: one for each room and node, `polylogue:members:<room>:<node>`, with
//! the ids of the users who are in the room on that node.
//!
//! Members of a set cannot expire, but sets can: a node's heartbeat keeps its own alive, and those
//! of a node that died go by themselves. Membership of a room is the union of its sets. While
//! Redis is away the roll is kept here; when it is back, what is in doubt is told anew.

use std::sync::Arc;
use std::time::Duration;

use deadpool_redis::redis::{AsyncCommands, Pipeline, RedisError, pipe};
use deadpool_redis::{Config, Connection, Pool, PoolError, Runtime, Timeouts};
use tokio::sync::{mpsc, watch};

use super::roll::Roll;
use crate::hub::ports::Presence;

/// How often the sets are kept alive, in seconds.
const HEARTBEAT_S: u64 = 2;
/// How long the sets of a node that died remain, in seconds.
const EXPIRY_S: i64 = 10;
/// How long Redis may take for anything, in seconds.
const PATIENCE_S: u64 = 1;
/// Comings and goings told in one round trip.
const BATCH_MAX: usize = 1_024;

/// Where the membership sets are.
pub struct Redis {
    pool: Pool,
    node: String,
    roll: Roll,
    is_away: bool,
}

/// Redis did not do what it was asked to.
enum Away {
    Pool(PoolError),
    Command(RedisError),
    Late,
}

impl Redis {
    /// A client of the Redis at `url` that calls itself `node`. Does not connect yet: a Redis
    /// that is away when the server starts is no worse than one that goes away later.
    ///
    /// # Errors
    /// A sentence, when the URL is none.
    pub fn new(url: &str, node: String) -> Result<Redis, String> {
        let patience = Some(Duration::from_secs(PATIENCE_S));
        let wrong = |error: String| format!("--redis {url}: {error}");
        let pool = Config::from_url(url)
            .builder()
            .map_err(|error| wrong(error.to_string()))?
            .max_size(2)
            .timeouts(Timeouts { wait: patience, create: patience, recycle: patience })
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| wrong(error.to_string()))?;
        Ok(Redis { pool, node, roll: Roll::default(), is_away: false })
    }

    /// Tells Redis what the rooms tell, until they are gone; then takes this node's sets away.
    ///
    /// `away` says whether Redis is out of reach.
    pub async fn run(mut self, mut presence: mpsc::Receiver<Presence>, away: watch::Sender<bool>) {
        let mut heartbeat = tokio::time::interval(Duration::from_secs(HEARTBEAT_S));
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut batch = Vec::new();
        loop {
            let told = tokio::select! {
                taken = presence.recv_many(&mut batch, BATCH_MAX) => {
                    if taken == 0 {
                        break;
                    }
                    self.tell(&mut batch).await
                }
                _ = heartbeat.tick() => self.beat().await,
            };
            self.notice(told);
            away.send_if_modified(|was_away| {
                std::mem::replace(was_away, self.is_away) != self.is_away
            });
        }
        let _ = self.farewell().await;
    }

    /// Tells comings and goings.
    async fn tell(&mut self, batch: &mut Vec<Presence>) -> Result<(), Away> {
        let mut commands = pipe();
        let mut rooms = Vec::new();
        for presence in batch.drain(..) {
            self.roll.note(&presence);
            let (room, user, is_in) = match &presence {
                Presence::In(room, user) => (room, user, true),
                Presence::Out(room, user) => (room, user, false),
            };
            let key = self.key(room);
            match is_in {
                true => commands.sadd(&key, user.0).ignore(),
                false => commands.srem(&key, user.0).ignore(),
            };
            commands.expire(&key, EXPIRY_S).ignore();
            rooms.push(Arc::clone(room));
        }
        let told = match self.is_away {
            // The heartbeat finds out when it is back; asking for each message helps nobody.
            true => Err(Away::Late),
            false => self.send(&commands).await,
        };
        if told.is_err() {
            self.roll.doubt(rooms);
        }
        told
    }

    /// Keeps the sets alive, and tells anew what is in doubt or was lost.
    async fn beat(&mut self) -> Result<(), Away> {
        let mut connection = self.connection().await?;
        for room in self.roll.rooms() {
            let key = self.key(&room);
            let is_there: bool = in_time(connection.expire(&key, EXPIRY_S)).await?;
            if !is_there {
                self.roll.doubt([room]);
            }
        }
        let stale = self.roll.stale();
        for rooms in stale.chunks(BATCH_MAX) {
            let mut commands = pipe();
            commands.atomic();
            for room in rooms {
                let (key, users) = (self.key(room), self.roll.users(room));
                commands.del(&key).ignore();
                if !users.is_empty() {
                    commands.sadd(&key, users).ignore();
                    commands.expire(&key, EXPIRY_S).ignore();
                }
            }
            in_time(commands.query_async::<()>(&mut connection)).await?;
            self.roll.settle(rooms);
        }
        Ok(())
    }

    async fn farewell(&self) -> Result<(), Away> {
        let mut commands = pipe();
        for room in self.roll.rooms() {
            commands.del(self.key(&room)).ignore();
        }
        self.send(&commands).await
    }

    async fn send(&self, commands: &Pipeline) -> Result<(), Away> {
        let mut connection = self.connection().await?;
        in_time(commands.query_async::<()>(&mut connection)).await
    }

    async fn connection(&self) -> Result<Connection, Away> {
        self.pool.get().await.map_err(Away::Pool)
    }

    fn key(&self, room: &str) -> String {
        format!("polylogue:members:{room}:{}", self.node)
    }

    /// Logs that Redis went away or came back, once each.
    fn notice(&mut self, told: Result<(), Away>) {
        let was_away = std::mem::replace(&mut self.is_away, told.is_err());
        match told {
            Err(away) if !was_away => {
                let words = match away {
                    Away::Pool(error) => error.to_string(),
                    Away::Command(error) => error.to_string(),
                    Away::Late => format!("no answer within {PATIENCE_S} s"),
                };
                self.roll.doubt_all();
                tracing::warn!(%words, "Redis is away: rooms go on, and tell it when it is back");
            }
            Ok(()) if was_away => tracing::info!("Redis is back: membership is told anew"),
            Ok(()) | Err(_) => {}
        }
    }
}

async fn in_time<T>(answer: impl Future<Output = Result<T, RedisError>>) -> Result<T, Away> {
    match tokio::time::timeout(Duration::from_secs(PATIENCE_S), answer).await {
        Ok(answer) => answer.map_err(Away::Command),
        Err(_) => Err(Away::Late),
    }
}
