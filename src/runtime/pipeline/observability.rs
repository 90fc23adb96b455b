//! What an operator can see of a process, and where. No machine depends on it.

use super::checks::Impossible;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// Metrics, health and readiness.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ObservabilityPart {
    /// Where `/metrics`, `/healthz` and `/readyz` answer; empty: nowhere.
    pub listen: String,
}

impl ObservabilityPart {
    /// The address, if there is to be one.
    pub fn address(&self) -> Result<Option<SocketAddr>, Impossible> {
        match self.listen.as_str() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| {
                Impossible::new(
                    "observability.listen",
                    format!("{text:?} is not address:port, for example \"127.0.0.1:9464\" (port 0: any that is free)"),
                )
            }),
        }
    }
}
