//! Explanations of decisions, by id and by user.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use tidegate_engine::refusals::DecisionId;

use super::{Admin, extract::Path, problem::Problem};
use crate::explanation::Explanation;

/// Explains one refusal, by its decision id.
#[utoipa::path(get, path = "/decisions/{id}", tag = "decisions", params(("id" = String, Path, pattern = "^[0-9a-f]{8}-[0-9a-f]+$", description = "The value of `Tidegate-Decision`.")), responses(
    (status = 200, description = "The explanation.", body = Explanation),
    (status = 404, description = "The decision is not remembered.", body = Problem),
    (status = 422, description = "This is not a decision id.", body = Problem),
))]
pub async fn show(State(admin): State<Arc<Admin>>, Path(id): Path<String>) -> Result<Json<Explanation>, Problem> {
    let decision: DecisionId = id
        .parse()
        .map_err(|error| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, format!("{id:?}: {error}")))?;
    match admin.engine.refusals.get(decision) {
        Some(refusal) => Ok(Json(Explanation::of(&refusal))),
        None => {
            let detail = format!(
                "decision {id} is not remembered: only the last few refusals of each caller are kept, and only until the server stops"
            );
            Err(Problem::new(StatusCode::NOT_FOUND, detail))
        }
    }
}

/// Explains a user's last refusals.
#[utoipa::path(get, path = "/users/{name}/decisions", tag = "decisions", params(("name" = String, Path, description = "The user's name.")), responses(
    (status = 200, description = "The last refusal, with the earlier ones.", body = Explanation),
    (status = 404, description = "There is no such user.", body = Problem),
))]
pub async fn of_user(State(admin): State<Arc<Admin>>, Path(name): Path<String>) -> Result<Json<Explanation>, Problem> {
    let user = admin.caller(&name).await?;
    let refusals = admin.engine.refusals.of_caller(admin.engine.caller_named(&user.name));
    // Callers are remembered by a hash of 32 bits, and the refusal of another one must not be shown as this one's.
    let own: Vec<_> = refusals
        .into_iter()
        .filter(|refusal| refusal.user.as_deref() == Some(user.name.as_str()))
        .collect();
    Ok(Json(Explanation::of_user(&user.name, &own)))
}
