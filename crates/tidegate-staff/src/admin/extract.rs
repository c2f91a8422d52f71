//! Extractors for body, path and query. Every fault comes back as a [`Problem`].

use axum::{
    Json,
    body::Bytes,
    extract::{self, FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    http::{StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// A body that is one JSON object.
pub struct Body<T>(pub T);

/// The parameters of the path.
pub struct Path<T>(pub T);

/// The parameters of the query.
pub struct Query<T>(pub T);

/// Returns how many rows to give: `asked`, or the default `unasked`.
///
/// # Errors
/// Fails where `asked` is zero or more than `most`, since a list that ends early without a word would look whole.
pub fn rows(asked: Option<u32>, unasked: u32, most: u32) -> Result<u32, Problem> {
    match asked {
        None => Ok(unasked),
        Some(rows) if (1..=most).contains(&rows) => Ok(rows),
        Some(rows) => {
            let detail = format!("`limit` is {rows}, but must be 1 to {most}");
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail))
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Body<T>, Problem> {
        if !is_json(&request) {
            let detail = "send JSON with `Content-Type: application/json`";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let unreadable = |rejection: BytesRejection| Problem::new(rejection.status(), rejection.body_text());
        let bytes = Bytes::from_request(request, state).await.map_err(unreadable)?;
        // Serde would also read a list of values in the order of the fields, which is not documented and not meant.
        if bytes.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
            let detail = "the body must be a JSON object: it begins with `{`";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
        }
        let read = Json::from_bytes(&bytes);
        let Json(value) = read.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
        Ok(Body(value))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>, Problem> {
        let read = extract::Path::from_request_parts(parts, state).await;
        let extract::Path(named) = read.map_err(|fault| Problem::new(fault.status(), fault.body_text()))?;
        Ok(Path(named))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Query<T>, Problem> {
        let read = extract::Query::from_request_parts(parts, state).await;
        let extract::Query(asked) = read.map_err(|fault| Problem::new(fault.status(), fault.body_text()))?;
        Ok(Query(asked))
    }
}

fn is_json(request: &Request) -> bool {
    let field = request.headers().get(header::CONTENT_TYPE);
    let Some(kind) = field.and_then(|kind| kind.to_str().ok()) else {
        return false;
    };
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

#[cfg(test)]
mod tests;
