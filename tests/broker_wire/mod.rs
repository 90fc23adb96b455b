//! Kafka's protocol by hand, byte for byte: shares no code with the broker, so that the two check each other.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// (id, epoch) of a producer.
pub type Producer = (i64, i16);

/// Writes the fields of a request.
#[derive(Default)]
pub struct Words(pub Vec<u8>);

impl Words {
    pub fn i8(mut self, value: i8) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }
    pub fn i16(mut self, value: i16) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }
    pub fn i32(mut self, value: i32) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }
    pub fn i64(mut self, value: i64) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }
    pub fn text(self, value: &str) -> Self {
        let mut words = self.i16(i16::try_from(value.len()).unwrap());
        words.0.extend(value.as_bytes());
        words
    }
    pub fn absent(self) -> Self {
        self.i16(-1)
    }
    pub fn bytes(self, value: &[u8]) -> Self {
        let mut words = self.i32(i32::try_from(value.len()).unwrap());
        words.0.extend(value);
        words
    }
}

/// Reads the fields of an answer.
pub struct Answer(Vec<u8>, usize);

impl Answer {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let taken = self.0[self.1..self.1 + N].try_into().unwrap();
        self.1 += N;
        taken
    }
    pub fn i16(&mut self) -> i16 {
        i16::from_be_bytes(self.take())
    }
    pub fn i32(&mut self) -> i32 {
        i32::from_be_bytes(self.take())
    }
    pub fn i64(&mut self) -> i64 {
        i64::from_be_bytes(self.take())
    }
    pub fn text(&mut self) -> String {
        let len = usize::try_from(self.i16()).unwrap_or(0);
        self.1 += len;
        String::from_utf8(self.0[self.1 - len..self.1].to_vec()).unwrap()
    }
    pub fn bytes(&mut self) -> Vec<u8> {
        let len = usize::try_from(self.i32()).unwrap_or(0);
        self.1 += len;
        self.0[self.1 - len..self.1].to_vec()
    }
}

/// One connection.
pub struct Wire {
    stream: TcpStream,
    correlation: i32,
}

/// Errors that pass: moved, loading, a transaction still completing.
const PASSING: [i16; 11] = [3, 5, 6, 7, 14, 15, 16, 19, 20, 51, 88];

/// What a Fetch gave.
#[derive(Debug, Default)]
pub struct Fetched {
    pub error: i16,
    pub high_watermark: i64,
    pub stable: i64,
    pub start: i64,
    pub aborted: Vec<(i64, i64)>,
    pub records: Vec<u8>,
}

impl Wire {
    pub fn connect(address: &str) -> Wire {
        let stream = TcpStream::connect(address).expect("a broker is there");
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        Wire { stream, correlation: 0 }
    }

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        // A broker that has closed already has answered too.
        self.stream.write_all(bytes).ok();
    }

    /// Whether the broker has hung up.
    pub fn is_closed(&mut self) -> bool {
        matches!(self.stream.read(&mut [0; 64]), Ok(0)) || self.stream.write_all(&[0]).is_err()
    }

    pub fn call(&mut self, api: i16, version: i16, body: Words) -> Answer {
        self.correlation += 1;
        let head = Words::default().i16(api).i16(version).i32(self.correlation).text("hand");
        let frame = [head.0, body.0].concat();
        self.stream.write_all(&Words::default().bytes(&frame).0).expect("the broker reads");
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).expect("the broker answers");
        let mut answer = vec![0; usize::try_from(i32::from_be_bytes(length)).unwrap()];
        self.stream.read_exact(&mut answer).expect("the broker answers");
        let mut answer = Answer(answer, 0);
        assert_eq!(answer.i32(), self.correlation);
        answer
    }

    /// Asks again while the error is one that passes.
    fn patiently(&mut self, mut ask: impl FnMut(&mut Wire) -> i16) -> i16 {
        for _ in 0..400 {
            let error = ask(self);
            if !PASSING.contains(&error) {
                return error;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        ask(self)
    }

    pub fn create_topic(&mut self, name: &str, partitions: i32, settings: &[(&str, &str)]) -> i16 {
        let mut body = Words::default().i32(1).text(name).i32(partitions).i16(1).i32(0);
        body = body.i32(i32::try_from(settings.len()).unwrap());
        for (key, value) in settings {
            body = body.text(key).text(value);
        }
        let mut answer = self.call(19, 4, body.i32(10_000).i8(0));
        answer.i32();
        answer.i32();
        answer.text();
        answer.i16()
    }

    /// (error, producer).
    pub fn init(&mut self, id: Option<&str>, timeout_ms: i32) -> (i16, Producer) {
        let mut producer = (-1, -1);
        let error = self.patiently(|wire| {
            let body = id.map_or_else(|| Words::default().absent(), |id| Words::default().text(id));
            let mut answer = wire.call(22, 1, body.i32(timeout_ms));
            answer.i32();
            let error = answer.i16();
            producer = (answer.i64(), answer.i16());
            error
        });
        (error, producer)
    }

    pub fn add_partition(&mut self, id: &str, producer: Producer, topic: &str, partition: i32) -> i16 {
        self.patiently(|wire| {
            let body = Words::default().text(id).i64(producer.0).i16(producer.1);
            let mut answer = wire.call(24, 2, body.i32(1).text(topic).i32(1).i32(partition));
            answer.i32();
            answer.i32();
            answer.text();
            answer.i32();
            answer.i32();
            answer.i16()
        })
    }

    pub fn end(&mut self, id: &str, producer: Producer, commit: bool) -> i16 {
        self.patiently(|wire| {
            let body = Words::default().text(id).i64(producer.0).i16(producer.1).i8(i8::from(commit));
            let mut answer = wire.call(26, 2, body);
            answer.i32();
            answer.i16()
        })
    }

    /// (error, base offset).
    pub fn produce(&mut self, id: Option<&str>, topic: &str, partition: i32, batch: &[u8]) -> (i16, i64) {
        let mut offset = -1;
        let error = self.patiently(|wire| {
            let body = id.map_or_else(|| Words::default().absent(), |id| Words::default().text(id));
            let body = body.i16(-1).i32(5_000).i32(1).text(topic).i32(1).i32(partition).bytes(batch);
            let mut answer = wire.call(0, 7, body);
            answer.i32();
            answer.text();
            answer.i32();
            answer.i32();
            let error = answer.i16();
            offset = answer.i64();
            error
        });
        (error, offset)
    }

    pub fn fetch(&mut self, place: (&str, i32), from: i64, committed: bool, len_max: i32, wait_ms: i32) -> Fetched {
        let body = Words::default().i32(-1).i32(wait_ms).i32(1).i32(50 << 20).i8(i8::from(committed)).i32(0).i32(-1);
        let body = body.i32(1).text(place.0).i32(1).i32(place.1).i32(-1).i64(from).i64(-1).i32(len_max);
        let mut answer = self.call(1, 11, body.i32(0).text(""));
        answer.i32();
        assert_eq!(answer.i16(), 0);
        answer.i32();
        answer.i32();
        answer.text();
        answer.i32();
        answer.i32();
        let mut fetched = Fetched { error: answer.i16(), high_watermark: answer.i64(), ..Fetched::default() };
        fetched.stable = answer.i64();
        fetched.start = answer.i64();
        for _ in 0..answer.i32().max(0) {
            fetched.aborted.push((answer.i64(), answer.i64()));
        }
        answer.i32();
        fetched.records = answer.bytes();
        fetched
    }

    /// (error, offset): -2 the first, -1 the last, else by time.
    pub fn offset_at(&mut self, place: (&str, i32), time: i64, committed: bool) -> (i16, i64) {
        let mut offset = -1;
        let error = self.patiently(|wire| {
            let body = Words::default().i32(-1).i8(i8::from(committed)).i32(1).text(place.0);
            let mut answer = wire.call(2, 5, body.i32(1).i32(place.1).i32(-1).i64(time));
            answer.i32();
            answer.i32();
            answer.text();
            answer.i32();
            answer.i32();
            let error = answer.i16();
            answer.i64();
            offset = answer.i64();
            error
        });
        (error, offset)
    }

    /// (error, first offset left).
    pub fn delete_records(&mut self, place: (&str, i32), before: i64) -> (i16, i64) {
        let body = Words::default().i32(1).text(place.0).i32(1).i32(place.1).i64(before).i32(5_000);
        let mut answer = self.call(21, 1, body);
        answer.i32();
        answer.i32();
        answer.text();
        answer.i32();
        answer.i32();
        let start = answer.i64();
        (answer.i16(), start)
    }

    /// Makes the node the group's coordinator, where groups are made when first asked for.
    pub fn find_coordinator(&mut self, key: &str, kind: i8) -> i16 {
        self.patiently(|wire| {
            let mut answer = wire.call(10, 2, Words::default().text(key).i8(kind));
            answer.i32();
            answer.i16()
        })
    }

    pub fn add_offsets(&mut self, id: &str, producer: Producer, group: &str) -> i16 {
        self.patiently(|wire| {
            let body = Words::default().text(id).i64(producer.0).i16(producer.1).text(group);
            let mut answer = wire.call(25, 2, body);
            answer.i32();
            answer.i16()
        })
    }

    pub fn commit_offset(&mut self, id: &str, producer: Producer, group: &str, place: (&str, i32), offset: i64) -> i16 {
        self.patiently(|wire| {
            let body = Words::default().text(id).text(group).i64(producer.0).i16(producer.1);
            let body = body.i32(1).text(place.0).i32(1).i32(place.1).i64(offset).i32(-1).absent();
            let mut answer = wire.call(28, 2, body);
            answer.i32();
            answer.i32();
            answer.text();
            answer.i32();
            answer.i32();
            answer.i16()
        })
    }

    /// (error, offset) that a group has committed.
    pub fn committed_offset(&mut self, group: &str, place: (&str, i32)) -> (i16, i64) {
        let body = Words::default().text(group).i32(1).text(place.0).i32(1).i32(place.1);
        let mut answer = self.call(9, 5, body);
        answer.i32();
        answer.i32();
        answer.text();
        answer.i32();
        answer.i32();
        let offset = answer.i64();
        answer.i32();
        answer.text();
        (answer.i16(), offset)
    }
}

/// A batch as a producer sends it: texts of less than 50 bytes, a millisecond apart.
pub fn batch(producer: Option<(Producer, i32)>, transactional: bool, texts: &[String], time: i64) -> Vec<u8> {
    let mut records = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let delta = u8::try_from(2 * at).unwrap();
        let len = u8::try_from(2 * text.len()).unwrap();
        let mut record = vec![0, delta, delta, 1, len];
        record.extend(text.as_bytes());
        record.push(0);
        records.push(u8::try_from(2 * record.len()).unwrap());
        records.extend(record);
    }
    let last = i32::try_from(texts.len()).unwrap() - 1;
    let ((id, epoch), sequence) = producer.unwrap_or(((-1, -1), -1));
    let summed =
        Words::default().i16(if transactional { 16 } else { 0 }).i32(last).i64(time).i64(time + i64::from(last));
    let mut summed = summed.i64(id).i16(epoch).i32(sequence).i32(last + 1).0;
    summed.extend(records);
    let sum = crc32c::crc32c(&summed);
    let head = Words::default().i64(0).i32(i32::try_from(summed.len()).unwrap() + 9).i32(-1).i8(2);
    [head.0, sum.to_be_bytes().to_vec(), summed].concat()
}

/// A batch as a reader gets it.
#[derive(Debug)]
pub struct Seen {
    pub base: i64,
    pub last: i64,
    pub producer: i64,
    pub transactional: bool,
    /// Of a marker: whether it commits.
    pub marker: Option<bool>,
    /// (offset, text).
    pub texts: Vec<(i64, String)>,
    pub len: usize,
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().unwrap()
}

/// The whole batches in what a Fetch gave; the last may be cut off.
pub fn batches(mut records: &[u8]) -> Vec<Seen> {
    let mut seen = Vec::new();
    while records.len() >= 61 {
        let len = 12 + usize::try_from(i32::from_be_bytes(number(records, 8))).unwrap();
        if records.len() < len {
            break;
        }
        let (one, rest) = records.split_at(len);
        records = rest;
        assert_eq!(u32::from_be_bytes(number(one, 17)), crc32c::crc32c(&one[21..]), "the sum is right");
        let base = i64::from_be_bytes(number(one, 0));
        let attributes = i16::from_be_bytes(number(one, 21));
        let control = attributes & 32 != 0;
        let mut texts = Vec::new();
        let mut body = &one[61..];
        while !control && !body.is_empty() {
            let record = usize::from(body[0]) / 2;
            let text = usize::from(body[5]) / 2;
            let offset = base + i64::from(body[3]) / 2;
            texts.push((offset, String::from_utf8(body[6..6 + text].to_vec()).unwrap()));
            body = &body[1 + record..];
        }
        seen.push(Seen {
            base,
            last: base + i64::from(i32::from_be_bytes(number(one, 23))),
            producer: i64::from_be_bytes(number(one, 43)),
            transactional: attributes & 16 != 0,
            // Length, attributes, deltas, length of the key, version, kind.
            marker: control.then(|| one[61 + 8] == 1),
            texts,
            len,
        });
    }
    seen
}

/// What an application sees of a Fetch: a careful reader drops what was taken back, as clients do it. Gives the records
/// and where to read on.
pub fn visible(fetched: &Fetched, from: i64, committed: bool) -> (Vec<(i64, String)>, i64) {
    let (mut taken_back, mut out, mut next) = (BTreeSet::new(), Vec::new(), from);
    let mut ranges = fetched.aborted.clone();
    ranges.sort_by_key(|range| range.1);
    let mut ranges = ranges.into_iter().peekable();
    for batch in batches(&fetched.records) {
        while let Some((producer, _)) = ranges.next_if(|range| range.1 <= batch.last) {
            taken_back.insert(producer);
        }
        next = batch.last + 1;
        if batch.marker == Some(false) {
            taken_back.remove(&batch.producer);
        }
        if committed && batch.transactional && taken_back.contains(&batch.producer) {
            continue;
        }
        out.extend(batch.texts.into_iter().filter(|(offset, _)| *offset >= from));
    }
    (out, next)
}
