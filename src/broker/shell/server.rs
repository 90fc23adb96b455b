//! Starts and stops the broker: one thread that accepts, one for time, one for each connection.

use super::dispatch;
use super::house::House;
use crate::broker::core::Limits;
use std::collections::BTreeMap;
use std::io::{self, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The longest request, bytes; Kafka's default.
const FRAME_LEN_MAX: u32 = 104_857_600;
/// More connections are closed as they come.
const CONNECTIONS_MAX: usize = 2_000;
/// How long a client may take to read an answer.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);

/// How a broker is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokerOptions {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Bytes of batches held in all topics together; beyond it producers are refused. Default 1 GiB.
    pub held_bytes_max: u64,
    /// The longest transaction that a producer may ask for, milliseconds. Default 15 minutes, as in Kafka.
    pub transaction_timeout_ms_max: u32,
    /// How long the first member of an empty group waits for others, milliseconds. Default 0.
    pub first_join_delay_ms: u32,
}

impl Default for BrokerOptions {
    fn default() -> Self {
        BrokerOptions { port: 0, held_bytes_max: 1 << 30, transaction_timeout_ms_max: 900_000, first_join_delay_ms: 0 }
    }
}

/// A running broker, for demos and tests only. It ends when this is dropped.
#[derive(Debug)]
pub struct Broker {
    port: u16,
    street: Arc<Street>,
    keepers: Vec<JoinHandle<()>>,
}

/// By number, the stream of a connection and its thread.
type Connections = BTreeMap<u64, (TcpStream, JoinHandle<()>)>;

/// The connections.
struct Street {
    house: House,
    closing: AtomicBool,
    connections: Mutex<Connections>,
}

impl std::fmt::Debug for Street {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Street").field("closing", &self.closing).finish_non_exhaustive()
    }
}

impl Broker {
    /// Starts it; it answers when this returns.
    ///
    /// # Errors
    /// The port is taken, or there are no threads to be had.
    pub fn start(options: BrokerOptions) -> io::Result<Broker> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        let port = listener.local_addr()?.port();
        let limits = Limits {
            held_max: options.held_bytes_max,
            transaction_ms_max: i64::from(options.transaction_timeout_ms_max),
            first_join_delay_ms: i64::from(options.first_join_delay_ms),
            incarnation: 0,
        };
        let street = Arc::new(Street {
            house: House::open(limits, port),
            closing: AtomicBool::new(false),
            connections: Mutex::default(),
        });
        let mut broker = Broker { port, street: Arc::clone(&street), keepers: Vec::new() };
        let timed = Arc::clone(&street);
        broker.keepers.push(thread("broker-time", move || timed.house.keep_time())?);
        broker.keepers.push(thread("broker-door", move || accept(&street, &listener))?);
        Ok(broker)
    }

    /// Where clients reach it, as `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Ends it: every connection is closed, every thread joined. Dropping it does the same.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.street.closing.store(true, Ordering::Release);
        self.street.house.close();
        // The door waits for a guest: be one, so that it looks up.
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok();
        for keeper in self.keepers.drain(..) {
            keeper.join().ok();
        }
        let connections = std::mem::take(&mut *self.street.connections());
        for (stream, _) in connections.values() {
            stream.shutdown(Shutdown::Both).ok();
        }
        for thread in connections.into_values().map(|(_, thread)| thread) {
            thread.join().ok();
        }
    }
}

impl Street {
    fn connections(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn thread(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(body)
}

fn accept(street: &Arc<Street>, listener: &TcpListener) {
    let mut number = 0;
    loop {
        let accepted = listener.accept();
        if street.closing.load(Ordering::Acquire) {
            return;
        }
        match accepted {
            Ok((stream, peer)) => {
                number += 1;
                if let Err(error) = welcome(street, stream, peer, number) {
                    tracing::warn!(%error, "broker: a connection could not be served");
                }
            }
            Err(error) => {
                // No file descriptors left, most likely: some will be given back.
                tracing::warn!(%error, "broker: accept");
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

fn welcome(street: &Arc<Street>, stream: TcpStream, peer: SocketAddr, number: u64) -> io::Result<()> {
    if street.connections().len() >= CONNECTIONS_MAX {
        return Err(io::Error::other("too many connections"));
    }
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(WRITE_PATIENCE))?;
    let kept = stream.try_clone()?;
    let inner = Arc::clone(street);
    // Held while the thread starts, so that it cannot leave before it is in the list.
    let mut connections = street.connections();
    let thread = thread("broker-client", move || {
        if let Err(error) = serve(&inner.house, &stream) {
            tracing::debug!(%peer, %error, "broker: connection closed");
        }
        stream.shutdown(Shutdown::Both).ok();
        // Its own handle goes with it; a closing broker has taken the list and joins.
        inner.connections().remove(&number);
    })?;
    connections.insert(number, (kept, thread));
    Ok(())
}

/// Answers one request after the other, as Kafka does, until the client goes or says something that makes no sense.
fn serve(house: &House, stream: &TcpStream) -> anyhow::Result<()> {
    let (mut reader, mut writer) = (BufReader::new(stream), stream);
    while let Some(frame) = read_frame(&mut reader)? {
        if let Some(answer) = dispatch::answer(house, frame.into())? {
            writer.write_all(&answer)?;
        }
    }
    Ok(())
}

/// A frame without its length; nothing at the end of the stream.
fn read_frame(reader: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    if let Err(error) = reader.read_exact(&mut length) {
        return if error.kind() == io::ErrorKind::UnexpectedEof { Ok(None) } else { Err(error) };
    }
    let length = u32::from_be_bytes(length);
    if length > FRAME_LEN_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a frame of {length} bytes")));
    }
    // Grows with what comes: a mere claim of length costs nothing.
    let mut frame = Vec::new();
    reader.take(u64::from(length)).read_to_end(&mut frame)?;
    if frame.len() < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(frame))
}
