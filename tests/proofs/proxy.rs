//! A broken network on demand: stands between one client and the broker, reads Kafka's frames, and holds, cuts or lets
//! go what a referee says.
//!
//! The broker tells its clients where to connect. Those answers (Metadata, FindCoordinator) are rewritten, port for port,
//! so that the client never gets round the proxy; each broker named gets a listener of its own here.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// Kafka's number for a request.
pub const PRODUCE: i16 = 0;
/// Kafka's number for a request.
pub const END_TXN: i16 = 26;
const METADATA: i16 = 3;
const FIND_COORDINATOR: i16 = 10;
const ADDRESS: &[u8] = b"127.0.0.1";
/// The largest frame that is believed.
const FRAME_MAX: usize = 100 << 20;

/// A request as it passes.
#[derive(Clone, Debug)]
pub struct Request {
    /// Kafka's number for it.
    pub api: i16,
    /// Its version.
    pub version: i16,
    /// Its transactional id, of a Produce or EndTxn with one.
    pub transactional_id: Option<String>,
    /// The broker it is for.
    broker: u16,
    /// The whole frame, length included.
    frame: Vec<u8>,
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Ruling {
    /// It goes on its way.
    Pass,
    /// It is not forwarded, and the client's connection is cut.
    Cut,
}

/// Decides, and may take its time: the connection waits meanwhile.
pub trait Referee: Send {
    /// A request came from the client.
    fn request(&mut self, request: &Request) -> Ruling;
    /// The broker has answered that request; the client has not seen the answer yet.
    fn answered(&mut self, request: &Request);
}

struct Shared {
    stop: AtomicBool,
    referee: Mutex<Box<dyn Referee>>,
    /// Broker port -> own port.
    ports: Mutex<BTreeMap<u16, u16>>,
    streams: Mutex<Vec<TcpStream>>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
}

/// The proxy. Its listeners and connections end with it.
pub struct Proxy {
    shared: Arc<Shared>,
    /// Where clients reach it, as `host:port`.
    pub address: String,
}

impl Proxy {
    /// Stands before the first of these brokers, which must be on 127.0.0.1.
    pub fn before(brokers: &str, referee: Box<dyn Referee>) -> Proxy {
        let first = brokers.split(',').next().expect("a broker");
        let (host, port) = first.split_once(':').expect("host:port");
        assert!(host == "127.0.0.1" || host == "localhost", "the proxy can only stand before a local broker");
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            referee: Mutex::new(referee),
            ports: Mutex::default(),
            streams: Mutex::default(),
            threads: Mutex::default(),
        });
        let own = own_port(&shared, port.parse().expect("a port"));
        Proxy { shared, address: format!("127.0.0.1:{own}") }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        for stream in locked(&self.shared.streams).iter() {
            stream.shutdown(Shutdown::Both).ok();
        }
        loop {
            let threads = std::mem::take(&mut *locked(&self.shared.threads));
            if threads.is_empty() {
                return;
            }
            for thread in threads {
                thread.join().ok();
            }
        }
    }
}

fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A referee that panics has failed its proof already.
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The own port that stands for a broker's; a listener is made when it is first asked for.
fn own_port(shared: &Arc<Shared>, broker: u16) -> u16 {
    let mut ports = locked(&shared.ports);
    if let Some(own) = ports.get(&broker) {
        return *own;
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let own = listener.local_addr().expect("bound").port();
    listener.set_nonblocking(true).expect("a listener");
    ports.insert(broker, own);
    let inner = Arc::clone(shared);
    spawn(shared, move || {
        while !inner.stop.load(Ordering::Relaxed) {
            match listener.accept() {
                Ok((client, _)) => connect(&inner, client, broker),
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    });
    own
}

fn spawn(shared: &Arc<Shared>, body: impl FnOnce() + Send + 'static) {
    locked(&shared.threads).push(std::thread::spawn(body));
}

fn connect(shared: &Arc<Shared>, client: TcpStream, broker: u16) {
    let Ok(upstream) = TcpStream::connect((Ipv4Addr::LOCALHOST, broker)) else { return };
    client.set_nonblocking(false).expect("a stream");
    for stream in [&client, &upstream] {
        stream.set_nodelay(true).ok();
        locked(&shared.streams).push(stream.try_clone().expect("a stream"));
    }
    let under_way: Arc<Mutex<BTreeMap<i32, Request>>> = Arc::default();
    let (mut from_client, mut to_client) = (client.try_clone().expect("a stream"), client);
    let (mut to_broker, mut from_broker) = (upstream.try_clone().expect("a stream"), upstream);
    let (inner, asked) = (Arc::clone(shared), Arc::clone(&under_way));
    spawn(shared, move || {
        forward_requests(&inner, broker, &mut from_client, &mut to_broker, &asked);
        from_client.shutdown(Shutdown::Both).ok();
        to_broker.shutdown(Shutdown::Both).ok();
    });
    let inner = Arc::clone(shared);
    spawn(shared, move || {
        forward_answers(&inner, &mut from_broker, &mut to_client, &under_way);
        from_broker.shutdown(Shutdown::Both).ok();
        to_client.shutdown(Shutdown::Both).ok();
    });
}

fn forward_requests(
    shared: &Shared,
    broker: u16,
    client: &mut TcpStream,
    upstream: &mut TcpStream,
    under_way: &Mutex<BTreeMap<i32, Request>>,
) {
    while let Some(frame) = read_frame(client) {
        let Some((correlation, request)) = parse(broker, frame) else { return };
        match locked(&shared.referee).request(&request) {
            Ruling::Pass => {}
            Ruling::Cut => return,
        }
        let frame = request.frame.clone();
        locked(under_way).insert(correlation, request);
        if upstream.write_all(&frame).is_err() {
            return;
        }
    }
}

fn forward_answers(
    shared: &Arc<Shared>,
    upstream: &mut TcpStream,
    client: &mut TcpStream,
    under_way: &Mutex<BTreeMap<i32, Request>>,
) {
    while let Some(mut frame) = read_frame(upstream) {
        let Some(correlation) = i32_at(&frame, 4) else { return };
        // A Produce without acknowledgement has no answer; nobody here sends one.
        if let Some(request) = locked(under_way).remove(&correlation) {
            if request.api == METADATA || request.api == FIND_COORDINATOR {
                readdress(shared, &mut frame);
            }
            locked(&shared.referee).answered(&request);
        }
        if client.write_all(&frame).is_err() {
            return;
        }
    }
}

/// A whole frame, its length included; none at the end of the stream.
fn read_frame(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut frame = vec![0; 4];
    stream.read_exact(&mut frame).ok()?;
    let length = usize::try_from(i32_at(&frame, 0)?).ok().filter(|length| *length <= FRAME_MAX)?;
    frame.resize(4 + length, 0);
    stream.read_exact(&mut frame[4..]).ok()?;
    Some(frame)
}

fn i16_at(bytes: &[u8], at: usize) -> Option<i16> {
    Some(i16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn i32_at(bytes: &[u8], at: usize) -> Option<i32> {
    Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Correlation id and what a frame asks.
fn parse(broker: u16, frame: Vec<u8>) -> Option<(i32, Request)> {
    let (api, version, correlation) = (i16_at(&frame, 4)?, i16_at(&frame, 6)?, i32_at(&frame, 8)?);
    let client_id = usize::try_from(i16_at(&frame, 12)?).unwrap_or(0);
    let body = 14 + client_id;
    let transactional_id = match (api, version) {
        (PRODUCE, 3..=8) | (END_TXN, 0..=2) => text_at(&frame, body),
        // Flexible versions have tagged fields after the client id (none, in practice) and compact strings.
        (PRODUCE, 9..) | (END_TXN, 3..) => compact_text_at(&frame, body + 1),
        _ => None,
    };
    Some((correlation, Request { api, version, transactional_id, broker, frame }))
}

fn text_at(frame: &[u8], at: usize) -> Option<String> {
    let length = usize::try_from(i16_at(frame, at)?).ok()?;
    String::from_utf8(frame.get(at + 2..at + 2 + length)?.to_vec()).ok()
}

fn compact_text_at(frame: &[u8], at: usize) -> Option<String> {
    // An id here is shorter than 127 bytes, so its length takes one byte; it is one more than the length.
    let length = usize::from(*frame.get(at)?).checked_sub(1)?;
    String::from_utf8(frame.get(at + 1..at + 1 + length)?.to_vec()).ok()
}

/// Puts our ports where the broker names its own: the four bytes after each address.
fn readdress(shared: &Arc<Shared>, frame: &mut [u8]) {
    let mut at = 4;
    while at + ADDRESS.len() + 4 <= frame.len() {
        if &frame[at..at + ADDRESS.len()] == ADDRESS {
            let place = at + ADDRESS.len();
            if let Some(broker) = i32_at(frame, place).and_then(|port| u16::try_from(port).ok()) {
                let own = i32::from(own_port(shared, broker));
                frame[place..place + 4].copy_from_slice(&own.to_be_bytes());
            }
            at = place + 4;
        } else {
            at += 1;
        }
    }
}

/// Sends a request that was held back, on a connection of its own, and gives the broker's error code: 0 when it was
/// obeyed. For EndTxn only.
pub fn let_go(request: &Request) -> i16 {
    assert_eq!(request.api, END_TXN, "only an EndTxn's answer is understood here");
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, request.broker)).expect("the broker is there");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a stream");
    stream.write_all(&request.frame).expect("the broker reads");
    let answer = read_frame(&mut stream).expect("the broker answers");
    // Length, correlation id, (tagged fields,) throttle time, error code.
    let error_at = if request.version >= 3 { 4 + 4 + 1 + 4 } else { 4 + 4 + 4 };
    i16_at(&answer, error_at).expect("an error code")
}
