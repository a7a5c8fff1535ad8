//! Every bound in the house, with its unit in its name.
//!
//! What an operator may change is in `config`; what stands here is changed by changing the code.
//! Rates of events, connections and requests are flags; the ones that guard passwords stand here.
//! Over a bound: a write or read waits or is refused, a slow receiver and a flood are closed, a
//! table of keys has its newcomers share, a request is answered with 413, 429, 431 or 503.

use std::time::Duration;

/// Asks and receipts that wait for one shard.
pub const SHARD_INBOX_MAX: usize = 8_192;
/// What a shard takes from its inbox before it tells the rooms' members.
pub const INBOX_PER_TURN_MAX: usize = 512;
/// Pushes to members before a shard lets others run: a push costs some 4 us.
pub const PUSHES_PER_TURN_MAX: usize = 128;
/// Pushes that leave in one system call: so long their outboxes are locked.
pub const VOLLEY_MAX: usize = 64;
/// Fewer pushes leave one by one, which costs no more then.
pub const VOLLEY_MIN: usize = 3;
/// Members of a room that are worth another thread: twice as many are told from two.
pub const PART_MEMBERS_MIN: usize = 1_024;
/// A telling that takes this long is one after which a room rests.
pub const REST_MIN: Duration = Duration::from_millis(1);
/// The longest rest.
pub const REST_MAX: Duration = Duration::from_millis(8);
/// Bytes of messages that are put into one run of frames: a queued slice pins the whole run.
pub const BATCH_BYTES_MAX: usize = 128 * 1024;
/// Bytes that wait for one member while its history is read.
pub const HELD_BYTES_MAX: usize = 1024 * 1024;
/// What waits for one room while it is read from the store.
pub const OPENING_ASKS_MAX: usize = 4_096;
/// How long a room stays in memory after the last use, in milliseconds.
pub const ROOM_IDLE_MS: u64 = 60_000;
/// How often a shard looks after its rooms' clocks, in milliseconds.
pub const SHARD_TICK_MS: u64 = 250;
/// How long `typing` lasts when nobody ends it, in milliseconds.
pub const TYPING_MS: u64 = 8_000;
/// How long a socket has to prove that it still sits in a seat somebody else wants, in ms.
pub const SEAT_PATIENCE_MS: u64 = 2_000;
/// Joins that wait in one room until it is known whether a seat is free.
pub const WAITING_SEATS_MAX: usize = 256;
/// Changes of one room that wait for the one being written.
pub const AMENDMENTS_MAX: usize = 256;
/// Stretches of batches of one room after another that are remembered of a connection: an offset
/// from before them cannot be recovered.
pub const TRAIL_RUNS_MAX: usize = 64;
/// Rooms of which a connection remembers how far they went before those stretches.
pub const TRAIL_LANES_MAX: usize = 1_024;
/// Events that a room keeps for whoever comes back.
pub const TAIL_EVENTS_MAX: usize = 8_192;
/// Bytes that they may count.
pub const TAIL_BYTES_MAX: usize = 1024 * 1024;
/// Bytes that such events of all rooms together may count.
pub const TAILS_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Seats that a room remembers of those whose transport was lost.
pub const ABSENT_PER_ROOM_MAX: usize = 65_536;
/// Sessions whose transport was lost, and seats of theirs, that are kept for their clients; beyond
/// that the oldest go first.
pub const LOST_SEATS_MAX: usize = 262_144;
/// Names of rooms that the directory remembers.
pub const DIRECTORY_NAMES_MAX: usize = 100_000;
/// Rooms one voice may hold a seat in.
pub const SEATS_PER_VOICE_MAX: usize = 1_000;
/// Writes that wait for the store.
pub const WRITES_MAX: usize = 16_384;
/// Messages of one shard's rooms that wait for the store.
pub const APPENDS_MAX: usize = 16_384;
/// Messages that one write hands to the store.
pub const APPENDS_PER_WRITE_MAX: usize = 512;
/// Reads that wait for the store.
pub const READS_MAX: usize = 4_096;
/// Comings and goings that wait for the backplane.
pub const PRESENCE_MAX: usize = 65_536;
/// Bytes that wait for one connection before it is closed as too slow.
pub const OUTBOX_BYTES_MAX: usize = 1024 * 1024;
/// Bytes that wait for all receivers together, in outboxes and in payloads that are not read.
pub const BACKLOG_BYTES_MAX: usize = 256 * 1024 * 1024;
/// The part of what is free of [`BACKLOG_BYTES_MAX`] that may wait for one receiver: a 64th.
pub const BACKLOG_SHARE: usize = 64;
/// Bytes beyond [`OUTBOX_BYTES_MAX`] that histories may wait with, unless one alone is longer.
pub const ALLOWED_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How long a receiver may take nothing of what waits for it, in milliseconds.
pub const STUCK_MS: u64 = 30_000;
/// Waiting bytes from which on a receiver is told nothing volatile (typing, presence).
pub const BEHIND_BYTES_MIN: usize = 4 * 1024;
/// Bytes of a waiting slice that is worth keeping its batch in memory; a smaller one is copied.
pub const PINNING_BYTES_MIN: usize = 4 * 1024;
/// Bytes of a response from which on it is counted until the client has taken it.
pub const KEPT_BYTES_MIN: usize = 4 * 1024;
/// Bytes of REST's responses that clients have not taken yet.
pub const REPLIES_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Streams that wait to be accepted; the kernel may hold fewer (`net.core.somaxconn`). A client
/// beyond them tries again a second later.
pub const ACCEPTS_MAX: i32 = 4_096;
/// Bytes that the kernel keeps of what it has not sent yet, for each socket: what a stuck peer
/// does not take waits here, where it is counted.
pub const NOT_SENT_BYTES_MAX: u32 = 16 * 1024;
/// Bytes after which a poll's response takes no further packet.
pub const POLL_BYTES_MAX: usize = 1_000_000;
/// Namespaces one connection may be in.
pub const NAMESPACES_PER_CONNECTION_MAX: usize = 16;
/// How long a session may outlive its token where the wall's clock has jumped, in milliseconds.
pub const EXPIRY_LOOK_MS: u64 = 5_000;
/// How often due heartbeats are looked for, in milliseconds.
pub const WHEEL_TICK_MS: u64 = 10;
/// How long a closed WebSocket may take to say goodbye, in milliseconds, and a request to be
/// answered when the server stops.
pub const LINGER_MS: u64 = 1_000;
/// How long all streams together may take to end when the server stops, in milliseconds: more
/// than each of them may take.
pub const GOODBYE_MS: u64 = 1_500;
/// How long a connection may be over its event rate before it is closed, in milliseconds.
pub const FLOOD_MS_MAX: u64 = 10_000;
/// The longest a connection rests before it is looked at again, in milliseconds.
pub const REST_SLICE_MS: u64 = 1_000;
/// Addresses or names whose rates are told apart, in each table.
pub const RATED_KEYS_MAX: usize = 65_536;
/// Proxies that a request is followed back through.
pub const FORWARDED_HOPS_MAX: usize = 32;
/// Requests with a password per minute from one address beyond loopback.
pub const PASSWORDS_PER_ADDRESS_PER_MINUTE: u64 = 30;
/// Wrong passwords per minute for one name.
pub const WRONG_PASSWORDS_PER_NAME_PER_MINUTE: u64 = 10;
/// What is read from a socket at once, in bytes.
pub const READ_BYTES_MAX: usize = 32 * 1024;
/// Bytes of bodies and messages whose end has not come yet, unless one alone is longer.
pub const INTAKE_BYTES_MAX: usize = 128 * 1024 * 1024;
/// A REST request's body, in bytes.
pub const REST_BODY_BYTES_MAX: usize = 256 * 1024;
/// A request's head, in bytes.
pub const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How long a request's head may take to arrive, in milliseconds.
pub const HEAD_MS: u64 = 15_000;
/// How long a request's body may take to arrive, in milliseconds.
pub const BODY_MS: u64 = 30_000;
/// How long a client may take to take [`WRITTEN_BYTES_MIN`] of its answer, in milliseconds.
pub const WRITE_MS: u64 = 30_000;
/// See [`WRITE_MS`].
pub const WRITTEN_BYTES_MIN: usize = 32 * 1024;
/// Bytes of a body that is refused which are let go by, so that the answer is read.
pub const PASSED_OVER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How long that may take, in milliseconds.
pub const PASSED_OVER_MS: u64 = 5_000;
/// How long the server takes to stop, in milliseconds.
pub const SHUTDOWN_MS: u64 = 8_000;
/// Bytes of a configuration file.
pub const CONFIG_FILE_BYTES_MAX: u64 = 1024 * 1024;
/// The most that `--max-payload` can allow, in bytes.
pub const MAX_PAYLOAD_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// A day, in milliseconds: no timer is longer.
pub const DAY_MS: u64 = 86_400_000;
/// Bytes of a secret for tokens: fewer can be guessed.
pub const JWT_SECRET_BYTES_MIN: usize = 12;
/// Bytes of a token.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// Bytes of a file with a public key.
pub const PUBLIC_KEY_FILE_BYTES_MAX: u64 = 64 * 1024;
/// How far a token's "not before" and "issued at" may lie in the future, in seconds.
pub const CLOCK_TOLERANCE_S: u64 = 5;
/// Passwords that are hashed at the same time: each takes some 20 ms of a core and 19 MiB.
pub const HASHING_MAX: usize = 2;
/// Passwords that wait to be hashed.
pub const HASHING_WAITING_MAX: usize = 64;
/// Bytes of a claim that names somebody.
pub const CLAIM_BYTES_MAX: usize = 1024;
/// Bytes that are read of a file with a secret for tokens.
pub const JWT_SECRET_FILE_BYTES_MAX: u64 = 4096;
/// Bytes that are read of a lock file: a process's id.
pub const LOCK_FILE_BYTES_MAX: u64 = 20;
/// How long a token of `polylogue token` may be good for, in milliseconds: ten years.
pub const TOKEN_TTL_MS_MAX: u64 = 3_650 * DAY_MS;
