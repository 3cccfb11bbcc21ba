//! Deleting a user for good.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::Redirect;
use serde::Deserialize;

use crate::console::Console;
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::store::people::UserId;

#[derive(Deserialize)]
pub(in crate::console) struct Erased {
    token: String,
    reason: String,
}

pub(in crate::console) async fn erase(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<UserId>,
    Form(form): Form<Erased>,
) -> Result<Redirect, Oops> {
    visitor.must_be_own_form(&form.token)?;
    console.user(&visitor, id).await?;
    console.store.erase_user(id, form.reason, visitor.by()).await?;
    Ok(Redirect::to("/people"))
}
