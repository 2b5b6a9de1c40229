use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::transactions::{TransactionId, TransactionView, store::versions::State};

/// Why a transaction changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cause {
    /// A person edited or deleted it.
    ByHand,
    /// An import brought or replaced it.
    Import,
    /// The import that brought it was undone.
    ImportUndo,
    /// The other side of a transfer between own portfolios changed.
    Transfer,
    /// A corporate action of the instrument was applied or taken back.
    CorporateAction,
    /// The simulated sample was renewed.
    Sample,
    /// The program itself.
    System,
}

impl Cause {
    const ALL: [Self; 7] = [
        Self::ByHand,
        Self::Import,
        Self::ImportUndo,
        Self::Transfer,
        Self::CorporateAction,
        Self::Sample,
        Self::System,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ByHand => "by_hand",
            Self::Import => "import",
            Self::ImportUndo => "import_undo",
            Self::Transfer => "transfer",
            Self::CorporateAction => "corporate_action",
            Self::Sample => "sample",
            Self::System => "system",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == word)
    }

    /// The words for people.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::ByHand => "by hand",
            Self::Import => "by an import",
            Self::ImportUndo => "undoing an import",
            Self::Transfer => "with the other side of the transfer",
            Self::CorporateAction => "by a corporate action",
            Self::Sample => "renewing the sample",
            Self::System => "by the system",
        }
    }
}

/// What ended a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    /// Another version took its place.
    Update,
    /// The transaction was deleted.
    Delete,
}

impl Operation {
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "update" => Some(Self::Update),
            "delete" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// Nothing was known before it, and the database knows no day long before it.
pub(crate) const EARLIEST: Date = Date::constant(1, 1, 1);

/// The first moment after a day, UTC.
pub(crate) fn end_of(day: Date) -> Timestamp {
    let day = day.max(EARLIEST);
    let next = day.tomorrow().unwrap_or(day);
    next.to_zoned(TimeZone::UTC)
        .map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// Everything that a transaction has been.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct HistoryView {
    /// Names the transaction.
    pub(super) transaction_id: TransactionId,
    /// Whether it is deleted: now, or at the end of the day that was asked for.
    pub(super) is_deleted: bool,
    /// Its versions, the latest first.
    pub(super) versions: Vec<VersionView>,
}

/// What a transaction was from one moment to another.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct VersionView {
    /// The number of the version.
    pub(super) version: i32,
    /// The transaction as it was.
    pub(super) transaction: TransactionView,
    /// When this version was stored.
    #[schema(value_type = String, format = DateTime)]
    pub(super) known_from: Timestamp,
    /// What ended it; absent while it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended: Option<EndView>,
}

/// How a version ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct EndView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub(super) at: Timestamp,
    /// An edit or the deletion.
    pub(super) operation: Operation,
    /// The person who did it; absent: the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) changed_by: Option<Uuid>,
    /// Why.
    pub(super) cause: Cause,
    /// What the edit changed, field by field.
    pub(super) changes: Vec<FieldChange>,
}

/// A field that an edit changed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct FieldChange {
    /// Its name.
    pub(super) field: String,
    /// What it was.
    #[schema(value_type = Object)]
    pub(super) from: Value,
    /// What it became.
    #[schema(value_type = Object)]
    pub(super) to: Value,
}

/// A deleted transaction.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct DeletedView {
    /// The transaction as it last was.
    pub(super) transaction: TransactionView,
    /// When it was deleted.
    #[schema(value_type = String, format = DateTime)]
    pub(super) deleted_at: Timestamp,
    /// The person who did it; absent: the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deleted_by: Option<Uuid>,
    /// Why.
    pub(super) cause: Cause,
}

/// Fields that tell nothing of their own.
const UNTOLD: [&str; 3] = ["id", "version", "instrument_name"];

/// The fields in which two versions differ, in the order of their names.
pub(crate) fn differences(before: &TransactionView, after: &TransactionView) -> Vec<FieldChange> {
    let fields = |view: &TransactionView| match serde_json::to_value(view) {
        Ok(Value::Object(fields)) => fields,
        // A view is an object of plain values.
        _ => serde_json::Map::new(),
    };
    let (before, mut after) = (fields(before), fields(after));
    // By name, whatever order the map keeps.
    let before: BTreeMap<String, Value> = before.into_iter().collect();
    before
        .into_iter()
        .filter(|(field, _)| !UNTOLD.contains(&field.as_str()))
        .filter_map(|(field, from)| {
            let to = after.remove(&field).unwrap_or(Value::Null);
            (from != to).then_some(FieldChange { field, from, to })
        })
        .collect()
}

impl HistoryView {
    /// From the versions of one transaction, the oldest first.
    pub(crate) fn new(id: TransactionId, states: Vec<State<TransactionView>>) -> Self {
        let next: Vec<Option<TransactionView>> = states
            .iter()
            .skip(1)
            .map(|state| Some(state.transaction.clone()))
            .chain([None])
            .collect();
        let mut versions: Vec<VersionView> = states
            .into_iter()
            .zip(next)
            .map(|(state, next)| VersionView::new(state, next.as_ref()))
            .collect();
        versions.reverse();
        Self {
            transaction_id: id,
            is_deleted: versions
                .first()
                .is_some_and(|latest| latest.ended.is_some()),
            versions,
        }
    }
}

impl VersionView {
    fn new(state: State<TransactionView>, next: Option<&TransactionView>) -> Self {
        let ended = state.ended.map(|ended| EndView {
            at: ended.at,
            operation: ended.operation,
            changed_by: ended.by,
            cause: ended.cause,
            changes: match (ended.operation, next) {
                (Operation::Update, Some(next)) => differences(&state.transaction, next),
                _ => Vec::new(),
            },
        });
        Self {
            version: state.transaction.version,
            transaction: state.transaction,
            known_from: state.known_from,
            ended,
        }
    }
}

impl DeletedView {
    /// `None` for a version that holds.
    pub(crate) fn new(state: State<TransactionView>) -> Option<Self> {
        let ended = state.ended?;
        Some(Self {
            transaction: state.transaction,
            deleted_at: ended.at,
            deleted_by: ended.by,
            cause: ended.cause,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_cause_is_found_by_its_word() {
        for cause in Cause::ALL {
            assert_eq!(Cause::parse(cause.as_str()), Some(cause));
        }
        assert_eq!(Cause::parse("whim"), None);
    }

    #[test]
    fn a_day_ends_where_the_next_begins() {
        assert_eq!(
            end_of(date(2026, 2, 28)).to_string(),
            "2026-03-01T00:00:00Z"
        );
        assert_eq!(end_of(Date::MIN).to_string(), "0001-01-02T00:00:00Z");
        assert!(end_of(Date::MAX) > end_of(date(9999, 1, 1)));
    }
}
