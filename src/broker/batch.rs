//! A batch of records as it travels and lies: one block of bytes, of which a broker rewrites only the head.

use super::fault::Fault;
use bytes::{BufMut, Bytes, BytesMut};

/// Bytes before the first record.
const HEAD: usize = 61;
/// Where the checksum begins to count.
const SUMMED_FROM: usize = 21;
const COMPRESSION_BITS: i16 = 0x07;
const APPEND_TIME_BIT: i16 = 0x08;
const TRANSACTIONAL_BIT: i16 = 0x10;
const CONTROL_BIT: i16 = 0x20;

/// A batch that a producer sent, checked: whole, of format 2, with the checksum it claims.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    bytes: Bytes,
    attributes: i16,
    /// One less than the number of records.
    pub(crate) last_delta: i32,
    base_timestamp: i64,
    /// The newest time in it, milliseconds.
    pub(crate) max_timestamp: i64,
    /// Who wrote it; -1 for a producer without memory.
    pub(crate) producer_id: i64,
    /// The writer's epoch.
    pub(crate) producer_epoch: i16,
    /// The number of its first record in the writer's own count; -1 for a producer without memory.
    pub(crate) base_sequence: i32,
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

impl Batch {
    /// Checks what came in a Produce request. Exactly one batch is allowed there.
    pub(crate) fn check(bytes: Bytes) -> Result<Batch, Fault> {
        let batch = Batch::read(bytes).ok_or(Fault::CorruptMessage)?;
        let claimed = field(&batch.bytes, 17).map(u32::from_be_bytes);
        if batch.bytes.get(16) != Some(&2) {
            return Err(Fault::UnsupportedForMessageFormat);
        }
        if claimed != batch.bytes.get(SUMMED_FROM..).map(crc32c::crc32c) {
            return Err(Fault::CorruptMessage);
        }
        let count = field(&batch.bytes, 57).map(i32::from_be_bytes);
        let counted = batch.last_delta >= 0 && count == batch.last_delta.checked_add(1);
        let sequenced = batch.producer_id < 0 || (batch.base_sequence >= 0 && batch.producer_epoch >= 0);
        let anonymous_transaction = batch.is_transactional() && batch.producer_id < 0;
        if !counted || !sequenced || anonymous_transaction || batch.attributes & CONTROL_BIT != 0 {
            return Err(Fault::InvalidRecord);
        }
        if !batch.is_compressed() && !batch.records_fill_it() {
            return Err(Fault::InvalidRecord);
        }
        Ok(batch)
    }

    /// Reads the head; nothing unless the length in it is the length of the bytes.
    fn read(bytes: Bytes) -> Option<Batch> {
        let length = usize::try_from(i32::from_be_bytes(field(&bytes, 8)?)).ok()?;
        if bytes.len() < HEAD || length.checked_add(12)? != bytes.len() {
            return None;
        }
        Some(Batch {
            attributes: i16::from_be_bytes(field(&bytes, 21)?),
            last_delta: i32::from_be_bytes(field(&bytes, 23)?),
            base_timestamp: i64::from_be_bytes(field(&bytes, 27)?),
            max_timestamp: i64::from_be_bytes(field(&bytes, 35)?),
            producer_id: i64::from_be_bytes(field(&bytes, 43)?),
            producer_epoch: i16::from_be_bytes(field(&bytes, 51)?),
            base_sequence: i32::from_be_bytes(field(&bytes, 53)?),
            bytes,
        })
    }

    /// Its length, bytes.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it belongs to a transaction.
    pub(crate) fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL_BIT != 0
    }

    fn is_compressed(&self) -> bool {
        self.attributes & COMPRESSION_BITS != 0
    }

    /// The number of its last record in the writer's count, which begins again at 0 after the largest.
    pub(crate) fn last_sequence(&self) -> i32 {
        let last = (i64::from(self.base_sequence) + i64::from(self.last_delta)) % (i64::from(i32::MAX) + 1);
        i32::try_from(last).expect("a remainder of 2^31 fits")
    }

    /// Whether the records end where the batch ends, as many as it says. Only for what is not compressed.
    fn records_fill_it(&self) -> bool {
        let mut seen = 0;
        for record in self.records() {
            match record {
                Some((delta, _)) if delta == i64::from(seen) => seen += 1,
                Some(_) | None => return false,
            }
        }
        seen - 1 == self.last_delta
    }

    /// (offset delta, time) of each record; `None` once where the bytes make no sense.
    fn records(&self) -> impl Iterator<Item = Option<(i64, i64)>> + '_ {
        let mut rest = self.bytes.get(HEAD..).unwrap_or_default();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let found = (|| {
                let (length, after) = varint(rest)?;
                let length = usize::try_from(length).ok()?;
                let (body, next) = after.split_at_checked(length)?;
                let (time_delta, after) = varint(body.get(1..)?)?;
                let (offset_delta, _) = varint(after)?;
                rest = next;
                Some((offset_delta, self.base_timestamp.checked_add(time_delta)?))
            })();
            if found.is_none() {
                rest = &[];
            }
            Some(found)
        })
    }

    /// The first record at or after that time, from that place in the batch on: (its place, its time). What is compressed
    /// or stamped by the broker is of one time.
    pub(crate) fn first_since(&self, time: i64, place: i64) -> Option<(i64, i64)> {
        if self.max_timestamp < time || place > i64::from(self.last_delta) {
            return None;
        }
        if self.is_compressed() || self.attributes & APPEND_TIME_BIT != 0 {
            return Some((place.max(0), self.max_timestamp));
        }
        self.records().flatten().find(|(delta, at)| *at >= time && *delta >= place)
    }

    /// The batch as it is stored: at its place, and stamped with the broker's time where the topic wants that.
    pub(crate) fn placed(self, base_offset: i64, append_time: Option<i64>) -> Batch {
        let mut bytes = BytesMut::from(self.bytes.as_ref());
        bytes[0..8].copy_from_slice(&base_offset.to_be_bytes());
        bytes[12..16].copy_from_slice(&0_i32.to_be_bytes());
        let attributes = append_time.map_or(self.attributes & !APPEND_TIME_BIT, |_| self.attributes | APPEND_TIME_BIT);
        let max_timestamp = append_time.unwrap_or(self.max_timestamp);
        if attributes != self.attributes || max_timestamp != self.max_timestamp {
            bytes[21..23].copy_from_slice(&attributes.to_be_bytes());
            bytes[35..43].copy_from_slice(&max_timestamp.to_be_bytes());
            let sum = crc32c::crc32c(&bytes[SUMMED_FROM..]);
            bytes[17..21].copy_from_slice(&sum.to_be_bytes());
        }
        Batch { bytes: bytes.freeze(), attributes, max_timestamp, ..self }
    }

    /// The end of a transaction, as a real control batch.
    pub(crate) fn marker(producer_id: i64, producer_epoch: i16, commit: bool, offset: i64, now: i64) -> Batch {
        let mut record = BytesMut::new();
        // Attributes, time and offset deltas; then a key (version, kind), a value (version, coordinator's epoch).
        record.put_slice(&[0, 0, 0, 8, 0, 0, 0, u8::from(commit), 12, 0, 0, 0, 0, 0, 0, 0]);
        let attributes = TRANSACTIONAL_BIT | CONTROL_BIT;
        let mut bytes = BytesMut::new();
        bytes.put_i64(offset);
        bytes.put_i32(i32::try_from(HEAD - 12 + 1 + record.len()).expect("a marker is short"));
        bytes.put_i32(0);
        bytes.put_u8(2);
        bytes.put_u32(0);
        bytes.put_i16(attributes);
        bytes.put_i32(0);
        bytes.put_i64(now);
        bytes.put_i64(now);
        bytes.put_i64(producer_id);
        bytes.put_i16(producer_epoch);
        bytes.put_i32(-1);
        bytes.put_i32(1);
        // A length is a zigzag varint: twice the number, one byte as long as that is below 128.
        bytes.put_u8(u8::try_from(record.len() * 2).expect("a marker is short"));
        bytes.put_slice(&record);
        let sum = crc32c::crc32c(&bytes[SUMMED_FROM..]);
        bytes[17..21].copy_from_slice(&sum.to_be_bytes());
        Batch::read(bytes.freeze()).expect("a marker is a batch")
    }

    /// Its bytes.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

/// A zigzag varint and what follows it.
fn varint(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let mut number = 0_u64;
    for (at, byte) in bytes.iter().take(10).enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            let half = i64::try_from(number >> 1).expect("63 bits fit");
            return Some((if number & 1 == 0 { half } else { -half - 1 }, &bytes[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// What a producer would send: so many records of one byte each, a millisecond apart.
    pub(crate) fn sent(producer: (i64, i16, i32), transactional: bool, values: &[u8], time: i64) -> Bytes {
        let mut bytes = BytesMut::new();
        let last = i32::try_from(values.len()).unwrap() - 1;
        bytes.put_i64(0);
        bytes.put_i32(0);
        bytes.put_i32(-1);
        bytes.put_u8(2);
        bytes.put_u32(0);
        bytes.put_i16(if transactional { TRANSACTIONAL_BIT } else { 0 });
        bytes.put_i32(last);
        bytes.put_i64(time);
        bytes.put_i64(time + i64::from(last));
        bytes.put_i64(producer.0);
        bytes.put_i16(producer.1);
        bytes.put_i32(producer.2);
        bytes.put_i32(last + 1);
        for (at, value) in values.iter().enumerate() {
            let delta = u8::try_from(at * 2).unwrap();
            bytes.put_slice(&[14, 0, delta, delta, 1, 2, *value, 0]);
        }
        let length = i32::try_from(bytes.len() - 12).unwrap();
        bytes[8..12].copy_from_slice(&length.to_be_bytes());
        let sum = crc32c::crc32c(&bytes[SUMMED_FROM..]);
        bytes[17..21].copy_from_slice(&sum.to_be_bytes());
        bytes.freeze()
    }

    #[test]
    fn a_batch_is_taken_whole_or_not_at_all() {
        let good = sent((7, 0, 5), false, b"abc", 1_000);
        let batch = Batch::check(good.clone()).unwrap();
        assert_eq!((batch.last_delta, batch.last_sequence(), batch.max_timestamp), (2, 7, 1_002));
        assert_eq!(batch.first_since(1_001, 0), Some((1, 1_001)));
        assert_eq!((batch.first_since(1_003, 0), batch.first_since(0, 3)), (None, None));
        assert_eq!(batch.first_since(0, 2), Some((2, 1_002)), "what lies before the place is gone");
        for at in 0..good.len() {
            let mut bad = BytesMut::from(good.as_ref());
            bad[at] ^= 0x41;
            let refused = Batch::check(bad.freeze()).is_err();
            // The place and the leader's epoch are the broker's to write, and not in the sum.
            assert_eq!(refused, !(0..8).contains(&at) && !(12..16).contains(&at), "byte {at}");
        }
        for cut in 0..good.len() {
            assert!(Batch::check(good.slice(..cut)).is_err());
        }
    }

    #[test]
    fn the_broker_s_time_is_in_the_sum() {
        let batch = Batch::check(sent((-1, -1, -1), false, b"ab", 1_000)).unwrap().placed(40, Some(9_000));
        assert_eq!(batch.bytes()[0..8], 40_i64.to_be_bytes());
        assert_eq!(batch.max_timestamp, 9_000);
        let again = Batch::check(batch.bytes().clone()).unwrap();
        assert_eq!((again.max_timestamp, again.first_since(5_000, -3)), (9_000, Some((0, 9_000))));
    }

    #[test]
    fn a_marker_is_a_control_batch_of_one_record() {
        let marker = Batch::marker(7, 3, true, 12, 5_000);
        assert!(marker.records_fill_it() && marker.is_transactional());
        assert_eq!(marker.attributes & CONTROL_BIT, CONTROL_BIT);
        let claimed = u32::from_be_bytes(field(marker.bytes(), 17).unwrap());
        assert_eq!(claimed, crc32c::crc32c(&marker.bytes()[SUMMED_FROM..]));
        // No client may write one.
        assert_eq!(Batch::check(marker.bytes().clone()).unwrap_err(), Fault::InvalidRecord);
    }

    #[test]
    fn sequences_begin_again_after_the_largest() {
        let batch = Batch::check(sent((7, 0, i32::MAX), false, b"abc", 0)).unwrap();
        assert_eq!(batch.last_sequence(), 1);
    }
}
