//! Taking imports back. A long one goes part by part, each in a unit of work of its own, from the end of
//! its file to the beginning: whenever somebody looks, what is left is what was there once before while
//! the file was booked. Going on means to take back what is left.

use db::{Db, UserId, UserTx};
use uuid::Uuid;
use web::App;

use super::{
    Error, Import, ImportId, ImportStatus,
    jobs::UndoLongImport,
    service,
    store::{self, long::Held, undo as cursor},
};
use crate::{history::Cause, reconciliation, transactions};

/// Transactions of a part; no more are taken back at once.
const PART_ROWS: i64 = 2_000;

/// What undoing an import leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undoing {
    /// So many transactions are gone.
    Done(u64),
    /// There are so many that they are taken back in the background.
    Started,
}

/// How far an import is taken back.
#[derive(Clone, Copy, Debug)]
pub struct UndoProgress {
    pub removed: u64,
    pub total: u64,
}

/// Who takes back what cannot be taken back at once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Worker {
    Server,
    Caller,
}

/// Takes back everything that an import brought; a long one in the background.
pub async fn undo(app: &App, user: UserId, id: ImportId) -> Result<Undoing, Error> {
    let mut tx = app.db.write(user).await?;
    let import = store::lock(&mut tx, id).await?;
    refuse_unless_booked(&import)?;
    let undoing = begin(&mut tx, user, &import, Worker::Server).await?;
    tx.commit().await?;
    service::forget_file(app, &import);
    Ok(undoing)
}

/// The same without a server: the caller takes back all parts, and hears after each how far it is. Where
/// that was interrupted before, it goes on.
pub async fn undo_here(
    app: &App,
    user: UserId,
    id: ImportId,
    progress: &mut (dyn FnMut(UndoProgress) + Send),
) -> Result<u64, Error> {
    let mut tx = app.db.write(user).await?;
    let import = store::lock(&mut tx, id).await?;
    if import.status == ImportStatus::Undoing {
        // The parts lock the import themselves.
        drop(tx);
    } else {
        refuse_unless_booked(&import)?;
        let undoing = begin(&mut tx, user, &import, Worker::Caller).await?;
        tx.commit().await?;
        service::forget_file(app, &import);
        if let Undoing::Done(removed) = undoing {
            return Ok(removed);
        }
    }
    let outcome = take_back_parts(&app.db, user, id, progress).await;
    if let Err(error) = &outcome
        && !error.is_overtaken()
        && let held = Held::by_undo()
        && let Err(unnoted) =
            service::interrupt(&app.db, user, id, held, Some(&error.reason())).await
        && !unnoted.is_overtaken()
    {
        // The same command goes on all the same.
        tracing::warn!(import = %id.0, error = %unnoted, "an undo was not noted as interrupted");
    }
    outcome
}

/// Notes that an undo which a command was at does not go on. Returns how far it is, where it was begun.
pub async fn interrupt_undo(
    app: &App,
    user: UserId,
    id: ImportId,
) -> Result<Option<UndoProgress>, Error> {
    let import = service::require(app, user, id).await?;
    if import.status == ImportStatus::Undoing {
        service::interrupt(&app.db, user, id, Held::by_undo(), None).await?;
    }
    Ok(import.undo.map(|undo| UndoProgress {
        removed: undo.removed,
        total: undo.total,
    }))
}

/// Goes on in the background with what was interrupted.
pub(super) async fn resume(app: &App, user: UserId, id: ImportId) -> Result<(), Error> {
    let mut tx = app.db.write(user).await?;
    let import = store::lock(&mut tx, id).await?;
    service::refuse_unless(&import, ImportStatus::UndoInterrupted, "resumed")?;
    service::refuse_while_other_runs(&mut tx, &import).await?;
    start(&mut tx, user, id, Worker::Server).await?;
    tx.commit().await?;
    Ok(())
}

/// Of a long file as much is taken back as is booked; who is booking it finds out at its next part.
fn refuse_unless_booked(import: &Import) -> Result<(), Error> {
    match import.status {
        ImportStatus::Running
        | ImportStatus::Interrupted
        | ImportStatus::Imported
        | ImportStatus::UndoInterrupted => Ok(()),
        ImportStatus::Preview | ImportStatus::Undoing | ImportStatus::Undone => {
            Err(Error::Decided {
                status: import.status,
                wanted: "undone",
            })
        }
    }
}

async fn begin(
    tx: &mut UserTx,
    user: UserId,
    import: &Import,
    worker: Worker,
) -> Result<Undoing, Error> {
    service::refuse_while_other_runs(tx, import).await?;
    // What a file states is not to be held against a part of what it brought.
    reconciliation::store::delete_of_import(tx, import.portfolio_id, import.id.0).await?;
    if cursor::has_more_than(tx, import.id, PART_ROWS).await? {
        start(tx, user, import.id, worker).await?;
        return Ok(Undoing::Started);
    }
    transactions::store::versions::because(tx, Cause::ImportUndo).await?;
    let removed = transactions::store::delete_imported(tx, import.id.0).await?;
    transactions::store::versions::because(tx, Cause::ByHand).await?;
    let mut before = 0;
    if let Some(undo) = &import.undo {
        // The rest of what was interrupted.
        cursor::advance(tx, import.id, removed).await?;
        before = undo.removed;
    }
    store::set_undone(tx, import.id).await?;
    Ok(Undoing::Done(before + removed))
}

async fn start(tx: &mut UserTx, user: UserId, id: ImportId, worker: Worker) -> Result<(), Error> {
    cursor::set_undoing(tx, id).await?;
    if worker == Worker::Server {
        let job = UndoLongImport {
            user_id: user,
            import_id: id,
        };
        ::jobs::enqueue(tx, &job).await?;
    }
    Ok(())
}

/// Takes back what is left of an import, part by part, and returns how much it was in all.
pub(super) async fn take_back_parts(
    db: &Db,
    user: UserId,
    id: ImportId,
    progress: &mut (dyn FnMut(UndoProgress) + Send),
) -> Result<u64, Error> {
    let mut before = Uuid::max();
    loop {
        let mut tx = db.write(user).await?;
        let import = store::lock(&mut tx, id).await?;
        service::refuse_unless(&import, ImportStatus::Undoing, "undone")?;
        let part = take_back_part(&mut tx, id, before).await?;
        cursor::advance(&mut tx, id, part.removed).await?;
        if part.next.is_none() {
            store::set_undone(&mut tx, id).await?;
        }
        tx.commit().await?;
        let before_it = import
            .undo
            .map_or((0, 0), |undo| (undo.removed, undo.total));
        let removed = before_it.0 + part.removed;
        let total = before_it.1.max(removed);
        progress(UndoProgress { removed, total });
        match part.next {
            Some(next) => before = next,
            None => return Ok(removed),
        }
    }
}

struct TakenBack {
    removed: u64,
    /// What comes next is older than this; `None` where nothing is left.
    next: Option<Uuid>,
}

async fn take_back_part(tx: &mut UserTx, id: ImportId, before: Uuid) -> Result<TakenBack, Error> {
    transactions::store::versions::because(tx, Cause::ImportUndo).await?;
    let part = transactions::store::delete_part_of_import(tx, id.0, before, PART_ROWS).await?;
    let mut taken = TakenBack {
        removed: part.removed,
        next: part
            .oldest
            .filter(|_| part.removed >= PART_ROWS.unsigned_abs()),
    };
    if taken.next.is_none() {
        // What somebody has restored meanwhile, behind the cursor.
        taken.removed += transactions::store::delete_imported(tx, id.0).await?;
    }
    transactions::store::versions::because(tx, Cause::ByHand).await?;
    Ok(taken)
}
