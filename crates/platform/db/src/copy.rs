//! Bulk loading in PostgreSQL's binary COPY format.

use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use sqlx::encode::{Encode, IsNull};
use sqlx::postgres::{PgArgumentBuffer, PgConnection, PgCopyIn, Postgres};
use uuid::Uuid;

use crate::{Error, Result};

/// Bytes collected before they are sent.
const FLUSH_AT: usize = 256 * 1024;
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

/// A running `copy … from stdin`. Without [`CopyWriter::finish`] nothing is loaded.
pub struct CopyWriter<'c> {
    copy: PgCopyIn<&'c mut PgConnection>,
    buffer: PgArgumentBuffer,
    columns: i16,
}

/// One row while its fields are being appended, in the order of the columns.
#[derive(Debug)]
pub struct Row<'b> {
    buffer: &'b mut PgArgumentBuffer,
    fields: i16,
}

/// A value with a binary form. The type must be that of the column: COPY converts nothing.
pub trait Field {
    /// Appends the value; the length before it is the business of [`Row::field`].
    fn encode(self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, sqlx::error::BoxDynError>;
}

impl<'c> CopyWriter<'c> {
    /// Starts loading into the columns of a table. Both are names from the program, never input.
    pub async fn begin(
        conn: &'c mut PgConnection,
        table: &'static str,
        columns: &[&'static str],
    ) -> Result<Self> {
        let statement = format!(
            "copy {table} ({}) from stdin (format binary)",
            columns.join(", ")
        );
        let copy = conn.copy_in_raw(&statement).await?;
        let mut buffer = PgArgumentBuffer::default();
        buffer.extend_from_slice(HEADER);
        Ok(Self {
            copy,
            buffer,
            columns: columns.len() as i16,
        })
    }

    /// Appends a row: the closure must append one field a column.
    pub async fn row(&mut self, fields: impl FnOnce(&mut Row<'_>) -> Result<()>) -> Result<()> {
        self.buffer.extend_from_slice(&self.columns.to_be_bytes());
        let mut row = Row {
            buffer: &mut self.buffer,
            fields: 0,
        };
        fields(&mut row)?;
        if row.fields != self.columns {
            return Err(encode_error(
                format!(
                    "a row of {} fields for {} columns",
                    row.fields, self.columns
                )
                .into(),
            ));
        }
        if self.buffer.len() >= FLUSH_AT {
            self.copy.send(self.buffer.as_slice()).await?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Sends the rest and returns the number of rows loaded.
    pub async fn finish(mut self) -> Result<u64> {
        self.buffer.extend_from_slice(&TRAILER);
        self.copy.send(self.buffer.as_slice()).await?;
        Ok(self.copy.finish().await?)
    }
}

impl Row<'_> {
    /// Appends the next field.
    pub fn field(&mut self, value: impl Field) -> Result<&mut Self> {
        let at = self.buffer.len();
        self.buffer.extend_from_slice(&[0; 4]);
        let length = match value.encode(self.buffer).map_err(encode_error)? {
            IsNull::Yes => -1,
            IsNull::No => i32::try_from(self.buffer.len() - at - 4)
                .map_err(|error| encode_error(error.into()))?,
        };
        self.buffer[at..at + 4].copy_from_slice(&length.to_be_bytes());
        self.fields += 1;
        Ok(self)
    }
}

fn encode_error(source: sqlx::error::BoxDynError) -> Error {
    Error::Internal(sqlx::Error::Encode(source))
}

macro_rules! fields {
    ($($type:ty),+) => {$(
        impl Field for $type {
            fn encode(self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, sqlx::error::BoxDynError> {
                Encode::<Postgres>::encode(self, buffer)
            }
        }
    )+};
}
fields!(bool, i16, i32, i64, f32, f64, Uuid, Decimal, &str, &[u8]);

impl Field for jiff::Timestamp {
    fn encode(self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, sqlx::error::BoxDynError> {
        Encode::<Postgres>::encode(self.to_sqlx(), buffer)
    }
}

impl Field for jiff::civil::Date {
    fn encode(self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, sqlx::error::BoxDynError> {
        Encode::<Postgres>::encode(self.to_sqlx(), buffer)
    }
}

impl<T: Field> Field for Option<T> {
    fn encode(self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, sqlx::error::BoxDynError> {
        match self {
            Some(value) => value.encode(buffer),
            None => Ok(IsNull::Yes),
        }
    }
}
