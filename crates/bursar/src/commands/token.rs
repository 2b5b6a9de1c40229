use identity::tokens::{self, NewToken};
use serde_json::json;

use super::{Outcome, print::print};
use crate::{Instance, cli::TokenArgs};

pub(super) async fn run(instance: &Instance, arguments: TokenArgs) -> anyhow::Result<Outcome> {
    let app = &instance.app;
    let user = identity::users::resolve(&app.db, arguments.whose.user.as_deref()).await?;
    let new = NewToken::new(&arguments.name)?;
    let mut tx = app.db.write(user).await?;
    let created = tokens::create(&mut tx, &new, app.clock.now()).await?;
    tx.commit().await?;
    print(
        arguments.output,
        &json!({ "name": new.name(), "token": created.secret }),
        |out| writeln!(out, "{}", created.secret),
    )?;
    Ok(Outcome::Done)
}
