//! The first word to a broker: whether one answers, whether it takes us, and, if not, what to do about it.
//!
//! The client library retries a wrong password or a foreign certificate for ever and says so only to its error callback.
//! Here the callback's words are kept while the cluster is asked for its metadata, so that the start fails with them.

use super::client::{CALL_TIMEOUT, Clients, log_error};
use crate::runtime::clock::monotonic;
use crate::runtime::log::LogError;
use crate::runtime::pipeline::Protocol;
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::Metadata;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long one question waits before the callback's words are looked at.
const ASK: Duration = Duration::from_millis(500);

/// What the client complained about: a code, if it gave one, and its words.
type Complaint = (Option<RDKafkaErrorCode>, String);

/// All that it complained about: written by its callbacks, read by the one thread that polls it.
#[derive(Clone, Debug, Default)]
struct Complaints(Arc<Mutex<Vec<Complaint>>>);

impl ClientContext for Complaints {
    fn error(&self, error: KafkaError, reason: &str) {
        let mut said = self.0.lock().expect("nobody panics holding it");
        tracing::debug!(%error, reason, "kafka, connecting");
        said.push((error.rdkafka_error_code(), reason.to_owned()));
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(?level, facility, message, "kafka, connecting");
        // A certificate that is not accepted is logged and not called back.
        let refused = message.contains("certificate verify failed") || message.contains("SSL alert");
        let reason = message.split_once("]: ").map_or(message, |(_, reason)| reason).to_owned();
        self.0.lock().expect("nobody panics holding it").push((refused.then_some(RDKafkaErrorCode::SSL), reason));
    }
}

impl ConsumerContext for Complaints {}

/// Asks for the cluster's brokers and topics. Refuses a cluster that would send us to a broker in the open.
pub fn metadata(clients: &Clients) -> Result<Metadata, LogError> {
    let complaints = Complaints::default();
    let consumer: BaseConsumer<Complaints> = clients
        .reader("connect")
        .create_with_context(complaints.clone())
        .map_err(|error| log_error("make a client", &error))?;
    let deadline = monotonic() + CALL_TIMEOUT;
    loop {
        // Authentication comes before the first answer; complaints are served by polling.
        let answer = consumer.fetch_metadata(None, ASK);
        while consumer.poll(Duration::ZERO).is_some() {}
        match answer {
            Ok(metadata) => {
                stay_in_private(clients, &metadata)?;
                return Ok(metadata);
            }
            Err(error) => {
                let said = complaints.0.lock().expect("nobody panics holding it").clone();
                if let Some(why) = final_complaint(clients, &said) {
                    return Err(LogError::Broken(why));
                }
                if monotonic() > deadline || nobody_listens(&said) {
                    return Err(LogError::Unavailable(nobody(clients, &error, &said)));
                }
            }
        }
    }
}

/// A complaint that no waiting mends: who we are, or who the broker is, is not accepted.
fn final_complaint(clients: &Clients, said: &[Complaint]) -> Option<String> {
    let security = &clients.part.security;
    let find = |wanted: &[RDKafkaErrorCode]| {
        said.iter().find(|(code, _)| code.is_some_and(|code| wanted.contains(&code))).map(|(_, reason)| reason)
    };
    let protocol = security.protocol.name();
    if let Some(reason) = find(&[RDKafkaErrorCode::Authentication, RDKafkaErrorCode::SaslAuthenticationFailed]) {
        return Some(match security.protocol.is_sasl() {
            true => format!(
                "the broker does not take user {:?} by {}: {reason}; check kafka.security.username, mechanism, and the password in password_file or TOUCHLINE_KAFKA_PASSWORD",
                security.username,
                security.mechanism.name()
            ),
            false => format!(
                "the broker asks who we are, and kafka.security.protocol is {protocol}: {reason}; set it to sasl_ssl, with username and password_file"
            ),
        });
    }
    find(&[RDKafkaErrorCode::SSL]).map(|reason| {
        format!(
            "no encrypted connection to {} (kafka.security.protocol {protocol}): {reason}; check ca_file, certificate_file, the host name in the broker's certificate, and whether this port speaks TLS at all",
            clients.part.brokers
        )
    })
}

/// Whether every broker has refused the connection: nothing listens there.
fn nobody_listens(said: &[Complaint]) -> bool {
    let refused = said.iter().any(|(_, reason)| reason.contains("Connection refused"));
    refused && said.iter().any(|(code, _)| *code == Some(RDKafkaErrorCode::AllBrokersDown))
}

fn nobody(clients: &Clients, error: &KafkaError, said: &[Complaint]) -> String {
    let last = said.iter().rev().find(|(code, _)| *code != Some(RDKafkaErrorCode::AllBrokersDown));
    let why = last.map_or_else(|| error.to_string(), |(_, reason)| reason.clone());
    let hint = match clients.part.security.protocol {
        // A port that wants TLS or a password says nothing to one who comes without.
        Protocol::Plaintext => "; it may be a port for TLS or passwords, and kafka.security.protocol is plaintext",
        Protocol::Ssl | Protocol::SaslPlaintext | Protocol::SaslSsl => {
            "; does that port speak kafka.security.protocol as set?"
        }
    };
    let hint = if nobody_listens(said) { "" } else { hint };
    format!(
        "no Kafka answers at {} ({why}){hint}. Start one: eval \"$(scripts/kafka up)\" && export KAFKA_BOOTSTRAP; or say where it is: --brokers HOST:PORT",
        clients.part.brokers
    )
}

/// A broker reached on this machine may name others that are not.
fn stay_in_private(clients: &Clients, metadata: &Metadata) -> Result<(), LogError> {
    let refused = metadata
        .brokers()
        .iter()
        .find_map(|broker| clients.part.refused_in_the_open(&format!("{}:{}", broker.host(), broker.port())));
    refused.map_or(Ok(()), |why| Err(LogError::Broken(format!("the cluster sends us to another broker: {why}"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::pipeline::{KafkaPart, SecurityPart};

    fn clients(protocol: Protocol, brokers: &str) -> Clients {
        let security = SecurityPart { protocol, username: "alice".to_owned(), ..SecurityPart::default() };
        let part = KafkaPart { brokers: brokers.to_owned(), security, ..KafkaPart::default() };
        Clients { pipeline: "p".to_owned(), part }
    }

    #[test]
    fn nobody_at_the_door_is_told_at_once_and_with_what_to_do() {
        // A port that was just free: nothing listens there.
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
        let since = monotonic();
        let error = metadata(&clients(Protocol::Plaintext, &free.to_string())).err().unwrap().to_string();
        assert!(error.contains(&free.to_string()) && error.contains("scripts/kafka up"), "{error}");
        assert!(since.elapsed() < CALL_TIMEOUT, "a refused connection needs no patience");
    }

    #[test]
    fn a_refused_password_and_a_foreign_certificate_are_final_and_say_what_to_check() {
        let sasl = clients(Protocol::SaslSsl, "b:1");
        let said =
            vec![(Some(RDKafkaErrorCode::Authentication), "SASL authentication error: invalid credentials".to_owned())];
        let why = final_complaint(&sasl, &said).unwrap();
        assert!(why.contains("\"alice\"") && why.contains("SCRAM-SHA-512") && why.contains("password_file"), "{why}");
        let said = vec![(Some(RDKafkaErrorCode::SSL), "certificate verify failed".to_owned())];
        assert!(final_complaint(&sasl, &said).unwrap().contains("ca_file"));
        let said = vec![(Some(RDKafkaErrorCode::BrokerTransportFailure), "Connection refused".to_owned())];
        assert_eq!(final_complaint(&sasl, &said), None, "it may come up yet");
    }
}
