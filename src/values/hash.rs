//! A fingerprint of a state or of a chain of records: any change, however small, shows.

use std::fmt;

use sha2::{Digest, Sha256};

/// A SHA-256 value (FIPS 180-4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// All zeros: the "hash before the first" of a chain.
    pub const ZERO: Hash = Hash([0; 32]);

    /// The hash with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Hash(bytes)
    }

    /// Its 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Hash {
        let mut stream = HashStream::new();
        stream.update(bytes);
        stream.finish()
    }
}

/// 64 lower-case hex digits.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// A hash being taken of one value after another. Numbers are eight big-endian bytes and texts carry their length, so
/// two different sequences of the same kinds never give the same bytes; [`HashStream::update`] adds bytes as they are.
#[derive(Clone, Default)]
pub struct HashStream(Sha256);

impl HashStream {
    /// A stream with nothing in it yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes as they are, without a length.
    pub fn update(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(bytes);
        self
    }

    /// Adds a signed number.
    pub fn integer(&mut self, value: i64) -> &mut Self {
        self.update(&value.to_be_bytes())
    }

    /// Adds an unsigned number.
    pub fn unsigned(&mut self, value: u64) -> &mut Self {
        self.update(&value.to_be_bytes())
    }

    /// Adds a text with its length in bytes before it.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.unsigned(text.len() as u64).update(text.as_bytes())
    }

    /// The hash of everything added.
    pub fn finish(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

impl fmt::Debug for HashStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashStream")
    }
}
