use identity::tokens::{self, Expiry, NewToken, Scope};
use serde_json::json;

use super::{Outcome, print::print};
use crate::{
    Instance,
    cli::{ScopeArg, TokenArgs},
};

pub(super) async fn run(instance: &Instance, arguments: TokenArgs) -> anyhow::Result<Outcome> {
    let app = &instance.app;
    let user = identity::users::resolve(&app.db, arguments.whose.user.as_deref()).await?;
    let scope = match arguments.scope {
        ScopeArg::Full => Scope::Full,
        ScopeArg::Limited => Scope::Limited,
        ScopeArg::Read => Scope::Read,
    };
    let expires = match &arguments.expires {
        Some(text) => Expiry::parse(text)?,
        None => Expiry::default(),
    };
    let new = NewToken::new(&arguments.name)?
        .with_scope(scope)
        .until(expires);
    let mut tx = app.db.write(user).await?;
    let created = tokens::create(&mut tx, &new, app.clock.now()).await?;
    tx.commit().await?;
    print(
        arguments.output,
        &json!({
            "name": new.name(),
            "token": created.secret,
            "scope": created.token.scope,
            "expires_at": created.token.expires_at,
        }),
        |out| writeln!(out, "{}", created.secret),
    )?;
    Ok(Outcome::Done)
}
