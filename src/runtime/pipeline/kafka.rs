//! How to reach Kafka, and with what proof of who we are. No machine depends on it.

use super::checks::{Impossible, outside};
use serde::{Deserialize, Serialize};

/// How to reach Kafka, and what its topics are called.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KafkaPart {
    /// `host:port`, several with commas.
    pub brokers: String,
    /// Put before every topic name; empty for none.
    pub topic_prefix: String,
    /// Copies of each partition that `topics create` asks for.
    pub replication: i32,
    /// A process not heard of for this long loses its shards.
    pub session_timeout_ms: u32,
    /// A transaction open for longer is aborted by the broker.
    pub transaction_timeout_ms: u32,
    /// Back-off of the client's hidden retries; a commit slower than 0.6 of it makes the producer suspect.
    pub retry_backoff_ms: u32,
    /// How often the ends of the input partitions are learnt.
    pub learn_ends_every_ms: u32,
    /// Encryption, and who we are.
    pub security: SecurityPart,
}

impl Default for KafkaPart {
    fn default() -> Self {
        KafkaPart {
            brokers: "127.0.0.1:19092".to_owned(),
            topic_prefix: String::new(),
            replication: 1,
            session_timeout_ms: 6_000,
            transaction_timeout_ms: 10_000,
            retry_backoff_ms: 300,
            learn_ends_every_ms: 100,
            security: SecurityPart::default(),
        }
    }
}

/// Encryption and authentication. Empty text means: not given.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecurityPart {
    /// Whether the line is encrypted, and whether we say who we are.
    pub protocol: Protocol,
    /// How the password is proved.
    pub mechanism: Mechanism,
    /// The principal.
    pub username: String,
    /// A file that holds the password and nothing else.
    pub password_file: String,
    /// PEM file of the authorities that may vouch for a broker; empty: those of the system.
    pub ca_file: String,
    /// PEM file of our own certificate, where the broker asks for one.
    pub certificate_file: String,
    /// PEM file of its private key.
    pub key_file: String,
    /// The broker's certificate must name the host we called.
    pub endpoint_identification: bool,
    /// Bets, balances and passwords may cross a network unencrypted.
    pub allow_plaintext: bool,
    /// What is never in the file.
    #[serde(skip)]
    pub secrets: Secrets,
}

impl Default for SecurityPart {
    fn default() -> Self {
        SecurityPart {
            protocol: Protocol::Plaintext,
            mechanism: Mechanism::ScramSha512,
            username: String::new(),
            password_file: String::new(),
            ca_file: String::new(),
            certificate_file: String::new(),
            key_file: String::new(),
            endpoint_identification: true,
            allow_plaintext: false,
            secrets: Secrets::default(),
        }
    }
}

/// `security.protocol`, as Kafka names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Neither encryption nor authentication: on this machine only.
    Plaintext,
    /// Encryption; a certificate may say who we are.
    Ssl,
    /// A password over an open line: on this machine only.
    SaslPlaintext,
    /// Encryption and a password: production.
    SaslSsl,
}

impl Protocol {
    /// Kafka's name.
    pub const fn name(self) -> &'static str {
        match self {
            Protocol::Plaintext => "plaintext",
            Protocol::Ssl => "ssl",
            Protocol::SaslPlaintext => "sasl_plaintext",
            Protocol::SaslSsl => "sasl_ssl",
        }
    }

    /// Whether nobody on the way can read along.
    pub const fn is_encrypted(self) -> bool {
        matches!(self, Protocol::Ssl | Protocol::SaslSsl)
    }

    /// Whether a password is asked for.
    pub const fn is_sasl(self) -> bool {
        matches!(self, Protocol::SaslPlaintext | Protocol::SaslSsl)
    }
}

/// `sasl.mechanism`, as Kafka names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mechanism {
    /// The password itself is sent.
    #[serde(rename = "PLAIN")]
    Plain,
    /// Salted challenge and response.
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
    /// The same with a longer hash.
    #[serde(rename = "SCRAM-SHA-512")]
    ScramSha512,
}

impl Mechanism {
    /// Kafka's name.
    pub const fn name(self) -> &'static str {
        match self {
            Mechanism::Plain => "PLAIN",
            Mechanism::ScramSha256 => "SCRAM-SHA-256",
            Mechanism::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

/// Passwords. Neither printed nor written anywhere.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets {
    /// For `username`.
    pub password: String,
    /// For `key_file`, if it is locked.
    pub key_password: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(not shown)")
    }
}

/// Whether a `host:port` can only be this machine: 127.0.0.0/8, ::1 or localhost.
pub fn is_loopback(broker: &str) -> bool {
    let host = match broker.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !host.ends_with(':') => host,
        Some(_) | None => broker,
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

impl KafkaPart {
    /// The brokers one by one.
    pub fn each_broker(&self) -> impl Iterator<Item = &str> {
        self.brokers.split(',').map(str::trim)
    }

    /// Why this broker must not be talked to, if it must not.
    pub fn refused_in_the_open(&self, broker: &str) -> Option<String> {
        let security = &self.security;
        let open = !security.protocol.is_encrypted() && !security.allow_plaintext && !is_loopback(broker);
        open.then(|| {
            format!(
                "{broker} is not on this machine, and {} would let the network read every bet: set kafka.security.protocol = \"sasl_ssl\" (with mechanism, username and password_file) or \"ssl\", or, where the network itself is trusted, kafka.security.allow_plaintext = true",
                security.protocol.name()
            )
        })
    }

    /// All that cannot be.
    pub(super) fn check(&self) -> Vec<Impossible> {
        let bounds = [
            outside(
                "kafka.transaction_timeout_ms",
                self.transaction_timeout_ms,
                10_000,
                15_000,
                "a hanging transaction blocks readers",
            ),
            // Above a second the client caps its back-off, and a hidden retry would come before we suspect one.
            outside(
                "kafka.retry_backoff_ms",
                self.retry_backoff_ms,
                50,
                1_000,
                "a late commit must be told from a quick one",
            ),
            outside(
                "kafka.session_timeout_ms",
                self.session_timeout_ms,
                6_000,
                10_000,
                "a dead process must be missed soon",
            ),
            outside("kafka.learn_ends_every_ms", self.learn_ends_every_ms, 10, 1_000, "freshness hangs on it"),
            outside("kafka.replication", self.replication, 1, 32_767, "at least the leader keeps a copy"),
        ];
        let mut wrong: Vec<Impossible> = bounds.into_iter().flatten().collect();
        for broker in self.each_broker() {
            let port = broker.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port);
            if port.is_none_or(|port| port.parse::<u16>().is_err()) {
                wrong.push(Impossible::new("kafka.brokers", format!("{broker:?} is not host:port")));
            } else if let Some(why) = self.refused_in_the_open(broker) {
                wrong.push(Impossible::new("kafka.brokers", why));
            }
        }
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if self.topic_prefix.len() > 100 || !self.topic_prefix.bytes().all(legal) {
            wrong.push(Impossible::new(
                "kafka.topic_prefix",
                format!("{:?} must be at most 100 of a-z, A-Z, 0-9, . _ and -", self.topic_prefix),
            ));
        }
        self.security.check(&mut wrong);
        wrong
    }
}

impl SecurityPart {
    fn check(&self, wrong: &mut Vec<Impossible>) {
        let protocol = self.protocol.name();
        if self.protocol.is_sasl() && self.username.is_empty() {
            wrong.push(Impossible::new(
                "kafka.security.username",
                format!("is missing: protocol {protocol} asks who we are"),
            ));
        }
        let only_sasl = [("username", &self.username), ("password_file", &self.password_file)];
        let only_tls =
            [("ca_file", &self.ca_file), ("certificate_file", &self.certificate_file), ("key_file", &self.key_file)];
        let useless = |keys: &[(&str, &String)], need: &str| -> Vec<Impossible> {
            let given = keys.iter().filter(|(_, value)| !value.is_empty());
            given
                .map(|(key, _)| {
                    let what = format!("is given, but protocol {protocol} does not use it: set kafka.security.protocol to {need}, or empty it");
                    Impossible::new(&format!("kafka.security.{key}"), what)
                })
                .collect()
        };
        if !self.protocol.is_sasl() {
            wrong.extend(useless(&only_sasl, "\"sasl_ssl\""));
        }
        if !self.protocol.is_encrypted() {
            wrong.extend(useless(&only_tls, "\"ssl\" or \"sasl_ssl\""));
        }
        if self.certificate_file.is_empty() != self.key_file.is_empty() {
            let (there, missing) = match self.key_file.is_empty() {
                true => ("certificate_file", "key_file"),
                false => ("key_file", "certificate_file"),
            };
            wrong.push(Impossible::new(
                &format!("kafka.security.{there}"),
                format!("is given without {missing}: one is of no use without the other"),
            ));
        }
    }
}
