//! What was asked, kept small: enough of every input record to judge its answer.

use std::collections::BTreeMap;
use std::ops::Range;

use super::decode::{Id, Place, Record, Topic, body_hash, read_input, short_hash};
use super::plain::{Names, key_hash};
use crate::wire::proto;
use proto::account_command::Action;

/// One input record.
pub(super) struct Asked {
    pub(super) offset: u64,
    pub(super) append_ms: i64,
    /// Bet or command id; zero where unreadable.
    pub(super) id: Id,
    /// Hash of the whole value.
    pub(super) raw: u128,
    /// Hash of the bet as a wager record must show it; zero for other records.
    pub(super) body: u128,
    /// Stake of a bet, minor units.
    pub(super) stake: i64,
    /// Value length, bytes.
    pub(super) length: u64,
    pub(super) key: Option<u32>,
    /// The bytes are a message of the topic.
    pub(super) readable: bool,
    /// The key is the id in the body, or both are absent.
    pub(super) key_fits: bool,
    /// All that looks like an id in a record that is no message: a reader may have found the right one all the same.
    pub(super) ids_within: Vec<Id>,
}

/// What an account command asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AccountAsked {
    Open { account: u32, currency: u32, licence: u32, verified: bool },
    Deposit { account: u32, currency: u32, amount: i64 },
    Nothing,
}

impl Asked {
    /// Whether an answer under that id is one to this record.
    pub(super) fn names(&self, id: Id) -> bool {
        if self.readable { id == self.id } else { self.ids_within.contains(&id) }
    }
}

/// Every run of 36 hexadecimal digits and hyphens.
fn ids_within(bytes: &[u8]) -> Vec<Id> {
    let is_part = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'-';
    let runs = bytes.split(|byte| !is_part(byte)).filter(|run| run.len() >= 36);
    let windows =
        runs.flat_map(|run| run.windows(36)).filter(|text| [8, 13, 18, 23].iter().all(|at| text[*at] == b'-'));
    windows.filter_map(|text| std::str::from_utf8(text).ok()).map(Id::read).collect()
}

/// All input records.
#[derive(Default)]
pub(super) struct Inputs {
    asked: BTreeMap<(Topic, u32), Vec<Asked>>,
    /// Offsets of markets.v1, which the books read.
    market_offsets: BTreeMap<u32, Vec<u64>>,
    accounts: BTreeMap<(u32, u64), AccountAsked>,
}

impl Inputs {
    pub(super) fn take(&mut self, place: Place, record: &Record, names: &mut Names) {
        let key = record.key.as_deref();
        let mut asked = Asked {
            offset: place.offset,
            append_ms: record.append_ms,
            id: Id(0),
            raw: short_hash(&record.value),
            body: 0,
            stake: 0,
            length: record.value.len() as u64,
            key: key.map(key_hash),
            readable: false,
            key_fits: false,
            ids_within: Vec::new(),
        };
        let key_is = |text: &str| key == Some(text.as_bytes());
        match place.topic {
            Topic::Commands => {
                if let Some(bet) = read_input::<proto::BetCommand>(record).and_then(|command| command.body) {
                    let proto::bet_command::Body::PlaceBet(bet) = bet;
                    asked.readable = true;
                    asked.id = Id::read(&bet.bet_id);
                    asked.stake = bet.stake_minor;
                    asked.body = body_hash(&bet);
                    asked.key_fits = key_is(&bet.account);
                }
            }
            Topic::AccountCommands => {
                if let Some(command) = read_input::<proto::AccountCommand>(record) {
                    asked.readable = true;
                    asked.id = Id::read(&command.command_id);
                    asked.key_fits = key_is(&command.account);
                    self.accounts.insert((place.partition, place.offset), account_asked(&command, names));
                }
            }
            Topic::Feed => {
                if let Some(body) = read_input::<proto::FeedMessage>(record).and_then(|message| message.body) {
                    asked.readable = true;
                    asked.key_fits = match body {
                        proto::feed_message::Body::Fact(fact) => key_is(&fact.match_id),
                        proto::feed_message::Body::Heartbeat(_) | proto::feed_message::Body::SnapshotComplete(_) => {
                            key.is_none()
                        }
                    };
                }
            }
            Topic::TradingCommands => {
                if let Some(command) = read_input::<proto::TradingCommand>(record) {
                    asked.readable = true;
                    asked.id = Id::read(&command.command_id);
                    asked.key_fits = key_is(&command.match_id);
                }
            }
            Topic::Markets
            | Topic::FeedRequests
            | Topic::MarketImages
            | Topic::Results
            | Topic::Decisions
            | Topic::Settlements
            | Topic::Ledger
            | Topic::JournalTrading
            | Topic::JournalBook
            | Topic::RejectsTrading
            | Topic::RejectsBook
            | Topic::AlertsTrading
            | Topic::AlertsBook => return,
        }
        if !asked.readable {
            asked.ids_within = ids_within(&record.value);
        }
        self.asked.entry((place.topic, place.partition)).or_default().push(asked);
    }

    pub(super) fn take_market(&mut self, place: Place) {
        self.market_offsets.entry(place.partition).or_default().push(place.offset);
    }

    /// Everything that stands on one partition, in order of offset.
    pub(super) fn of(&self, topic: Topic, partition: u32) -> &[Asked] {
        self.asked.get(&(topic, partition)).map_or(&[], Vec::as_slice)
    }

    /// The record there, if there is one.
    pub(super) fn at(&self, place: Place) -> Option<&Asked> {
        let asked = self.of(place.topic, place.partition);
        asked.binary_search_by_key(&place.offset, |asked| asked.offset).ok().map(|index| &asked[index])
    }

    /// What the account command there asks.
    pub(super) fn account_asked(&self, partition: u32, offset: u64) -> &AccountAsked {
        self.accounts.get(&(partition, offset)).unwrap_or(&AccountAsked::Nothing)
    }

    pub(super) fn partitions(&self) -> impl Iterator<Item = (Topic, u32, &[Asked])> {
        self.asked.iter().map(|((topic, partition), asked)| (*topic, *partition, asked.as_slice()))
    }

    /// The first record of that partition within these offsets.
    pub(super) fn first_offset_in(&self, topic: Topic, partition: u32, range: Range<u64>) -> Option<u64> {
        let offset = if topic == Topic::Markets {
            let offsets = self.market_offsets.get(&partition)?;
            offsets.get(offsets.partition_point(|offset| *offset < range.start)).copied()
        } else {
            let asked = self.of(topic, partition);
            asked.get(asked.partition_point(|asked| asked.offset < range.start)).map(|asked| asked.offset)
        };
        offset.filter(|offset| *offset < range.end)
    }
}

fn account_asked(command: &proto::AccountCommand, names: &mut Names) -> AccountAsked {
    let account = names.number(&command.account);
    match &command.action {
        Some(Action::Open(open)) => AccountAsked::Open {
            account,
            currency: names.number(&open.currency),
            licence: names.number(&open.licence),
            verified: open.identity_status == proto::IdentityStatus::Verified as i32,
        },
        Some(Action::Deposit(deposit)) => {
            AccountAsked::Deposit { account, currency: names.number(&deposit.currency), amount: deposit.amount_minor }
        }
        // These move no money.
        Some(
            Action::SetStatus(_)
            | Action::SelfExclude(_)
            | Action::TimeOut(_)
            | Action::SetLimit(_)
            | Action::ReaffirmLimit(_),
        )
        | None => AccountAsked::Nothing,
    }
}
