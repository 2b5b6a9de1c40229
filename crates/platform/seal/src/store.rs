use db::{Error, SystemTx};
use sqlx::AssertSqlSafe;

use super::{KeyId, Place};

/// A column whose values are sealed, with the primary key by which its rows are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedColumn {
    /// The table with its schema.
    pub table: String,
    /// The column.
    pub column: String,
    /// Columns of the primary key and their types.
    key: Vec<(String, String)>,
}

/// A stored value.
pub(crate) struct Row {
    pub(crate) key: Vec<String>,
    pub(crate) value: Vec<u8>,
}

impl SealedColumn {
    pub(crate) fn place(&self, row: &Row) -> Place {
        Place::new(&self.table, &self.column, &row.key)
    }

    /// The key of a row, from an array of texts.
    fn cast_key(&self, parameter: &str) -> String {
        let parts = self.key.iter().enumerate();
        let parts = parts.map(|(at, (_, kind))| format!("({parameter})[{}]::{kind}", at + 1));
        parts.collect::<Vec<_>>().join(", ")
    }

    fn key_columns(&self) -> String {
        let names: Vec<&str> = self.key.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    }
}

/// All columns of the type `platform.sealed`, asked of the catalogue.
pub(crate) async fn columns(tx: &mut SystemTx) -> Result<Vec<SealedColumn>, Error> {
    let rows = sqlx::query!(
        r#"select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as "table!",
                  quote_ident(a.attname) as "column!",
                  coalesce(array_agg(quote_ident(k.attname) order by p.place)
                      filter (where k.attname is not null), '{}') as "key!",
                  coalesce(array_agg(format_type(k.atttypid, null) order by p.place)
                      filter (where k.attname is not null), '{}') as "types!"
           from pg_attribute a
           join pg_class c on c.oid = a.attrelid
           join pg_namespace n on n.oid = c.relnamespace
           left join pg_index i on i.indrelid = c.oid and i.indisprimary
           left join lateral unnest(i.indkey::int2[]) with ordinality p(number, place) on true
           left join pg_attribute k on k.attrelid = c.oid and k.attnum = p.number
           where a.atttypid = 'platform.sealed'::regtype and not a.attisdropped
               and c.relkind in ('r', 'p') and not c.relispartition
           group by n.nspname, c.relname, a.attname
           order by 1, 2"#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SealedColumn {
            table: row.table,
            column: row.column,
            key: row.key.into_iter().zip(row.types).collect(),
        })
        .collect())
}

/// How many values of a column are sealed with which key.
#[expect(
    clippy::disallowed_methods,
    reason = "the catalogue says which columns there are"
)]
pub(crate) async fn count_by_key(
    tx: &mut SystemTx,
    of: &SealedColumn,
) -> Result<Vec<(KeyId, i64)>, Error> {
    let sql = format!(
        "select substring({column}::bytea from 2 for 4), count(*) from {table}
         where {column} is not null group by 1 order by 1",
        column = of.column,
        table = of.table,
    );
    let rows: Vec<(Vec<u8>, i64)> = sqlx::query_as(AssertSqlSafe(sql))
        .fetch_all(tx.conn())
        .await?;
    let counts = rows.into_iter().filter_map(|(id, count)| {
        let id: [u8; 4] = id.try_into().ok()?;
        Some((KeyId(id), count))
    });
    Ok(counts.collect())
}

/// The next rows of a column, from after a key on, whose values are not sealed with the key; locked.
#[expect(
    clippy::disallowed_methods,
    reason = "the catalogue says which columns there are"
)]
pub(crate) async fn next_rows(
    tx: &mut SystemTx,
    of: &SealedColumn,
    key: KeyId,
    after: Option<&[String]>,
    limit: i64,
) -> Result<Vec<Row>, Error> {
    let texts: Vec<String> = of
        .key
        .iter()
        .map(|(name, _)| format!("{name}::text"))
        .collect();
    let sql = format!(
        "select array[{texts}], {column}::bytea from {table}
         where {column} is not null and substring({column}::bytea from 2 for 4) <> $1
             and ($2::text[] is null or ({key}) > ({after}))
         order by {key} limit $3 for update",
        texts = texts.join(", "),
        column = of.column,
        table = of.table,
        key = of.key_columns(),
        after = of.cast_key("$2::text[]"),
    );
    let rows: Vec<(Vec<String>, Vec<u8>)> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(key.0.as_slice())
        .bind(after)
        .bind(limit)
        .fetch_all(tx.conn())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(key, value)| Row { key, value })
        .collect())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the catalogue says which columns there are"
)]
pub(crate) async fn update(
    tx: &mut SystemTx,
    of: &SealedColumn,
    key: &[String],
    value: &[u8],
) -> Result<(), Error> {
    let sql = format!(
        "update {} set {} = $1 where ({}) = ({})",
        of.table,
        of.column,
        of.key_columns(),
        of.cast_key("$2::text[]"),
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(value)
        .bind(key)
        .execute(tx.conn())
        .await?;
    Ok(())
}
