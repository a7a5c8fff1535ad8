//! The bounds inside the store, with units last in their names; those of its queues are in
//! the house's `limits`.

use std::time::Duration;

/// Writes in one transaction, each message counting as one.
pub(super) const BATCH_WRITES_MAX: usize = 512;
/// Threads that read.
pub(super) const READERS_COUNT: usize = 3;
/// Rows in one answer, whatever was asked for.
pub(super) const ANSWER_ROWS_MAX: u64 = 10_000;
/// Rooms whose last place the writer remembers between batches.
pub(super) const ROOMS_REMEMBERED_MAX: usize = 65_536;
/// Messages that no history lists yet, and a batch more.
pub(super) const UNLISTED_MAX: usize = 8_192;
/// Messages among which the unlisted ones lie, and a few thousand more: what is read at the start.
pub(super) const UNLISTED_REACH_MAX: u64 = 32_768;
/// Messages listed with a batch, at most; with a larger one, twice as many as it stores.
pub(super) const LISTED_PER_BATCH_MIN: usize = 64;
/// Messages listed until the file is told up to which id all are.
pub(super) const LISTED_PER_MARK: usize = 1_024;
/// How long a sender's key is remembered: 24 hours.
pub(super) const KEY_LIFE_MS: u64 = 24 * 60 * 60 * 1000;
/// How often old keys are swept away, at most.
pub(super) const SWEEP_EVERY_MS: u64 = 60 * 1000;
/// Keys swept away in one batch.
pub(super) const SWEEP_ROWS_MAX: u64 = 512;
/// How long a write waits for another process that is writing.
pub(super) const BUSY_WAIT: Duration = Duration::from_secs(5);
/// Ids of accounts that are counted up stay below this: what every client language can hold.
pub(super) const COUNTED_IDS_END: u64 = (1 << 53) - 1;
/// Prepared statements in the cache of a connection; the writer holds nine more, all the time.
pub(super) const STATEMENTS_KEPT_MAX: usize = 64;
/// Page cache of the writer's connection.
pub(super) const WRITER_CACHE_KIB: i64 = 64 * 1024;
/// Page cache of each reader's connection.
pub(super) const READER_CACHE_KIB: i64 = 16 * 1024;
/// Pages of the write-ahead log that are copied into the database beside the writer, and from
/// which on the log is to begin anew.
pub(super) const LOG_COPY_PAGES: u32 = 4_000;
/// Pages that the writer copies itself for that, at most.
pub(super) const LOG_REST_PAGES: u32 = 1_000;
/// Pages from which on the writer copies all of the log itself, unless the thread is at it.
pub(super) const LOG_PAGES_MAX: u32 = 12_000;
/// Size the write-ahead log's file is cut back to.
pub(super) const WAL_FILE_MAX_BYTES: i64 = 64 * 1024 * 1024;
