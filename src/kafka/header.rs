//! One header of a record, read without trusting any of its names.
//!
//! The client library's own iterator panics on a header name that is not UTF-8, and anybody may write such a name into
//! our inputs. So the one header that we look for is asked for by name in the C library.

#![expect(unsafe_code, reason = "the safe interface panics on hostile header names; two calls, argued below")]

use rdkafka::bindings::{rd_kafka_header_get_last, rd_kafka_message_headers};
use rdkafka::message::BorrowedMessage;
use rdkafka::types::RDKafkaRespErr;
use std::ffi::CStr;

/// The value of the last header of that name.
pub(super) fn header(message: &BorrowedMessage<'_>, name: &CStr) -> Option<Vec<u8>> {
    let mut headers = std::ptr::null_mut();
    // SAFETY: `message` keeps the C message alive for this call, and the out-pointer is a local. On success `headers`
    // belongs to the message and lives as long as it.
    let found = unsafe { rd_kafka_message_headers(message.ptr(), &raw mut headers) };
    if found != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR || headers.is_null() {
        return None;
    }
    let (mut value, mut size) = (std::ptr::null(), 0_usize);
    // SAFETY: `headers` came from the call above and `message` is still borrowed; `name` ends with a zero byte; both
    // out-pointers are locals.
    let found = unsafe { rd_kafka_header_get_last(headers, name.as_ptr(), &raw mut value, &raw mut size) };
    if found != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR || value.is_null() {
        return None;
    }
    // SAFETY: on success `value` points at `size` bytes inside the message's headers, which the borrow keeps alive and
    // nobody writes; they are copied before the borrow ends.
    Some(unsafe { std::slice::from_raw_parts(value.cast::<u8>(), size) }.to_vec())
}
