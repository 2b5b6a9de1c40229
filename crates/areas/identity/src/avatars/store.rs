use db::{Error, SystemTx, UserId, UserTx};
use uuid::Uuid;

/// What stands for a person: the picture, or what initials are made of.
pub(super) struct Likeness {
    pub(super) png: Option<Vec<u8>>,
    pub(super) name: String,
}

pub(super) async fn get(tx: &mut SystemTx, user_id: UserId) -> Result<Option<Likeness>, Error> {
    Ok(sqlx::query_as!(
        Likeness,
        r#"select a.png as "png?",
                  coalesce(nullif(u.name, ''), nullif(trim(u.first_name || ' ' || u.last_name), ''),
                           u.username, u.email) as "name!"
           from identity.users u
           left join identity.avatars a on a.user_id = u.id
           where u.id = $1"#,
        Uuid::from(user_id),
    )
    .fetch_optional(tx.conn())
    .await?)
}

pub(super) async fn upsert(tx: &mut UserTx, png: &[u8]) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.avatars (user_id, png) values (platform.current_user_id(), $1)
         on conflict (user_id) do update set png = excluded.png",
        png,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut UserTx) -> Result<(), Error> {
    sqlx::query!("delete from identity.avatars where user_id = platform.current_user_id()")
        .execute(tx.conn())
        .await?;
    Ok(())
}
