//! From a frame to its answer: which request it is, who answers it, and how the answer is written.

use super::apis::{APIS, Api};
use super::house::House;
use super::{groups, records, shape, topics, transactions};
use crate::broker::fault::Fault;
use anyhow::{Context, bail, ensure};
use bytes::{Buf, Bytes, BytesMut};
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::{ApiKey, ApiVersionsResponse, RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};

/// A request whose head has been read.
pub(super) struct Request {
    /// Its version.
    pub(super) version: i16,
    /// How the client calls itself.
    pub(super) client: String,
    correlation: i32,
    key: ApiKey,
    body: Bytes,
}

impl Request {
    /// Its body.
    pub(super) fn body<T: Decodable>(&mut self) -> anyhow::Result<T> {
        T::decode(&mut self.body, self.version)
    }

    /// An answer as a whole frame.
    pub(super) fn reply(&self, body: &impl Encodable) -> anyhow::Result<Option<BytesMut>> {
        let mut frame = BytesMut::new();
        frame.extend_from_slice(&[0; 4]);
        let header = ResponseHeader::default().with_correlation_id(self.correlation);
        header.encode(&mut frame, self.key.response_header_version(self.version))?;
        body.encode(&mut frame, self.version).with_context(|| format!("{:?} {}", self.key, self.version))?;
        let length = u32::try_from(frame.len() - 4).context("an answer of more than 4 GiB")?;
        frame[..4].copy_from_slice(&length.to_be_bytes());
        Ok(Some(frame))
    }
}

/// Text for the wire.
pub(super) fn text(text: impl Into<String>) -> StrBytes {
    StrBytes::from_string(text.into())
}

/// Answers a frame; nothing where no answer is wanted.
///
/// # Errors
/// The frame makes no sense: the connection must be closed.
pub(super) fn answer(house: &House, frame: Bytes) -> anyhow::Result<Option<BytesMut>> {
    ensure!(frame.len() >= 10, "a frame of {} bytes", frame.len());
    let mut head = frame.clone();
    let (key, version, correlation) = (head.get_i16(), head.get_i16(), head.get_i32());
    let Some(api) = Api::of(key) else { bail!("request {key} is not known here") };
    if !(api.min..=api.max).contains(&version) {
        if api.key == ApiKey::ApiVersions {
            // The one question that may be asked in any version; answered in the first.
            let request = Request { version: 0, client: String::new(), correlation, key: api.key, body: Bytes::new() };
            return request.reply(&versions(Fault::UnsupportedVersion.code()));
        }
        bail!("{:?} {version} is not known here", api.key);
    }
    let mut body = frame;
    let header_version = api.key.request_header_version(version);
    ensure!(header_fits(&body, header_version), "a header that does not end");
    let header = RequestHeader::decode(&mut body, header_version)?;
    ensure!(shape::fits(api, version, &body), "{:?} {version} claims more than it holds", api.key);
    let client = header.client_id.map_or_else(String::new, |client| client.as_str().to_owned());
    let mut request = Request { version, client, correlation, key: api.key, body };
    route(house, &mut request)
}

/// Whether the client's name ends within the frame.
fn header_fits(frame: &Bytes, header_version: i16) -> bool {
    let Some(length) = frame.get(8..10) else { return false };
    let name = usize::try_from(i16::from_be_bytes([length[0], length[1]])).unwrap_or(0);
    // From version 2 on, tagged fields follow: at least their count.
    frame.len() >= 10 + name + usize::from(header_version >= 2)
}

fn route(house: &House, request: &mut Request) -> anyhow::Result<Option<BytesMut>> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "of the protocol's 90 requests, those of the table come here")]
    match request.key {
        ApiKey::ApiVersions => request.reply(&versions(0)),
        ApiKey::Produce => records::produce(house, request),
        ApiKey::Fetch => records::fetch(house, request),
        ApiKey::ListOffsets => records::list_offsets(house, request),
        ApiKey::DeleteRecords => records::delete(house, request),
        ApiKey::Metadata => topics::metadata(house, request),
        ApiKey::CreateTopics => topics::create(house, request),
        ApiKey::DeleteTopics => topics::delete(house, request),
        ApiKey::DescribeConfigs => topics::describe(house, request),
        ApiKey::FindCoordinator => groups::find_coordinator(house, request),
        ApiKey::JoinGroup => groups::join(house, request),
        ApiKey::SyncGroup => groups::sync(house, request),
        ApiKey::Heartbeat => groups::heartbeat(house, request),
        ApiKey::LeaveGroup => groups::leave(house, request),
        ApiKey::OffsetCommit => groups::commit_offsets(house, request),
        ApiKey::OffsetFetch => groups::fetch_offsets(house, request),
        ApiKey::InitProducerId => transactions::init(house, request),
        ApiKey::AddPartitionsToTxn => transactions::add_partitions(house, request),
        ApiKey::AddOffsetsToTxn => transactions::add_offsets(house, request),
        ApiKey::EndTxn => transactions::end(house, request),
        ApiKey::TxnOffsetCommit => transactions::commit_offsets(house, request),
        other => bail!("{other:?} is in the table but nobody answers it"),
    }
}

fn versions(error: i16) -> ApiVersionsResponse {
    let known = APIS.iter().map(|api| {
        ApiVersion::default().with_api_key(api.key as i16).with_min_version(api.min).with_max_version(api.max)
    });
    ApiVersionsResponse::default().with_error_code(error).with_api_keys(known.collect())
}
