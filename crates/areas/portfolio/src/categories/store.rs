use db::{UserId, UserTx};
use market::InstrumentId;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    Error,
    error::refused,
    model::{Assignment, AssignmentType, Category, CategoryId, CategoryType, Details, RuleId},
    rules::{Condition, Field, Rule},
};

/// The columns as stored; [`Category`] is what they mean.
struct Row {
    id: Uuid,
    parent_id: Option<Uuid>,
    category_name: String,
    category_type: String,
    category_description: Option<String>,
    category_color: String,
    target_allocation_percent: Option<Decimal>,
    min_allocation_percent: Option<Decimal>,
    max_allocation_percent: Option<Decimal>,
    rebalance_threshold: Decimal,
    relative_threshold: Option<Decimal>,
    version: i32,
}

impl TryFrom<Row> for Category {
    type Error = db::Error;

    fn try_from(row: Row) -> db::Result<Self> {
        let plain = |percent: Option<Decimal>| percent.map(|percent| percent.normalize());
        let category_type = CategoryType::parse(&row.category_type)
            .ok_or_else(|| inconsistent("portfolio.vault_categories", "category_type", row.id))?;
        Ok(Self {
            id: CategoryId(row.id),
            details: Details {
                category_name: row.category_name,
                parent_id: row.parent_id.map(CategoryId),
                category_type,
                category_description: row.category_description,
                category_color: row.category_color,
                target_allocation_percent: plain(row.target_allocation_percent),
                min_allocation_percent: plain(row.min_allocation_percent),
                max_allocation_percent: plain(row.max_allocation_percent),
                rebalance_threshold: row.rebalance_threshold.normalize(),
                relative_threshold: plain(row.relative_threshold),
            },
            version: row.version,
        })
    }
}

fn inconsistent(table: &'static str, column: &'static str, row: Uuid) -> db::Error {
    db::Error::Inconsistent {
        table,
        column,
        row: row.to_string(),
        reason: "not a value this program writes".to_owned(),
    }
}

/// All categories, each upper one before those below it, by name.
pub(crate) async fn list(tx: &mut UserTx) -> Result<Vec<Category>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select c.id, c.parent_id, c.category_name, c.category_type, c.category_description,
                  c.category_color, c.target_allocation_percent, c.min_allocation_percent,
                  c.max_allocation_percent, c.rebalance_threshold, c.relative_threshold, c.version
           from portfolio.vault_categories c
           left join portfolio.vault_categories parent
             on parent.user_id = c.user_id and parent.id = c.parent_id
           order by lower(coalesce(parent.category_name, c.category_name)),
                    c.parent_id is not null, lower(c.category_name)"#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(Category::try_from)
        .collect::<Result<_, _>>()?)
}

pub(crate) async fn require(tx: &mut UserTx, id: CategoryId) -> Result<Category, Error> {
    let row = sqlx::query_as!(
        Row,
        "select id, parent_id, category_name, category_type, category_description, category_color,
                target_allocation_percent, min_allocation_percent, max_allocation_percent,
                rebalance_threshold, relative_threshold, version
         from portfolio.vault_categories
         where id = $1",
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    Ok(row.try_into()?)
}

/// The same, locked until the unit of work ends: of two edits of one version one comes first.
pub(crate) async fn lock(tx: &mut UserTx, id: CategoryId) -> Result<Category, Error> {
    sqlx::query!(
        "select id from portfolio.vault_categories where id = $1 for update",
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    require(tx, id).await
}

pub(crate) async fn insert(
    tx: &mut UserTx,
    user: UserId,
    new: &Details,
) -> Result<CategoryId, Error> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into portfolio.vault_categories
             (user_id, id, parent_id, category_name, category_type, category_description,
              category_color, target_allocation_percent, min_allocation_percent,
              max_allocation_percent, rebalance_threshold, relative_threshold)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        user.0,
        id,
        new.parent_id.map(|parent| parent.0),
        new.category_name,
        new.category_type.as_str(),
        new.category_description,
        new.category_color,
        new.target_allocation_percent,
        new.min_allocation_percent,
        new.max_allocation_percent,
        new.rebalance_threshold,
        new.relative_threshold,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| violation(error, &new.category_name))?;
    Ok(CategoryId(id))
}

pub(crate) async fn update(tx: &mut UserTx, id: CategoryId, new: &Details) -> Result<(), Error> {
    sqlx::query!(
        "update portfolio.vault_categories
         set parent_id = $2, category_name = $3, category_type = $4, category_description = $5,
             category_color = $6, target_allocation_percent = $7, min_allocation_percent = $8,
             max_allocation_percent = $9, rebalance_threshold = $10, relative_threshold = $11,
             version = version + 1
         where id = $1",
        id.0,
        new.parent_id.map(|parent| parent.0),
        new.category_name,
        new.category_type.as_str(),
        new.category_description,
        new.category_color,
        new.target_allocation_percent,
        new.min_allocation_percent,
        new.max_allocation_percent,
        new.rebalance_threshold,
        new.relative_threshold,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| violation(error, &new.category_name))?;
    Ok(())
}

/// Deletes a category with its rules and assignments; those below it move up.
pub(crate) async fn delete(tx: &mut UserTx, id: CategoryId) -> Result<(), Error> {
    let gone = sqlx::query!("delete from portfolio.vault_categories where id = $1", id.0)
        .execute(tx.conn())
        .await
        .map_err(|error| match db::Error::from(error) {
            error if error.constraint() == Some("vault_categories_targets_check") => {
                Error::TargetsLeft
            }
            error => error.into(),
        })?;
    if gone.rows_affected() == 0 {
        Err(Error::NotFound)
    } else {
        Ok(())
    }
}

fn violation(error: sqlx::Error, name: &str) -> Error {
    let error = db::Error::from(error);
    match error.constraint() {
        Some("vault_categories_name_key") => Error::NameTaken {
            name: name.to_owned(),
        },
        Some("vault_categories_user_id_parent_id_fkey") => refused(
            "parent_id",
            "unknown_category",
            "There is no such category.",
        ),
        Some("vault_categories_levels_check") => refused(
            "parent_id",
            "too_deep",
            "There are two levels: the category above must be at the top, and this one must have none below it.",
        ),
        Some("vault_categories_targets_check") => refused(
            "target_allocation_percent",
            "more_than_the_whole",
            "The targets of one level must add up to at most 100 percent, those below a category to at most its own target.",
        ),
        _ => error.into(),
    }
}

/// All rules, in the order in which they were made.
pub(crate) async fn list_rules(tx: &mut UserTx) -> Result<Vec<Rule>, Error> {
    let rows = sqlx::query!(
        "select id, category_id, field, operands from portfolio.category_rules order by id"
    )
    .fetch_all(tx.conn())
    .await?;
    let rule = |row: (Uuid, Uuid, String, Vec<String>)| {
        let (id, category, field, operands) = row;
        let field = Field::parse(&field)
            .ok_or_else(|| inconsistent("portfolio.category_rules", "field", id))?;
        Ok(Rule {
            id: RuleId(id),
            category_id: CategoryId(category),
            condition: Condition { field, operands },
        })
    };
    rows.into_iter()
        .map(|row| rule((row.id, row.category_id, row.field, row.operands)))
        .collect()
}

pub(crate) async fn insert_rule(
    tx: &mut UserTx,
    user: UserId,
    category: CategoryId,
    condition: &Condition,
) -> Result<RuleId, Error> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into portfolio.category_rules (user_id, id, category_id, field, operands)
         values ($1, $2, $3, $4, $5)",
        user.0,
        id,
        category.0,
        condition.field.as_str(),
        &condition.operands,
    )
    .execute(tx.conn())
    .await?;
    Ok(RuleId(id))
}

pub(crate) async fn delete_rule(
    tx: &mut UserTx,
    category: CategoryId,
    id: RuleId,
) -> Result<(), Error> {
    let gone = sqlx::query!(
        "delete from portfolio.category_rules where id = $1 and category_id = $2",
        id.0,
        category.0,
    )
    .execute(tx.conn())
    .await?;
    if gone.rows_affected() == 0 {
        Err(Error::NoRule)
    } else {
        Ok(())
    }
}

/// Everything that was decided about instruments.
pub(crate) async fn list_assignments(tx: &mut UserTx) -> Result<Vec<Assignment>, Error> {
    let rows = sqlx::query!(
        "select instrument_id, category_id, assignment_type, assignment_confidence, weight,
                is_declined
         from portfolio.asset_category_assignment
         order by instrument_id, weight desc, category_id"
    )
    .fetch_all(tx.conn())
    .await?;
    let rows = rows.into_iter().map(|row| Assignment {
        instrument_id: InstrumentId(row.instrument_id),
        category_id: CategoryId(row.category_id),
        assignment_type: if row.assignment_type == AssignmentType::Suggested.as_str() {
            AssignmentType::Suggested
        } else {
            AssignmentType::Manual
        },
        assignment_confidence: row.assignment_confidence.normalize(),
        weight: row.weight.normalize(),
        is_declined: row.is_declined,
    });
    Ok(rows.collect())
}

/// Decides about an instrument and a category, in place of what was decided before.
pub(crate) async fn upsert_assignment(
    tx: &mut UserTx,
    user: UserId,
    decided: &Assignment,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into portfolio.asset_category_assignment
             (user_id, instrument_id, category_id, assignment_type, assignment_confidence, weight,
              is_declined)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (user_id, instrument_id, category_id) do update
         set assignment_type = excluded.assignment_type,
             assignment_confidence = excluded.assignment_confidence,
             weight = excluded.weight, is_declined = excluded.is_declined",
        user.0,
        decided.instrument_id.0,
        decided.category_id.0,
        decided.assignment_type.as_str(),
        decided.assignment_confidence,
        decided.weight,
        decided.is_declined,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| {
        let error = db::Error::from(error);
        if error.constraint() == Some("asset_category_assignment_sum_check") {
            let detail = "The weights of an instrument must add up to at most 100 percent: lower another one first.";
            return refused("weight", "more_than_the_whole", detail);
        }
        error.into()
    })?;
    Ok(())
}

pub(crate) async fn delete_assignment(
    tx: &mut UserTx,
    category: CategoryId,
    instrument: InstrumentId,
) -> Result<(), Error> {
    let gone = sqlx::query!(
        "delete from portfolio.asset_category_assignment
         where category_id = $1 and instrument_id = $2",
        category.0,
        instrument.0,
    )
    .execute(tx.conn())
    .await?;
    if gone.rows_affected() == 0 {
        Err(Error::NotAssigned)
    } else {
        Ok(())
    }
}
