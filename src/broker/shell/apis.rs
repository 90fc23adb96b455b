//! What this broker understands: every request with the versions that it tells clients, and the shape of its bytes.

use kafka_protocol::messages::ApiKey;

/// A request that is understood.
#[derive(Clone, Copy, Debug)]
pub(super) struct Api {
    /// Kafka's number for it.
    pub(super) key: ApiKey,
    /// The first version understood.
    pub(super) min: i16,
    /// The last.
    pub(super) max: i16,
    /// From which version lengths are varints and fields may be tagged.
    pub(super) flexible: i16,
    /// How its body is built; see `shape`.
    pub(super) shape: &'static str,
}

const fn api(key: ApiKey, (min, max): (i16, i16), flexible: i16, shape: &'static str) -> Api {
    Api { key, min, max, flexible, shape }
}

/// All of them. Nothing is told to clients that is not here, so a newer client keeps to these versions.
pub(super) const APIS: [Api; 21] = [
    api(ApiKey::Produce, (3, 9), 9, "s24[s[4bt]t]t"),
    api(ApiKey::Fetch, (4, 11), 12, "44441(7+44)[s[4(9+4)8(5+8)4]](7+[s[4]])(11+s)"),
    api(ApiKey::ListOffsets, (1, 5), 6, "4(2+1)[s[4(4+4)8]]"),
    api(ApiKey::Metadata, (0, 9), 9, "[st](4+1)(8+11)t"),
    api(ApiKey::OffsetCommit, (2, 7), 8, "s4s(7+s)(4-8)[s[48(6+4)s]]"),
    api(ApiKey::OffsetFetch, (1, 7), 6, "s[s[4]t](7+1)t"),
    api(ApiKey::FindCoordinator, (0, 2), 3, "s(1+1)"),
    api(ApiKey::JoinGroup, (2, 5), 6, "s44s(5+s)s[sb]"),
    api(ApiKey::Heartbeat, (0, 3), 4, "s4s(3+s)"),
    api(ApiKey::LeaveGroup, (0, 3), 4, "s(2-s)(3+[ss])"),
    api(ApiKey::SyncGroup, (0, 3), 4, "s4s(3+s)[sb]"),
    api(ApiKey::ApiVersions, (0, 3), 3, "(3+sst)"),
    api(ApiKey::CreateTopics, (2, 4), 5, "[s42[4[4]][ss]]41"),
    api(ApiKey::DeleteTopics, (1, 3), 4, "[s]4"),
    api(ApiKey::DeleteRecords, (0, 1), 2, "[s[48]]4"),
    api(ApiKey::InitProducerId, (0, 4), 2, "s4(3+82)t"),
    api(ApiKey::AddPartitionsToTxn, (0, 2), 3, "s82[s[4]]"),
    api(ApiKey::AddOffsetsToTxn, (0, 2), 3, "s82s"),
    api(ApiKey::EndTxn, (0, 2), 3, "s821"),
    api(ApiKey::TxnOffsetCommit, (0, 3), 3, "ss82(3+4ss)[s[48(2+4)st]t]t"),
    api(ApiKey::DescribeConfigs, (1, 3), 4, "[1s[s]]1(3+1)"),
];

impl Api {
    /// The one of that number.
    pub(super) fn of(key: i16) -> Option<Api> {
        APIS.into_iter().find(|api| api.key as i16 == key)
    }
}
