//! Whether a request's bytes can be what they claim, before anything is made of them.
//!
//! The decoder of `kafka-protocol` makes room for as many items as an array claims. A frame of twenty bytes that claims
//! two thousand million of them would end the process; so the claims are added up here first. A shape is one character a
//! field: `1` `2` `4` `8` so many bytes, `s` text, `b` bytes, `[..]` an array, `t` tagged fields, `(N+..)` from version N
//! on, `(N-..)` up to version N.

use super::apis::Api;

/// An array of more items is not believed, even if as many bytes follow.
const ITEMS_MAX: usize = 1 << 20;

struct Walk<'a> {
    rest: &'a [u8],
    version: i16,
    flexible: bool,
}

/// Whether the body of a request holds what it claims to hold.
pub(super) fn fits(api: Api, version: i16, body: &[u8]) -> bool {
    let mut walk = Walk { rest: body, version, flexible: version >= api.flexible };
    walk.all(api.shape.as_bytes()).is_some()
}

impl Walk<'_> {
    fn all(&mut self, mut shape: &[u8]) -> Option<()> {
        while let Some((token, after)) = shape.split_first() {
            shape = after;
            match token {
                b'1' | b'2' | b'4' | b'8' => self.skip(usize::from(token - b'0'))?,
                b's' => self.lengthy(2)?,
                b'b' => self.lengthy(4)?,
                b't' => self.tags()?,
                b'[' => {
                    let (item, after) = enclosed(shape, b'[', b']')?;
                    shape = after;
                    for _ in 0..self.count(4)? {
                        self.all(item)?;
                    }
                }
                b'(' => {
                    let (part, after) = enclosed(shape, b'(', b')')?;
                    shape = after;
                    self.versioned(part)?;
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn versioned(&mut self, part: &[u8]) -> Option<()> {
        let sign = part.iter().position(|byte| matches!(byte, b'+' | b'-'))?;
        let bound: i16 = std::str::from_utf8(&part[..sign]).ok()?.parse().ok()?;
        let within = if part[sign] == b'+' { self.version >= bound } else { self.version <= bound };
        if within { self.all(&part[sign + 1..]) } else { Some(()) }
    }

    fn skip(&mut self, len: usize) -> Option<()> {
        self.rest = self.rest.get(len..)?;
        Some(())
    }

    fn lengthy(&mut self, width: usize) -> Option<()> {
        let len = self.claimed(width)?;
        self.skip(len)
    }

    /// How many items follow: none for an array that is absent.
    fn count(&mut self, width: usize) -> Option<usize> {
        self.claimed(width).filter(|count| *count <= self.rest.len().min(ITEMS_MAX))
    }

    fn claimed(&mut self, width: usize) -> Option<usize> {
        if self.flexible {
            return Some(self.varint()?.saturating_sub(1));
        }
        let (claim, rest) = self.rest.split_at_checked(width)?;
        self.rest = rest;
        let claim = match *claim {
            [a, b] => i64::from(i16::from_be_bytes([a, b])),
            [a, b, c, d] => i64::from(i32::from_be_bytes([a, b, c, d])),
            _ => return None,
        };
        if claim == -1 { Some(0) } else { usize::try_from(claim).ok() }
    }

    fn varint(&mut self) -> Option<usize> {
        let mut number = 0_usize;
        for at in 0..5 {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            number |= usize::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn tags(&mut self) -> Option<()> {
        if !self.flexible {
            return Some(());
        }
        for _ in 0..self.varint()? {
            self.varint()?;
            let len = self.varint()?;
            self.skip(len)?;
        }
        Some(())
    }
}

/// What lies before the bracket that closes, and what after it.
fn enclosed(shape: &[u8], open: u8, close: u8) -> Option<(&[u8], &[u8])> {
    let mut depth = 1;
    for (at, byte) in shape.iter().enumerate() {
        depth += i32::from(*byte == open) - i32::from(*byte == close);
        if depth == 0 {
            return Some((&shape[..at], &shape[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::apis::APIS;
    use super::*;

    #[test]
    fn a_claim_that_cannot_be_kept_is_refused() {
        let metadata = Api::of(3).unwrap();
        assert!(fits(metadata, 1, &[0, 0, 0, 1, 0, 1, b'a']));
        assert!(fits(metadata, 1, &[0xff, 0xff, 0xff, 0xff]));
        assert!(!fits(metadata, 1, &[0x7f, 0xff, 0xff, 0xff, 0, 1, b'a']));
        assert!(!fits(metadata, 1, &[0, 0, 0, 1, 0, 9, b'a']));
        assert!(!fits(metadata, 9, &[0xff, 0xff, 0xff, 0xff, 0x0f]));
    }

    #[test]
    fn every_shape_can_be_read() {
        // Zeros are empty texts, empty arrays and small numbers in every version of every request.
        for api in APIS {
            for version in api.min..=api.max {
                assert!(fits(api, version, &[0; 64]), "{:?} {version}", api.key);
            }
        }
    }
}
