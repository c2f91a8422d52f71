//! The client of the admin API that the command line uses.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, bail};
use serde::{Serialize, de::DeserializeOwned};
use ureq::Agent;

use crate::data_dir;

/// The flags that say where the server is and how to authenticate.
#[derive(Clone, Debug, clap::Args)]
pub struct Reach {
    /// Address or URL of the admin API; by default, that of the server that uses the data directory
    #[arg(long, value_name = "ADDR|URL", global = true)]
    pub admin: Option<String>,

    /// Data directory of the server, which holds its admin token
    #[arg(long, value_name = "DIR", default_value = "./tidegate-data", global = true)]
    pub data: PathBuf,

    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// A client of one admin API.
pub struct Client {
    agent: Agent,
    base: String,
    token: String,
}

/// The admin API's default address.
pub const ADMIN_DEFAULT: &str = "127.0.0.1:8081";

/// The time that one command waits for its answer.
const TIMEOUT: Duration = Duration::from_secs(30);

impl Client {
    /// Finds the address and the token; sends nothing yet.
    ///
    /// # Errors
    /// Fails when no token is found.
    pub fn new(reach: &Reach) -> anyhow::Result<Client> {
        let address = reach
            .admin
            .clone()
            .or_else(|| data_dir::admin_address(&reach.data))
            .unwrap_or_else(|| ADMIN_DEFAULT.to_owned());
        let base = if address.contains("://") {
            address
        } else {
            format!("http://{address}")
        };
        let agent = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .into();
        Ok(Client {
            agent,
            base: base.trim_end_matches('/').to_owned(),
            token: token(reach)?,
        })
    }

    /// Sends `GET path`.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let asked = self
            .agent
            .get(self.url(path))
            .header("authorization", self.bearer())
            .call();
        self.read(self.answered(asked)?)
    }

    /// Sends `POST path` with a body.
    pub fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> anyhow::Result<T> {
        let asked = self
            .agent
            .post(self.url(path))
            .header("authorization", self.bearer())
            .send_json(body);
        self.read(self.answered(asked)?)
    }

    /// Sends `PUT path` with a body; the answer has none.
    pub fn put(&self, path: &str, body: &impl Serialize) -> anyhow::Result<()> {
        let asked = self
            .agent
            .put(self.url(path))
            .header("authorization", self.bearer())
            .send_json(body);
        self.answered(asked).map(drop)
    }

    /// Sends `DELETE path`.
    pub fn delete(&self, path: &str) -> anyhow::Result<()> {
        let asked = self
            .agent
            .delete(self.url(path))
            .header("authorization", self.bearer())
            .call();
        self.answered(asked).map(drop)
    }

    /// Returns the full URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    fn answered(
        &self,
        asked: Result<http::Response<ureq::Body>, ureq::Error>,
    ) -> anyhow::Result<http::Response<ureq::Body>> {
        let mut answer = asked.with_context(|| {
            format!(
                "no Tidegate server answers at {}; is `tidegate serve` running?",
                self.base
            )
        })?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status();
        let text = answer.body_mut().read_to_string().unwrap_or_default();
        let problem: Option<serde_json::Value> = serde_json::from_str(&text).ok();
        match problem
            .as_ref()
            .and_then(|problem| problem.get("detail"))
            .and_then(|detail| detail.as_str())
        {
            Some(detail) => bail!("{detail}"),
            None => bail!("{} answered {status}", self.base),
        }
    }

    fn read<T: DeserializeOwned>(&self, mut answer: http::Response<ureq::Body>) -> anyhow::Result<T> {
        answer
            .body_mut()
            .read_json()
            .with_context(|| format!("{} sent an answer that this command does not understand", self.base))
    }
}

fn token(reach: &Reach) -> anyhow::Result<String> {
    if let Ok(token) = std::env::var("TIDEGATE_ADMIN_TOKEN") {
        return Ok(token.trim().to_owned());
    }
    data_dir::read_admin_token(&reach.data).with_context(|| {
        let path = data_dir::admin_token_path(&reach.data);
        format!(
            "no admin token was found: use --data DIR or set TIDEGATE_ADMIN_TOKEN; {}",
            path.display()
        )
    })
}
