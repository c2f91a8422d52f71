//! The one task that writes: it groups what is queued into one transaction and answers after the commit.

use super::room::Room;
use super::write::{ApplyError, TypeMismatch, Write};
use crate::live::Live;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

/// The most writes that may wait for the writer at once.
const QUEUE_WRITES_MAX: usize = 1_024;

/// The most bytes the waiting writes may hold together.
const QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The longest time a write waits for room in the queue before it is answered `Busy`.
const QUEUE_WAIT_MAX: Duration = Duration::from_secs(2);

/// The most writes one transaction takes.
const GROUP_WRITES_MAX: usize = 256;

/// The reason why a write is not in the store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WriteError {
    #[error("the sample store is short of capacity; send it again in a few seconds")]
    Busy,
    #[error("the sample store is closing; send it again in a few seconds")]
    Closed,
    #[error("the sample store is full; nothing more is stored until samples are deleted")]
    Full,
    #[error(transparent)]
    Type(#[from] TypeMismatch),
    #[error("{0}")]
    Refused(String),
    #[error("the sample store could not write: {0}")]
    Storage(String),
}

/// The sending end of the write queue.
pub(crate) struct Writer {
    queue: mpsc::Sender<Job>,
    room: Arc<Semaphore>,
    bounds: QueueBounds,
}

/// The file as its writer has it.
pub(super) struct File {
    pub(super) connection: SqliteConnection,
    /// Bytes in use with which it is full.
    pub(super) bytes_max: u64,
    /// It was when something was written last.
    pub(super) is_full: bool,
}

/// The queue's bounds, in one place so that tests can meet them with small ones.
#[derive(Clone, Copy)]
pub(super) struct QueueBounds {
    pub(super) writes_max: usize,
    pub(super) bytes_max: usize,
    pub(super) wait_max: Duration,
}

enum Job {
    Write {
        write: Write,
        /// Gives the queue's room back when the job is done.
        _room: OwnedSemaphorePermit,
        done: Done,
    },
    Close(oneshot::Sender<()>),
}

type Done = oneshot::Sender<Result<u64, WriteError>>;

/// Room is counted in blocks, as a semaphore's count of permits is an `u32`.
const ROOM_BLOCK_BYTES: usize = 1_024;

impl Writer {
    /// Starts the task; it owns `connection` until `close`, or until every sender is gone. What is committed
    /// is told to `live`. With `bytes_max` bytes in use the file is full.
    pub(crate) fn start(connection: SqliteConnection, live: Arc<Live>, bytes_max: u64) -> Writer {
        let file = File {
            connection,
            bytes_max,
            is_full: false,
        };
        Writer::start_with(
            file,
            live,
            QueueBounds {
                writes_max: QUEUE_WRITES_MAX,
                bytes_max: QUEUE_BYTES_MAX,
                wait_max: QUEUE_WAIT_MAX,
            },
        )
    }

    pub(super) fn start_with(file: File, live: Arc<Live>, bounds: QueueBounds) -> Writer {
        let (queue, jobs) = mpsc::channel(bounds.writes_max);
        tokio::spawn(run(file, jobs, live));
        Writer {
            queue,
            room: Arc::new(Semaphore::new(bounds.bytes_max / ROOM_BLOCK_BYTES)),
            bounds,
        }
    }

    /// Queues `write` and waits for its commit. A caller who leaves early takes nothing back:
    /// what is queued is written.
    pub(crate) async fn write(&self, write: Write) -> Result<u64, WriteError> {
        let (done, committed) = oneshot::channel();
        let queued = tokio::time::timeout(self.bounds.wait_max, self.enqueue(write, done)).await;
        queued.map_err(|_| WriteError::Busy)??;
        committed.await.map_err(|_| WriteError::Closed)?
    }

    /// Lets the queued writes commit, then closes the connection.
    pub(crate) async fn close(&self) {
        let (closed, done) = oneshot::channel();
        if self.queue.send(Job::Close(closed)).await.is_ok() {
            // An error means that the task has ended already, which is what was asked.
            let _ = done.await;
        }
    }

    async fn enqueue(&self, write: Write, done: Done) -> Result<(), WriteError> {
        // A write larger than all room takes all of it, so that it passes alone rather than never.
        let blocks = write.bytes().div_ceil(ROOM_BLOCK_BYTES);
        let blocks = blocks.clamp(1, self.bounds.bytes_max / ROOM_BLOCK_BYTES);
        let blocks = u32::try_from(blocks).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room)
            .acquire_many_owned(blocks)
            .await
            .map_err(|_| WriteError::Closed)?;
        let job = Job::Write {
            write,
            _room: room,
            done,
        };
        self.queue.send(job).await.map_err(|_| WriteError::Closed)
    }
}

async fn run(mut file: File, mut jobs: mpsc::Receiver<Job>, live: Arc<Live>) {
    let mut closing = None;
    while let Some(job) = jobs.recv().await {
        let mut group = Vec::new();
        take(job, &mut group, &mut closing, &mut jobs);
        while group.len() < GROUP_WRITES_MAX {
            match jobs.try_recv() {
                Ok(job) => take(job, &mut group, &mut closing, &mut jobs),
                Err(_) => break,
            }
        }
        commit(&mut file, &live, group).await;
    }
    if let Err(error) = file.connection.close().await {
        tracing::error!(%error, "streams: the sample store did not close cleanly");
    }
    if let Some(closing) = closing {
        // The closer may have stopped waiting; there is nobody else to tell.
        let _ = closing.send(());
    }
}

type Group = Vec<(Write, OwnedSemaphorePermit, Done)>;

fn take(job: Job, group: &mut Group, closing: &mut Option<oneshot::Sender<()>>, jobs: &mut mpsc::Receiver<Job>) {
    match job {
        Job::Write { write, _room, done } => group.push((write, _room, done)),
        Job::Close(closed) => {
            // No more jobs come in; those queued are still received and written.
            jobs.close();
            *closing = Some(closed);
        }
    }
}

/// Writes the group in one transaction. Each write has a savepoint of its own, so that a refused one
/// spoils no other; a failed commit fails them all. Listeners hear of what is in before its sender is answered.
async fn commit(file: &mut File, live: &Live, group: Group) {
    if group.is_empty() {
        return;
    }
    let number = live.begin_group();
    let mut answers = Vec::with_capacity(group.len());
    let committed = apply(file, &group, &mut answers).await;
    let is_full = answers.contains(&Err(WriteError::Full));
    if is_full && !file.is_full {
        let bytes_max = file.bytes_max;
        tracing::error!(
            bytes_max,
            "streams: the sample store is full, and takes nothing until samples are deleted"
        );
    }
    file.is_full = is_full;
    let failed = committed.err().map(|error| {
        tracing::error!(%error, writes = group.len(), "streams: a group of writes was not committed");
        WriteError::Storage(error.to_string())
    });
    for (index, (write, _room, done)) in group.into_iter().enumerate() {
        let answer = match (&failed, answers.get(index)) {
            // A refusal stands, whatever became of the group.
            (_, Some(Err(refusal))) => Err(refusal.clone()),
            (Some(error), _) => Err(error.clone()),
            (None, Some(Ok(rows))) => Ok(*rows),
            (None, None) => Err(WriteError::Closed),
        };
        if let (Ok(_), Write::Observations(batch)) = (&answer, write) {
            live.publish(batch.notes, number);
        }
        // The caller may have left; the write stays.
        let _ = done.send(answer);
    }
}

async fn apply(file: &mut File, group: &Group, answers: &mut Vec<Result<u64, WriteError>>) -> Result<(), sqlx::Error> {
    let mut transaction = file.connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut room = Room::of(&mut transaction, file.bytes_max).await?;
    for (write, _, _) in group {
        if !room.takes(write) {
            answers.push(Err(WriteError::Full));
            continue;
        }
        let mut savepoint = transaction.begin().await?;
        let answer = match write.apply(&mut savepoint).await {
            Ok(rows) => {
                savepoint.commit().await?;
                Ok(rows)
            }
            Err(error) => {
                savepoint.rollback().await?;
                Err(match error {
                    ApplyError::Type(mismatch) => WriteError::Type(mismatch),
                    ApplyError::Refused(why) => WriteError::Refused(why),
                    ApplyError::Storage(error) => WriteError::Storage(error.to_string()),
                })
            }
        };
        answers.push(answer);
    }
    transaction.commit().await
}

#[cfg(test)]
mod tests;
